"""Where a map lies, read off its first bytes: no package, no roads."""

import os
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from config.errors import BadInput
from config.importers.mapping import builtin
from config.importers.maps import middle, one_map
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


def node(lon: float) -> bytes:
    """A map of one node."""
    return f'<osm><node id="1" lon="{lon}" lat="31.2"/></osm>'.encode()


def chosen(*files: Source) -> tuple[list[str], list[str], list[str]]:
    """Files of a source that are taken, those of elsewhere, and copies."""
    every = (one.district for one in builtin() if one.district is not None)
    district = next(one for one in every if one.network.kind == "osm")
    taken, elsewhere, twice = one_map(files, district, Path(), "--out x")
    return [one.name for one in taken], elsewhere, twice


def test_copies_of_one_map_are_one_map() -> None:
    """As a browser saves it a second time; they were called maps of different places."""
    here = node(121.4)
    found = chosen(Source("a (1).osm", here), Source("a.osm", here), Source("c.csv", b"x"))
    assert found == (["a.osm", "c.csv"], [], ["a (1).osm"])


def test_a_copy_beside_a_map_of_elsewhere_is_no_second_candidate() -> None:
    """The one in the area is taken, once."""
    files = [Source(name, node(121.4)) for name in ("b.osm", "b-copy.osm")]
    found = chosen(*files, Source("far.osm", node(21.4)))
    assert found == (["b.osm"], ["far.osm"], ["b-copy.osm"])


@pytest.mark.parametrize("name", ["x.csv", "x.osm", "x.zip"])
@pytest.mark.parametrize("kind", ["pipe", "device", "dangling"])
@pytest.mark.parametrize("alone", [True, False], ids=["named", "in a folder"])
def test_what_is_no_file_is_refused_by_its_name(
    name: str,
    kind: str,
    alone: bool,  # noqa: FBT001
    tmp_path: Path,
) -> None:
    """A pipe is waited for for ever, a device read until the memory is full."""
    path = tmp_path / name
    if kind == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to("/dev/zero" if kind == "device" else tmp_path / "nowhere")
    (tmp_path / "a.csv").write_text("x\n", encoding="utf-8")
    with pytest.raises(BadInput) as refused:
        sources(path if alone and kind != "dangling" else tmp_path)
    [found] = refused.value.findings
    assert (found.file, found.key) == (name, "import.irregular")
