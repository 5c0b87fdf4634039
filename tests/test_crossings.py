"""Places by the names of two streets: in a ledger without coordinates, and on the command line."""

import re
from itertools import pairwise
from pathlib import Path

import pytest
from districts import small_district
from test_import import OSM

from config.crossings import Crossings
from config.district import load
from config.errors import BadInput, NotFound
from config.importers.history import read_history
from config.importers.make import import_district
from config.importers.mapping import load as load_mapping
from config.tables import EdgeRow, NodeRow
from events.whereabouts import known_junction

SHANGHAI = Path(__file__).parent.parent / "config" / "importers" / "mappings" / "shanghai.yaml"
TABLES = """
tables:
  台账:
    id: 编号
    time: {columns: [时间], formats: ["%Y/%m/%d %H:%M"]}
    place: {column: 事故地点}
    kind: {value: crash}
"""
LEDGER = """交警大队事故台账,,
编号,时间,事故地点
1,2026/10/01 08:00,中山路与人民路路口
2,2026/10/02 08:00,静安区中山路人民路交叉口东侧
3,2026/10/03 08:00,人民路近中山路
4,2026/10/04 08:00,中山路100号
5,2026/10/05 08:00,
6,2026/10/06 08:00,新中山路与人民路路口
"""


def ledger(tmp_path: Path, tables: str = TABLES) -> tuple[Path, Path]:
    """A map and a ledger without coordinates, and their mapping."""
    source, mapping = tmp_path / "source", tmp_path / "city.yaml"
    source.mkdir()
    (source / "map.osm").write_text(OSM, encoding="utf-8")
    (source / "台账.csv").write_text(LEDGER, encoding="utf-8")
    mapping.write_text(SHANGHAI.read_text(encoding="utf-8") + tables, encoding="utf-8")
    return source, mapping


def test_a_ledger_without_coordinates_lies_where_its_streets_cross(tmp_path: Path) -> None:
    """What names no two streets is refused and counted: nothing is guessed."""
    source, mapping = ledger(tmp_path)
    report = import_district(source, tmp_path / "out", mapping)
    rows = read_history(tmp_path / "out", load(tmp_path / "out").settings).rows
    assert rows[["id", "node"]].to_numpy().tolist() == [["1", "n2"], ["2", "n2"], ["3", "n2"]]
    (read,) = (each for each in report.files if each.table == "台账")
    assert read.refused == {"no_crossing": 2, "no_place": 1}
    assert read.causes["no_crossing"].values == ("中山路100号", "新中山路与人民路路口")
    places = (tmp_path / "out" / "places.csv").read_text(encoding="utf-8")
    assert "中山路与人民路路口" in places


def test_a_district_reads_such_a_ledger_in_its_history(tmp_path: Path) -> None:
    """With a mapping of its own, and its own streets."""
    source, mapping = ledger(tmp_path)
    out = tmp_path / "out"
    import_district(source / "map.osm", out, SHANGHAI)
    for file in (out / "history").iterdir():
        file.unlink()
    (out / "history" / "台账.csv").write_text(LEDGER, encoding="utf-8")
    text = mapping.read_text(encoding="utf-8")
    head, _, rest = text.partition("district:")
    told = head + "tables:" + rest.partition("tables:")[2]
    (out / "history" / "mapping.yaml").write_text(told, encoding="utf-8")
    assert read_history(out, load(out).settings).rows["id"].tolist() == ["1", "2", "3"]


def test_streets_need_a_network_that_names_them(tmp_path: Path) -> None:
    """Cells have none: the mapping is refused, not each row."""
    _, mapping = ledger(tmp_path)
    text = mapping.read_text(encoding="utf-8")
    begin, end = text.index("  network:"), text.index("  force:")
    mapping.write_text(text[:begin] + "  network: {kind: cells}\n" + text[end:], encoding="utf-8")
    with pytest.raises(BadInput, match="named streets"):
        load_mapping(mapping)


def grid(*streets: tuple[str, list[tuple[float, float]]]) -> Crossings:
    """Streets as lines of points, in metres; equal points are one junction."""
    spots = list(dict.fromkeys(spot for _, line in streets for spot in line))
    nodes = [NodeRow(node=f"n{at}", x_m=x, y_m=y) for at, (x, y) in enumerate(spots)]
    edges = [
        EdgeRow.model_validate({"from": f"n{spots.index(one)}", "to": f"n{spots.index(other)}",
                                "section": name, "length_m": 1, "speed_kmh": 30})
        for name, line in streets for one, other in pairwise(line)
    ]  # fmt: skip
    return Crossings(nodes, edges)


@pytest.mark.parametrize(("text", "found"), [
    ("甲路与乙路路口", 1), ("乙路/甲路", 1), ("甲路乙路交叉口", 1), ("丙路、甲路", "two_crossings"),
    ("甲路 丁路", 0), ("甲路", "no_crossing"), ("甲路与戊路", "no_crossing"), ("", "no_crossing"),
])  # fmt: skip
def test_two_streets_cross_in_one_place_or_it_is_said(text: str, found: int | str) -> None:
    """Carriageways that lie side by side are one place; streets that meet twice are two."""
    crossings = grid(
        ("甲路", [(0, 0), (500, 0), (2000, 0)]), ("乙路", [(500, 0), (500, 900)]),
        ("丙路", [(0, 0), (0, 500), (2000, 0)]), ("丁路", [(-30, 0), (-30, 300)]),
        ("戊路", [(9000, 0), (9000, 300)]),
    )  # fmt: skip
    assert crossings.find(text) == found


@pytest.mark.parametrize(("known", "longer"), [
    ("S2", "S20"), ("S2", "S2a"), ("S2", "AS2"), ("G1", "G15"), ("Park", "Parking"),
    ("Aragó", "Aragónia"), ("Straß", "Straße"), ("Мир", "Мира"), ("Rue 1", "Rue 1é"),
])  # fmt: skip
@pytest.mark.parametrize("told", ["{}与沪闵路路口", "沪闵路/{}", "沪闵路{}路口"])
def test_a_road_is_not_found_in_the_name_of_a_longer_one(
    told: str, known: str, longer: str
) -> None:
    """S20 is another road than S2, and kilometres away."""
    crossings = grid((known, [(0, 0), (500, 0)]), ("沪闵路", [(500, 0), (500, 900)]))
    found = [crossings.find(told.format(name)) for name in (known, longer)]
    assert found == [1, "no_crossing"]


@pytest.mark.parametrize("text", [
    "位于甲路与乙路路口", "发生于甲路乙路路口", "甲路距乙路约50米", "甲路过乙路30米",
    "甲路进乙路20米", "甲路东侧乙路口", "甲路100号乙路口", "甲路跟乙路路口", "甲路同乙路交叉口",
    "国道甲路与乙路",
])  # fmt: skip
def test_a_place_is_found_as_people_write_it(text: str) -> None:
    """The words between two streets are those of the desks' ledgers."""
    assert grid(("甲路", [(0, 0), (500, 0)]), ("乙路", [(500, 0), (500, 900)])).find(text) == 1


@pytest.mark.parametrize(("apart_m", "found"), [(240, 1), (260, "two_crossings")])
def test_crossings_are_as_far_apart_as_they_lie_from_each_other(
    apart_m: float, found: int | str
) -> None:
    """Not from the middle between them, which is half as far."""
    end = (500 + apart_m, 0.0)
    crossings = grid(("甲路", [(0, 0), (500, 0), end]), ("乙路", [(500, 0), (600, 90), end]))
    assert crossings.find("甲路与乙路") == found


def test_a_junction_is_known_by_its_streets(tmp_path: Path) -> None:
    """The desk is told 中山路人民路, never the number of a node."""
    source, _ = ledger(tmp_path)
    import_district(source / "map.osm", tmp_path / "out", SHANGHAI)
    for told in ("n2", "中山路/人民路", "人民路与中山路路口"):
        assert known_junction(tmp_path / "out", told) == "n2"
    with pytest.raises(NotFound) as caught:
        known_junction(tmp_path / "out", "中山路/长江路")
    assert (caught.value.key, caught.value.fields["streets"]) == ("incident.one_street", "中山路")


@pytest.mark.parametrize(("told", "key", "streets"), [
    ("Ring Rd/莫干山路", "incident.one_street", "莫干山路"),
    ("zz", "incident.no_junction_at_all", None),
    ("莫干山路与天目山路", "incident.no_crossing", "莫干山路, 天目山路"),
])  # fmt: skip
def test_streets_that_do_not_cross_are_told_as_such(
    told: str, key: str, streets: str | None, tmp_path: Path
) -> None:
    """Not as a node that nodes.csv lacks: nobody named one."""
    with pytest.raises(NotFound) as caught:
        known_junction(small_district(tmp_path / "d"), told)
    assert (caught.value.key, caught.value.fields.get("streets")) == (key, streets)


def test_the_chinese_example_in_the_docs_makes_a_district(tmp_path: Path) -> None:
    """Its ledger, as it stands there, with a map that has its streets."""
    page = (SHANGHAI.parents[3] / "docs" / "import.md").read_text(encoding="utf-8")
    ledger_told = re.findall(r"```text\n(.*?)```", page, re.DOTALL)[0]
    mapping_told = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)[1]
    source, _ = ledger(tmp_path)
    named = OSM.replace("中山路", "南京西路").replace("人民路", "石门一路")
    (source / "map.osm").write_text(named, encoding="utf-8")
    (source / "台账.csv").write_bytes(ledger_told.encode("gbk"))
    (tmp_path / "city.yaml").write_text(mapping_told, encoding="utf-8")
    report = import_district(source, tmp_path / "out", tmp_path / "city.yaml")
    assert report.totals("台账")["written"] == 1
    assert report.lost == {}
    rows = read_history(tmp_path / "out", load(tmp_path / "out").settings).rows
    names = ["id", "node", "severity", "violation"]
    assert rows[names].to_numpy().tolist() == [["S001", "n2", "damage", "未保持安全距离"]]
