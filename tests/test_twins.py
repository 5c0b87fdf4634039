"""The incident that another one may be the same as: found fast, as by looking at all of them."""

import random
import time
from dataclasses import replace
from itertools import takewhile

import pytest
from districts import small_district

from config.district import load
from config.ids import IncidentId
from config.roads import Spot
from dispatch.ground import Ground
from dispatch.state import Incident
from dispatch.twins import Incidents, Twins

MINUTE_MS = 60_000
NIGHT = 2_500


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Ground:
    """The small district, read."""
    return Ground(load(small_district(tmp_path_factory.mktemp("twins") / "d")))


def by_looking_at_all(
    incident: Incident, incidents: Incidents, ground: Ground
) -> IncidentId | None:
    """The rule as it is told: open, same kind, near in place and time, before; the nearest."""
    rules = ground.settings.dispatch
    if incident.spot is None:
        return None
    near = [
        (abs(other.reported_ms - incident.reported_ms), other.id)
        for other in takewhile(lambda one: one.id != incident.id, incidents.values())
        if other.kind == incident.kind and other.spot is not None
        and other.closed is None
        and abs(other.reported_ms - incident.reported_ms) <= rules.duplicate_min * MINUTE_MS
        and ground.metres(other.spot, incident.spot) <= rules.duplicate_m
    ]  # fmt: skip
    return min(near)[1] if near else None


def opened(name: str, spot: Spot | None, kind: str, at_ms: int) -> Incident:
    """An open incident."""
    return Incident(IncidentId(name), kind, "damage", None, spot, None, None, 3, 1, at_ms, at_ms)


def at_random(chance: random.Random, ground: Ground, count: int) -> dict[IncidentId, Incident]:
    """Incidents whose times and ids are in no order; many share a moment or a place."""
    nodes = len(ground.district.roads.node_ids)
    names = chance.sample(range(10 * count), count)
    found = {}
    for name in names:
        edge = chance.randrange(len(ground.district.roads.edge_ids))
        length_m = float(ground.district.roads.length_m[edge])
        spot = chance.choice([
            None, Spot(node=chance.randrange(nodes)), Spot(node=chance.randrange(min(nodes, 3))),
            Spot(edge=edge, along_m=chance.uniform(0, length_m)),
        ])  # fmt: skip
        at_ms = chance.choice((1, 100, MINUTE_MS, 5 * MINUTE_MS)) * chance.randint(-20, 20)
        one = opened(f"i{name}", spot, chance.choice(("crash", "obstacle")), at_ms)
        ended = chance.choice((None, None, "done", "merged", "cancelled"))
        found[one.id] = replace(one, closed=ended)
    return found


def test_the_twin_is_the_same_as_by_looking_at_all(ground: Ground) -> None:
    """Also where answers of the same step have closed some, or dropped them."""
    chance = random.Random(11)  # noqa: S311 - nothing secret
    twins_found = 0
    for _ in range(120):
        incidents = at_random(chance, ground, chance.randint(1, 80))
        twins = Twins(incidents, ground)
        turn = {one: n for n, one in enumerate(incidents)}
        for incident in list(incidents.values()):
            twin = twins.of(incidents[incident.id], incidents)
            assert twin == by_looking_at_all(incidents[incident.id], incidents, ground)
            twins_found += twin is not None
            other = chance.choice(list(incidents.values()))
            if chance.random() < 0.1:
                incidents[other.id] = replace(other, closed="merged")
            elif chance.random() < 0.05 and turn[other.id] < turn[incident.id]:
                del incidents[other.id]
    assert twins_found > 300


@pytest.mark.parametrize("apart_ms", [0, 1, 20_000])
def test_a_night_of_open_incidents_costs_little(ground: Ground, apart_ms: int) -> None:
    """At one place, in one moment or over hours: by looking at all it was 15 ms each."""
    incidents = {
        one.id: one
        for one in (opened(f"i{n:05}", Spot(node=0), "crash", n * apart_ms) for n in range(NIGHT))
    }
    began_s = time.process_time()
    twins = Twins(incidents, ground)
    found = [twins.of(one, incidents) for one in incidents.values()]
    assert found.count(None) == 1
    assert time.process_time() - began_s < NIGHT * 0.002
