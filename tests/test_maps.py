"""Where a map lies, read off its first bytes: no package, no roads."""

import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from config.importers.maps import middle
from config.importers.reader import Source, sources


def number(value: int) -> bytes:
    """A whole number as protocol buffers write it."""
    low, rest = value & 127, value >> 7
    return bytes([low | 128]) + number(rest) if rest else bytes([low])


def packed(field: int, told: bytes) -> bytes:
    """A field of bytes."""
    return number(field << 3 | 2) + number(len(told)) + told


def pbf(west: float, east: float, north: float, south: float) -> bytes:
    """The first block of a PBF whose box is this."""
    nanos = [round(degrees * 1e9) for degrees in (west, east, north, south)]
    box = b"".join(
        number(field << 3) + number((nano << 1) ^ (nano >> 63))
        for field, nano in enumerate(nanos, start=1)
    )
    head = packed(1, box) + packed(4, b"OsmSchema-V0.6")
    blob = number(2 << 3) + number(len(head)) + packed(3, zlib.compress(head))
    first = packed(1, b"OSMHeader") + number(3 << 3) + number(len(blob))
    return len(first).to_bytes(4, "big") + first + blob


def test_a_pbf_tells_its_middle_by_the_box_in_its_header() -> None:
    """West of Greenwich and south of the equator, too."""
    found = middle(Source("a.osm.pbf", pbf(-58.6, -58.2, -34.5, -34.7)))
    assert found == pytest.approx((-58.4, -34.6))


@pytest.mark.parametrize(
    "content", [b"", b"\x00\x00\x00\x0d\x0a", pbf(1, 2, 3, 4)[:40], b"<osm/>", b"\x00" * 99]
)
def test_what_does_not_tell_is_nowhere(content: bytes) -> None:
    """A map cut short, one without nodes, and what is no map."""
    assert middle(Source("a.osm", content)) is None


def test_real_extracts_lie_where_they_are(shared_data: Callable[[str], Path]) -> None:
    """One of each form."""
    found = {each.name: middle(each) for each in sources(shared_data("osm"))}
    assert found["shanghai_center.osm"] == pytest.approx((121.48, 31.24), abs=0.01)
    assert found["liechtenstein-latest.osm.pbf"] == pytest.approx((9.55, 47.16), abs=0.01)
