"""Small changes of rosters that annealing tries, for one or two people; lawful or not.

Each fills `new` with changed lines (later options only) and says whether there is such a change.
"""

import numpy as np

from scheduler.solve.lines.compiled import within
from scheduler.solve.lines.near import Near
from scheduler.solve.lines.problem import IntArray

TIME, TWO, DAY, COUNT, WHOLE, OPPOSITE = 0.42, 0.60, 0.74, 0.80, 0.86, 0.93
"""Up to which draw a change is of that kind; the rest trade days. Few of the last kinds are lawful,
yet without them people never change places."""
ANY = 0.04
"""Share of other times that are any of the day: what is near may bring nobody further."""


@within
def below(rng: np.random.Generator, count: int) -> int:
    """A number from 0 on below that one; `Generator.integers` is slower, compiled."""
    return int(rng.random() * count)


@within
def copy(line: IntArray, into: IntArray) -> None:
    """Copy a line day by day: `into[:] = line` takes seconds longer to compile."""
    for day in range(len(line)):
        into[day] = line[day]


@within
def propose(
    near: Near, lines: IntArray, rng: np.random.Generator, who: IntArray, new: IntArray
) -> int:
    """Fill `who` and `new`; for how many people, 0 for no change.

    Args:
        near: What is near each option.
        lines: Of each person, shape (people, days).
        rng: All chance.
        who: Two people, filled.
        new: Their lines, filled, shape (2, days).
    """
    people, draw = len(lines), rng.random()
    who[0] = below(rng, people)
    copy(lines[who[0]], new[0])
    if draw < TIME:
        return int(other_time(near, rng, new[0]))
    if draw < TWO:
        return int(two_duties(near, rng, new[0]))
    if draw < DAY:
        return int(other_day(near, rng, new[0]))
    if draw < COUNT:
        return int(other_count(near, rng, new[0]))
    if draw < WHOLE:
        return int(whole_line(near, rng, new[0]))
    who[1] = below(rng, people)
    if who[0] == who[1]:
        return 0
    copy(lines[who[1]], new[1])
    if draw < OPPOSITE:
        return 2 * int(opposite(near, rng, new))
    return 2 * int(trade(rng, new))


@within
def shifted(near: Near, rng: np.random.Generator, option: int) -> int:
    """The option earlier or later."""
    return int(near.shifted[option, below(rng, near.shifted.shape[1])])


@within
def stretched(near: Near, rng: np.random.Generator, option: int) -> int:
    """The option of another length."""
    return int(near.stretched[option, below(rng, near.stretched.shape[1])])


@within
def any_of(near: Near, rng: np.random.Generator, day: int) -> int:
    """Any option of a day, -1 where it has none."""
    begin, end = near.used_from[day], near.used_from[day + 1]
    return int(near.used[begin + below(rng, end - begin)]) if end > begin else -1


@within
def other_time(near: Near, rng: np.random.Generator, line: IntArray) -> bool:
    """One duty at another time or of another length."""
    day = below(rng, len(line))
    if line[day] < 0:
        return False
    draw = rng.random()
    if draw < ANY:
        line[day] = any_of(near, rng, day)
    elif draw < 0.5:
        line[day] = shifted(near, rng, line[day])
    else:
        line[day] = stretched(near, rng, line[day])
    return bool(line[day] >= 0)


@within
def two_duties(near: Near, rng: np.random.Generator, line: IntArray) -> bool:
    """One duty longer and another shorter, or both at other times."""
    one, two = below(rng, len(line)), below(rng, len(line))
    if line[one] < 0 or line[two] < 0 or one == two:
        return False
    if rng.random() < 0.6:
        line[one] = near.longer[line[one], below(rng, 2)]
        line[two] = near.shorter[line[two], below(rng, 2)]
    else:
        line[one], line[two] = shifted(near, rng, line[one]), shifted(near, rng, line[two])
    return bool(line[one] >= 0 and line[two] >= 0)


@within
def other_day(near: Near, rng: np.random.Generator, line: IntArray) -> bool:
    """A duty on a day that was off, as it was or nearly."""
    on, off = below(rng, len(line)), below(rng, len(line))
    if line[on] < 0 or line[off] >= 0:
        return False
    option, draw = near.on_day[line[on], off], rng.random()
    if option >= 0 and draw < 1 / 3:
        option = shifted(near, rng, option)
    elif option >= 0 and draw < 2 / 3:
        option = stretched(near, rng, option)
    line[on], line[off] = -1, option
    return bool(option >= 0)


@within
def other_count(near: Near, rng: np.random.Generator, line: IntArray) -> bool:
    """A duty less or more, and others longer or shorter until as much is worked as before."""
    days = len(line)
    day, first = below(rng, days), below(rng, days)
    less = line[day] >= 0
    if less:
        owed_min, line[day] = near.minutes[line[day]], -1
    else:
        line[day] = any_of(near, rng, day)
        if line[day] < 0:
            return False
        owed_min = near.minutes[line[day]]
    table = near.longer if less else near.shorter
    for step in range(days):
        at = (first + step) % days
        if at != day and line[at] >= 0 and owed_min > 0:
            other = table[line[at], below(rng, 2)]
            if other >= 0:
                owed_min -= abs(near.minutes[other] - near.minutes[line[at]])
                line[at] = other
    return True


@within
def whole_line(near: Near, rng: np.random.Generator, line: IntArray) -> bool:
    """All duties earlier or later together."""
    by = below(rng, near.shifted.shape[1])
    for day in range(len(line)):
        if line[day] >= 0:
            line[day] = near.shifted[line[day], by]
            if line[day] < 0:
                return False
    return True


@within
def opposite(near: Near, rng: np.random.Generator, lines: IntArray) -> bool:
    """Two duties of a day, one earlier and the other later."""
    day, by = below(rng, lines.shape[1]), below(rng, near.shifted.shape[1])
    if lines[0, day] < 0 or lines[1, day] < 0:
        return False
    lines[0, day] = near.shifted[lines[0, day], by]
    lines[1, day] = near.shifted[lines[1, day], by ^ 1]
    return bool(lines[0, day] >= 0 and lines[1, day] >= 0)


@within
def trade(rng: np.random.Generator, lines: IntArray) -> bool:
    """Two people trade a day, or all days from one on."""
    day, end = below(rng, lines.shape[1]), lines.shape[1]
    if rng.random() < 0.5:
        end = day + 1
    for at in range(day, end):
        lines[0, at], lines[1, at] = lines[1, at], lines[0, at]
    return True
