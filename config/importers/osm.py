"""OpenStreetMap extracts as a road network: ways split at junctions, with their sections.

XML is read by the standard library. PBF needs the optional package `osmium`. Shapes between
junctions give an edge its length; edges themselves run straight from junction to junction.
"""

import io
import re
import tempfile
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from config.controls import CONTROL
from config.coordinates import Frame
from config.errors import BadInput
from config.importers.mapping import Osm
from config.importers.milestones import Milestone, km_posts, milestone
from config.importers.network import Made, largest_part, node_rows
from config.importers.quality import FileQuality, finding
from config.importers.reader import Source
from config.settings import Crs
from config.tables import EdgeRow

_MPH = 1.609344
_LIMIT = re.compile(r"(\d{1,3})(?:\.\d+)?\s*(mph|km/h|kmh)?")
_ONEWAY_CLASSES = ("motorway", "motorway_link")
_YES, _NO = ("yes", "true", "1"), ("no", "false", "0")


@dataclass(frozen=True, slots=True)
class Way:
    """A way with a `highway` tag: the ids of its nodes in order, and its tags."""

    id: str
    nodes: tuple[str, ...]
    tags: Mapping[str, str]

    @property
    def direction(self) -> int:
        """1 along the way only, -1 against it only, 0 both."""
        oneway = self.tags.get("oneway", "")
        if oneway in {"-1", "reverse"}:
            return -1
        if oneway in _YES:
            return 1
        if oneway in _NO:
            return 0
        implied = self.tags.get("junction") in {"roundabout", "circular"}
        return int(implied or self.tags["highway"] in _ONEWAY_CLASSES)

    @property
    def section(self) -> str | None:
        """Name of the road, else its number."""
        name = self.tags.get("name") or self.tags.get("ref") or ""
        return CONTROL.sub("", name).strip()[:200] or None

    def speed_kmh(self, network: Osm) -> float:
        """The signed limit where there is one, else the class's speed in traffic."""
        limit = _LIMIT.fullmatch(self.tags.get("maxspeed", "").strip())
        if limit is not None and int(limit[1]) > 0:
            return min(250.0, int(limit[1]) * (_MPH if limit[2] == "mph" else 1.0))
        return network.speeds_kmh[self.tags["highway"]]  # type: ignore[index]


def read_osm(source: Source, network: Osm, crs: Crs) -> tuple[Made, FileQuality]:
    """The largest strongly connected part of an extract's drivable roads.

    Raises:
        BadInput: The file is no OSM XML, is PBF without `osmium`, or has no drivable way.
    """
    quality = FileQuality(source.name, "ways")
    points, ways, stones = _parse(source)
    _refuse_elsewhere(source, points, network)
    drivable = []
    for way in ways:
        quality.read += 1
        if way.tags["highway"] not in network.speeds_kmh or way.tags.get("area") == "yes":
            quality.refuse(0, "not_driven", f"way {way.id} highway={way.tags['highway']}")
        elif way.tags.get("access") == "no" and way.tags.get("emergency") != "yes":
            drivable.append(way)  # closed to the public, not to the police
            quality.repaired["access"] += 1
        else:
            drivable.append(way)
    made = _split(drivable, points, stones, network, crs, quality)
    if not made.edges:
        raise BadInput([finding(source.name, "import.no_roads")])
    return largest_part(made), quality


def _refuse_elsewhere(source: Source, points: Mapping[str, tuple[float, float]],
                      network: Osm) -> None:  # fmt: skip
    """Refuse an extract whose middle lies outside the mapping's part of the world."""
    if network.within is None or not points:
        return
    lon, lat = (float(np.median([each[axis] for each in points.values()])) for axis in (0, 1))
    (west, east), (south, north) = network.within.east, network.within.north
    if not (west <= lon <= east and south <= lat <= north):
        raise BadInput([finding(source.name, "import.elsewhere", lon=lon, lat=lat)])


def _split(ways: Sequence[Way], points: Mapping[str, tuple[float, float]],
           stones: Sequence[Milestone], network: Osm, crs: Crs, quality: FileQuality
           ) -> Made:  # fmt: skip
    """Ways cut where they meet others, or themselves, and at km posts; each piece an edge."""
    visits = Counter(node for way in ways for node in way.nodes)
    ids = sorted({*visits, *(stone.node for stone in stones)} & points.keys())
    lon, lat = (np.array([points[node][axis] for node in ids]) for axis in (0, 1))
    x_m, y_m = Frame(crs).to_metric(lon, lat)
    metres = dict(zip(ids, zip(x_m.tolist(), y_m.tolist(), strict=True), strict=True))
    posts = km_posts(stones, ways, metres)
    visits.update(row.node.removeprefix("n") for row in posts)
    edges: list[EdgeRow] = []
    used: dict[str, None] = {}
    segments, loops, total_m = 0, 0, 0.0
    for way in ways:
        known = tuple(node for node in way.nodes if node in metres)
        if len(known) < len(way.nodes):
            quality.repaired["clipped"] += 1
        for number, piece in enumerate(_pieces(known, visits)):
            shape = np.array([metres[node] for node in piece])
            length_m = float(np.hypot(*np.diff(shape, axis=0).T).sum())
            segments, total_m = segments + 1, total_m + length_m
            if piece[0] == piece[-1] or length_m <= 0:
                loops += 1
                continue
            edges.append(_edge(way, piece, number, length_m, network))
            used |= {piece[0]: None, piece[-1]: None}
    names = list(used)
    nodes = node_rows([f"n{name}" for name in names], [metres[name][0] for name in names],
                      [metres[name][1] for name in names], crs)  # fmt: skip
    named = len({edge.section for edge in edges if edge.section})
    return Made(nodes, edges, {
        "ways": len(ways), "segments": segments, "segments_km": round(total_m / 1000, 1),
        "sections": named, "loops": loops,
    }, posts)  # fmt: skip


def _pieces(nodes: Sequence[str], visits: Mapping[str, int]) -> Iterator[Sequence[str]]:
    start = 0
    for at in range(1, len(nodes)):
        if at == len(nodes) - 1 or visits[nodes[at]] > 1:
            yield nodes[start : at + 1]
            start = at


def _edge(way: Way, piece: Sequence[str], number: int, length_m: float, network: Osm) -> EdgeRow:
    ends = (piece[0], piece[-1]) if way.direction >= 0 else (piece[-1], piece[0])
    patrol_s = max(0.1, length_m * 3.6 / way.speed_kmh(network))
    return EdgeRow.model_validate({
        "edge": f"w{way.id}.{number}", "from": f"n{ends[0]}", "to": f"n{ends[1]}",
        "seconds": round(patrol_s * network.lights_factor, 3), "length_m": round(length_m, 2),
        "patrol_seconds": round(patrol_s, 3), "class": way.tags["highway"],
        "oneway": "0" if way.direction == 0 else "1", "section": way.section,
    })  # fmt: skip


Parsed = tuple[dict[str, tuple[float, float]], list[Way], list[Milestone]]
"""Longitude and latitude of each node, the ways, and the km posts."""


def _parse(source: Source) -> Parsed:
    if source.name.lower().endswith(".pbf"):
        return _parse_pbf(source)
    points: dict[str, tuple[float, float]] = {}
    ways: list[Way] = []
    stones: list[Milestone] = []
    try:
        for _, element in ET.iterparse(io.BytesIO(source.content)):  # noqa: S314 - see below
            if element.tag == "node":
                points[element.attrib["id"]] = (
                    float(element.attrib["lon"]), float(element.attrib["lat"]),
                )  # fmt: skip
                tags = {tag.attrib["k"]: tag.attrib["v"] for tag in element}
                stones += filter(None, [milestone(element.attrib["id"], tags)])
                element.clear()
            elif element.tag == "way":
                tags = {tag.attrib["k"]: tag.attrib["v"] for tag in element.iter("tag")}
                if "highway" in tags:
                    nodes = tuple(nd.attrib["ref"] for nd in element.iter("nd"))
                    ways.append(Way(element.attrib["id"], nodes, tags))
                element.clear()
    except ET.ParseError as error:  # expat 2.4.1 and later limit entity expansion themselves
        line = error.position[0]
        raise BadInput([finding(source.name, "import.xml", line, cause=str(error))]) from None
    except (KeyError, ValueError) as error:
        raise BadInput([finding(source.name, "import.xml", cause=str(error))]) from None
    return points, ways, stones


def _parse_pbf(source: Source) -> Parsed:
    try:
        import osmium  # type: ignore[import-not-found,unused-ignore] # noqa: PLC0415 - an extra
    except ImportError:
        raise BadInput([finding(source.name, "import.pbf")]) from None
    points: dict[str, tuple[float, float]] = {}
    ways: list[Way] = []
    stones: list[Milestone] = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "extract.osm.pbf"
        path.write_bytes(source.content)
        for each in osmium.FileProcessor(str(path)):
            if each.is_node():
                points[str(each.id)] = (each.lon, each.lat)
                tags = {tag.k: tag.v for tag in each.tags}
                stones += filter(None, [milestone(str(each.id), tags)])
            elif each.is_way() and "highway" in each.tags:
                nodes = tuple(str(node.ref) for node in each.nodes)
                ways.append(Way(str(each.id), nodes, {tag.k: tag.v for tag in each.tags}))
    return points, ways, stones
