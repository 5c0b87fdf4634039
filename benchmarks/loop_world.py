"""Two months that are worked as the plan says, told to a real engine over a real duty.db.

Light: crews are where their duty is and make their visits; nobody drives. What the journal holds
of it the engine wrote: rosters taken, sign-ins, orders to visits and incidents of the hidden
truth and their ends, violations where a crew stood, breath tests at the night checks' points.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.loop_crews import MINUTE_MS, STEP_MIN, Crews, Event
from benchmarks.loop_truth import DRUNK, FIRST, POINT_M, Truth, around
from config.calendar import week_of_day
from config.district import load
from config.people import Team
from config.sample.kinds import KINDS
from config.sample.offences import HALF_YEAR
from config.sample.places import node_id
from config.sample.records import draw_calls
from config.sample.world import World
from dispatch import decide
from dispatch.ground import Ground
from dispatch.service import Engine
from dispatch.simulate import Instant
from dispatch.tracks import Tracker
from events import ports, schema
from events.clock import Clock
from events.connect import embedded
from events.event import moment_text
from events.planning import DutyRostered
from events.ports import Record
from scheduler.foresight.analysis import Analysis
from scheduler.foresight.levels import FloatArray
from scheduler.foresight.must_arrive import MustArrive

WEEKS = 4  # of a month
SHIFTS_H = ((0, 8), (8, 16), (16, 24))
CHECK_H = (21, 27)
FINDS = 3.0  # of what is committed around a crew, on the scale of HALF_YEAR
POST_M, ASIDE = 650.0, 0.05
TESTED = 80  # drivers at a point of a night check
VIDEO = 0.6  # of crashes without injury


@dataclass(slots=True)
class Shift:
    """A crew, its hours of a day (which may pass midnight), where it stands, what it visits."""

    team: Team
    day: date
    hours: tuple[int, int]
    kind: str
    post: int
    points: Sequence[MustArrive]

    @property
    def duty(self) -> str:
        """Its duty's id."""
        return f"{self.team.id}-{self.day}-{self.hours[0]}"


class Played:
    """A district with its hidden truth, and the engine that takes what happens in it."""

    def __init__(self, folder: Path, world: World, seed: int) -> None:
        """Open the district's own file and put the engine on it."""
        self.district, self.truth = load(folder), Truth(world)
        self.random = np.random.default_rng(seed)
        self.instant = Instant(self.at_ms(FIRST, 0) - MINUTE_MS)
        self.bus = embedded(folder / "duty.db", self.instant)
        tracker, clock = Tracker(Ground(self.district)), Clock(wall=self.instant)
        self.engine = Engine(self.bus, self.district, clock, "loop", decide, tracker, cached=False)
        self.crews = Crews(self.bus, self.engine, self._at_visit)
        self.area, self.sent = self.engine.area, 0

    def close(self) -> None:
        """Let go of the file."""
        self.bus.close()

    def at_ms(self, day: date, minute: int) -> int:
        """Moment of a minute after a local midnight; the sample's clocks never change."""
        return self.district.calendar.at_ms(day, time(0)) + minute * MINUTE_MS

    def work(self, plan: Analysis, first: date) -> None:
        """Let a month's weeks happen, from a Monday on, the plan's points and checks worked."""
        for week in range(WEEKS):
            days = [first + timedelta(7 * week + n) for n in range(7)]
            shifts = [shift for day in days for shift in self._shifts(plan, day)]
            self._publish(week_of_day(days[0]), shifts)
            told = [*(one for day in days for one in self._incidents(day)),
                    *(one for shift in shifts for one in self._found(shift))]  # fmt: skip
            told.sort(key=lambda one: one[0])
            self._live(days[0], shifts, told)

    # --- who is out --------------------------------------------------------------------------

    def _shifts(self, plan: Analysis, day: date) -> Iterator[Shift]:
        """As many crews as the plan's demand says, with the visits due in their hours."""
        due = [point for point in plan.must_arrive if point.weekday == day.isoweekday()]
        checks = plan.night_checks.get(day.isoweekday(), ())
        for row, squadron in enumerate(self.district.squadrons):
            own = [team for team in self.district.people.teams_on(day)
                   if team.squadron == squadron and len(team.auxiliaries) > 1]  # fmt: skip
            free = [own[n] for n in self.random.permutation(len(own))]
            posts = [self.district.node_of_post(one.post) for one in self.district.posts.values()
                     if self.district.squadron_of_post(one) == squadron]  # fmt: skip
            for check in (one for one in checks if one.squadron == squadron):
                node = self.district.node_of_place(check.place)
                yield Shift(free.pop(), day, CHECK_H, "night_check", node, (check,))
            half_h = plan.demand.units[row].reshape(7, 48)[day.isoweekday() - 1]
            for start, end in SHIFTS_H:
                wanted = max(int(np.ceil(half_h[2 * start : 2 * end].mean())), 1)
                crews = [free.pop() for _ in range(min(wanted, len(free)))]
                visits = [
                    point for point in due if point.squadron == squadron
                    and start * 60 <= point.start_min and point.end_min <= end * 60
                ]  # fmt: skip
                for n, team in enumerate(crews):
                    post = posts[int(self.random.integers(len(posts)))]
                    own_visits = visits[n :: len(crews)]
                    yield Shift(team, day, (start, end), "patrol", post, own_visits)

    def _publish(self, week: str, shifts: Sequence[Shift]) -> None:
        """The roster of a week, as the planner sends it."""
        duties = [DutyRostered.model_validate(self._duty(week, shift)) for shift in shifts]
        whole = {"week": week, "version": 1, "duties": len(duties),
                 "hash": schema.roster_hash(duties)}  # fmt: skip
        told = [("duty_rostered", one.model_dump(exclude_none=True, mode="json"))
                for one in duties]  # fmt: skip
        self._send([(self.instant.now_ms, *one) for one in (*told, ("roster_published", whole))])

    def _duty(self, week: str, shift: Shift) -> dict[str, Any]:
        start, end = (moment_text(self.at_ms(shift.day, 60 * hour)) for hour in shift.hours)
        team = shift.team
        return {
            "week": week, "version": 1, "duty": shift.duty, "team": team.id, "end": end,
            "date": shift.day.isoformat(), "start": start, "kind": shift.kind,
            "officer": team.officer, "auxiliaries": team.auxiliaries, "squadron": team.squadron,
            "visits": tuple(
                self._visit(shift, point, n) for point in shift.points for n in range(point.visits)
            ),
        }  # fmt: skip

    def _visit(self, shift: Shift, point: MustArrive, number: int) -> dict[str, Any]:
        slack = max(point.end_min - point.start_min - point.dwell_min - 60, 1)
        arrive = point.start_min + int(self.random.integers(slack))
        times = {"arrive": arrive, "leave": arrive + point.dwell_min,
                 "window_start": point.start_min, "window_end": point.end_min}  # fmt: skip
        return {
            "must_arrive": point.id, "place": point.place, "dwell_min": min(point.dwell_min, 360),
            "visit": f"{point.id}/{shift.duty}/{number}",
            **{name: moment_text(self.at_ms(shift.day, at)) for name, at in times.items()},
        }  # fmt: skip

    # --- what happens ------------------------------------------------------------------------

    def _incidents(self, day: date) -> Iterator[Event]:
        """The day's calls of the hidden truth; most scratches are settled by video."""
        calls = draw_calls(self.truth.world, day, 1, self.random)
        columns = calls.at_ms, calls.node, calls.kind, calls.service_s
        for n, (at_ms, node, kind, service_s) in enumerate(zip(*columns, strict=True)):
            name, severity, _ = KINDS[int(kind)]
            told: dict[str, Any] = {
                "kind": name, "severity": severity, "junction": node_id(int(node)),
                "incident": f"call-{day}-{n}",
            }  # fmt: skip
            if severity == "damage" and self.random.random() < VIDEO:
                told |= {"drivable": True, "agreed": True}
            self.crews.service_s[told["incident"]] = float(service_s)
            yield int(at_ms), "incident_reported", told

    def _found(self, shift: Shift) -> Iterator[Event]:
        """Violations around a crew's post, and what a night check finds."""
        if shift.kind == "night_check":
            yield from self._checked(shift)
            return
        own = np.array(self.truth.world.places.squadron) == self.district.squadrons.index(
            shift.team.squadron)  # fmt: skip
        seen = around(self.truth.world, shift.post, POST_M) + ASIDE * own
        for hour in range(*shift.hours):
            yield from self._seen(shift.team.id, self.at_ms(shift.day, 60 * hour), 60, seen)

    def _at_visit(self, order: Mapping[str, Any], start_ms: int, stay_min: int) -> Iterator[Event]:
        """Violations around a visit while its unit stands there."""
        node = self.district.node_of_place(order["place"])
        seen = around(self.truth.world, node, POINT_M)
        yield from self._seen(order["unit"], start_ms, stay_min, seen)

    def _seen(self, unit: str, start_ms: int, stay_min: int, seen: FloatArray) -> Iterator[Event]:
        """What a unit records in a stay, by how much of each node it sees."""
        hour = 24 * self.truth.world.process.span.day(FIRST)
        hour += (start_ms - self.at_ms(FIRST, 0)) // (60 * MINUTE_MS)
        kinds = tuple(HALF_YEAR)
        for number, where, when in self.truth.parts:
            rates = where * seen
            due = FINDS * stay_min / 60 * float(when[hour]) * float(rates.sum())
            for _ in range(int(self.random.poisson(due))):
                node = int(self.random.choice(len(rates), p=rates / rates.sum()))
                at_ms = start_ms + int(self.random.integers(stay_min * MINUTE_MS))
                yield self._violation(unit, at_ms, kinds[number], node_id(node))

    def _violation(self, unit: str, at_ms: int, kind: str, junction: str) -> Event:
        told = {"violation": kind, "unit": unit, "junction": junction}
        return at_ms, "violation_recorded", told

    def _checked(self, shift: Shift) -> Iterator[Event]:
        share = self.truth.drunk_share(shift.post)
        place = shift.points[0].place
        for hour in range(*shift.hours):
            tested = TESTED // (shift.hours[1] - shift.hours[0])
            drunk = int(self.random.binomial(tested, share))
            yield self.at_ms(shift.day, 60 * hour + 59), "check_result", {
                "unit": shift.team.id, "kind": "breath_test", "place": place, "tested": tested,
                "outcome": "positive" if drunk else "negative", "positives": drunk,
            }  # fmt: skip
            for _ in range(drunk):
                at_ms = self.at_ms(shift.day, 60 * hour + int(self.random.integers(60)))
                yield self._violation(shift.team.id, at_ms, DRUNK, node_id(shift.post))

    # --- as the engine is told it ------------------------------------------------------------

    def _live(self, monday: date, shifts: Sequence[Shift], told: list[Event]) -> None:
        """Half hour by half hour: sign-ins, what happened, orders and how they are obeyed."""
        last = self.at_ms(monday, 7 * 1440)
        starts = sorted(shifts, key=lambda one: self.at_ms(one.day, 60 * one.hours[0]))
        at = began = 0
        while self.instant.now_ms < last:
            self.instant.now_ms += STEP_MIN * MINUTE_MS
            now_ms = self.instant.now_ms
            events: list[Event] = []
            while began < len(starts) and self._begins(starts[began]) <= now_ms:
                events.append(self._sign_in(starts[began]))
                began += 1
            while at < len(told) and told[at][0] <= now_ms:
                events.append(told[at])
                at += 1
            self.crews.report(now_ms)
            self._send([*events, *self.crews.said(now_ms)])
            self._send(self.crews.obey(now_ms))

    def _begins(self, shift: Shift) -> int:
        return self.at_ms(shift.day, 60 * shift.hours[0])

    def _sign_in(self, shift: Shift) -> Event:
        team = shift.team
        return self._begins(shift), "signed_in", {
            "unit": team.id, "officer": team.officer, "auxiliaries": list(team.auxiliaries),
            "duty": shift.duty,
        }  # fmt: skip

    def _send(self, events: Sequence[Event]) -> None:
        """Into the inbox, each with its own time; the engine takes what it can."""
        records = []
        for at_ms, name, data in events:
            self.sent += 1
            at = {"at": moment_text(at_ms)}
            dated = data if name in ("duty_rostered", "roster_published") else data | at
            records.append(Record(schema.event(name, dated, source="loop", id=str(self.sent),
                                               time=moment_text(at_ms))))  # fmt: skip
        if records:
            self.bus.send(ports.inbox(self.area), records)
        while self.engine.turn():
            pass
