"""Places by a road and its km post 桩号: in a ledger without coordinates, and on the desk."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from districts import small_district
from test_crossings import SHANGHAI, TABLES
from test_import import OSM, TODAY

from config.crossings import Crossings
from config.district import load
from config.errors import NotFound
from config.importers.history import read_history
from config.importers.make import import_district
from config.importers.quality import Report
from config.importers.refused import check_history
from config.km_posts import KmPosts, post_text, read_km
from config.reading import read_table, write_rows
from config.tables import NodeRow, PlaceRow
from config.words import words
from events.whereabouts import known_place, known_post, known_section

MILESTONES = """
<node id="7" lon="121.4151" lat="31.2002">
  <tag k="highway" v="milestone"/><tag k="distance" v="12.5"/></node>
<node id="8" lon="121.43" lat="31.25">
  <tag k="highway" v="milestone"/><tag k="distance" v="40"/></node>
</osm>"""
LEDGER = """编号,时间,事故地点
1,2026/10/01 08:00,Ｓ２０中山路Ｋ１２＋３５０处
2,2026/10/02 08:00,中山路12公里400米
3,2026/10/03 08:00,中山路与人民路路口
4,2026/10/04 08:00,中山路K99
5,2026/10/05 08:00,人民路K12
"""


def posts(*roads: str) -> KmPosts:
    """Each road with a post at each kilometre from 100 to 130."""
    return KmPosts(
        [PlaceRow(place=f"{number}-{km}", kind="km_post", node="n1", name="x", km=km, section=road)
         for number, road in enumerate(roads) for km in range(100, 131)],
        ["中山路"],
    )  # fmt: skip


def imported(tmp_path: Path, roads: str) -> Report:
    """The ledger with a map."""
    source, mapping = tmp_path / "source", tmp_path / "city.yaml"
    source.mkdir()
    (source / "map.osm").write_text(roads, encoding="utf-8")
    (source / "台账.csv").write_text(LEDGER, encoding="utf-8")
    mapping.write_text(SHANGHAI.read_text(encoding="utf-8") + TABLES, encoding="utf-8")
    return import_district(source, tmp_path / "out", mapping, None, TODAY)


def in_history(tmp_path: Path, places: Sequence[str]) -> Path:
    """A district that reads a ledger of these places in its own history."""
    out = tmp_path / "out"
    imported(tmp_path, OSM)
    (out / "history" / "incidents.csv").unlink()
    rows = [f"{at},2026/10/{1 + at:02d} 08:00,{place}" for at, place in enumerate(places)]
    text = "\n".join(["编号,时间,事故地点", *rows, ""])
    (out / "history" / "台账.csv").write_text(text, encoding="utf-8")
    told = (tmp_path / "city.yaml").read_text(encoding="utf-8")
    head, tables = told.partition("district:")[0], told.partition("tables:")[2]
    (out / "history" / "mapping.yaml").write_text(f"{head}tables:{tables}", encoding="utf-8")
    return out


@pytest.mark.parametrize("text", [
    "G312国道K123+400", "g312国道 k 123 + 400", "Ｇ３１２国道Ｋ１２３＋４００", "312国道K123+400处",
    "国道312 123公里400米", "G312国道123公里+400米", "G312 123km+400m", "G312K123.4",
    "G312国道YK123+400", "G312国道123+400", "K123+400 G312国道", "桩号K123+400，G312国道",
    "G312国道由东向西123公里400米", "G312国道浦东段K123+400", "G312沪宁公路K123+400",
    "中山路口南侧G312国道K123+400", "国道G312 123.4公里", "312国道线123公里400米",
    "G312上行线123公里400米", "G312国道往上海方向123公里400米", "G312(山东方向)第123.4公里处",
    "由东向西行驶至G312国道123公里400米", "G312国道东往西行至123公里400米处测速点",
    "G312国道收费站前2公里K123+400", "G312 eastbound 123.4 km", "G312国道里程桩123公里400米",
    "G312国道第三车道123公里400米", "G312国道东半幅123公里400米外侧护栏",
])  # fmt: skip
def test_a_km_post_is_read_as_people_write_it(text: str) -> None:
    """One road, one kilometre, whatever the hand."""
    told = posts("G312").find(text)
    assert told is not None
    assert told.row is not None
    assert (told.section, told.km, told.row.place) == ("G312", 123.4, "0-123")


@pytest.mark.parametrize(("text", "road"), [
    ("S20外环高速 K112+350处", "外环高速"), ("沪宁高速112公里350米", "沪宁高速公路"),
    ("沪宁高速公路K112+350", "沪宁高速公路"), ("ring road k112+350", "Ring Road"),
    ("K112+350外环高速", "外环高速"), ("桩号ZK112.35外环高速", "外环高速"),
    ("112+350米沪宁高速", "沪宁高速公路"),
])  # fmt: skip
def test_a_road_is_known_behind_its_number_and_without_its_last_word(text: str, road: str) -> None:
    """S20外环高速 is 外环高速, 沪宁高速 the map's 沪宁高速公路."""
    told = posts("外环高速", "沪宁高速公路", "Ring Road").find(text)
    assert told is not None
    assert (told.section, told.km) == (road, 112.35)


@pytest.mark.parametrize("text", [
    "中山路K112", "绕城高速K112近沪宁高速", "沪宁高速与绕城高速K112", "沪宁高速与G15 K112", "K112",
])  # fmt: skip
def test_a_post_of_another_road_is_not_guessed(text: str) -> None:
    """The road before the post is the one that has it."""
    told = posts("沪宁高速").find(text)
    assert told is not None
    assert told.section is None


@pytest.mark.parametrize("text", [
    "沪宁高速路口向东112公里", "距沪宁高速约112公里", "沪宁高速收费站前112公里",
    "沪宁高速距江桥收费站112公里处", "沪宁高速江桥收费站往西112公里", "沪宁高速过江桥出口112公里",
    "沪宁高速往西112公里", "沪宁高速向西方向112公里", "沪宁高速江桥西方向112公里",
    "沪宁高速江桥往嘉定方向112公里", "沪宁高速由东向西行驶112公里", "距沪宁高速112公里",
    "离G42沪宁高速112公里", "沪宁高速112公里以内", "112公里沪宁高速", "沪宁高速112公里范围内",
    "沪宁高速112公里外", "沪宁高速112公里拥堵",
])  # fmt: skip
def test_a_distance_is_no_km_post(text: str) -> None:
    """Nobody stands at kilometre 112 because it is that far from there."""
    assert posts("沪宁高速").find(text) is None


@pytest.mark.parametrize("text", [
    "沪宁高速限速112km/h", "沪宁高速112km/h", "沪宁高速112 km / h", "沪宁高速测速112公里/小时",
    "沪宁高速112公里每小时", "沪宁高速112公里限速", "沪宁高速时速112公里",
])  # fmt: skip
def test_a_speed_is_no_km_post(text: str) -> None:
    """Nor because it is that fast."""
    assert posts("沪宁高速").find(text) is None


@pytest.mark.parametrize("text", [
    "沪宁高速112号", "沪宁高速112米", "沪宁高速", "G112 沪宁高速", "",
])  # fmt: skip
def test_a_number_is_no_km_post(text: str) -> None:
    """Of a house, of metres, of the road itself."""
    assert posts("沪宁高速").find(text) is None


@pytest.mark.parametrize(("km", "near"), [
    (99.0, "0-100"), (98.99, None), (131.0, "0-130"), (131.01, None), (110.4, "0-110"),
])  # fmt: skip
def test_a_post_is_known_within_a_kilometre(km: float, near: str | None) -> None:
    """As the engine knows it; beyond that the road's range is told."""
    told = posts("G312").on("312国道", km)
    assert (told.row and told.row.place, told.known()) == (near, "G312 K100–K130")


@pytest.mark.parametrize(("text", "km"), [
    ("12.35", 12.35), ("K12+350", 12.35), ("ｋ１２＋３５０", 12.35), ("12公里350米", 12.35),
    ("12+350", 12.35), (" k 12 ", 12.0), ("12km", 12.0), ("12km+350m", 12.35), ("K12+350处", 12.35),
    ("abc", None), ("-1", None), ("", None),
])  # fmt: skip
def test_a_kilometre_is_read_as_it_stands_on_the_post(text: str, km: float | None) -> None:
    """The desk types what the caller reads out."""
    assert read_km(text) == km


def test_a_kilometre_is_told_as_it_stands_on_the_post() -> None:
    """Metres where there are any."""
    assert [post_text(km) for km in (12, 12.35, 0.05)] == ["K12", "K12+350", "K0+050"]


def test_streets_that_cross_come_before_a_post() -> None:
    """A crossing is exact; with one street only the post counts."""
    post = PlaceRow(place="k", kind="km_post", node="n1", name="x", km=3, section="甲路")
    crossings = Crossings([NodeRow(node="n1", x_m=0, y_m=0)], [], [post])
    found = [crossings.locate(text).how for text in ("甲路K3", "甲路K9", "乙路K3", "甲路")]
    assert found == ["km_post", "beyond_posts", "no_km_posts", "no_crossing"]


def test_a_ledger_lies_at_the_km_posts_of_its_map(tmp_path: Path) -> None:
    """Of a post beside the road, at which the road is cut; what was found how is told."""
    report = imported(tmp_path, OSM.replace("</osm>", MILESTONES))
    rows = read_history(tmp_path / "out", load(tmp_path / "out").settings).rows
    assert rows[["id", "node"]].to_numpy().tolist() == [["1", "n5"], ["2", "n5"], ["3", "n2"]]
    (read,) = (each for each in report.files if each.table == "台账")
    assert read.placed == {"km_post": 2, "crossing": 1}
    assert read.refused == {"beyond_posts": 1, "no_km_posts": 1}
    assert read.causes["beyond_posts"].told() == {
        "column": "事故地点", "values": "中山路K99", "expected": "中山路 K12+500–K12+500",
    }  # fmt: skip
    assert "no_km_posts" not in report.notes
    assert any("按道路桩号定位" in line for line in report.lines(words("zh-CN")))
    assert known_post(tmp_path / "out", "中山路k12+350") == {"section": "中山路", "km": 12.35}


def test_a_map_without_km_posts_is_said_to_have_none(tmp_path: Path) -> None:
    """Not that it lacks the street, which it has."""
    report = imported(tmp_path, OSM)
    (read,) = (each for each in report.files if each.table == "台账")
    assert read.refused == {"no_km_posts": 4}
    assert read.placed == {"crossing": 1}
    assert "no_km_posts" in report.notes
    assert any("地图没有公里桩" in line for line in report.lines(words("zh-CN")))


def test_a_district_reads_km_posts_of_its_own(tmp_path: Path) -> None:
    """Those that people put into places.csv; `check` names the range of one that is beyond it."""
    out = in_history(tmp_path, [])
    (out / "history" / "台账.csv").write_text(LEDGER, encoding="utf-8")
    write_rows(out / PlaceRow.file, [PlaceRow(place="k12", kind="km_post", node="n3", name="K12",
                                              km=12, section="中山路")])  # fmt: skip
    district = load(out)
    rows = read_history(out, district.settings).rows
    assert rows["id"].tolist() == ["1", "2", "3"]
    nodes = read_table(out / NodeRow.file, NodeRow)
    found = {one.key: one.fields for one in check_history(out, district.settings, nodes)}
    assert found["import.refused.beyond_posts"]["expected"] == "中山路 K12–K12"


@pytest.mark.parametrize(
    "told", ["古墩路K3", "古墩路 k3", "古墩路Ｋ３", "古墩路3公里", "古墩路 3km处"]
)
def test_the_desk_names_a_km_post_in_a_word(told: str, tmp_path: Path) -> None:
    """With or without blanks, in small letters, full-width."""
    folder = small_district(tmp_path / "d")
    assert known_post(folder, told) == {"section": "古墩路", "km": 3.0}


def test_the_desk_is_told_which_posts_there_are(tmp_path: Path) -> None:
    """A slip of the key sends nobody to the wrong end of the road."""
    folder = small_district(tmp_path / "d")
    with pytest.raises(NotFound) as caught:
        known_post(folder, "古墩路K9")
    with pytest.raises(NotFound) as again:
        known_section(folder, "古墩路", 9)
    assert caught.value.key == again.value.key == "incident.beyond_posts"
    assert caught.value.fields == again.value.fields
    assert caught.value.fields == {"value": "古墩路 K9", "known": "古墩路 K3–K3"}
    with pytest.raises(NotFound) as caught:
        known_post(folder, "沪宁高速K9")
    assert caught.value.key == "incident.no_km_posts"
    assert known_post(folder, "古墩路") is None


def test_a_name_is_known_as_it_is_typed_in_haste(tmp_path: Path) -> None:
    """大外环 K3, without its blank and in a small letter; a section in full-width letters."""
    folder = small_district(tmp_path / "d")
    assert known_place(folder, "大外环k3") == "p6"
    assert known_section(folder, " 大外环 ", 3.5) == {"section": "大外环", "km": 3.5}


@pytest.mark.parametrize(("lost", "keys"), [(2, []), (3, ["check.history_refused"])])
def test_a_fifth_of_places_in_words_may_stay_unfound(
    lost: int, keys: list[str], tmp_path: Path
) -> None:
    """A ledger of house numbers is read as well as it can be; one of which most are is not."""
    out = in_history(tmp_path, [*["中山路与人民路路口"] * (12 - lost), *["中山路100号"] * lost])
    settings = load(out).settings
    found = check_history(out, settings, read_table(out / NodeRow.file, NodeRow))
    assert [one.key for one in found if one.level == "error"] == keys


def test_only_usable_rows_are_told_as_placed(tmp_path: Path) -> None:
    """A crossing that is found does not help a row whose time is none."""
    out = in_history(tmp_path, ["中山路与人民路路口", "人民路与中山路"])
    ledger = out / "history" / "台账.csv"
    ledger.write_text(ledger.read_text(encoding="utf-8") + "x,?,中山路与人民路\n", encoding="utf-8")
    (read,) = read_history(out, load(out).settings).files
    assert (read.refused, read.placed) == ({"no_time": 1}, {"crossing": 2})
