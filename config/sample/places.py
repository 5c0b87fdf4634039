"""Where things are in the town: squadrons' parts, places to stand, posts, schools, bars."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from config.sample import names
from config.sample.town import COLUMNS, SPEED_KMH, Town
from config.tables import PlaceRow, PostRow

IntArray = NDArray[np.int64]

SCHOOL_AT = ((3, 3), (11, 4), (7, 6), (13, 9), (6, 12), (12, 14), (17, 10), (2, 8), (18, 13),
             (5, 1))  # fmt: skip
BARS_AT = ((8, 10), (11, 6), (13, 7), (19, 11))
OFFICES_AT = ((9, 9), (9, 5), (13, 11))
HALL_AT = (14, 12)
STATIONS_AT = ((9, 13), (9, 2), (19, 7), (1, 7))
VILLAGE_SCHOOLS = (2, 9, 17, 26)
BORDER_ROW = 8
"""中华路: from there to the north is 一中队's, to the south 二中队's."""
FRINGE_COLUMNS = 3
"""Columns of the grid, at its east and west end, that belong to the outer squadrons."""
POSTS_AT = ((6, 9), (11, 12), (15, 15), (5, 3), (11, 1), (15, 5), (20, 3), (20, 13), (0, 12),
            (1, 2))  # fmt: skip
RURAL_POSTS = (13, 22, 11, 20)
"""Villages with a post."""
_RANK = tuple(SPEED_KMH)


@dataclass(frozen=True, slots=True)
class Places:
    """Rows of places and posts, and the nodes that the hidden process needs.

    squadron: number of each node's squadron, shape (n,).
    """

    squadron: IntArray
    places: list[PlaceRow]
    posts: list[PostRow]
    schools: tuple[int, ...]
    village_schools: tuple[int, ...]
    bars: tuple[int, ...]
    gates: tuple[str, ...]


def node_id(node: int) -> str:
    """Id of a node by its number."""
    return f"n{node:04d}"


def make_places(town: Town) -> Places:
    """All places and posts of a town."""
    squadron = _squadrons(town)
    village_schools = tuple(town.villages[v].nodes[0] for v in VILLAGE_SCHOOLS)
    schools = tuple(int(town.grid[at]) for at in SCHOOL_AT)
    bars = tuple(int(town.grid[at]) for at in BARS_AT)
    found = [*_junctions(town), *_km_posts(town)]
    gates = list(_gates(town))
    found += gates
    found += _named("school", "sch", names.SCHOOLS, schools)
    rural = [f"{town.villages[v].name}小学" for v in VILLAGE_SCHOOLS]
    found += _named("school", "vsch", rural, village_schools)
    found += _named("bars", "bar", names.BARS, bars)
    found += _named(
        "other", "office", names.STREET_OFFICES, [int(town.grid[p]) for p in OFFICES_AT]
    )
    entries = [f"{v.name.removesuffix('村')}村口" for v in town.villages]
    found += _named("other", "vil", entries, [v.nodes[1] for v in town.villages])
    hall = int(town.grid[HALL_AT])
    found.append(PlaceRow(place="hall", kind="other", node=node_id(hall), name="车管服务大厅"))
    stations = [int(town.grid[at]) for at in STATIONS_AT]
    titles = [f"{name}驻地" for _, name in names.SQUADRONS]
    found += _named("station", "stn", titles, stations)
    posts = _posts(town, squadron, stations)
    return Places(squadron, found, posts, schools, village_schools, bars,
                  tuple(gate.place for gate in gates))  # fmt: skip


def _squadrons(town: Town) -> IntArray:
    """一中队 the north of the town, 二中队 its south, 三中队 the east, 四中队 the west."""
    east = np.array(town.x_m) > 0
    squadron = np.where(east, 2, 3)
    squadron[town.grid[FRINGE_COLUMNS : COLUMNS - FRINGE_COLUMNS, BORDER_ROW:]] = 0
    squadron[town.grid[FRINGE_COLUMNS : COLUMNS - FRINGE_COLUMNS, :BORDER_ROW]] = 1
    return squadron.astype(np.int64)


def _named(kind: str, prefix: str, titles: Sequence[str], nodes: Sequence[int]) -> list[PlaceRow]:
    return [
        PlaceRow.model_validate({"place": f"{prefix}{number}", "kind": kind, "node": node_id(node),
                                 "name": title})
        for number, (title, node) in enumerate(zip(titles, nodes, strict=True), start=1)
    ]  # fmt: skip


def _junctions(town: Town) -> Iterator[PlaceRow]:
    """Junctions where two streets above the residential ones meet."""
    meets: dict[int, dict[str, int]] = {}
    for tail, _, road_class, section, _ in town.edges:
        if road_class not in ("residential", "unclassified"):
            meets.setdefault(tail, {})[section] = _RANK.index(road_class)
    number = 0
    for node in sorted(meets):
        if len(meets[node]) < 2 or town.kind[node] != "grid":
            continue
        number += 1
        first, second = sorted(meets[node], key=lambda name: (meets[node][name], name))[:2]
        name = f"{first}/{second.removesuffix('路')}路口"
        yield PlaceRow(place=f"j{number:02d}", kind="junction", node=node_id(node), name=name)


def _km_posts(town: Town) -> Iterator[PlaceRow]:
    """Every second node of the ring, and a node of each radial, with its km."""
    ring = [at for at, kind in enumerate(town.kind) if kind == "ring"]
    turn = np.arctan2(np.array(town.y_m)[ring], np.array(town.x_m)[ring])
    order = [ring[at] for at in np.argsort(turn, kind="stable")]
    for number, node in enumerate(order[::2]):
        yield PlaceRow(place=f"km{number + 1:02d}", kind="km_post", node=node_id(node),
                       name=f"{names.RING}K{number * 2}", km=float(number * 2),
                       section=names.RING)  # fmt: skip
    for number, (name, radial) in enumerate(zip(names.RADIALS, town.radials, strict=True)):
        km = round(0.7 * (len(radial) - 3), 1)
        yield PlaceRow(place=f"rk{number + 1}", kind="km_post", node=node_id(radial[-3]),
                       name=f"{name}K{km:g}", km=km, section=name)  # fmt: skip


def _gates(town: Town) -> Iterator[PlaceRow]:
    """Gates 卡口: on the radials outside the ring, and on the two strict-control roads."""
    spots = [(name, radial[-2]) for name, radial in zip(names.RADIALS, town.radials, strict=True)]
    spots += [("栾河路", int(town.grid[at, 6])) for at in (2, 10, 19)]
    spots += [("当代路", int(town.grid[10, at])) for at in (2, 14)]
    spots += [("中华路", int(town.grid[16, 8]))]
    for number, (section, node) in enumerate(spots, start=1):
        yield PlaceRow(place=f"G{number:02d}", kind="gate", node=node_id(node), section=section,
                       name=f"{section}{number}号卡口")  # fmt: skip


def _posts(town: Town, squadron: IntArray, stations: Sequence[int]) -> list[PostRow]:
    order = [name for name, _ in names.SQUADRONS]
    posts = [
        PostRow(post=f"st{number + 1}", node=node_id(node), squadron=order[number],
                name=f"{names.SQUADRONS[number][1]}驻地", station="1")
        for number, node in enumerate(stations)
    ]  # fmt: skip
    spots = [(int(town.grid[at]), "") for at in POSTS_AT]
    spots += [(town.villages[v].nodes[0], town.villages[v].name) for v in RURAL_POSTS]
    spots += [(town.crossings[at], f"{names.RADIALS[at]}{names.RING}口") for at in (0, 4)]
    for number, (node, title) in enumerate(spots, start=1):
        name = f"{title or _street(town, node)}备勤点"
        posts.append(PostRow(post=f"w{number:02d}", node=node_id(node), name=name,
                             squadron=order[int(squadron[node])]))  # fmt: skip
    return posts


def _street(town: Town, node: int) -> str:
    column, row = (int(found[0]) for found in np.nonzero(town.grid == node))
    return f"{names.STREETS[row]}{names.AVENUES[column]}"
