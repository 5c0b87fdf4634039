"""How long one step of dispatch takes with 200 units on duty: bar p99 20 ms.

`python benchmarks/step.py [--units 200] [--visits 2] [--steps 1000] [--folder DIR]` signs the
units in on the sample district, each with so many must-arrive visits at random places in the next
hours, and feeds an incident, an answer or an end of one per step, as they would come, with the
positions of ten units that moved before each incident. About half of the units are busy.
Prints one line of JSON: p50 and p99 by the wall and of the thread's own time, which other work
on the machine does not stretch. Exit 1 when the thread's p99 is above the bar.
"""

import argparse
import gc
import json
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from config.district import load
from config.ids import AreaId, EdgeId, UnitId
from config.sample.write import write_sample
from dispatch import decide
from dispatch.decide import Given, Record
from dispatch.ground import Ground
from dispatch.state import State
from events.event import moment_text
from events.facts import Position
from events.planning import DutyRostered
from events.schema import Refused, event, parse, roster_hash

BAR_MS = 20.0
TODAY, WEEK = date(2026, 11, 30), "2026-W49"
HOUR_MS = 3_600_000


class World:
    """A brigade with so many units, and what happens to it."""

    def __init__(self, folder: Path, units: int, visits: int) -> None:
        """Sign them all in at eight o'clock."""
        self.ground = Ground(load(folder))
        self.random = random.Random(1)  # noqa: S311 - a benchmark
        self.calendar = self.ground.district.calendar
        self.now_ms = self.calendar.parse_iso("2026-11-30T08:00:00+08:00")
        self.state = State(AreaId("bench"))
        self.count = 0
        self.units = [UnitId(f"u{n}") for n in range(units)]
        self.visits = visits
        duties = [self._duty(n) for n in range(units)]
        whole = {"week": WEEK, "version": 1, "duties": units, "hash": roster_hash(duties)}
        given = [self.record("duty_rostered", one.model_dump(exclude_none=True, mode="json"))
                 for one in duties]  # fmt: skip
        self.step([*given, self.record("roster_published", whole)])
        self.step([
            self.record("signed_in", {
                "unit": one.team, "officer": one.officer, "duty": one.duty,
                "auxiliaries": list(one.auxiliaries), **self.somewhere(),
            })
            for one in duties
        ])  # fmt: skip

    def _duty(self, n: int) -> DutyRostered:
        teams = [t for t in self.ground.district.people.teams_on(TODAY) if t.auxiliaries]
        team = teams[n % len(teams)]
        start_ms = self.now_ms - 60_000
        return DutyRostered.model_validate({
            "week": WEEK, "version": 1, "duty": f"u{n}-1", "team": f"u{n}", "date": "2026-11-30",
            "start": moment_text(start_ms), "end": moment_text(start_ms + 10 * HOUR_MS),
            "kind": "patrol", "officer": team.officer, "auxiliaries": tuple(team.auxiliaries),
            "squadron": team.squadron,
            "visits": tuple(self._visit(n, k, start_ms) for k in range(self.visits)),
        })  # fmt: skip

    def _visit(self, n: int, k: int, start_ms: int) -> dict[str, Any]:
        """Visit number k of a duty: a dwell of 12 minutes in a window of two hours."""
        first_ms = start_ms + HOUR_MS * (10 * k + self.random.randrange(10)) // self.visits
        times = {"arrive": 30, "leave": 42, "window_start": 0, "window_end": 120}
        return {
            "must_arrive": f"m{n}-{k}", "visit": f"v{n}-{k}", "dwell_min": 12, **self.somewhere(),
            **{name: moment_text(first_ms + 60_000 * at) for name, at in times.items()},
        }  # fmt: skip

    def somewhere(self) -> dict[str, Any]:
        """A point of the road network."""
        roads = self.ground.district.roads
        node = self.random.randrange(len(roads.node_ids))
        lon, lat = self.ground.lonlat(self.ground.spot_of_node(node))
        return {"lon": lon, "lat": lat, "crs": "WGS-84"}

    def record(self, name: str, fields: dict[str, Any]) -> Record:
        """A parsed record of the inbox."""
        self.count += 1
        raw = event(name, fields, source="bench", id=str(self.count),
                    time=moment_text(self.now_ms))  # fmt: skip
        read = parse(raw)
        assert not isinstance(read, Refused)  # noqa: S101 - just made
        return Record(self.count, read, self.now_ms)

    def moved(self, count: int) -> list[Position]:
        """Positions of some units."""
        edges = self.ground.district.roads.edge_ids
        return [
            Position(unit=unit, at_ms=self.now_ms, edge=EdgeId(self.random.choice(edges)),
                     along_m=1, change="fix")
            for unit in self.random.sample(self.units, count)
        ]  # fmt: skip

    def next_given(self) -> Sequence[Given]:
        """What happens next: incidents, and ends of them once half of the units are busy."""
        self.now_ms += 3_000
        orders = sorted(self.state.orders)
        if len(orders) > len(self.units) // 2:
            held = self.state.orders[self.random.choice(orders)]
            about = {"unit": held.unit, "order": held.id}
            ends = ({"status": "on_scene"}, {"status": "free", "how": "done"})
            return [self.record("status_reported", about | end) for end in ends]
        unanswered = [one for one in self.state.orders.values() if one.accepted_ms is None]
        if unanswered:  # else crews that never answer would be taken out one by one
            return [
                self.record(
                    "order_answered", {"unit": one.unit, "order": one.id, "answer": "accepted"}
                )
                for one in unanswered
            ]
        told = {"kind": "crash", "severity": "injury", **self.somewhere()}
        return [*self.moved(10), self.record("incident_reported", told)]

    def step(self, given: Sequence[Given]) -> tuple[float, float]:
        """Take a step; how long it took by the wall and of the thread's time, ms."""
        began_s, began_own_s = time.perf_counter(), time.thread_time()
        outcome = decide.step(self.state, given, self.ground, self.now_ms)
        own_ms = 1000 * (time.thread_time() - began_own_s)
        took_ms = 1000 * (time.perf_counter() - began_s)
        self.state = outcome.state
        return took_ms, own_ms


def main() -> int:
    """Print the figures; 1 above the bar."""
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--units", type=int, default=200)
    ask.add_argument("--visits", type=int, default=2, help="Of each duty.")
    ask.add_argument("--steps", type=int, default=1000)
    ask.add_argument("--folder", type=Path)
    told = ask.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = told.folder or Path(made) / "sample"
        if told.folder is None:
            write_sample(folder, 7, TODAY)
        world = World(folder, told.units, told.visits)
    gc.collect()
    gc.freeze()
    took = [world.step(world.next_given()) for _ in range(told.steps)]
    p50_ms, own_p50_ms = (share(column, 0.5) for column in zip(*took, strict=True))
    p99_ms, own_p99_ms = (share(column, 0.99) for column in zip(*took, strict=True))
    print(json.dumps({
        "bench": "step", "units": len(world.state.units), "steps": told.steps,
        "orders_open": len(world.state.orders),
        "waiting": sum(len(one.waiting) for one in world.state.incidents.values()),
        "p50_ms": p50_ms, "p99_ms": p99_ms,
        "own_p50_ms": own_p50_ms, "own_p99_ms": own_p99_ms, "bar_ms": BAR_MS,
    }))  # fmt: skip
    return 0 if own_p99_ms <= BAR_MS else 1


def share(column: Sequence[float], part: float) -> float:
    """The value below which that part of the column lies."""
    return round(sorted(column)[round(part * (len(column) - 1))], 2)


if __name__ == "__main__":
    sys.exit(main())
