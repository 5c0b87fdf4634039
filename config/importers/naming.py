"""What imported places are called: by the streets of the records there, else by what is near."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from config.ids import NodeId
from config.importers.network import Made
from config.near import beside
from config.roads import Roads

_SO_FAR = re.compile(
    r"""
    (?:[往向朝]? [东西南北]{1,2} (?:侧|边|面|方向|方|向)? 约?   # 东侧15米, 往南约50米处
    | (?<![\d.+Kk公里千米]) 约?)                             # 50米, not that of K12+350米
    (?<!\d) \d+(?:\.\d+)? 米 (?:处|左右|许|远)*
""",
    re.VERBOSE,
)
"""So many metres from something, as records say it in Chinese."""
_CUT = r"^\W*$|[到至往向朝距离约和与~、-]$"
"""A name of which the end was cut off: 建设路到 of 建设路向北20米到30米."""


def names_of(made: Made, roads: Roads, incidents: pd.DataFrame) -> dict[str, str]:
    """Names of the nodes worth standing at, by node.

    Where there is a history: those where something happened, by their commonest street; one
    without a street by the nearest that has one ("YORK AVENUE/EAST 61 STREET+105mE").
    A cell is called without the metres of a record: it is an area, and they are of one point.
    Else the junctions of two or more named sections.
    """
    if len(incidents):
        is_area = not made.edges
        named = _commonest(incidents.assign(street=_roughly(incidents)) if is_area else incidents)
        return dict(sorted((named | _near(named, roads, incidents)).items()))
    meeting: dict[str, dict[str, None]] = {}
    for edge in made.edges:
        for node in (edge.origin, edge.to):
            if edge.section:
                meeting.setdefault(node, {})[edge.section] = None
    return {node: "/".join(list(found)[:2]) for node, found in sorted(meeting.items())
            if len(found) > 1}  # fmt: skip


def apart(names: Iterable[str | None]) -> Iterator[str | None]:
    """Names of posts, numbered from the second on that bears one: 中山路, 中山路 2."""
    count: Counter[str] = Counter()
    for name in names:
        if name is None:
            yield None
            continue
        count[name] += 1
        yield name if count[name] == 1 else f"{name} {count[name]}"


def _roughly(incidents: pd.DataFrame) -> "pd.Series[str]":
    """Streets without so many metres from something; whole where they would be cut amid a name."""
    streets = incidents["street"]
    rough = streets.str.replace(_SO_FAR, "", regex=True).str.strip()
    is_cut = rough.str.contains(_CUT) | streets.str.match(_SO_FAR)  # 50米路
    return rough.mask(is_cut, streets)


def _commonest(incidents: pd.DataFrame) -> dict[str, str]:
    told = incidents[incidents["street"] != ""]
    usual = told.groupby(["node", "street"]).size().reset_index(name="count")
    usual = usual.sort_values(["count", "street"], ascending=[False, True])
    usual = usual.drop_duplicates("node")
    return dict(zip(usual["node"], usual["street"], strict=True))


def _near(named: dict[str, str], roads: Roads, incidents: pd.DataFrame) -> dict[str, str]:
    """Names of the nodes without a street: their own, where nothing has one."""
    silent = sorted(set(incidents["node"]) - set(named))
    if not silent or not named:
        return {node: node for node in silent}
    known = list(named)
    spots = np.column_stack((roads.x_m, roads.y_m))
    theirs = spots[[roads.index[NodeId(node)] for node in known]]
    mine = spots[[roads.index[NodeId(node)] for node in silent]]
    nearest = np.asarray(cKDTree(theirs).query(mine)[1])
    rows = zip(silent, nearest.tolist(), (mine - theirs[nearest]).tolist(), strict=True)
    return {node: beside(named[known[at]], *off_m) for node, at, off_m in rows}
