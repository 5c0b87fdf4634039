"""Breaches in words: which rule, whom or what it is about, and how much in its own unit."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from config.calendar import week_of_day
from config.ids import DutyId
from config.words import catalogue, words
from scheduler.export import Printer
from scheduler.fixed import named
from scheduler.names import Names
from scheduler.problem import Problem
from scheduler.roster import Roster
from scheduler.rules import Breach
from scheduler.rules.coverage import is_within
from scheduler.sheets import day_text

MOST_HALVES = 2
"""Half hours of an hour: `units` of some rules are half hours."""
MOST_LINES = 20
"""Of a refusal: whoever broke more than that has a wrong file, not a wrong duty."""
ABOUT = ("duty", "task", "person", "team", "squadron")


def refusal_lines(breaches: Iterable[Mapping[str, Any]], names: Names, lang: str) -> list[str]:
    """Why a roster was refused: a line a law and duty with whom it is about, the first of them.

    Args:
        breaches: As data, such as a frame's.
        names: Of the district.
        lang: Language.
    """
    say, told, more = words(lang), by_duty(breaches, names, lang), _untold(breaches)
    more += len(told[MOST_LINES:])
    lines = [one.text for one in told[:MOST_LINES]]
    return [*lines, say("planner.more_breaches", count=more)] if more else lines


@dataclass(frozen=True, slots=True)
class Broken:
    """A law that is broken by one duty, or by one person apart from any.

    breaches: Of it, one for each of its people. text: With all of them.
    """

    breaches: Sequence[Mapping[str, Any]]
    text: str

    def duty_of(self, roster: Roster) -> DutyId | None:
        """The duty that it is about, else the first of its person."""
        first = self.breaches[0]
        person = first.get("person")
        own = (duty.id for duty in roster.duties if person in duty.people)
        return DutyId(str(first["duty"])) if first.get("duty") else next(own, None)


def by_duty(breaches: Iterable[Mapping[str, Any]], names: Names, lang: str) -> list[Broken]:
    """Breaches as they are told and counted everywhere: a crew that breaks a law does so once.

    Args:
        breaches: As data, such as a frame's; those that are only counted are left out.
        names: Of the district.
        lang: Language.
    """
    say, told_all = words(lang), []
    for found in _by_duty(breaches):
        people = list(dict.fromkeys(str(told["person"]) for told in found if told.get("person")))
        who = say("planner.report.comma").join(
            f"{name} {person}" if (name := names.person(person)) else person for person in people
        )
        worst = max(found, key=lambda told: int(told["amount"]))
        about = next((str(worst[name]) for name in ABOUT if worst.get(name)), "")
        if who and about not in people:
            who = say("planner.about", what=about, people=who)
        told_all.append(Broken(found, told_text(worst, lang, who or about)))
    return told_all


def breach_count(breaches: Iterable[Mapping[str, Any]]) -> int:
    """How many there are, as `by_duty` tells them, and those that a refusal only counts."""
    told = list(breaches)
    return len(_by_duty(told)) + _untold(told)


def _by_duty(breaches: Iterable[Mapping[str, Any]]) -> list[list[Mapping[str, Any]]]:
    """Breaches of one law by one duty together, law by law."""
    groups: dict[str, dict[object, list[Mapping[str, Any]]]] = {}
    for n, told in enumerate(breaches):
        if told["rule"] != "more":
            of_duty = told.get("duty") if "key" not in told else None
            groups.setdefault(str(told["rule"]), {}).setdefault(of_duty or n, []).append(told)
    return [found for law in groups.values() for found in law.values()]


def _untold(breaches: Iterable[Mapping[str, Any]]) -> int:
    return sum(int(told["amount"]) for told in breaches if told["rule"] == "more")


def told_text(told: Mapping[str, Any], lang: str, who: str = "") -> str:
    """A breach as data, such as a frame's, in words; `who`: whom it is about, if said better."""
    say, rule = words(lang), str(told["rule"])
    who = who or next((str(told[name]) for name in ABOUT if told.get(name)), "")
    name = say(f"planner.rule.{rule}") if f"planner.rule.{rule}" in catalogue(lang) else rule
    if told.get("key") in catalogue(lang):  # no rule's breach, but words of its own
        what = say(str(told["key"]), **told["fields"])
        key = "planner.breach_told" if who or told.get("place") else "planner.breach_said"
        return say(key, rule=name, who=told.get("place") or who, what=what)
    much = _much(f"planner.amount.{rule}", told["amount"], int(told.get("units", 0)), lang)
    key = "planner.breach" if much else "planner.breach_plain"
    text = say(key, rule=name, who=who, much=much)
    if not told.get("later"):
        return text
    later = date.fromisoformat(str(told["later"]))
    return say("planner.breach_later", told=text, week=week_of_day(later), day=day_text(later, say))


def _much(key: str, amount: int, units: int, lang: str) -> str:
    """An amount with its unit; "" where the rule counts nothing that people count."""
    if f"{key}.none" in catalogue(lang) and not units:
        key = f"{key}.none"
    elif f"{key}.some" in catalogue(lang):
        key = f"{key}.some"
    if key not in catalogue(lang):
        return ""
    return words(lang)(key, amount=amount, units=units, hours=units / MOST_HALVES)


@dataclass(frozen=True, slots=True)
class Shortfalls:
    """What a roster lacks, as rows of its report."""

    printer: Printer
    problem: Problem
    roster: Roster
    lang: str

    def rows(self, found: Sequence[Breach]) -> Iterator[tuple[str, int, str, str, int]]:
        """Rule, how often, how much in all, where most, and points of cost; the dearest first."""
        groups: dict[tuple[str, bool], list[Breach]] = {}
        for breach in found:
            spare = breach.rule == "cover-demand" and not breach.units
            groups.setdefault((breach.rule, spare), []).append(breach)
        cost = {key: sum(breach.amount for breach in own) for key, own in groups.items()}
        say = words(self.lang)
        for (rule, spare), own in sorted(groups.items(), key=lambda one: -cost[one[0]]):
            units = sum(breach.units for breach in own if is_within(breach))
            much = _much(f"planner.amount_all.{rule}", len(own), units, self.lang)
            worst = max(own, key=lambda breach: breach.amount)
            most = _much(f"planner.amount.{rule}", worst.amount, worst.units, self.lang)
            told = self.about(worst)
            if most:
                told = say("planner.report.worst_much", who=told, much=most)
            yield say(f"planner.rule.{rule}"), len(own), much, told, cost[rule, spare]

    def about(self, breach: Breach) -> str:
        """Whom or what a breach is about, in words."""
        names, say = Names(self.printer.district), words(self.lang)
        parts: list[str] = []
        if breach.squadron and not (breach.task and named(breach.task)):
            parts.append(names.squadron(breach.squadron) or breach.squadron)
        if breach.slot is not None:
            iso = self.printer.iso(self.problem.slot_min[breach.slot])
            parts.append(f"{day_text(date.fromisoformat(iso[:10]), say)} {iso[11:16]}")
        if breach.task:
            parts += self._task(breach.task)
        if breach.point:
            parts += self._point(breach.point)
        if breach.team:
            parts.append(self._person(self.printer.district.people.team_ids()[breach.team]))
        elif breach.person:
            parts.append(self._person(breach.person))
        if breach.duty and (duty := self.roster.duty(breach.duty)):
            parts.append(day_text(duty.date, say))
        return " ".join(parts)

    def _person(self, person: str) -> str:
        name = Names(self.printer.district).person(person)
        return f"{name} {person}" if name else person

    def _point(self, point: str) -> Iterator[str]:
        """The place of a must-arrive point, with the day and hour at which its window begins."""
        due = next((one for one in self.problem.due if one.id == point), None)
        if due is None:
            yield point
            return
        iso = self.printer.iso(due.start_min)
        yield Names(self.printer.district).place(due.place) or due.place
        yield f"{day_text(date.fromisoformat(iso[:10]), words(self.lang))} {iso[11:16]}"

    def _task(self, task: str) -> Iterator[str]:
        """A fixed duty with its date, or a role of a squadron's day."""
        say, fixed = words(self.lang), named(task)
        if fixed is not None:
            yield day_text(fixed[1], say)
            names = Names(self.printer.district)
            kind, told = names.task_kind(task), names.task(task)
            if kind is not None:
                yield say(f"code.kind.{kind}")
                told = told.partition(" ")[2]
            yield told
        else:
            yield day_text(self.problem.dates[int(task.rpartition("/")[2])], say)
            yield say(f"code.kind.{task.partition('/')[0]}")
