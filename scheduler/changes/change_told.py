"""What a change of a week brought about, in words: moves with reasons, how much, who is told."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from config.district import District
from config.words import words
from scheduler.breach_words import refusal_lines
from scheduler.changes.repair_words import least_line, lost_lines, move_lines, nobody_lines
from scheduler.changes.version_list import Version
from scheduler.names import Called, Names
from scheduler.rules.crews import Leave
from scheduler.week_ledger import REPAIRS

if TYPE_CHECKING:  # it brings ortools, that who lists versions need not wait for
    from scheduler.changes.changed import Changed
    from scheduler.restoring import Left

MOST_PEOPLE = 40
"""Who is to be told, by name; of more only how many."""


def changed_lines(found: "Changed", district: District, lang: str) -> Iterator[str]:
    """What became of a change."""
    say, names = words(lang), Names(district)
    about: dict[str, Any] = {"week": found.week, "version": found.version}
    if found.breaches:
        yield from refusal_lines(found.breaches, names, lang)
        yield say("repair.not_done", **about)
        if found.cause == "undo" and any(told["rule"] == Leave.id for told in found.breaches):
            yield say("repair.next.there", folder=district.folder)
        return
    if found.change is not None:
        lost = {str(duty["duty"]) for duty in found.lost.duties}
        yield from move_lines(found.change, names, lang, lost, found.new)
        if found.undone:
            for reason in found.change.get("nobody", {}).values():
                yield from nobody_lines(reason, names, lang, found.week)
            yield say("repair.undone", **about)
            return
        yield from lost_lines(found.lost, names, lang, found.change)
        if found.cause != "undo":  # what comes back is weighed against nothing
            yield least_line(found.change, lang)
    else:
        yield from lost_lines(found.lost, names, lang)
    what = "dry" if found.dry else "published" if found.published else "drafted"
    yield say(f"repair.{what}", **about)
    yield told_line(found.told, names, lang)
    if found.published and found.cause not in REPAIRS:  # those are taken back as reports
        yield say("repair.next.undo", folder=district.folder, **about)


def left_lines(found: "Iterable[Left]", district: District, lang: str) -> Iterator[str]:
    """What stays as an absence left it, and why."""
    say, names = words(lang), Names(district)
    for one in found:
        squadron = names.squadron(one.squadron) or one.squadron
        yield say(f"repair.left.{one.why}", squadron=squadron, day=one.date)
        yield from refusal_lines(one.breaches, names, lang)


def told_line(people: tuple[str, ...], names: Names, lang: str) -> str:
    """Who is to be told."""
    say = words(lang)
    if not people:
        return say("repair.told_nobody")
    if len(people) > MOST_PEOPLE:
        return say("repair.told_many", count=len(people))
    told = (f"{name} {one}" if (name := names.person(one)) else one for one in people)
    return say("repair.told", people=say("planner.report.comma").join(told))


def version_line(one: Version, district: District, lang: str) -> str:
    """A version in words."""
    say = words(lang)
    acts = say("planner.report.comma").join(
        say(
            f"repair.act.{act.what}" + ("_by" if act.by else ""),
            by=Called(district).person(act.by) if act.by else "",
            at=f"{district.calendar.local(act.at_ms):%Y-%m-%d %H:%M}",
        )
        for act in one.acts
    )  # fmt: skip
    told = "first" if one.changes is None else "changes"
    repair = one.repair or {}
    proven = say("repair.version.proven") if repair.get("proven") else ""
    return say(
        "repair.version.line", version=one.version, cause=say(f"repair.cause.{one.why}"),
        acts=acts, changes=say(f"repair.version.{told}", count=one.changes) + proven,
        fingerprint=one.fingerprint,
        force=say("repair.version.in_force") if one.in_force else "",
    )  # fmt: skip
