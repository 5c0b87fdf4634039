"""Driving times equal a plain Dijkstra on the directed network, from nodes and from edges."""

import heapq
import random
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from districts import node, small_district

from config import roads, travel
from config.district import load
from config.roads import Roads, Spot
from config.settings import Travel as Model
from config.tables import EdgeRow, NodeRow
from config.travel import UNREACHABLE, Mode, Travel

Arcs = list[tuple[int, int, float]]


def random_network(seed: int, nodes: int = 40, ways: int = 95) -> Roads:
    """One-way and two-way streets at random, parallel ones and dead ends among them."""
    pick = random.Random(seed)  # noqa: S311 - a test's network
    rows = [
        NodeRow(node=f"n{n}", x_m=pick.uniform(0, 4e3), y_m=pick.uniform(0, 4e3))
        for n in range(nodes)
    ]
    edges = [
        EdgeRow(
            origin=f"n{pick.randrange(nodes)}", to=f"n{pick.randrange(nodes)}",
            seconds=pick.uniform(1, 300), patrol_seconds=pick.uniform(1, 600),
            length_m=pick.uniform(20, 900), oneway=pick.choice("01"),
        )
        for _ in range(ways)
    ]  # fmt: skip
    zero = np.zeros(nodes)
    return roads.build(rows, edges, (zero, zero))


def plain_dijkstra(arcs: Arcs, source: int, nodes: int) -> list[float]:
    """Shortest times by a heap, sharing no code with the product."""
    ways: dict[int, list[tuple[int, float]]] = {}
    for tail, head, cost in arcs:
        ways.setdefault(tail, []).append((head, cost))
    best = [float("inf")] * nodes
    best[source] = 0.0
    queue = [(0.0, source)]
    while queue:
        cost, at = heapq.heappop(queue)
        if cost > best[at]:
            continue
        for to, more in ways.get(at, []):
            if cost + more < best[to]:
                best[to] = cost + more
                heapq.heappush(queue, (cost + more, to))
    return best


def arcs_of(network: Roads, mode: Mode) -> Arcs:
    """The network's edges as seconds."""
    times = network.seconds_ms if mode == "incident" else network.patrol_ms
    ends = zip(network.tail.tolist(), network.head.tolist(), times.tolist(), strict=True)
    return [(tail, head, ms / 1000) for tail, head, ms in ends]


def with_spots(network: Roads, mode: Mode, spots: list[Spot]) -> tuple[Arcs, list[int]]:
    """The network with each spot as a node of its own, splitting its street; and those nodes."""
    arcs, base = arcs_of(network, mode), len(network.node_ids)
    times = {edge: arc[2] for edge, arc in enumerate(arcs)}
    on: dict[int, list[tuple[float, int]]] = {}
    for number, spot in enumerate(spots):
        assert spot.edge is not None
        share, twin = spot.along_m / network.length_m[spot.edge], int(network.twin[spot.edge])
        on.setdefault(spot.edge, []).append((share, base + number))
        if twin >= 0:
            on.setdefault(twin, []).append((1 - share, base + number))
    for edge, points in on.items():
        ends = [(0.0, int(network.tail[edge])), *sorted(points), (1.0, int(network.head[edge]))]
        for (start, tail), (goal, head) in pairwise(ends):
            arcs.append((tail, head, (goal - start) * times[edge]))
    return arcs, [base + number for number in range(len(spots))]


@pytest.mark.parametrize("mode", ["incident", "patrol"])
@pytest.mark.parametrize("seed", range(12))
def test_times_between_nodes_equal_a_plain_dijkstra(seed: int, mode: Mode) -> None:
    """Every pair of nodes, to the millisecond, both from and to, unreachable ones too."""
    network = random_network(seed)
    times, nodes = Travel(network), len(network.node_ids)
    expected = np.array([plain_dijkstra(arcs_of(network, mode), a, nodes) for a in range(nodes)])
    expected_ms = np.where(np.isinf(expected), UNREACHABLE, np.rint(expected * 1000))
    assert np.array_equal(np.stack([times.from_ms(a, mode) for a in range(nodes)]), expected_ms)
    assert np.array_equal(np.stack([times.to_ms(b, mode) for b in range(nodes)], 1), expected_ms)


@pytest.mark.parametrize("seed", range(12))
def test_times_between_positions_on_edges_equal_a_plain_dijkstra(seed: int) -> None:
    """Positions on one-way and two-way streets, several on one street, to a few milliseconds."""
    network, pick = random_network(seed), random.Random(seed)  # noqa: S311 - a test's positions
    edges = [pick.randrange(len(network.edge_ids)) for _ in range(12)]
    edges += [int(network.twin[edge]) for edge in edges if network.twin[edge] >= 0] + edges[:6]
    spots = [Spot(edge, pick.random() * float(network.length_m[edge])) for edge in edges]
    arcs, at = with_spots(network, "incident", spots)
    times, total = Travel(network), len(network.node_ids) + len(spots)
    for origin, start in zip(spots, at, strict=True):
        best = plain_dijkstra(arcs, start, total)
        for target, goal in zip(spots, at, strict=True):
            found = times.between_ms(origin, target)
            wanted = best[goal] * 1000 if best[goal] < float("inf") else UNREACHABLE
            assert abs(found - wanted) <= 3, (seed, origin, target)


@pytest.mark.parametrize("mode", ["incident", "patrol"])
@pytest.mark.parametrize("seed", range(12))
def test_many_positions_at_once_take_what_each_takes_alone(seed: int, mode: Mode) -> None:
    """On streets, at nodes, on the target's own street: to the millisecond."""
    network, pick = random_network(seed), random.Random(seed)  # noqa: S311 - a test's positions
    edges = range(len(network.edge_ids))
    spots = [Spot(edge, pick.random() * float(network.length_m[edge])) for edge in edges]
    spots += [Spot(node=n) for n in range(len(network.node_ids))]
    times = Travel(network)
    for target in pick.sample(spots, 30):
        alone = [times.between_ms(origin, target, mode) for origin in spots]
        assert times.from_all_ms(spots, target, mode) == alone


def test_a_position_behind_another_on_a_one_way_street_is_reached_the_long_way() -> None:
    """Nobody turns round in a one-way street."""
    rows = [
        NodeRow(node=name, x_m=x, y_m=y)
        for name, x, y in (("a", 0, 0), ("b", 100, 0), ("c", 50, 80))
    ]
    edges = [
        EdgeRow(origin=tail, to=head, seconds=10, length_m=100) for tail, head in ("ab", "bc", "ca")
    ]
    times = Travel(roads.build(rows, edges, (np.zeros(3), np.zeros(3))))
    ahead, behind = Spot(0, 70.0), Spot(0, 20.0)
    assert times.between_ms(behind, ahead) == 5_000
    assert times.between_ms(ahead, behind) == 3_000 + 20_000 + 2_000


def test_a_path_is_connected_and_takes_the_time_of_the_row() -> None:
    """Edges of a path lead from one to the next, and their times add up to the row's."""
    network = random_network(3)
    times = Travel(network)
    reached, nodes = 0, range(len(network.node_ids))
    a = max(nodes, key=lambda node: int((times.from_ms(node) < UNREACHABLE).sum()))
    for b in nodes:
        edges = times.path(a, b)
        if not edges:
            assert a == b or times.from_ms(a)[b] == UNREACHABLE
            continue
        reached += 1
        at = [int(network.tail[edges[0]]), *(int(network.head[edge]) for edge in edges)]
        assert at[0] == a
        assert at[-1] == b
        assert at[1:-1] == [int(network.tail[edge]) for edge in edges[1:]]
        assert int(network.seconds_ms[edges].sum()) == times.from_ms(a)[b]
    assert reached > 20


@pytest.mark.parametrize("mode", ["incident", "patrol"])
def test_legs_lead_from_any_position_and_add_up_to_its_time(mode: Mode) -> None:
    """Each begins where the one before ended; a street is left by the end that is faster."""
    network, pick = random_network(6, ways=120), random.Random(6)  # noqa: S311 - a test's places
    times, backwards, reached = Travel(network), 0, 0
    for _ in range(300):
        edge, target = pick.randrange(len(network.edge_ids)), pick.randrange(40)
        start: Spot | int = Spot(edge, pick.random() * float(network.length_m[edge]))
        start = pick.choice((start, pick.randrange(40)))
        legs, wanted_ms = (
            list(times.legs(start, target, mode)),
            times.between_ms(start, target, mode),
        )
        if not legs:
            assert start == target or wanted_ms == UNREACHABLE
            continue
        reached += 1
        assert sum(leg.ms for leg in legs) == wanted_ms
        assert legs[-1].head == target
        assert all(before.head == after.tail for before, after in pairwise(legs))
        assert all(leg.edge is not None and network.head[leg.edge] == leg.head for leg in legs)
        if isinstance(start, Spot):
            backwards += legs[0].edge == network.twin[edge]
            share = start.along_m / float(network.length_m[edge])
            behind = share if legs[0].edge == edge else 1.0 - share
            assert legs[0].share == pytest.approx(behind)
        else:
            assert legs[0].tail == start
    assert reached > 150
    assert backwards > 10


def test_a_straight_line_is_one_leg(tmp_path: Path) -> None:
    """None where start is target."""
    district = load(small_district(tmp_path, straight_line=True))
    origin, other = (district.roads.index[node(*at)] for at in ((0, 0), (1, 0)))  # type: ignore[index]
    assert list(district.travel.legs(origin, other)) == [
        travel.Leg(None, origin, other, 0.0, 56_160)
    ]
    assert list(district.travel.legs(origin, origin)) == []
    assert district.travel.straight_ms(300.0) == 56_160


def test_a_snapped_position_lies_on_the_nearest_street(tmp_path: Path) -> None:
    """Ten metres north of a street's middle: half way along, ten metres off."""
    district = load(small_district(tmp_path))
    network = district.roads
    spot = network.snap(-600.0, -590.0)
    assert spot.edge is not None
    ends = {network.node_ids[network.tail[spot.edge]], network.node_ids[network.head[spot.edge]]}
    assert ends == {node(0, 0), node(1, 0)}
    assert spot.along_m == pytest.approx(150.0)
    assert spot.off_m == pytest.approx(10.0)
    assert network.where(spot) == pytest.approx((-600.0, -600.0))


def test_snapping_equals_a_search_over_all_edges() -> None:
    """The distance found is the least over every edge."""
    network, pick = random_network(5), np.random.default_rng(5)
    points = pick.uniform(-200, 4200, (50, 2))
    for spot, (x, y) in zip(network.snap_all(points[:, 0], points[:, 1]), points, strict=True):
        tail = np.column_stack((network.x_m[network.tail], network.y_m[network.tail]))
        way = np.column_stack((network.x_m[network.head], network.y_m[network.head])) - tail
        square = np.maximum((way**2).sum(1), 1e-12)
        share = np.clip((((x, y) - tail) * way).sum(1) / square, 0, 1)
        least = np.hypot(*(tail + share[:, None] * way - (x, y)).T).min()
        assert spot.off_m == pytest.approx(least, abs=1e-6)
        assert np.hypot(*np.subtract(network.where(spot), (x, y))) == pytest.approx(least, abs=1e-3)


def test_cells_are_reached_along_a_straight_line_times_the_detour(tmp_path: Path) -> None:
    """1.3 × 300 m at 25 km/h are 56.16 s; a position is the nearest cell."""
    district = load(small_district(tmp_path, straight_line=True))
    origin, other = (district.roads.index[node(*at)] for at in ((0, 0), (1, 0)))  # type: ignore[index]
    assert district.travel.between_ms(origin, other) == 56_160
    assert district.travel.path(origin, other) == []
    assert district.roads.snap(-740.0, -610.0) == Spot(node=origin)


def test_the_fingerprint_changes_with_any_time_and_only_then() -> None:
    """Two loads agree; one second more on one edge does not."""
    network = random_network(1)
    changed = network.patrol_ms.copy()
    changed[7] += 1
    other = Roads(
        **{name: getattr(network, name) for name in Roads.__slots__} | {"patrol_ms": changed}
    )
    assert Travel(network).fingerprint == Travel(random_network(1)).fingerprint
    assert Travel(network).fingerprint != Travel(other).fingerprint
    assert Travel(network).fingerprint != Travel(network, Model(model="straight_line")).fingerprint


def test_rows_are_kept_only_as_far_as_memory_allows(monkeypatch: pytest.MonkeyPatch) -> None:
    """The least used row leaves, and comes back equal."""
    monkeypatch.setattr(travel, "_KEPT_BYTES", 0)
    network = random_network(2, nodes=100, ways=240)
    times = Travel(network)
    first = times.to_ms(0).copy()
    for at in range(1, 100):
        times.to_ms(at)
    assert len(times._rows) == 64
    assert np.array_equal(times.to_ms(0), first)


def test_a_row_cannot_be_written() -> None:
    """Rows are shared: a policy that scribbles on one would change every later decision."""
    with pytest.raises(ValueError, match="read-only"):
        Travel(random_network(2)).to_ms(0)[0] = 1


def test_the_class_at_a_junction_is_its_highest(tmp_path: Path) -> None:
    """莫干山路 is an arterial wherever it is crossed; elsewhere the avenue decides."""
    network = load(small_district(tmp_path)).roads
    classes = {name: network.road_class_at(at) for name, at in network.index.items()}
    assert classes[node(2, 3)] == "primary"  # type: ignore[index]
    assert classes[node(2, 1)] == "tertiary"  # type: ignore[index]
