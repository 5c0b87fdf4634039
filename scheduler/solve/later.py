"""What a published later week leaves to the last days of this one: duties that alone break a law.

What several duties break together with later ones is not looked at here: it is put right in the
roster that is found (`scheduler.settled`).
"""

from typing import TYPE_CHECKING

import numpy as np

from scheduler.problem import Person, Problem
from scheduler.slots import DAYS
from scheduler.solve.options import BoolArray, Options

if TYPE_CHECKING:
    from scheduler.solve.law import Law


def before_later(law: "Law", person: Person, problem: Problem, options: Options) -> BoolArray:
    """Options that alone break no law with the duties of a person in later weeks."""
    first = person.ahead[0]
    gap = first.start_min - options.end_min
    ok = np.asarray(gap >= law.gap_min)
    for length, most in law.spans:
        both = first.end_min - first.start_min + options.minutes
        ok &= np.minimum(both, length - gap) <= most
    night = problem.is_night(first.start_min, first.end_min)
    last = options.day == DAYS - 1  # after an earlier one there may still come another night
    if not (night and problem.day(first.date) == DAYS):
        ok &= ~(last & options.night) | (gap >= law.after_nights_min)
    days = {problem.day(worked.date) for worked in person.ahead}
    nights = {
        problem.day(worked.date) for worked in person.ahead
        if problem.is_night(worked.start_min, worked.end_min)
    }  # fmt: skip
    ok &= ~last | (_in_a_row(days) < law.run_days)
    ok &= ~(last & options.night) | (_in_a_row(nights) < law.run_nights)
    for length, most in law.dates:
        for day in range(DAYS, DAYS + length - 1):
            fixed = sum(
                worked.end_min - worked.start_min for worked in person.ahead
                if problem.day(worked.date) <= day
            )  # fmt: skip
            ok &= (options.day <= day - length) | (options.minutes + fixed <= most)
    return ok


def _in_a_row(days: set[int]) -> int:
    """How many days in a row begin on the day after the week."""
    return next(n for n in range(len(days) + 1) if DAYS + n not in days)
