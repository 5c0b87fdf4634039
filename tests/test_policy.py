"""Who goes, and the why: against a brute force that shares no line with the program.

The brute force reads the district's CSV files itself, drives by its own Dijkstra over directed
streets, and states the crew law and the order of units in its own words.
"""

import csv
import heapq
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import pytest
from brigades import HOUR_MS, MINUTE_MS, NOW_MS, Brigade, orders, shift
from districts import edit, small_district

from config.district import load
from config.ids import (
    AreaId,
    DutyId,
    EdgeId,
    IncidentId,
    MustArriveId,
    NodeId,
    OrderId,
    SquadronId,
    UnitId,
    VisitId,
)
from config.roads import Spot
from config.tables import EdgeRow
from dispatch.assign import assign_open
from dispatch.ground import Ground
from dispatch.policy import ranking
from dispatch.state import Held, Incident, State, Unit, Visit
from dispatch.work import Work
from events.decisions import About, Queued

STATES = 1000
WIDE = ("motorway", "trunk", "primary", "secondary")
GOING = ("free", "to_must_arrive", "at_must_arrive")
AT_WORK = ("dispatched", "acknowledged", "en_route", "on_scene", "clearing")
STATUSES = (*GOING * 4, *AT_WORK, "meal", "break", "out_of_service", "unmanned")
DUTIES = (
    *("patrol",) * 8, "stand_by", "leader", "fixed", "school", "peak", "desk", "night_check",
    "operation",
)  # fmt: skip
PENDING_MS, DWELL_MS, PRICE_MS = 30 * MINUTE_MS, 12 * MINUTE_MS, 300_000
NEVER_MS = 2**31 - 1
TURN_OUT_MS = 120_000


class Street(NamedTuple):
    """One direction of a street, as edges.csv has it."""

    tail: str
    head: str
    ms: int
    length_m: float
    road_class: str
    name: str


class BruteForce:
    """A district's streets from its files, and the slow way to everything."""

    def __init__(self, folder: Path) -> None:
        with (folder / "edges.csv").open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
        self.streets: dict[str, Street] = {}
        for row in rows:
            tail, head, name = row["from"], row["to"], f"{row['from']}-{row['to']}"
            told = (round(float(row["seconds"]) * 1000), float(row["length_m"]), row["class"])
            self.streets[name] = Street(tail, head, *told, name)
            if row["oneway"] == "0":
                self.streets[f"{name}~"] = Street(head, tail, *told, f"{name}~")
        self.ways: dict[str, list[Street]] = defaultdict(list)
        for street in self.streets.values():
            self.ways[street.tail].append(street)

    def twin(self, street: Street) -> Street | None:
        """The same street the other way."""
        back = street.name[:-1] if street.name.endswith("~") else f"{street.name}~"
        return self.streets.get(back)

    def starts(self, where: tuple[str, int]) -> dict[str, int]:
        """Junctions that a position is next to, with the ms to them; `where` = street, tenths."""
        name, tenths = where
        if name not in self.streets:
            return {name: 0}
        street = self.streets[name]
        found = {street.head: street.ms * (10 - tenths) // 10}
        if (back := self.twin(street)) is not None:
            found[back.head] = back.ms * tenths // 10
        return found

    def times(self, starts: dict[str, int]) -> dict[str, int]:
        """Ms from these starts to every junction: Dijkstra with a heap."""
        best: dict[str, int] = {}
        heap = [(ms, junction) for junction, ms in starts.items()]
        heapq.heapify(heap)
        while heap:
            ms, junction = heapq.heappop(heap)
            if junction in best:
                continue
            best[junction] = ms
            for street in self.ways[junction]:
                heapq.heappush(heap, (ms + street.ms, street.head))
        return best

    def drive_ms(self, origin: tuple[str, int], target: tuple[str, int]) -> int:
        """Driving time between two positions."""
        times = self.times(self.starts(origin))
        name, tenths = target
        if name not in self.streets:
            return times.get(name, NEVER_MS)
        street = self.streets[name]
        ways = [times.get(street.tail, NEVER_MS) + street.ms * tenths // 10]
        back = self.twin(street)
        if back is not None:
            ways.append(times.get(back.tail, NEVER_MS) + back.ms * (10 - tenths) // 10)
        if origin[0] == name and tenths >= origin[1]:
            ways.append(street.ms * (tenths - origin[1]) // 10)
        if back is not None and origin[0] == back.name and 10 - tenths >= origin[1]:
            ways.append(back.ms * (10 - tenths - origin[1]) // 10)
        if back is not None and origin[0] == name and tenths < origin[1]:
            ways.append(back.ms * (origin[1] - tenths) // 10)
        if back is not None and origin[0] == back.name and 10 - tenths < origin[1]:
            ways.append(street.ms * (tenths - (10 - origin[1])) // 10)
        return min(ways)

    def road_class(self, where: tuple[str, int]) -> str:
        """Class of the street, or the widest that meets at the junction."""
        if where[0] in self.streets:
            return self.streets[where[0]].road_class
        met = {s.road_class for s in self.streets.values() if where[0] in (s.tail, s.head)}
        return min(met, key=("primary", "tertiary", "residential").index)


class Drawn(NamedTuple):
    """A random state, and what the brute force needs to know of it."""

    now_ms: int
    state: State
    target: tuple[str, int]
    where: dict[str, tuple[str, int]]


def _tasks(draw: Random, now_ms: int) -> tuple[tuple[int, int], ...]:
    """When tasks bind a unit: mostly never, else now, up to now, from now on or later."""
    around = ((-9, 1), (-9, 0), (0, 1), (1, 9))
    spans = draw.sample(around, draw.choice((0, 0, 0, 1, 2)))
    return tuple((now_ms + first, now_ms + last) for first, last in spans)


class Lot:
    """Draws a state of the dispatch, unit by unit."""

    def __init__(self, draw: Random, force: BruteForce, ground: Ground) -> None:
        self.draw, self.force, self.roads = draw, force, ground.district.roads
        self.where: dict[str, tuple[str, int]] = {}
        self.units: dict[UnitId, Unit] = {}
        self.held: dict[OrderId, Held] = {}
        self.visits: dict[VisitId, Visit] = {}

    def position(self) -> tuple[str, int]:
        """A junction, or tenths of a street."""
        if self.draw.random() < 0.4:
            return self.draw.choice(list(self.force.ways)), 0
        return self.draw.choice(list(self.force.streets)), self.draw.randrange(11)

    def spot(self, where: tuple[str, int]) -> Spot:
        """The position as the program has it."""
        if where[0] not in self.force.streets:
            return Spot(node=self.roads.index[NodeId(where[0])])
        return Spot(edge=self.roads.edge_index[EdgeId(where[0])], along_m=30.0 * where[1])

    def unit(self, number: int) -> None:
        """One more unit anywhere, in any condition."""
        draw, name = self.draw, UnitId(f"u{number:02d}")
        self.where[name] = self.position()
        status: Any = draw.choice(STATUSES)
        kind: Any = draw.choice(DUTIES)
        unit = Unit(
            id=name, squadron=SquadronId("s1"), duty=DutyId(name), kind=kind,
            officers=draw.choice((1, 1, 1, 2)), auxiliaries=draw.randrange(4), post=0,
            spot=self.spot(self.where[name]), signed_in_ms=NOW_MS, status=status,
            end_ms=NOW_MS + draw.choice((20_000, 90_000, 29 * MINUTE_MS, 30 * MINUTE_MS,
                                         300 * MINUTE_MS, 301 * MINUTE_MS)),
            stale=draw.random() < 0.1, bound=_tasks(draw, NOW_MS),
        )  # fmt: skip
        if status in ("to_must_arrive", "at_must_arrive"):
            unit = replace(unit, order=self.visit(number, unit))
        self.units[name] = unit

    def visit(self, number: int, unit: Unit) -> OrderId:
        """The order of a unit that drives to a point or stands there."""
        stood_ms = self.draw.choice((0, 60_000, 9 * MINUTE_MS, DWELL_MS, 40 * MINUTE_MS))
        inside = NOW_MS - stood_ms if unit.status == "at_must_arrive" else None
        visit, order = VisitId(f"v{number}"), OrderId(f"hz/1/{number}")
        self.visits[visit] = Visit(
            id=visit, must_arrive=MustArriveId("m"), duty=unit.duty, team=unit.id,
            squadron=SquadronId("s1"), place=None, spot=unit.spot, window_start_ms=0,
            window_end_ms=2 * NOW_MS, arrive_ms=0, dwell_ms=DWELL_MS, due_ms=NOW_MS,
            status="arrived", order=order, inside_ms=inside,
        )  # fmt: skip
        self.held[order] = Held(order, unit.id, About(visit=visit), 0, unit.spot, 0)
        return order

    def some(self) -> frozenset[UnitId]:
        """Few of the units."""
        return frozenset(one for one in self.units if self.draw.random() < 0.07)


def drawn(draw: Random, force: BruteForce, ground: Ground) -> Drawn:
    """Up to twelve units anywhere, in any condition, and one incident."""
    lot = Lot(draw, force, ground)
    target = lot.position()
    for number in range(draw.randrange(13)):
        lot.unit(number)
    due_ms = NOW_MS + TURN_OUT_MS + draw.choice((-TURN_OUT_MS, 20_000, 60_000, 100_000, HOUR_MS))
    incident = Incident(
        id=IncidentId("i"), kind="crash", severity="none", squadron=None, spot=lot.spot(target),
        place=None, road_class=force.road_class(target), priority=draw.choice((1, 2, 3)), slots=1,
        reported_ms=NOW_MS, due_ms=due_ms, refused=lot.some(),
    )  # fmt: skip
    state = State(
        AreaId("hz"), units=lot.units, orders=lot.held, visits=lot.visits,
        incidents={incident.id: incident}, tripped=lot.some(),
    )  # fmt: skip
    return Drawn(NOW_MS, state, target, lot.where)


def barred(case: Drawn, force: BruteForce, unit: Unit, drive_ms: int) -> str | None:
    """Why a unit may not go, in the order in which people would say it."""
    incident = case.state.incidents[IncidentId("i")]
    wide = force.road_class(case.target) in WIDE
    lawful = unit.officers > 1 or (unit.officers == 1 and (unit.auxiliaries > 1 or not wide))
    tests = {
        "busy": unit.status in AT_WORK, "not_available": unit.status not in GOING,
        "refused": unit.id in incident.refused, "breaker": unit.id in case.state.tripped,
        "stale": unit.stale, "crew_law": not lawful, "desk": unit.kind == "desk",
        "bound": bound(case, unit) and incident.priority != 1,
        "unreachable": drive_ms >= NEVER_MS,
        "shift_over": case.now_ms + drive_ms >= unit.end_ms,
    }  # fmt: skip
    return next((rule for rule, holds in tests.items() if holds), None)


def bound(case: Drawn, unit: Unit) -> bool:
    """Whether a unit is at a task now, or on its way to one."""
    return any(case.now_ms in range(first, last) for first, last in unit.bound)


def keeps(case: Drawn, unit: Unit) -> str:
    """What a unit is kept back for; nothing, of a patrol."""
    if bound(case, unit):
        return "bound"
    if unit.kind == "leader":
        return "leader"
    ends_soon = "shift_pending" if unit.end_ms - case.now_ms <= PENDING_MS else ""
    return "stand_by" if unit.kind == "stand_by" else ends_soon


def cost_of(case: Drawn, unit: Unit, drive_ms: int) -> int:
    """Driving there and breaking off a visit, in ms."""
    visit = next((v for v in case.state.visits.values() if v.order == unit.order), None)
    if visit is None or visit.inside_ms is None:
        return drive_ms
    return drive_ms + PRICE_MS * min(case.now_ms - visit.inside_ms, DWELL_MS) // DWELL_MS


def expected(case: Drawn, force: BruteForce) -> dict[str, Any] | None:
    """The why of the order, by looking at every unit; None when nobody may go."""
    drives = {name: force.drive_ms(spot, case.target) for name, spot in case.where.items()}
    rules = {
        name: barred(case, force, case.state.units[UnitId(name)], ms) for name, ms in drives.items()
    }
    able = {name: case.state.units[UnitId(name)] for name, rule in rules.items() if rule is None}
    if not able:
        return None
    cost = {name: cost_of(case, unit, drives[name]) for name, unit in able.items()}
    own = {name: keeps(case, unit) for name, unit in able.items()}
    groups = in_groups(case, own, cost, drives)
    row = [name for group in groups for name in group]
    chosen, second = row[0], row[1] if row[1:] else None
    first = next(group for group in groups if group)
    nearer = sorted((drives[name], name) for name in drives if drives[name] < drives[chosen])
    kept = [name for _, name in nearer if rules[name] is None]
    kept.sort(key=lambda name: name != second)
    by = cost if second in first else drives
    return {
        "rule": rule_of(own, chosen, any(name in able for _, name in nearer)), "chosen": chosen,
        "runner_up": second,
        "difference_s": (by[second] - by[chosen]) // 1000 if second else None,
        "excluded": [
            *((n, "visit" if n in first else own[n]) for n in kept),
            *((n, rules[n]) for _, n in nearer if rules[n]),
        ][:8],
        "eta_ms": case.now_ms + TURN_OUT_MS + drives[chosen],
    }  # fmt: skip


def in_groups(
    case: Drawn, own: dict[str, str], cost: dict[str, int], drives: dict[str, int]
) -> list[list[str]]:
    """Those who may go, group before group: patrols, reserve, leaders, those at a task.

    Those of the reserve who are in time go before a first patrol that is not.
    """
    kinds = (("",), ("stand_by", "shift_pending"), ("leader",), ("bound",))
    patrols, reserve, leaders, tied = (
        sorted((n for n in own if own[n] in kind), key=lambda n: (cost[n], n)) for kind in kinds
    )
    due_ms = case.state.incidents[IncidentId("i")].due_ms
    in_time = [n for n in own if case.now_ms + TURN_OUT_MS + drives[n] <= due_ms]
    first = [n for n in reserve if n in in_time and patrols and patrols[0] not in in_time]
    return [first, patrols, [n for n in reserve if n not in first], leaders, tied]


def rule_of(own: dict[str, str], chosen: str, others_nearer: bool) -> str:  # noqa: FBT001
    """What the choice is called."""
    if own[chosen] in ("bound", "leader"):
        return own[chosen]
    if own[chosen]:
        return "reserve_in_time" if "" in own.values() else "reserve"
    return "nearest_not_kept" if others_nearer else "nearest_lawful"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small district."""
    return small_district(tmp_path_factory.mktemp("district"))


@pytest.fixture(scope="module")
def ground(folder: Path) -> Ground:
    """What decisions stand on."""
    return Ground(load(folder))


@pytest.fixture(scope="module")
def force(folder: Path) -> BruteForce:
    """The slow way."""
    return BruteForce(folder)


@pytest.fixture(scope="module")
def cases(ground: Ground, force: BruteForce) -> list[Drawn]:
    """A thousand random states."""
    return [drawn(Random(seed), force, ground) for seed in range(STATES)]  # noqa: S311 - a test's


def test_the_why_is_what_brute_force_finds_on_a_thousand_states(
    ground: Ground, force: BruteForce, cases: list[Drawn]
) -> None:
    """Chosen, runner-up, difference, who nearer was left out, and when it is to be there."""
    nobody = 0
    for seed, case in enumerate(cases):
        work = Work(case.state, ground, case.now_ms)
        assign_open(work)
        want, sent = expected(case, force), orders(work.decisions)
        if want is None:
            nobody += 1
            assert sent == []
            assert [type(one) for one in work.decisions][:1] == [Queued]
            continue
        why = sent[0].why
        got = {
            "rule": why.rule, "chosen": why.chosen, "runner_up": why.runner_up,
            "difference_s": why.difference_s, "eta_ms": sent[0].eta_ms,
            "excluded": [(out.unit, out.rule) for out in why.excluded],
        }  # fmt: skip
        assert got == want, f"seed {seed}"
        assert sent[0].unit == why.chosen
    assert 50 < nobody < 500  # else the states are too easy or too hard to prove anything


def test_every_rule_and_rank_decides_in_the_random_states(
    ground: Ground, cases: list[Drawn]
) -> None:
    """Else the comparison looks past a rule."""
    seen: set[str] = set()
    for case in cases:
        found = ranking(case.state, case.state.incidents[IncidentId("i")], ground, case.now_ms)
        seen |= {out.rule for out in found.excluded}
        if found.candidates:
            why = found.why()
            seen |= {why.rule, *(out.rule for out in why.excluded)}
    assert seen == {
        "busy", "not_available", "refused", "breaker", "stale", "crew_law", "desk", "leader",
        "bound", "shift_over", "nearest_lawful", "nearest_not_kept", "reserve", "reserve_in_time",
        "stand_by", "shift_pending", "visit",
    }  # fmt: skip


def test_driving_times_are_dijkstras_to_the_millisecond(ground: Ground, force: BruteForce) -> None:
    """From and to every junction of the directed network."""
    roads = ground.district.roads
    for origin in roads.node_ids:
        times = force.times({str(origin): 0})
        for target, at in roads.index.items():
            drive_ms = ground.drive_ms([Spot(node=roads.index[origin])], Spot(node=at))
            assert drive_ms == [times[str(target)]]


def test_a_unit_without_a_way_is_not_sent(tmp_path: Path) -> None:
    """A junction that streets only leave cannot be reached."""
    folder = small_district(tmp_path)
    with (folder / "edges.csv").open(encoding="utf-8-sig", newline="") as file:
        leaving = [n for n, row in enumerate(csv.DictReader(file)) if row["from"] == "n00"]
    for record in leaving:
        edit(folder, EdgeRow, record, oneway="1")
    brigade = Brigade.of(load(folder))
    brigade.roster(shift("t1"))
    brigade.sign_in("t1")
    told = brigade.tell("incident_reported", incident="i", kind="other", junction="n00")
    assert orders(told) == []
    why = next(one.why for one in told.decisions if isinstance(one, Queued))
    assert why is not None
    assert [(out.unit, out.rule) for out in why.excluded] == [("t1", "unreachable")]
