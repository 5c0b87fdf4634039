"""The first lawful roster: one team after the other takes its best week. Fallback and yardstick.

And its mending: a team after the other takes the best reply to the rest; a few teams at a time
give up their weeks and choose anew.
"""

from collections.abc import Callable, Iterator
from random import Random

from scheduler.solve.chosen import Chosen
from scheduler.solve.master import Column
from scheduler.solve.model import Model

Over = Callable[[], bool]
EPSILON = 1e-6


def greedy(model: Model) -> Chosen:
    """Weeks for all teams, those with the fewest possible duties first."""
    chosen = Chosen.empty(model)
    freedom = [int(model.groups[c.group].line.allowed.sum()) for c in chosen.columns]
    for place in sorted(range(len(freedom)), key=lambda n: freedom[n]):
        chosen.put(place, chosen.reply(place))
    return chosen


def settle(chosen: Chosen, places: list[int], over: Over) -> Iterator[Column]:
    """Best replies in turn until nobody gains; yields the weeks found."""
    cost, quiet = chosen.cost, 0
    while quiet < len(places):
        for place in places:
            if over() or quiet >= len(places):
                return
            old, new = chosen.columns[place], chosen.reply(place)
            yield new
            quiet += 1
            if new.week == old.week:
                continue
            chosen.put(place, new)
            now = chosen.cost
            if now < cost - EPSILON:
                cost, quiet = now, 1
            else:
                chosen.put(place, old)


def shake(chosen: Chosen, random: Random, over: Over) -> Iterator[Column]:
    """A few teams of one squadron choose anew, in place; kept when it costs no more.

    Yields the weeks found.
    """
    model, cost = chosen.model, chosen.cost
    first = random.randrange(len(chosen.columns))
    squadron = model.groups[chosen.columns[first].group].squadron
    near = [
        n for n, column in enumerate(chosen.columns)
        if model.groups[column.group].squadron == squadron
    ]  # fmt: skip
    places = random.sample(near, min(len(near), random.randint(2, 4)))
    old = [chosen.columns[place] for place in places]
    for place in places:
        chosen.clear(place)
    for place in places:
        column = chosen.reply(place)
        chosen.put(place, column)
        yield column
    if chosen.cost > cost - EPSILON:
        yield from settle(chosen, places, over)
    if chosen.cost > cost + EPSILON:
        for place, column in zip(places, old, strict=True):
            chosen.put(place, column)
