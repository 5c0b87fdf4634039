"""Who bore what over the months, by the published rosters, as files and people ask for it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from config.calendar import monday_of
from config.district import District
from config.errors import BadInput
from config.made_tables import RosterRow
from scheduler.readback import ROSTERS, kept_duties, published_weeks
from scheduler.shares import KINDS, Burden, as_hours, shared_out

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Span:
    """Dates that are looked at, both inclusive; None: without end."""

    since: date | None = None
    until: date | None = None

    def __contains__(self, day: date) -> bool:
        """Whether a date lies in it."""
        return (self.since is None or self.since <= day) and (
            self.until is None or day <= self.until
        )


def burdens(district: District, span: Span) -> tuple[Sequence[str], list[Burden]]:
    """The weeks that are published, and what each person bore in them, by squadron and person.

    Raises:
        BadInput: A roster cannot be read.
    """
    weeks = [week for week in published_weeks(district) if any(d in span for d in _dates(week))]
    dates = [day for week in weeks for day in _dates(week) if day in span]
    duties = [
        duty for week in weeks
        for duty in kept_duties(district, district.folder / ROSTERS / week / RosterRow.file)
        if duty.date in span
    ]  # fmt: skip
    return weeks, shared_out(district, duties, dates)


def _dates(week: str) -> list[date]:
    return [monday_of(week) + n * _DAY for n in range(7)]


def as_data(weeks: Sequence[str], found: Iterable[Burden]) -> Iterator[tuple[str, object]]:
    """The same for a program: ids, no names."""
    yield "weeks", list(weeks)
    yield "people", [
        {
            "person": one.person, "squadron": one.squadron, "role": one.role, "days": one.days,
            **{kind: {"had": round(one.had[kind], 2), "share": round(one.share[kind], 2)}
               for kind in KINDS},
            "months": {
                month: {kind: round(n, 2) for kind, n in as_hours(kinds).items()}
                for month, kinds in sorted(one.months.items())
            },
        }
        for one in found
    ]  # fmt: skip


def check_span(since: date | None, until: date | None) -> Span:
    """Dates to look at.

    Raises:
        BadInput: They are the wrong way round.
    """
    if since and until and since > until:
        raise BadInput(key="answers.fairness.order", since=since, until=until)
    return Span(since, until)
