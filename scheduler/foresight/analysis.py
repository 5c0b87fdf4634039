"""The analysis of one week: patterns, demand, must-arrive points, what to correct, colours.

Puts the pure parts together for a district; nothing here is random but by the seed given.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np
from scipy.sparse import csr_array

from config.calendar import Calendar, window_min
from config.district import District
from config.durations import DAY_MS
from config.errors import Finding
from scheduler.foresight.alarms import Alarm, alarms, recorded
from scheduler.foresight.checking import with_classes
from scheduler.foresight.choosing import budget, choose
from scheduler.foresight.colouring import colours_before, colours_of, risen_of
from scheduler.foresight.colours import SHORTEST_KM, Colours
from scheduler.foresight.correcting import PART_H, PARTS, what_to_correct
from scheduler.foresight.demand import Demand, Response, demand, response, visit_units, waits
from scheduler.foresight.ground import nodes_of, points_of, sections_of
from scheduler.foresight.history import History, days_between, incidents_by_kind, unrecorded
from scheduler.foresight.lately import rise
from scheduler.foresight.learnt import Learnt
from scheduler.foresight.levels import FloatArray, IntArray
from scheduler.foresight.must_arrive import (
    Budget,
    MustArrive,
    Points,
    Reason,
    Terms,
    night_check_id,
    night_points,
)
from scheduler.foresight.past import with_past
from scheduler.foresight.patterns import Days, Patterns, Seen
from scheduler.foresight.presence import present_at
from scheduler.foresight.staffing import (
    OPERATION,
    OWN_POST,
    by_squadron,
    curves_of,
    duty_units,
    mean_travel_h,
    night_check_units,
    streams,
    sure_of,
    told_apart,
    visits_due,
)
from scheduler.foresight.visited import PastVisits, worth
from scheduler.foresight.watched import Watched, yields

NIGHT_KIND = "drink_drive"
LEAST_NIGHT = 30  # incidents from which on drink-driving alone is the night risk


@dataclass(frozen=True, slots=True)
class Analysis:
    """What one week needs, and why. Squadrons, places and sections in the district's order.

    risk: Expected incidents per hour of that week, shape (nodes, 168).
    waits_min: Mean wait by priority (the district's in rising order) with `demand.units` on
        duty, shape (priorities, squadrons, 336).
    must_correct: (squadron, part of the day 0–3) → violations.
    night_checks: weekday → the must-arrive points of that night's check.
    unrecorded: Feeds of which days are missing; nobody takes these for days without incidents.
    """

    week: str
    patterns: Patterns
    risk: FloatArray
    response: Response
    demand: Demand
    waits_min: FloatArray
    must_arrive: tuple[MustArrive, ...]
    night_checks: Mapping[int, tuple[MustArrive, ...]]
    must_correct: Mapping[tuple[str, int], tuple[str, ...]]
    sections: tuple[str, ...]
    colours: Colours
    alarms: tuple[Alarm, ...]
    unrecorded: tuple[Finding, ...]


def analyse(
    district: District, history: History, week: str, seed: int = 0,
    before: IntArray | None = None, learnt: Learnt | None = None,
) -> Analysis:  # fmt: skip
    """Everything that the roster of a week is made from.

    Args:
        district: The district.
        history: Of this district, as it was when the week began; all of it if that is nothing.
        week: ISO week such as "2026-W49".
        seed: Of the random audit slots.
        before: Colours that the week is held to, shape (sections, 84); None: months before.
        learnt: Of a history that begins with this one; more comes to it.

    Raises:
        BadInput: No incident of the history lies on a node.
    """
    known = history, _ = _known(district, history, week), district.calendar
    days, incidents = seen = incidents_by_kind(*known)
    patterns = (learnt := learnt or Learnt(district)).of(history, seen)
    dates = district.calendar.dates(week)
    ahead = days_between(district.calendar, dates[0], dates[0] + timedelta(days=7))
    risk = patterns.week(ahead.weekday, ahead.month)
    curves = curves_of(district, days, incidents)
    calls = streams(district, history, patterns, curves, ahead)
    staffing = district.settings.staffing
    needed = response(calls, len(district.squadrons), staffing.wait_probability)
    fixed = duty_units(district, dates, OWN_POST)
    correct = what_to_correct(district, history)
    points = points_of(district)
    lately = risk * rise(points, patterns, days, incidents)[:, None]
    stands = night_checks(district, patterns, points, ahead, correct, history.watched, seen)
    night = {day: with_classes(district, history, those) for day, those in stands.items()}
    chosen = choose(
        lately, favoured(points, patterns, history.visited), district.squadrons,
        able_to(district, lately, needed, fixed), pinned_of(district), terms_of(district), seed,
        lambda squadron, _, hour: correct[squadron, hour // PART_H], by_section(district),
        present_at(district, dates, points, night),
    )  # fmt: skip
    operations = duty_units(district, dates, OPERATION) + night_check_units(district, night)
    visits = units_to_visit(district, chosen, patterns)
    staffed = demand(needed, visits, staffing.statutory_units, fixed, operations)
    staffed = told_apart(district, dates, staffed, needed, sure_of(history, curves, calls, ahead))
    held = colours_before(district, history, week, learnt) if before is None else before
    coloured = colours_of(district, risk, held, risen_of(district, patterns, days, incidents))
    return Analysis(
        week, patterns, risk, needed, staffed, waits(needed, staffed.units - operations, calls),
        with_past(with_classes(district, history, chosen), points, days, incidents), night, correct,
        *coloured, alarms_of(*known, patterns, *seen), unrecorded(*known),
    )  # fmt: skip


def favoured(points: Points, patterns: Patterns, visited: PastVisits) -> Points:
    """The points, each with what a visit to it is worth by what visits there came to."""
    usual = np.asarray(points.covers @ patterns.rates())
    return replace(points, worth=worth(visited, points.place, usual))


def units_to_visit(
    district: District, chosen: Sequence[MustArrive], patterns: Patterns
) -> IntArray:
    """Units that the chosen visits take, the ways between them included, (squadrons, 336)."""
    between_min = max(60 * mean_travel_h(district, patterns.rates().sum(axis=1)), 1.0)
    due = visits_due(chosen, district.squadrons)
    return visit_units(due, district.settings.visits.dwell_min, between_min)


def able_to(district: District, risk: FloatArray, needed: Response, fixed: IntArray) -> Budget:
    """What the squadrons can do: by their risk, and by who is on duty anyway and at no post."""
    settings = district.settings
    least = np.maximum(np.maximum(needed.units, fixed), settings.staffing.statutory_units)
    free = least - fixed
    return budget(by_squadron(district, risk).sum(axis=1), free, settings.visits.per_week)


def _known(district: District, history: History, week: str) -> History:
    """What was recorded before a week began, or all where that is nothing."""
    known = history.before(district.calendar.week_start_ms(week))
    return known if (known.kind >= 0).any() else history


def alarms_of(
    history: History, calendar: Calendar, patterns: Patterns, days: Days,
    incidents: Mapping[str, Seen],
) -> tuple[Alarm, ...]:  # fmt: skip
    """Kinds whose records drift from their level; ago are weeks before the last record."""
    end = int(calendar.local_ms(history.at_ms[-1])) // DAY_MS + 1
    feeds = {kind: seen.day for kind, seen in incidents.items()}
    there = recorded(feeds, len(days.month))
    found = alarms(feeds, {one.kind: one.month[days.month] * there for one in patterns.kinds})
    since = [int(days.date[-7 * one.weeks_ago]) for one in found]
    return tuple(
        replace(one, weeks_ago=(end - day) // 7) for one, day in zip(found, since, strict=True)
    )


def terms_of(district: District) -> Terms:
    """How visits are made, from the settings."""
    visits = district.settings.visits
    return Terms(visits.dwell_min, visits.spacing_min, random_share=visits.random_share)


def by_section(district: District) -> csr_array:
    """Weight of each node's incidents in each section, per km, shape (sections, nodes)."""
    _, shares, length_km, _ = sections_of(district)
    return shares.multiply(1.0 / np.maximum(length_km, SHORTEST_KM)[:, None]).tocsr()


def pinned_of(district: District) -> tuple[MustArrive, ...]:
    """The points of must_arrive_fixed.csv."""
    found = []
    for row in district.must_arrive_fixed:
        start_min, end_min = window_min(row.window_start, row.window_end)
        squadron = row.squadron or district.squadron_of_node(district.node_of_place(row.place))
        found.append(
            MustArrive(
                row.id, row.place, squadron, row.weekday, start_min,
                end_min, row.dwell_min, row.visits,
                Reason("pinned", 0.0, 0, row.reason or ""), row.must_correct,
            )
        )  # fmt: skip
    return tuple(found)


def night_checks(
    district: District,
    patterns: Patterns,
    points: Points,
    week: Days,
    correct: Mapping[tuple[str, int], tuple[str, ...]],
    watched: Watched,
    seen: tuple[Days, Mapping[str, Seen]],
) -> dict[int, tuple[MustArrive, ...]]:
    """Points of each night check by weekday, from the risk of drink-driving in its hours.

    And from what checks nearby found before: more or less drunk drivers among those tested. Where
    drink-driving rose in the last weeks it counts as these say.
    """
    check = district.settings.night_check
    own = [p for p in patterns.kinds if p.kind == NIGHT_KIND and p.incidents >= LEAST_NIGHT]
    narrowed = replace(patterns, kinds=tuple(own), weights=(1.0,)) if own else patterns
    risk = narrowed.week(week.weekday, week.month)
    keen = yields(watched, points.covers, np.asarray(points.covers @ risk.sum(axis=1)))
    risk *= rise(points, narrowed, *seen)[:, None]
    nodes = nodes_of(district, points.place)
    x_m, y_m = district.roads.x_m[nodes], district.roads.y_m[nodes]
    start, end = window_min(check.start, check.end)
    found: dict[int, tuple[MustArrive, ...]] = {}
    for day in check.weekdays:
        first = (day - 1) * 24
        hours = [first + hour for hour in range(start // 60, -(-end // 60))]
        stands = night_points(risk, points, x_m, y_m, hours, check.points, keen)
        listed = []
        for rank, (place, expected) in enumerate(stands, start=1):
            squadron = district.squadrons[points.squadron[points.place.index(place)]]
            why = Reason("night_check", round(expected, 6), rank)
            name = night_check_id(day, place)
            listed.append(
                MustArrive(
                    name, place, squadron, day, start, end, end - start, 1, why,
                    correct[squadron, PARTS - 1],
                )
            )  # fmt: skip
        found[day] = tuple(listed)
    return found
