"""A district as loaded: what it gives, what its hashes depend on, the page that tells of it."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from districts import COLUMNS, MONDAY, ROWS, SIDE_M, edit, node, small_district

from config import document
from config.coordinates import Frame
from config.district import District, load
from config.made_tables import HistoryRow, LiveRow
from config.reading import columns, public_csv, read_table, write_rows
from config.tables import TABLES, DutyRow, EdgeRow, NodeRow, PersonRow, Row

ROOT = Path(__file__).parent.parent


@pytest.fixture
def district(tmp_path: Path) -> District:
    """The small district."""
    return load(small_district(tmp_path))


def test_everything_of_the_folder_is_in_the_district(district: District) -> None:
    """Each file's rows, and nothing lost on the way."""
    assert len(district.roads.node_ids) == COLUMNS * ROWS
    assert len(district.roads.edge_ids) == 2 * (4 * 5 + 6 * 4) + 5
    assert (len(district.people.persons), len(district.vehicles)) == (20, 8)
    assert len(district.devices) == 8
    assert (len(district.places), len(district.posts), len(district.duties)) == (8, 4, 4)
    assert (len(district.watchlist), len(district.hazards), len(district.strict_roads)) == (2, 1, 1)
    assert (len(district.must_arrive_fixed), len(district.must_correct_fixed)) == (2, 1)
    assert district.squadrons == ("s1", "s2")
    assert len(district.calendar.days) == 14
    assert set(district.hashes) == {"settings.yaml", *(model.file for model in TABLES)}


@pytest.mark.parametrize("lonlat", ["WGS-84", "GCJ-02", "BD-09"])
def test_degrees_are_wgs84_whatever_the_files_say(tmp_path: Path, lonlat: str) -> None:
    """The same district in three systems stands at one place."""
    district = load(small_district(tmp_path, lonlat=lonlat))
    x_m, y_m = Frame(district.settings.crs).to_metric(district.roads.lon, district.roads.lat)
    assert np.allclose(x_m, district.roads.x_m, atol=0.05)
    assert np.allclose(y_m, district.roads.y_m, atol=0.05)


def test_degrees_that_are_absent_are_made_from_metres(tmp_path: Path) -> None:
    """Some nodes with, some without: they agree."""
    with_all = load(small_district(tmp_path))
    for record in range(0, COLUMNS * ROWS, 2):
        edit(tmp_path, NodeRow, record, lon="", lat="")
    with_some = load(tmp_path)
    assert np.allclose(with_all.roads.lon, with_some.roads.lon, atol=1e-7)
    assert np.allclose(with_all.roads.lat, with_some.roads.lat, atol=1e-7)


def test_a_node_without_squadron_belongs_to_the_nearest_station(tmp_path: Path) -> None:
    """st1 stands at (1, 1), st2 at (4, 2)."""
    small_district(tmp_path)
    for record in range(COLUMNS * ROWS):
        edit(tmp_path, NodeRow, record, squadron="")
    district = load(tmp_path)
    for at in range(COLUMNS * ROWS):
        place = np.array([district.roads.x_m[at], district.roads.y_m[at]])
        squares = {}
        for squadron in district.squadrons:
            stood = district.node_of_post(district.station_of(squadron).post)
            squares[squadron] = float(
                ((place - [district.roads.x_m[stood], district.roads.y_m[stood]]) ** 2).sum()
            )
        assert squares[district.squadron_of_node(at)] == min(squares.values())


def test_a_two_way_row_is_two_edges_and_a_one_way_row_is_one(district: District) -> None:
    """Twins point at each other; edges are named after their nodes, the way back with ~."""
    roads = district.roads
    there = roads.edge_index[f"{node(0, 0)}-{node(1, 0)}"]  # type: ignore[index]
    back = roads.edge_index[f"{node(0, 0)}-{node(1, 0)}~"]  # type: ignore[index]
    assert (roads.twin[there], roads.twin[back]) == (back, there)
    assert (roads.tail[there], roads.head[there]) == (roads.head[back], roads.tail[back])
    only = roads.edge_index[f"{node(0, 4)}-{node(1, 4)}"]  # type: ignore[index]
    assert roads.twin[only] == -1
    assert roads.edge_section[only] == "天目山路"
    assert (roads.seconds_ms[only], roads.patrol_ms[only]) == (30_000, 40_000)
    assert roads.length_m[only] == SIDE_M


def test_parallel_roads_and_given_ids_never_share_a_name(tmp_path: Path) -> None:
    """An unnamed edge gives way to one that is called like it."""
    path = small_district(tmp_path) / "edges.csv"
    a, b = node(0, 0), node(2, 0)
    lines = [f"{a}-{b},{b},{a}", f",{a},{b}", f",{a},{b}", f"{a}-{b}#2,{b},{a}"]
    extra = "".join(f"{line},60,,,,,1,\n" for line in lines)
    path.write_text(path.read_text(encoding="utf-8") + extra, encoding="utf-8")
    roads = load(tmp_path).roads
    assert roads.edge_ids[-4:] == (f"{a}-{b}", f"{a}-{b}#3", f"{a}-{b}#4", f"{a}-{b}#2")
    assert len(roads.edge_index) == len(roads.edge_ids)


@pytest.mark.parametrize("model", TABLES, ids=lambda model: model.file)
def test_rows_are_read_back_as_they_were_written(tmp_path: Path, model: type[Row]) -> None:
    """With and without BOM, every file of the small district."""
    small_district(tmp_path)
    rows = read_table(tmp_path / model.file, model).rows
    for bom in (False, True):
        write_rows(tmp_path / "again.csv", rows, bom=bom)
        assert read_table(tmp_path / "again.csv", model).rows == rows
        assert (tmp_path / "again.csv").read_bytes().startswith(b"\xef\xbb\xbf") is bom


def test_text_with_quotes_commas_and_lines_is_read_back(tmp_path: Path) -> None:
    """What a spreadsheet quotes."""
    rows = [PersonRow(person="a", squadron="s1", role="officer", name='"王", 芳')]
    write_rows(tmp_path / "people.csv", rows)
    assert read_table(tmp_path / "people.csv", PersonRow).rows == tuple(rows)


def erase(folder: Path) -> None:
    """Empty every private column."""
    for model in TABLES:
        private = dict.fromkeys(set(model.private), "")
        for record in range(len(read_table(folder / model.file, model).rows) if private else 0):
            edit(folder, model, record, **private)


def drop(folder: Path) -> None:
    """Take the private columns out, write the rest in another order, with BOM and CRLF."""
    for model in TABLES:
        table = read_table(folder / model.file, model)
        kept = [name for name in table.header if name not in model.private][::-1]
        places = [table.header.index(name) for name in kept]
        lines = [",".join(kept), *(",".join(cells[at] for at in places) for cells in table.cells)]
        (folder / model.file).write_bytes(b"\xef\xbb\xbf" + "\r\n".join(lines).encode())


def remark(folder: Path) -> None:
    """A column that nobody reads."""
    path = folder / "people.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    lines = [f"{lines[0]},remark", *(f"{line},爱人电话" for line in lines[1:])]
    path.write_text("\n".join(lines), encoding="utf-8")


@pytest.mark.parametrize("change", [erase, drop, remark])
def test_erasing_names_changes_no_hash(tmp_path: Path, change: Callable[[Path], None]) -> None:
    """Nor does dropping their columns, another order, BOM, line ends, or a remark."""
    before = load(small_district(tmp_path)).hashes
    change(tmp_path)
    after = load(tmp_path)
    assert after.hashes == before
    assert change is remark or not any(row.name for row in after.people.persons.values())


@pytest.mark.parametrize("model", TABLES, ids=lambda model: model.file)
def test_every_public_cell_is_in_the_hash(tmp_path: Path, model: type[Row]) -> None:
    """Any other value of any public column gives another hash; a private one the same."""
    small_district(tmp_path)
    table = read_table(tmp_path / model.file, model)
    before = hashlib.sha256(public_csv(table)).hexdigest()
    for column in table.header:
        edit(tmp_path, model, 0, **{column: "another"})
        after = hashlib.sha256(public_csv(read_table(tmp_path / model.file, model))).hexdigest()
        assert (after == before) is (column in model.private), column
        edit(tmp_path, model, 0, **{column: table.cells[0][table.header.index(column)]})


def test_a_district_loads_from_its_public_files(tmp_path: Path) -> None:
    """What is kept beside the journal by hash is enough to replay, and hashes the same."""
    before = load(small_district(tmp_path))
    for model in TABLES:
        kept = public_csv(read_table(tmp_path / model.file, model))
        assert hashlib.sha256(kept).hexdigest() == before.hashes[model.file]
        (tmp_path / model.file).write_bytes(kept)
    after = load(tmp_path)
    assert after.hashes == before.hashes
    assert after.travel.fingerprint == before.travel.fingerprint
    assert after.people.teams_on(MONDAY) == before.people.teams_on(MONDAY)


def test_the_page_is_what_the_code_says() -> None:
    """`python -m config.document docs/district.md` would change nothing."""
    page = (ROOT / "docs" / "district.md").read_text(encoding="utf-8")
    assert document.renewed(page) == page
    for model in TABLES:
        assert f"### `{model.file}`" in page


@pytest.mark.parametrize("model", [*TABLES, HistoryRow, LiveRow], ids=lambda model: model.file)
def test_the_examples_of_the_page_are_rows(tmp_path: Path, model: type[Row]) -> None:
    """The example of each file is read without a finding, and fills every column."""
    example = document.EXAMPLES[model.file]
    assert all(example.split(","))
    text = ",".join(columns(model)) + "\n" + example + "\n"
    (tmp_path / "example.csv").write_text(text, encoding="utf-8")
    table = read_table(tmp_path / "example.csv", model)
    assert (len(table.rows), table.findings) == (1, [])


def test_a_duty_over_midnight_keeps_its_times(district: District) -> None:
    """20:00 to 02:00 on Thursday is six hours."""
    joint = next(duty for duty in district.duties if duty.duty == "joint")
    assert isinstance(joint, DutyRow)
    assert joint.on is not None
    first, last = district.calendar.span_ms(joint.on, joint.start, joint.end)
    assert last - first == 6 * 3_600_000


def test_an_edge_without_seconds_takes_its_length_and_speed(tmp_path: Path) -> None:
    """300 m at 36 km/h are 30 s, on patrol too where nothing else is said."""
    edit(small_district(tmp_path), EdgeRow, 0, seconds="", patrol_seconds="", speed_kmh="36")
    roads = load(tmp_path).roads
    assert (roads.seconds_ms[0], roads.patrol_ms[0]) == (30_000, 30_000)
