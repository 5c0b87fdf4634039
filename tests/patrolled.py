"""A played morning for the tests of visits: real steps of the engine, a tracker, made-up fixes.

    day = Morning(tmp_path)
    day.roster(duty("d1", "t1", visits=[visit("p3", "07:00", "09:00", "07:30")]))
    day.sign_in("t1", "06:50")
    day.stand("t1", "p3", "07:30", "07:43")
    day.run("09:30")

Every step is also folded from its frame, and must end in the same state.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, time
from pathlib import Path
from typing import Any

import numpy as np
from districts import MONDAY, WEEK, small_district

from config.coordinates import from_wgs84
from config.district import load
from config.ids import AreaId, UnitId, VisitId
from config.roads import Spot
from dispatch.decide import Given, Record, fold, next_deadline_ms, step
from dispatch.ground import Ground
from dispatch.state import Held, State, Unit, Visit
from dispatch.tracks import Tracker
from events import schema
from events.clock import Setting
from events.decisions import Decision, Line, Order, OrderEnded
from events.event import moment_text
from events.facts import Deadline, Note, Position
from events.frame import FIRST_PREV, Frame
from events.live import PositionReported
from events.planning import DutyRostered

OFFICERS = {f"t{n}": f"o{n}" for n in range(1, 9)}
CREWS = {f"t{n}": [f"a{n}"] + ([f"a{n + 8}"] if n <= 4 else []) for n in range(1, 9)}


def visit(place: str, first: str, last: str, arrive: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - fields of the event
    """A visit of a duty; times are HH:MM of the duty's day."""
    return {"place": place, "first": first, "last": last, "arrive": arrive, "dwell_min": 12, **more}


def duty(
    name: str, team: str, start: str = "06:00", end: str = "14:00", *, day: int = 0,
    visits: Sequence[dict[str, Any]] = (), squadron: str = "s1", kind: str = "patrol",
) -> dict[str, Any]:  # fmt: skip
    """A duty on the day so many days after Monday."""
    return {
        "name": name, "team": team, "start": start, "end": end, "day": day, "visits": visits,
        "squadron": squadron, "kind": kind,
    }  # fmt: skip


class Morning:
    """An engine without its shell, a tracker, and the world around them."""

    def __init__(self, folder: Path, **district: Any) -> None:  # noqa: ANN401 - of small_district
        """Write and load a small district; nobody is on duty yet."""
        self.ground = Ground(load(small_district(folder, **district)))
        self.state = State(AreaId("hz"))
        self.tracker = Tracker(self.ground)
        self.now_ms = self.at("05:00")
        self.lines: list[Line] = []
        self.decisions: list[tuple[int, Decision]] = []
        self.facts: list[Position | Note] = []
        self.reports: list[PositionReported] = []
        self.restored: list[Position] = []
        self.frames: list[Frame] = []
        self.read = 0
        self._position = -1
        self._version = 0

    # --- times and places ------------------------------------------------------------------------

    def at(self, clock: str, day: int = 0) -> int:
        """Moment of HH:MM or HH:MM:SS on the day so many days after Monday."""
        on = date.fromordinal(MONDAY.toordinal() + day)
        return self.ground.district.calendar.at_ms(on, time.fromisoformat(clock))

    def where(self, place: str | tuple[float, float]) -> tuple[float, float]:
        """Metres of a place, or of a point given in metres."""
        if isinstance(place, str):
            node = self.ground.district.node_of_place(place)
            return self.ground.district.roads.where(Spot(node=node))
        return place

    # --- what the world does ---------------------------------------------------------------------

    def roster(self, *duties: dict[str, Any], week: str = WEEK) -> None:
        """Publish a version of a week and let the engine take it."""
        self._version += 1
        told = [self._duty(one, week, self._version) for one in duties]
        for one in told:
            self.tell("duty_rostered", one)
        full = [DutyRostered.model_validate(one) for one in told]
        replaces = {"replaces": self._version - 1} if week in self.state.held else {}
        self.tell("roster_published", {
            "week": week, "version": self._version, "duties": len(told),
            "hash": schema.roster_hash(full), **replaces,
        })  # fmt: skip

    def _duty(self, one: dict[str, Any], week: str, version: int) -> dict[str, Any]:
        start, end = (moment_text(self.at(one[edge], one["day"])) for edge in ("start", "end"))
        return {
            "week": week, "version": version, "duty": one["name"], "team": one["team"],
            "date": date.fromordinal(MONDAY.toordinal() + one["day"]).isoformat(),
            "start": start, "end": end, "kind": one["kind"], "squadron": one["squadron"],
            "officer": OFFICERS[one["team"]], "auxiliaries": tuple(CREWS[one["team"]]),
            "visits": tuple(self._visit(told, one) for told in one["visits"]),
        }  # fmt: skip

    def _visit(self, told: dict[str, Any], one: dict[str, Any]) -> dict[str, Any]:
        arrive_ms = self.at(told["arrive"], one["day"])
        return {
            "visit": f"{told['place']}/{one['name']}", "must_arrive": f"m-{told['place']}",
            "place": told["place"], "arrive": moment_text(arrive_ms),
            "leave": moment_text(arrive_ms + told["dwell_min"] * 60_000),
            "window_start": moment_text(self.at(told["first"], one["day"])),
            "window_end": moment_text(self.at(told["last"], one["day"])),
            "dwell_min": told["dwell_min"],
        }  # fmt: skip

    def sign_in(self, team: str, clock: str, day: int = 0, **more: Any) -> None:  # noqa: ANN401 - fields of the event
        """A team signs in; the engine's time moves on to that moment."""
        self.run(clock, day)
        self.tell("signed_in", {
            "unit": team, "officer": OFFICERS[team], "auxiliaries": CREWS[team],
            "at": moment_text(self.now_ms), **more,
        })  # fmt: skip

    def tell(self, name: str, data: dict[str, Any], facts: Sequence[Given] = ()) -> None:
        """An event comes in through the inbox, in one frame with these facts."""
        self._position += 1
        raw = schema.event(name, data, source="test", id=f"{self._position}")
        read = schema.parse(raw)
        self._step([*facts, Record(self._position, read, self.now_ms)])

    def fix(
        self, team: str, clock: str, place: str | tuple[float, float], *, speed: float | None = 0.0,
        steps: int | None = None, crs: str = "WGS-84", device: str = "pda", day: int = 0,
    ) -> None:  # fmt: skip
        """A fix that the engine will read when its time comes."""
        x_m, y_m = self.where(place)
        lon, lat = self.ground.district.frame.to_lonlat(np.array([x_m]), np.array([y_m]))
        lon, lat = from_wgs84(lon, lat, crs)
        self.reports.append(PositionReported.model_validate({
            "at": moment_text(self.at(clock, day)), "unit": team, "device": device, "crs": crs,
            "lon": float(lon[0]), "lat": float(lat[0]), "speed_mps": speed, "steps": steps,
        }))  # fmt: skip

    def stand(
        self, team: str, place: str | tuple[float, float], first: str, last: str, *,
        steps: Iterable[int] | None = None, day: int = 0, crs: str = "WGS-84", device: str = "pda",
    ) -> None:  # fmt: skip
        """A fix each minute from HH:MM to HH:MM, the last included."""
        counted = iter(steps) if steps is not None else None
        clocks = range(_minute(first), _minute(last) + 1)
        for minute in clocks:
            told = None if counted is None else next(counted)
            clock = f"{minute // 60:02d}:{minute % 60:02d}"
            self.fix(team, clock, place, steps=told, day=day, crs=crs, device=device)

    # --- the engine ------------------------------------------------------------------------------

    def run(self, clock: str, day: int = 0) -> None:
        """Let time pass: fixes are read when they come, deadlines and timers kept."""
        end_ms = self.at(clock, day)
        self.reports[self.read :] = sorted(self.reports[self.read :], key=lambda one: one.at_ms)
        while (next_ms := self._next_ms(end_ms)) <= end_ms:
            self.now_ms = max(self.now_ms, next_ms)
            facts: list[Given] = []
            new = [one for one in self.reports[self.read :] if one.at_ms <= self.now_ms]
            self.read += len(new)
            found: list[Position | Note] = list(self.tracker.fixes(self.state, new, self.now_ms))
            found += self.tracker.timers(self.state, self.now_ms)
            self.facts += found
            facts += found
            due_ms = next_deadline_ms(self.state, self.ground)
            if due_ms is not None and due_ms <= self.now_ms:
                facts += [*self.tracker.seen(self.state), Deadline(at_ms=due_ms)]
            if facts:
                self._step(facts)
        self.now_ms = end_ms

    def lose_tracker(self) -> None:
        """The engine was started anew: a tracker that has only the fixes of the last minutes."""
        self.tracker = Tracker(self.ground)
        recent = [
            one for one in self.reports[: self.read] if one.at_ms > self.now_ms - 40 * 60_000
        ]  # fmt: skip
        self.restored = self.tracker.restore(self.state, recent, self.now_ms)
        if self.restored:
            self._step(self.restored)

    def with_clock(self, setting: Setting) -> State:
        """The state in simulated time."""
        return replace(self.state, clock=setting)

    def _next_ms(self, end_ms: int) -> int:
        due_ms = next_deadline_ms(self.state, self.ground)
        fix_ms = self.reports[self.read].at_ms if self.read < len(self.reports) else None
        tick_ms = (self.now_ms // 60_000 + 1) * 60_000  # the shell looks at its timers
        return min(at for at in (due_ms, fix_ms, tick_ms, end_ms + 1) if at is not None)

    def _step(self, given: Sequence[Given]) -> None:
        outcome = step(self.state, given, self.ground, self.now_ms)
        frame = Frame(
            area=self.state.area, seq=self.state.seq + 1, prev=FIRST_PREV, writer="test",
            time_ms=self.now_ms, facts=outcome.facts, decisions=outcome.decisions,
        )  # fmt: skip
        read = Frame.read(frame.raw())
        assert fold(self.state, read, self.ground) == outcome.state
        self.state = outcome.state
        self.frames.append(read)
        self.lines += [one for one in outcome.decisions if isinstance(one, Line)]
        self.decisions += [(self.now_ms, one) for one in outcome.decisions]

    # --- what came of it -------------------------------------------------------------------------

    def unit(self, team: str) -> Unit:
        """A unit on duty."""
        return self.state.units[UnitId(team)]

    def visit(self, name: str) -> Visit:
        """A visit by its id, place/duty."""
        return self.state.visits[VisitId(name)]

    def held(self, team: str) -> Held:
        """A unit's active order."""
        order = self.unit(team).order
        assert order is not None
        return self.state.orders[order]

    def kinds(self, name: str | None = None) -> list[str]:
        """Kinds of the lines about visits, or about one of them, with their texts."""
        return [
            f"{line.kind} {line.text or ''}".strip() for line in self.lines
            if line.about is not None and line.about.visit is not None
            and name in (None, line.about.visit)
        ]  # fmt: skip

    def orders(self) -> list[tuple[str, Order]]:
        """Orders with the local time at which they were given."""
        calendar = self.ground.district.calendar
        return [
            (calendar.local(at_ms).strftime("%H:%M:%S"), one)
            for at_ms, one in self.decisions if isinstance(one, Order)
        ]  # fmt: skip

    def ends(self) -> list[str]:
        """How orders ended, in their order."""
        return [one.how for _, one in self.decisions if isinstance(one, OrderEnded)]

    def changes(self, team: str) -> list[str]:
        """What the tracker found out about a unit."""
        return [
            fact.change for fact in self.facts
            if isinstance(fact, Position) and fact.unit == team
        ]  # fmt: skip


def _minute(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)
