"""Finds the teams and days of an edited duty sheet, wherever its rows and columns went.

Reads cells only; what they mean for the roster is decided in `scheduler.sheet.edits`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from config.calendar import week_of_day
from config.errors import BadInput, Finding
from config.faults import near, shown
from config.ids import TeamId
from scheduler.sheet.known import Known, in_all, plain
from scheduler.sheet.layout import (
    NEEDED,
    Fixed,
    OtherDay,
    column_of,
    day_head,
    day_of,
    head,
    starts_like,
)
from scheduler.sheet.workbook import Opened, Row, Value

if TYPE_CHECKING:
    from config.words import Say

HEAD_WITHIN_ROWS = 40
LEAST_DAYS = 3
"""Day columns by which the row of heads is known; the rest may be missing, which is told."""
FOOT = ("sheet.legend", "sheet.note", "sheet.signature")


@dataclass(slots=True)
class Trouble:
    """Findings about the cells of one worksheet."""

    path: str
    sheet: str
    findings: list[Finding] = field(default_factory=list)

    def note(self, key: str, at: Value | str, /, **fields: object) -> None:
        """Note what is wrong with a cell."""
        self._find("error", key, at, fields)

    def doubt(self, key: str, at: Value | str, /, **fields: object) -> None:
        """Note what somebody should look at."""
        self._find("warning", key, at, fields)

    def _find(self, level: str, key: str, at: Value | str, fields: Mapping[str, object]) -> None:
        address = at if isinstance(at, str) else at.address
        told = {name: value for name, value in fields.items() if value != ""}
        place = f"{self.path}:{self.sheet}!{address}"
        self.findings.append(Finding(level, place, None, None, f"check.sheet.{key}", told))


@dataclass(frozen=True, slots=True)
class TeamRow:
    """A team's row: its crew, and its cell of each day."""

    team: TeamId
    row: int
    crew: Value | None
    days: Mapping[date, Value]


@dataclass(frozen=True, slots=True)
class Heads:
    """Where the columns are: the number of each in its row, from 0; `row` is that of the heads."""

    row: int
    fixed: Mapping[Fixed, int]
    days: Mapping[date, int]
    cells: Row


@dataclass(slots=True)
class SheetReader:
    """Reads the duty sheet out of a workbook."""

    opened: Opened
    known: Known
    dates: Sequence[date]
    say: "Say"

    def read(self) -> tuple[list[TeamRow], Trouble]:
        """The teams' rows, and what is wrong with the sheet.

        Raises:
            BadInput: No worksheet has the heads of a week.
        """
        title, rows, at = self._sheet()
        trouble = Trouble(str(self.opened.path), title)
        heads = self._heads(rows[at], at, trouble)
        return list(self._teams(rows, heads, trouble)), trouble

    def _sheet(self) -> tuple[str, list[Row], int]:
        """The worksheet with the heads of a week: ours by name, else the first; and their row."""
        names = in_all("sheet.name")
        sheets = sorted(
            self.opened.sheets(), key=lambda one: plain(one.title).casefold() not in names
        )
        for sheet in sheets:
            rows = self.opened.rows(sheet)
            found = [self._days_in(row) for row in rows[:HEAD_WITHIN_ROWS]]
            if found and max(found) >= LEAST_DAYS:
                return sheet.title, rows, found.index(max(found))
        first = next((sheet.title for sheet in sheets), "-")
        heads = self.say("sheet.comma").join(plain(day_head(day, self.say)) for day in self.dates)
        trouble = Trouble(str(self.opened.path), first)
        trouble.note("no_heads", "A1", heads=heads)
        raise BadInput(trouble.findings)

    def _days_in(self, row: Row) -> int:
        return len({
            str(day) for value in row if not value.empty
            and (day := day_of(value.value, self.dates)) is not None
        })  # fmt: skip

    def _heads(self, row: Row, at: int, trouble: Trouble) -> Heads:
        """Which column is which; a head that is missing, there twice, or another week's is told."""
        fixed: dict[Fixed, int] = {}
        days: dict[date, int] = {}
        unknown: list[Value] = []
        for n, value in enumerate(row):
            text = shown(plain(str(value.value)))
            day, column = day_of(value.value, self.dates), column_of(value.value)
            if isinstance(day, OtherDay):
                nearest = self._nearest(day)
                week = week_of_day(self.dates[0])
                trouble.note("other_week", value, value=text, week=week, near=nearest)
            elif day is not None and day in days:
                trouble.note("column_twice", value, value=text, first=row[days[day]].address)
            elif column is not None and column in fixed:
                trouble.note("column_twice", value, value=text, first=row[fixed[column]].address)
            elif day is not None:
                days[day] = n
            elif column is not None:
                fixed[column] = n
            elif not value.empty:
                unknown.append(value)
        heads = Heads(at, fixed, days, row)
        self._missing(heads, unknown, trouble)
        return heads

    def _nearest(self, other: OtherDay) -> str:
        return plain(day_head(min(self.dates, key=lambda one: abs(one - other.day)), self.say))

    def _missing(self, heads: Heads, unknown: Sequence[Value], trouble: Trouble) -> None:
        """Tell the columns without a head, each with the unknown head that may be it."""
        texts = {plain(str(value.value)): value for value in unknown}
        wanted = [(plain(day_head(day, self.say)), "error") for day in self.dates
                  if day not in heads.days]  # fmt: skip
        rows_known = "team" in heads.fixed or "officer" in heads.fixed
        wanted += [(head(column, self.say), "warning" if rows_known else "error")
                   for column in NEEDED if column not in heads.fixed]  # fmt: skip
        for name, level in wanted:
            like = near(name, texts) or (next(iter(texts), "") if len(wanted) == 1 else "")
            tell = trouble.note if level == "error" else trouble.doubt
            if like:
                tell("column_renamed", texts[like], value=shown(like), near=name)
            else:
                tell("column_missing", heads.cells[0], value=name)

    # --- rows --------------------------------------------------------------------------------

    def _teams(self, rows: Sequence[Row], heads: Heads, trouble: Trouble) -> Iterator[TeamRow]:
        seen: dict[TeamId, Value] = {}
        for row in rows[heads.row + 1 :]:
            days = {day: row[n] for day, n in heads.days.items() if n < len(row)}
            if self._is_no_team(row, days):
                continue
            team, at = self._team(row, heads, days, trouble)
            if team is None:
                continue
            if team in seen:
                first = seen[team].address
                trouble.note("row_twice", at, value=self._told(team), first=first)
                continue
            seen[team] = at
            for value in days.values():
                if value.merged and value.merged != value.address:
                    trouble.note("merged", value, first=value.merged)
            crew = heads.fixed.get("crew")
            yield TeamRow(team, at.row, None if crew is None else row[crew], days)

    def _is_no_team(self, row: Row, days: Mapping[date, Value]) -> bool:
        """Whether a row is empty, of the foot, or a row of heads again."""
        rest = [value.value for value in row if value not in days.values() and not value.empty]
        heads = sum(day_of(value.value, self.dates) is not None for value in days.values())
        return (
            all(value.empty for value in row)
            or any(starts_like(text, FOOT) for text in rest)
            or heads >= LEAST_DAYS
        )

    def _team(
        self, row: Row, heads: Heads, days: Mapping[date, Value], trouble: Trouble
    ) -> tuple[TeamId | None, Value]:
        """Whose row it is; None, told, where that cannot be known."""
        empty = Value(row[0].row, 1, None)
        team_at, officer_at = (
            row[heads.fixed[name]] if name in heads.fixed else empty
            for name in ("team", "officer")
        )  # fmt: skip
        filled = [value for value in days.values() if not value.empty]
        if team_at.empty and officer_at.empty:
            kinds = self.known.kinds
            if not all(plain(str(value.value)).casefold() in kinds for value in filled):
                trouble.note("nobody", filled[0], value=shown(plain(str(filled[0].value))))
            return None, team_at
        by_id, by_name = self._by_id(team_at), self._by_name(officer_at)
        if by_id is not None and by_name is None and not officer_at.empty:
            text = shown(plain(str(officer_at.value)))
            trouble.note("stranger", officer_at, value=text, near=self._officer(by_id))
            return None, officer_at
        if by_id is not None and by_name not in (None, by_id):
            text = shown(plain(str(officer_at.value)))
            trouble.note("other_officer", officer_at, value=text, team=by_id,
                         near=self._officer(by_id))  # fmt: skip
            return None, officer_at
        found = by_id or by_name
        at = team_at if by_id is not None or officer_at.empty else officer_at
        if found is None and (filled or not officer_at.empty):
            at = team_at if officer_at.empty else officer_at
            text = plain(str(at.value))
            trouble.note("stranger", at, value=shown(text), near=self._near(at))
        return found, at

    def _by_id(self, value: Value) -> TeamId | None:
        return None if value.empty else self.known.team_texts.get(plain(str(value.value)))

    def _by_name(self, value: Value) -> TeamId | None:
        person = None if value.empty else self.known.person(str(value.value))
        teams = (team for team, officer in self.known.teams.items() if officer == person)
        return next(teams, None) if person is not None else None

    def _officer(self, team: TeamId) -> str:
        return self.known.person_text(self.known.teams[team])

    def _near(self, value: Value) -> str:
        text = plain(str(value.value))
        like = near(text, self.known.teams)
        return self._told(TeamId(like)) if like else self.known.near_person(text)

    def _told(self, team: TeamId) -> str:
        return f"{team} {self._officer(team)}"
