"""Who bore what, as a chart for the terminal."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from config.district import District
from config.words import Say, pad, words
from scheduler.names import Called
from scheduler.shares import KINDS, Burden

BAR = 20
"""Cells of the longest bar."""
HAD, SHARE = "█", "┃"


def chart(district: District, weeks: Sequence[str], found: Sequence[Burden]) -> Iterator[str]:
    """A block for each squadron and role: a line a person, whoever bears most nights first."""
    say, names = words(), Called(district)
    if not weeks:
        yield say("answers.fairness.none", folder=district.folder)
        return
    yield say("answers.fairness.head", count=len(weeks), first=weeks[0], last=weeks[-1])
    most = max((max(one.had["nights"], one.share["nights"]) for one in found), default=0.0)
    for (squadron, role), some in groupby(found, key=lambda one: (one.squadron, one.role)):
        own = sorted(some, key=lambda one: (-one.over("nights"), -one.over("hours"), one.person))
        mean = {kind: sum(one.had[kind] for one in own) / len(own) for kind in KINDS}
        yield ""
        yield say(
            "answers.fairness.group", squadron=names.squadron(squadron),
            role=say(f"answers.fairness.{role}"), people=len(own),
            **{kind: f"{value:.1f}" for kind, value in mean.items()},
        )  # fmt: skip
        for one in own:
            yield _line(one, names, most, say)


def _line(one: Burden, names: Called, most: float, say: Say) -> str:
    """A person: the bar of nights with a mark at the share, then every kind with its difference."""
    name = names.person(one.person)
    told = {
        kind: f"{one.had[kind]:g} ({one.over(kind):+.1f})" if kind != "hours"
        else f"{one.had[kind]:.0f} ({one.over(kind):+.0f})"
        for kind in KINDS
    }  # fmt: skip
    parts = say("answers.fairness.person", days=one.days, **told)
    return f"{pad(name, 18)} {bar(one.had['nights'], one.share['nights'], most)} {parts}"


def bar(had: float, share: float, most: float) -> str:
    """A bar of what somebody had, and a mark where the share ends."""
    if most <= 0:
        return " " * (BAR + 1)
    length, mark = round(BAR * had / most), round(BAR * share / most)
    cells = (HAD * length).ljust(BAR + 1)
    return cells[:mark] + SHARE + cells[mark + 1 :]
