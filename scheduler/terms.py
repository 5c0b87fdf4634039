"""What a rule can say to a solver: a small vocabulary that knows no rule and no solver.

Each engine implements each term once (`solve/law.py` and `model.py` for roster lines,
`solve/boolean_laws.py` and `boolean_costs.py` for Booleans); a rule only picks terms. Terms about
a line hold for every team and for the people in it, with their past; times are minutes of the
week, days 0–6. A `LawTerm` can only be a law, a `CostTerm` only a price in one of the other
tiers; `solve/stated.py` refuses anything else.
"""

from dataclasses import dataclass
from typing import Literal

from config.ids import TeamId
from scheduler.problem import IntArray


@dataclass(frozen=True, slots=True)
class Forbid:
    """No duty of the team that starts on `day` touches the span; `day` None: on any day."""

    team: TeamId
    start_min: int
    end_min: int
    day: int | None = None


@dataclass(frozen=True, slots=True)
class MinGap:
    """Least minutes from the end of a duty to the start of the next.

    after "nights": only where a night is followed by anything but a night on the next date.
    """

    minutes: int
    after: Literal["duty", "nights"] = "duty"


@dataclass(frozen=True, slots=True)
class Run:
    """Most consecutive dates with a duty, or with a night; at least 1."""

    most: int
    of: Literal["duties", "nights"]


@dataclass(frozen=True, slots=True)
class Window:
    """Most minutes of duty in any window of so many minutes (a span), dates, or in a month."""

    most_min: int
    of: Literal["span", "dates", "month"]
    length: int = 0
    """Minutes of the span, at most a day, or number of dates, at least a week."""


@dataclass(frozen=True, slots=True)
class DaysOff:
    """Any `within` dates that end in the week and have a duty of it have two off together.

    A date is off when no duty starts on it. within: More than a week.
    """

    within: int


DRIFT_DAYS = 3


@dataclass(frozen=True, slots=True)
class Drift:
    """Most minutes a day that the clock time of the start moves from a duty to the next.

    Of the same week; duties so many dates apart, at most `DRIFT_DAYS`, may move that many times
    as far.
    """

    most_min: int


@dataclass(frozen=True, slots=True)
class Cover:
    """Cost of the units on duty of a squadron in a slot, convex in their number.

    steps: ((units up to here, price of each one missing), …), arrays of shape (squadrons,
    slots), dearest first; over: ((units from here, what each one above costs more), …), rising
    from the last step on.
    """

    steps: tuple[tuple[IntArray, int], ...]
    over: tuple[tuple[IntArray, int], ...]
    carried: IntArray


@dataclass(frozen=True, slots=True)
class AtOnce:
    """Most units on duty at once, shape (squadrons, slots)."""

    most: IntArray


@dataclass(frozen=True, slots=True)
class Count:
    """At least `least` duties, of the teams named, contain the span; each one missing costs.

    day: Only duties that start on this day, whatever their span. away: Days on which a team may
    not be counted, since its crew is too small for the place: (day, team).
    """

    key: str
    least: int
    cost: int
    teams: frozenset[TeamId]
    span: tuple[int, int] | None = None
    day: int | None = None
    away: frozenset[tuple[int, TeamId]] = frozenset()


@dataclass(frozen=True, slots=True)
class Prefer:
    """Minutes of a team's week: each step of 30 min below `minutes` costs `short`, above `over`."""

    team: TeamId
    minutes: int
    short: int
    over: int


@dataclass(frozen=True, slots=True)
class Dislike:
    """Each duty of the team that starts on one of these days, or is a night, costs."""

    team: TeamId
    days: tuple[int, ...]
    nights: bool
    cost: int


LawTerm = Forbid | MinGap | Run | Window | DaysOff | Drift | AtOnce
CostTerm = Cover | Count | Prefer | Dislike
Term = LawTerm | CostTerm
