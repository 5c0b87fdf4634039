"""People and the bonded teams 捆绑小组 of a day; the crew law.

A team is an officer with the auxiliaries bonded to them that day, and stands on the roster as
one line. Bonds are standing; a bond of a single day stands over them that day, which is how
auxiliaries of an absent officer are bonded to another one.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from config.ids import PersonId, SquadronId, TeamId
from config.tables import BondRow, LeaveRow, PersonRow

CREW_LAW_CLASSES = frozenset(
    name + end for name in ("motorway", "trunk", "primary", "secondary") for end in ("", "_link")
)
"""OSM classes that are expressway, arterial or highway; all others are local roads."""
LAWFUL_OFFICERS, LAWFUL_AUXILIARIES = 2, 2


def crew_law_holds(road_class: str | None, crew_law: Literal["all", "local", "by_class"]) -> bool:
    """Whether the crew law holds at a place of work of that OSM class.

    A road without a class may be an arterial, so under `by_class` the law holds there.
    """
    if crew_law == "by_class":
        return road_class is None or road_class in CREW_LAW_CLASSES
    return crew_law == "all"


def crew_is_lawful(officers: int, auxiliaries: int, road_class: str | None,
                   crew_law: Literal["all", "local", "by_class"]) -> bool:  # fmt: skip
    """Whether so many people may work at a place of that class.

    Where the law holds: two officers, or one officer leading two auxiliaries. Elsewhere one
    officer, since auxiliaries never work alone.

    Source:
        Road-duty enforcement rules of the Ministry of Public Security, art. 70.
    """
    if not crew_law_holds(road_class, crew_law):
        return officers >= 1
    return officers >= LAWFUL_OFFICERS or (officers >= 1 and auxiliaries >= LAWFUL_AUXILIARIES)


@dataclass(frozen=True, slots=True)
class Team:
    """An officer and the auxiliaries bonded to them on a day. A team on duty is a unit."""

    id: TeamId
    squadron: SquadronId
    officer: PersonId
    auxiliaries: tuple[PersonId, ...]
    skills: frozenset[str]
    """Skills of all its people together."""

    @property
    def people(self) -> tuple[PersonId, ...]:
        """The officer, then the auxiliaries."""
        return (self.officer, *self.auxiliaries)


@dataclass(frozen=True, slots=True)
class People:
    """All persons of the brigade, their bonds and their leave."""

    persons: Mapping[PersonId, PersonRow]
    bonds: tuple[BondRow, ...] = ()
    leave: Mapping[PersonId, tuple[LeaveRow, ...]] = field(default_factory=dict)
    _days: dict[date, tuple[Team, ...]] = field(default_factory=dict, repr=False, compare=False)

    def on_leave(self, person: PersonId, day: date) -> bool:
        """Whether a person is not available on a day."""
        return any(row.since <= day <= row.until for row in self.leave.get(person, ()))

    def teams_on(self, day: date) -> tuple[Team, ...]:
        """The teams of a day, by the officers' order in people.csv.

        An officer on leave has no team that day; their auxiliaries cannot work. An auxiliary
        on leave is missing from the team.
        """
        if day not in self._days:
            self._days[day] = self._make_teams(day)
        return self._days[day]

    def team(self, team: TeamId, day: date) -> Team | None:
        """The team of that id on a day, or None when its officer is absent."""
        return next((found for found in self.teams_on(day) if found.id == team), None)

    def team_ids(self) -> dict[TeamId, PersonId]:
        """Every team id and its officer, whatever the day."""
        return {team_id(row): PersonId(row.person) for row in self._officers()}

    def with_leave(self, rows: Iterable[LeaveRow]) -> "People":
        """People with more leave, such as a sick call."""
        return People(self.persons, self.bonds, leave_of([*self._leave_rows(), *rows]))

    def _leave_rows(self) -> Iterable[LeaveRow]:
        return (row for rows in self.leave.values() for row in rows)

    def _officers(self) -> Iterable[PersonRow]:
        return (row for row in self.persons.values() if row.role == "officer")

    def _bonded(self, day: date) -> dict[PersonId, PersonId]:
        """Auxiliary → officer on a day; a bond of that single day comes last and so wins."""
        held = [row for row in self.bonds if holds_on(row, day)]
        held.sort(key=lambda row: row.since == row.until == day)
        return {PersonId(row.auxiliary): PersonId(row.officer) for row in held}

    def _make_teams(self, day: date) -> tuple[Team, ...]:
        crews: dict[PersonId, list[PersonId]] = {}
        bonded = self._bonded(day)
        for auxiliary in self.persons:  # the file's order, whatever the order of bonds
            officer = bonded.get(auxiliary)
            if officer is not None and not self.on_leave(auxiliary, day):
                crews.setdefault(officer, []).append(auxiliary)
        teams = []
        for row in self._officers():
            officer = PersonId(row.person)
            if not self.on_leave(officer, day):
                crew = tuple(crews.get(officer, ()))
                skills = frozenset(row.skills).union(*(self.persons[p].skills for p in crew))
                team = Team(team_id(row), SquadronId(row.squadron), officer, crew, skills)
                teams.append(team)
        return tuple(teams)


def team_id(officer: PersonRow) -> TeamId:
    """Id of an officer's team, which is the id of the unit on duty."""
    return TeamId(officer.team or officer.person)


def holds_on(bond: BondRow, day: date) -> bool:
    """Whether a bond holds on a day; both its days are inclusive."""
    return (bond.since is None or bond.since <= day) and (bond.until is None or day <= bond.until)


def bond_fault(officer: PersonRow | None, auxiliary: PersonRow | None) -> str | None:
    """Why these two cannot be bonded: unknown, role_officer, role_auxiliary, squadron; or None."""
    if officer is None or auxiliary is None:
        return "unknown"
    if officer.role != "officer":
        return "role_officer"
    if auxiliary.role != "auxiliary":
        return "role_auxiliary"
    return "squadron" if officer.squadron != auxiliary.squadron else None


def leave_of(rows: Sequence[LeaveRow]) -> dict[PersonId, tuple[LeaveRow, ...]]:
    """Leave by person."""
    leave: dict[PersonId, tuple[LeaveRow, ...]] = {}
    for row in rows:
        person = PersonId(row.person)
        leave[person] = (*leave.get(person, ()), row)
    return leave


def build(
    persons: Sequence[PersonRow], bonds: Sequence[BondRow], leave: Sequence[LeaveRow]
) -> People:
    """People of checked rows."""
    return People({PersonId(row.person): row for row in persons}, tuple(bonds), leave_of(leave))
