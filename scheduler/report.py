"""report.html: a planned week on one page that asks nothing of any network."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined

from config.made_tables import RosterRow
from config.words import catalogue, cell_width, words
from scheduler.advice.hole_words import least_text
from scheduler.breach_words import Shortfalls
from scheduler.certified import certified
from scheduler.export import Printer, reason_text
from scheduler.names import Names
from scheduler.problem import IntArray, Problem
from scheduler.publish import file_hash
from scheduler.roster import Roster
from scheduler.rules import shortfalls
from scheduler.rules.must_arrive import visits_met
from scheduler.sheets import Sheets, day_text
from scheduler.week import SolvedWeek

HOURS = 168
CELL, ROW, TOP = 6, 26, 34
NARROW = 6.5
"""Points that a narrow letter of the chart is wide; a wide one is twice that."""
TICKS = (6, 12, 18)


@dataclass(frozen=True, slots=True)
class Cell:
    """One hour of one squadron in the chart."""

    x: int
    y: int
    colour: str
    told: str


def on_duty(problem: Problem, roster: Roster) -> IntArray:
    """Units on duty, those of the week before included, shape (squadrons, slots)."""
    units = problem.carried.copy()
    for duty in roster.duties:
        slots = problem.slots_of(duty.start_min, duty.end_min)
        units[problem.squadrons.index(duty.squadron), slots.start : slots.stop] += 1
    return units


def colour(have: int, need: int) -> str:
    """Red where units are missing, the redder the more; green where enough, blue where spare."""
    if have < need:
        return f"hsl(4,75%,{78 - 36 * (need - have) // max(need, 1)}%)"
    if have == need:
        return "hsl(140,35%,72%)" if need else "hsl(0,0%,94%)"
    return f"hsl(210,55%,{max(82 - 6 * (have - need), 52)}%)"


def left(planned: SolvedWeek) -> int:
    """Where the chart begins: behind the longest name of a squadron."""
    names = [squadron.name for squadron in planned.district.settings.squadrons]
    return 12 + int(NARROW * max(map(cell_width, names), default=0))


def cells(planned: SolvedWeek, lang: str) -> Iterator[Cell]:
    """The chart's cells: the worse half hour of each hour."""
    say, problem = words(lang), planned.problem
    have, need = on_duty(problem, planned.roster), problem.needed
    for row, squadron in enumerate(problem.squadrons):
        for hour in range(HOURS):
            pair = slice(2 * hour, 2 * hour + 2)
            at = 2 * hour + int(np.argmin(have[row, pair] - need[row, pair]))
            told = say(
                "planner.report.cell", squadron=squadron, at=_at(planned, problem.slot_min[at]),
                have=have[row, at], need=need[row, at],
            )  # fmt: skip
            yield Cell(
                left(planned) + hour * CELL,
                TOP + row * ROW,
                colour(have[row, at], need[row, at]),
                told,
            )


def write_report(planned: SolvedWeek, path: Path, lang: str, *, searched: bool = True) -> None:
    """Write the page in a language; searched: by a plan, which more time may make better."""
    environment = Environment(
        loader=PackageLoader("scheduler"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    page = environment.get_template("report.html.j2")
    told = _told(planned, lang) | {
        "roster_hash": file_hash(path.with_name(RosterRow.file)),
        "quality": _quality(planned, lang, searched=searched),
    }
    path.write_text(page.render(**told), encoding="utf-8")


def _told(planned: SolvedWeek, lang: str) -> dict[str, Any]:
    say, problem, roster = words(lang), planned.problem, planned.roster
    found = shortfalls(problem, roster)
    need, have = problem.needed[:, : 2 * HOURS], on_duty(problem, roster)[:, : 2 * HOURS]
    names = {squadron.id: squadron.name for squadron in planned.district.settings.squadrons}
    printer, begin = Printer(planned.district, planned.week), left(planned)
    met, due = visits_met(problem, roster)
    return {
        "say": say, "lang": lang, "week": planned.week,
        "brigade": planned.district.settings.name or planned.district.settings.brigade,
        "synthetic": planned.district.settings.synthetic,
        "cells": list(cells(planned, lang)),
        "squadrons": [(names[s], TOP + n * ROW) for n, s in enumerate(problem.squadrons)],
        "day_names": [day_text(day, say) for day in problem.dates],
        "days": [(day_text(day, say), begin + n * 24 * CELL)
                 for n, day in enumerate(problem.dates)],
        "ticks": [(hour, begin + (n * 24 + hour) * CELL)
                  for n in range(len(problem.dates)) for hour in TICKS],
        "sheets": list(Sheets(printer, problem, planned.points, say).of(roster)),
        "width": begin + HOURS * CELL + 4, "height": TOP + len(problem.squadrons) * ROW + 4,
        "cell": CELL, "row": ROW, "top": TOP,
        "needed_h": int(need.sum()) / 2, "covered_h": int(np.minimum(need, have).sum()) / 2,
        "duties": len(roster.duties),
        "teams": len({duty.team for duty in roster.duties}),
        "tiers": [(say(f"planner.tier.{one.tier.name.lower()}"), one.cost, least_text(one, say),
                   say(f"planner.tier_told.{one.tier.name.lower()}"))
                  for one in certified(problem, planned.solution)],
        "missing": list(Shortfalls(printer, problem, roster, lang).rows(found)),
        "visits": _visits(planned, lang),
        "planned_visits": met, "due_visits": due,
        "checks": list(_checks(planned)), "people": list(_people(planned, names)),
    }  # fmt: skip


def _quality(planned: SolvedWeek, lang: str, *, searched: bool) -> str:
    """How far the roster may be from the best possible, in a sentence."""
    cost, bound = planned.solution.cost, planned.solution.bound
    if not searched:
        return words(lang)("planner.report.changed", cost=f"{cost:.1f}")
    if bound <= 0 < cost:
        return words(lang)("planner.report.unbound", cost=f"{cost:.1f}")
    return words(lang)(
        "planner.report.gap", gap=f"{100 * planned.gap:.2f}", cost=f"{cost:.1f}",
        bound=f"{bound:.1f}",
    )  # fmt: skip


def _visits(planned: SolvedWeek, lang: str) -> list[tuple[str, str, str, str]]:
    """Visits that nobody makes: where, when, why they are due, why they are not made."""
    say, printer = words(lang), Printer(planned.district, planned.week)
    rows = {row.id: row for row in printer.point_rows(planned.points.values(), say)}
    found = []
    for name, why in planned.solution.missed.items():
        point, row = planned.points[name], rows[str(name)]
        day = day_text(printer.of.dates[row.weekday - 1], say)
        window = f"{day} {row.window_start:%H:%M}–{row.window_end:%H:%M}"
        key = f"planner.missed.{why}"
        told = say(key) if key in catalogue(lang) else why
        found.append((row.name, window, reason_text(point, say), told))
    return found


def _checks(planned: SolvedWeek) -> Iterator[tuple[str, str, int, int]]:
    """Night checks: their hours, the teams that make them, how many are wanted."""
    for task in planned.problem.tasks:
        if task.kind == "night_check":
            teams = sum(task.id in duty.tasks for duty in planned.roster.duties)
            yield _at(planned, task.start_min), _at(planned, task.end_min), teams, task.teams


def _people(
    planned: SolvedWeek, squadrons: Mapping[str, str]
) -> Iterator[tuple[str, str, str, float, int, float]]:
    """Id, name, squadron, hours of the week, nights, hours of the month with this week."""
    problem, roster, names = planned.problem, planned.roster, Names(planned.district)
    for person in problem.persons.values():
        own = roster.duties_of(person.id)
        minutes = sum(duty.minutes for duty in own)
        nights = sum(problem.is_night(duty.start_min, duty.end_min) for duty in own)
        month = (minutes + person.month_min) / 60
        name = names.person(person.id) or ""
        yield str(person.id), name, squadrons[person.squadron], minutes / 60, nights, month


def _at(planned: SolvedWeek, minute: int) -> str:
    return Printer(planned.district, planned.week).iso(minute)[:16].replace("T", " ")
