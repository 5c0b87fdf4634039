"""Which of several OpenStreetMap extracts a source means: the one in the mapping's area.

Where an extract lies is read off without its roads: from its nodes in XML, from the header of a
PBF, which needs no package.
"""

import re
import shlex
import statistics
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from config.errors import BadInput, Finding
from config.importers.columns import Bounds
from config.importers.mapping import DistrictMapping
from config.importers.quality import finding
from config.importers.reader import Source, is_osm

_PLACE = {
    name: re.compile(rb"<node\b[^>]*?\b" + name.encode() + rb"=[\"'](-?[\d.]+)")
    for name in ("lon", "lat")
}
_NANO = 1e-9


def one_map(
    files: Sequence[Source], district: DistrictMapping, source: Path, options: str
) -> tuple[list[Source], list[str], list[str]]:
    """The files of a source without the maps that are not meant; of elsewhere, and copies.

    Args:
        files: Of the source.
        district: What the mapping makes of it; `within` of its network is the area.
        source: Where the files are.
        options: Of the command, to be repeated for each candidate.

    Raises:
        BadInput: Several maps, and no area that has just one of them; each with its command.
    """
    network = district.network
    every = [each for each in files if is_osm(each)]
    maps = _different(every)
    twice = sorted({each.name for each in every} - {each.name for each in maps})
    if network.kind != "osm" or len(maps) < 2:
        return [each for each in files if each.name not in twice], [], twice
    within = [each for each in maps if network.within and _inside(each, network.within)]
    if len(within) != 1:
        raise BadInput(list(_candidates(maps, source, options)))
    left = [each.name for each in maps if each is not within[0]]
    return [each for each in files if not is_osm(each) or each is within[0]], left, twice


def middle(source: Source) -> tuple[float, float] | None:
    """Longitude and latitude of a map's middle, degrees; None where it does not tell."""
    if source.content[4:5] == b"\x0a":  # a PBF begins with the length of its first header
        return _middle_of_pbf(source.content)
    found = [pattern.findall(source.content) for pattern in _PLACE.values()]
    try:
        lon, lat = (statistics.median(map(float, each)) for each in found)
    except ValueError:  # no node, or a number with two points
        return None
    return lon, lat


def _inside(source: Source, within: Bounds) -> bool:
    found = middle(source)
    if found is None:
        return False
    (west, east), (south, north) = within.east, within.north
    return west <= found[0] <= east and south <= found[1] <= north


def _candidates(maps: Sequence[Source], source: Path, options: str) -> Iterator[Finding]:
    yield finding(str(source), "import.one_osm", count=len(maps))
    for each in maps:
        path = source.resolve() / each.name if source.is_dir() else source.resolve()
        command = f"qinwu import {shlex.quote(str(path))} {options}"
        where = middle(each)
        if not path.is_file() or source.is_file():
            yield finding(str(path), "import.map_packed")
        elif where is None:
            yield finding(str(path), "import.map", command=command)
        else:
            yield finding(str(path), "import.map_at", lon=where[0], lat=where[1], command=command)


def _different(maps: Sequence[Source]) -> list[Source]:
    """Maps without those that are there twice: byte by byte, or as PBF and as XML.

    Of copies the shorter name is kept, `a.osm` beside `a (1).osm`; of two forms the XML, which
    all can read.
    """
    shortest = sorted(maps, key=lambda source: (-len(source.name), source.name))
    once = {source.content: source for source in shortest}.values()
    by_name: dict[str, Source] = {}
    for source in sorted(once, key=lambda source: not source.name.lower().endswith("pbf")):
        by_name[source.name.lower().removesuffix(".pbf").removesuffix(".xml")] = source
    return [by_name[name] for name in sorted(by_name)]


def _middle_of_pbf(content: bytes) -> tuple[float, float] | None:
    """From the box in the first block; None where the block has none, or is none."""
    try:
        size = int.from_bytes(content[:4], "big")
        length = int(dict(_fields(content[4 : 4 + size]))[3])
        blob = dict(_fields(content[4 + size : 4 + size + length]))
        head = blob.get(1) or zlib.decompress(blob[3])  # type: ignore[arg-type]
        box = dict(_fields(dict(_fields(head))[1]))  # type: ignore[arg-type]
        west, east, north, south = (_signed(int(box[n])) * _NANO for n in (1, 2, 3, 4))
    except (KeyError, IndexError, TypeError, ValueError, zlib.error):
        return None
    return (west + east) / 2, (south + north) / 2


def _fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Number and value of each field of a protocol buffer: whole numbers and bytes."""
    at = 0
    while at < len(message):
        key, at = _number(message, at)
        value, at = _number(message, at)
        if key & 7 == 0:
            yield key >> 3, value
        elif key & 7 == 2:
            yield key >> 3, message[at : at + value]
            at += value
        else:
            msg = f"no field of a map's header has wire type {key & 7}"
            raise ValueError(msg)


def _number(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        value |= (message[at] & 127) << shift
        shift, at = shift + 7, at + 1
        if message[at - 1] < 128:
            return value, at


def _signed(number: int) -> int:
    """A zigzag number."""
    return (number >> 1) ^ -(number & 1)
