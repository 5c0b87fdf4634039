"""`qinwu import`: real and small sources to district folders that `qinwu check` accepts."""

import io
import json
import re
from collections import Counter
from datetime import date
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest
import typer
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components
from small_import import GRAPH, small_source
from typer.testing import CliRunner

from config import cli, district, findings
from config.errors import BadInput, NotFound
from config.importers import areas, quality, reader
from config.importers.columns import WORDS
from config.importers.history import read_history
from config.importers.make import import_district
from config.importers.mapping import Group
from config.roads import IntArray
from config.words import LANGUAGES, catalogue, words

SHARED = Path(__file__).resolve().parent.parent.parent / "shared" / "data"
TODAY = date(2026, 11, 24)
needs_data = pytest.mark.skipif(not SHARED.is_dir(), reason="no ../shared/data beside the project")


def small(tmp_path: Path, **options: date) -> tuple[quality.Report, Path]:
    """The small source, imported."""
    source, out = small_source(tmp_path / "source"), tmp_path / "out"
    report = import_district(source, out, tmp_path / "small.yaml", today=TODAY, **options)
    return report, out


def counts(report: quality.Report, table: str) -> tuple[int, ...]:
    """Rows read, usable, duplicate, refused and written of a table."""
    totals = report.totals(table)
    names = ("read", "usable", "duplicate", "refused", "written")
    return tuple(totals[name] for name in names)


TO_DO = {"check.people_generated", "check.calendar_no_holiday"}
"""What no source of incidents holds, so that people must bring it."""


def doubts(folder: Path) -> set[str]:
    """Keys of all that is found in a folder."""
    return {finding.key for finding in district.check(folder)}


def test_a_small_source_becomes_a_sound_district(tmp_path: Path) -> None:
    """`check` finds what is generated; the dead end is left out; the far crash has its line."""
    report, out = small(tmp_path)
    assert doubts(out) == TO_DO
    assert (report.network["nodes_left_out"], report.network["edges_left_out"]) == (1, 1)
    crashes = next(each for each in report.files if each.table == "crashes")
    assert crashes.refused == {"outside_network": 1}
    assert crashes.samples[0][0] == 14
    roads = district.load(out).roads
    assert set(roads.seconds_ms.tolist()) == {30_000}


def test_what_is_written_is_read_back_by_the_same_reader(tmp_path: Path) -> None:
    """A district's history comes back row by row through its own mapping."""
    report, out = small(tmp_path)
    records = read_history(out, district.load(out).settings)
    assert counts(report, "crashes") == (13, 12, 0, 1, 12)
    assert sorted(records.rows["id"]) == sorted(f"k{k}" for k in range(12))
    assert [each.usable for each in records.files] == [12]


def test_posts_at_one_street_are_told_apart_by_a_number(tmp_path: Path) -> None:
    """A sheet that says 中山路 three times sends somebody to the wrong end of it."""
    source = small_source(tmp_path / "source")
    crashes = source / "crashes.csv"
    told = re.sub(r"Street \d+", "中山路", crashes.read_text(encoding="utf-8"))
    crashes.write_text(told, encoding="utf-8")
    import_district(source, tmp_path / "out", tmp_path / "small.yaml", None, TODAY)
    posts = district.load(tmp_path / "out").posts.values()
    assert sorted(str(post.name) for post in posts) == ["中山路", "中山路 2", "中山路 3"]


def test_a_place_without_a_street_is_named_by_the_nearest_with_one(tmp_path: Path) -> None:
    """With how far it is off and where to, not by the number of its node."""
    source = small_source(tmp_path / "source")
    crashes = source / "crashes.csv"
    crashes.write_text(crashes.read_text().replace("Street 0\n", "\n"), encoding="utf-8")
    import_district(source, tmp_path / "out", tmp_path / "small.yaml", today=TODAY)
    places = pd.read_csv(tmp_path / "out" / "places.csv").set_index("node")["name"]
    assert re.fullmatch(r"Street (1\+\d+mS|11\+\d+mN)", places["n0"])


def test_a_live_day_is_kept_out_of_the_history(tmp_path: Path) -> None:
    """Its incidents stand in live/DATE.csv in order, drawn alike each time; none in the history."""
    report, out = small(tmp_path, day=date(2017, 10, 1))
    live = pd.read_csv(out / "live" / "2017-10-01.csv")
    assert len(live) == 6 == report.made["live"]
    assert live["at"].is_monotonic_increasing
    assert live["at"].str.startswith("2017-10-01T").all()
    history = pd.read_csv(out / "history" / "incidents.csv")
    assert history["at"].str.startswith("2017-10-02T").all()
    again = import_district(tmp_path / "source", tmp_path / "again", tmp_path / "small.yaml",
                            date(2017, 10, 1), TODAY)  # fmt: skip
    assert again.written["live/2017-10-01.csv"] == report.written["live/2017-10-01.csv"]


def test_a_live_day_without_incidents_is_not_found(tmp_path: Path) -> None:
    """The message says from when to when the source runs; nothing is written."""
    with pytest.raises(NotFound) as caught:
        small(tmp_path, day=date(2017, 12, 24))
    assert str(caught.value.fields["last"]) == "2017-10-02"
    assert not (tmp_path / "out").exists()


def test_a_full_folder_is_refused_and_an_import_is_replaced(tmp_path: Path) -> None:
    """Only a folder that an import made may be written again; strangers' files stay."""
    _, out = small(tmp_path)
    (out / "duty.db").write_text("journal", encoding="utf-8")
    import_district(tmp_path / "source", out, tmp_path / "small.yaml", date(2017, 10, 1), TODAY)
    import_district(tmp_path / "source", out, tmp_path / "small.yaml", None, TODAY)
    assert not (out / "live" / "2017-10-01.csv").exists()
    assert (out / "duty.db").read_text(encoding="utf-8") == "journal"
    (out / "quality.json").unlink()
    with pytest.raises(BadInput) as caught:
        import_district(tmp_path / "source", out, tmp_path / "small.yaml", None, TODAY)
    assert caught.value.findings[0].key == "import.out_full"


def test_an_edited_import_is_not_overwritten(tmp_path: Path) -> None:
    """Holidays that people filled in are not lost; the file is named."""
    _, out = small(tmp_path)
    with (out / "calendar.csv").open("a", encoding="utf-8") as file:
        file.write("2030-01-01,holiday,0,\n")
    with pytest.raises(BadInput) as caught:
        import_district(tmp_path / "source", out, tmp_path / "small.yaml", None, TODAY)
    assert [Path(each.file).name for each in caught.value.findings] == ["calendar.csv"]


def test_a_source_that_cannot_be_used_leaves_the_folder_as_it_was(tmp_path: Path) -> None:
    """The former import stands until the new one is whole."""
    report, out = small(tmp_path)
    (tmp_path / "source" / "crashes.csv").write_text("key,day,clock,lon,street\n", encoding="utf-8")
    with pytest.raises(BadInput):
        import_district(tmp_path / "source", out, tmp_path / "small.yaml", None, TODAY)
    assert all((out / name).is_file() for name in report.written)


HEADERS = {
    "key,day,clock,lon,latitude,street": ("import.columns_missing", "lat"),
    "key;day;clock;lon;lat;street": ("import.delimiter", "';'"),
}


@pytest.mark.parametrize("header", HEADERS)
def test_a_file_that_nearly_fits_is_refused_by_name(tmp_path: Path, header: str) -> None:
    """A renamed column, or another delimiter than declared, is a finding and not a lost file."""
    source = small_source(tmp_path / "source")
    (tmp_path / "small.yaml").write_text(GRAPH + 'reading: {delimiter: ","}\n', encoding="utf-8")
    (source / "crashes.csv").write_text(header + "\n", encoding="utf-8")
    with pytest.raises(BadInput) as caught:
        import_district(source, tmp_path / "out", tmp_path / "small.yaml", None, TODAY)
    found = caught.value.findings[0]
    assert (found.file, found.line, found.key) == ("crashes.csv", 1, HEADERS[header][0])
    assert HEADERS[header][1] in {str(value) for value in found.fields.values()}


def test_a_source_of_which_no_row_is_used_is_refused_with_its_header(tmp_path: Path) -> None:
    """A district without the history that its mapping describes is no success."""
    source = small_source(tmp_path / "source")
    (source / "crashes.csv").write_text("编号,时间\n1,2\n", encoding="utf-16")
    with pytest.raises(BadInput) as caught:
        import_district(source, tmp_path / "out", tmp_path / "small.yaml", None, TODAY)
    (found,) = caught.value.findings
    assert (found.file, found.fields["header"]) == ("crashes.csv", "编号,时间")
    assert found.fields["columns"] == "crashes: clock, day, key, lat, lon, street"


def test_a_mapping_without_tables_needs_no_rows(tmp_path: Path) -> None:
    """A map alone makes a district without a history."""
    source = small_source(tmp_path / "source")
    bare = GRAPH.partition("tables:")[0]
    (tmp_path / "small.yaml").write_text(bare, encoding="utf-8")
    report = import_district(source, tmp_path / "out", tmp_path / "small.yaml", None, TODAY)
    assert (report.ignored, "no_history" in report.notes) == (["crashes.csv"], True)


def test_a_foreign_file_is_named_as_not_used(tmp_path: Path) -> None:
    """A file that has nothing to do with the mapping is in the report, not in silence."""
    source = small_source(tmp_path / "source")
    (source / "readme.txt").write_text("hello", encoding="utf-8")
    report = import_district(source, tmp_path / "out", tmp_path / "small.yaml", None, TODAY)
    assert report.ignored == ["readme.txt"]
    assert any("readme.txt" in line and "hello" in line for line in report.lines(words("en")))


OSM = """<?xml version="1.0"?><osm>
<node id="1" lon="121.40" lat="31.20"/><node id="2" lon="121.41" lat="31.20"/>
<node id="3" lon="121.42" lat="31.20"/><node id="4" lon="121.41" lat="31.21"/>
<node id="5" lon="121.415" lat="31.20"/>
<way id="10"><nd ref="1"/><nd ref="2"/><nd ref="5"/><nd ref="3"/>
  <tag k="highway" v="primary"/><tag k="name" v="中山路"/><tag k="maxspeed" v="60"/></way>
<way id="11"><nd ref="4"/><nd ref="2"/>
  <tag k="highway" v="tertiary"/><tag k="name" v="人民路"/><tag k="oneway" v="-1"/></way>
<way id="12"><nd ref="4"/><nd ref="1"/><tag k="highway" v="motorway_link"/></way>
<way id="13"><nd ref="1"/><nd ref="3"/><tag k="highway" v="footway"/></way>
</osm>"""


def test_openstreetmap_ways_become_directed_sections(tmp_path: Path) -> None:
    """Split at junctions; -1 runs against the way, a motorway is one-way; footways are refused."""
    (tmp_path / "small.osm").write_text(OSM, encoding="utf-8")
    report = import_district(tmp_path / "small.osm", tmp_path / "out", None, None, TODAY)
    assert doubts(tmp_path / "out") == TO_DO | {"check.history_none"}
    edges = pd.read_csv(tmp_path / "out" / "edges.csv", dtype=str).set_index("edge")
    ends = {name: (row["from"], row["to"], row["oneway"]) for name, row in edges.iterrows()}
    assert ends == {
        "w10.0": ("n1", "n2", "0"), "w10.1": ("n2", "n3", "0"),
        "w11.0": ("n2", "n4", "1"), "w12.0": ("n4", "n1", "1"),
    }  # fmt: skip
    assert edges.loc["w10.0", "section"] == "中山路"
    patrol_s = float(str(edges.loc["w10.1", "length_m"])) * 3.6 / 60
    assert float(str(edges.loc["w10.1", "patrol_seconds"])) == pytest.approx(patrol_s, abs=0.01)
    assert report.files[0].refused == {"not_driven": 1}
    assert ("posts" in report.made, "posts_spread" in report.made) == (False, True)


BROKEN = {
    "import.xml": ("broken.osm", "<osm><node id='1'"),
    "import.elsewhere": ("far.osm", OSM.replace('lon="121.', 'lon="21.')),
    "import.no_roads": ("none.osm", OSM.replace('"highway"', '"waterway"')),
    "import.no_mapping": ("other.csv", "a,b\n1,2\n"),
    "import.unreadable": ("bad.zip", "no zip"),
}


@pytest.mark.parametrize("key", BROKEN)
def test_a_source_that_is_no_use_says_why(tmp_path: Path, key: str) -> None:
    """Each ends in one finding that names the file."""
    name, text = BROKEN[key]
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(BadInput) as caught:
        import_district(tmp_path / name, tmp_path / "out", None, None, TODAY)
    assert [(each.file, each.key) for each in caught.value.findings] == [(name, key)]


def test_a_folder_of_several_maps_says_how_to_name_one(tmp_path: Path) -> None:
    """Each with its path, where it lies and the whole command; one in both forms counts once."""
    for name in ("small.osm", "small.osm.pbf"):
        (tmp_path / name).write_text(OSM, encoding="utf-8")
    (tmp_path / "other.osm").write_text(f"{OSM}<!-- a day later -->", encoding="utf-8")
    with pytest.raises(BadInput) as caught:
        import_district(tmp_path, tmp_path / "my out", None, None, TODAY)
    head, *maps = caught.value.findings
    assert (head.key, [one.key for one in maps]) == ("import.one_osm", ["import.map_at"] * 2)
    for found, name in zip(maps, ("other.osm", "small.osm"), strict=True):
        told = findings.line(found, "en")
        assert told.startswith(f"{tmp_path}/{name}: ")
        assert "121.4" in told
        assert told.endswith(f"qinwu import {tmp_path}/{name} --out '{tmp_path}/my out'")
    (tmp_path / "other.osm").unlink()
    report = import_district(tmp_path, tmp_path / "out", None, None, TODAY)
    assert [one.file for one in report.files] == ["small.osm"]


def test_of_several_maps_the_one_in_the_mappings_area_is_taken(tmp_path: Path) -> None:
    """The other lies elsewhere, and the report says so."""
    (tmp_path / "here.osm").write_text(OSM, encoding="utf-8")
    (tmp_path / "far.osm").write_text(OSM.replace('lon="121.', 'lon="21.'), encoding="utf-8")
    report = import_district(tmp_path, tmp_path / "out", None, None, TODAY)
    assert [one.file for one in report.files] == ["here.osm"]
    assert report.elsewhere == ["far.osm"]
    assert any(line.startswith("far.osm") for line in report.lines(words("zh-CN")))


def test_pbf_without_its_package_says_what_to_install(tmp_path: Path) -> None:
    """PBF is an option; without the package the message names it."""
    try:
        import osmium  # type: ignore[import-not-found,unused-ignore]  # noqa: F401, PLC0415
    except ImportError:
        pass
    else:
        pytest.skip("osmium is installed here")
    (tmp_path / "a.osm.pbf").write_bytes(b"\x00")
    with pytest.raises(BadInput) as caught:
        import_district(tmp_path / "a.osm.pbf", tmp_path / "out", None, None, TODAY)
    assert caught.value.findings[0].key == "import.pbf"


def test_a_squadron_without_a_node_is_refused(tmp_path: Path) -> None:
    """Squadrons by area codes that the source does not have cannot be drawn."""
    source = small_source(tmp_path / "source")
    coded = GRAPH.replace("name: One", "name: One, areas: [Street 1]")
    coded = coded.replace("name: Two", "name: Two, areas: [Nowhere]") + "    area: street\n"
    (tmp_path / "small.yaml").write_text(coded, encoding="utf-8")
    with pytest.raises(BadInput) as caught:
        import_district(source, tmp_path / "out", tmp_path / "small.yaml", None, TODAY)
    assert caught.value.findings[0].fields == {"squadron": "s2"}


@pytest.mark.parametrize("parts", [1, 2, 3, 5])
def test_squadrons_share_the_weight(tmp_path: Path, parts: int) -> None:
    """Without area codes each squadron gets its share of what happens, to within one node."""
    _, out = small(tmp_path)
    roads = district.load(out).roads
    weights = np.ones(len(roads.node_ids))
    groups = [Group(id=f"s{k}", name=f"{k}") for k in range(parts)]
    found = np.bincount(areas.squadrons(roads, weights, groups, [""] * len(weights)))
    assert len(found) == parts
    assert np.abs(found - len(weights) / parts).max() <= 2


@pytest.mark.parametrize(("weights", "total", "expected"), [
    ([1, 1], 4, [2, 2]), ([3, 1], 6, [4, 2]), ([0, 0, 0], 3, [1, 1, 1]), ([1, 1, 1], 2, [1, 1, 1]),
])  # fmt: skip
def test_shares_are_whole_and_at_least_one(weights: list[float], total: int, expected: list[int]
                                           ) -> None:  # fmt: skip
    """Posts are shared out by what happened; no squadron is without its station."""
    assert areas.shares(weights, total) == expected


def test_the_command_prints_the_report_and_the_json_agrees(tmp_path: Path) -> None:
    """Facts on stdout; quality.json has the same figures; the next step is named."""
    source = small_source(tmp_path / "source")
    app = typer.Typer()
    app.command("import")(cli.import_source)
    options = ["--out", str(tmp_path / "out"), "--mapping", str(tmp_path / "small.yaml")]
    result = CliRunner().invoke(app, [str(source), *options], env={"QINWU_LANG": "en"})
    assert result.exit_code == 0
    assert "total crashes: read 13, usable 12" in result.stdout
    saved = json.loads((tmp_path / "out" / "quality.json").read_text(encoding="utf-8"))
    assert saved["totals"]["crashes"]["refused"] == 1


def test_every_row_is_accounted_for(tmp_path: Path) -> None:
    """Of each file: read = refused + duplicate + without + held + written."""
    report, _ = small(tmp_path, day=date(2017, 10, 1))
    for each in report.files:
        parts = (each.refused, each.without, each.held)
        assert each.read == sum(part.total() for part in parts) + each.duplicate + each.written


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_reason_has_its_words(lang: str) -> None:
    """Whatever key stands in the importers' code has its text."""
    folder = Path(reader.__file__).parent
    code = "\n".join(file.read_text(encoding="utf-8") for file in folder.glob("*.py"))
    known = catalogue(lang)
    for section in ("refused", "repair", "without", "network", "made", "note"):
        keys = {key.rpartition(".")[2] for key in known if key.startswith(f"import.{section}.")}
        unused = {key for key in keys if f'"{key}"' not in code}
        assert not unused - {"violation", "kind"}, section
    for key in known:
        if key.startswith("import.") and key.count(".") == 1:
            assert f'"{key}"' in code + Path(cli.__file__).read_text(encoding="utf-8"), key
    assert WORDS["severity"]
    assert words(lang)("import.seconds", seconds="1.0")


class Barcelona(NamedTuple):
    """The imported district and its history; nobody changes either."""

    report: quality.Report
    out: Path
    loaded: district.District
    rows: pd.DataFrame


@pytest.fixture(scope="module")
def barcelona(tmp_path_factory: pytest.TempPathFactory) -> Barcelona:
    """The ten files of Barcelona, imported once and read back once."""
    out = tmp_path_factory.mktemp("barcelona") / "out"
    report = import_district(SHARED / "barcelona", out, None, None, TODAY)
    loaded = district.load(out)
    return Barcelona(report, out, loaded, read_history(out, loaded.settings).rows)


@needs_data
def test_barcelona_is_usable_to_997_in_a_thousand(barcelona: Barcelona) -> None:
    """What is not usable has no place, but for one line that is no crash."""
    report = barcelona.report
    totals = report.totals("crashes")
    assert totals["read"] == 96_728
    assert totals["usable"] / totals["read"] >= 0.997
    refused = sum((each.refused for each in report.files), start=Counter[str]())
    assert refused == {"no_place": 233, "no_time": 1}
    assert totals["duplicate"] == 14
    assert doubts(barcelona.out) == TO_DO


@needs_data
def test_barcelona_lies_in_one_frame(barcelona: Barcelona) -> None:
    """The same street numbers lie within metres of each other before and after the datum."""
    rows = barcelona.rows
    crashes = rows[rows["category"] == "incident"]
    frames = [raw_addresses(year) for year in (2012, 2013, 2014, 2016)]
    addresses = pd.concat(frames).merge(crashes, on="id")
    old = addresses["id"].str[:4] <= "2013"
    middle = [addresses[mask].groupby("address")[["x_m", "y_m"]].median() for mask in (old, ~old)]
    moved = (middle[1] - middle[0]).dropna()
    assert len(moved) > 1000
    assert moved.median().abs().max() < 1.0


def raw_addresses(year: int) -> pd.DataFrame:
    """Id and street number of a year's rows, straight from the file."""
    raw = (SHARED / "barcelona" / f"{year}_accidents_gu_bcn.csv").read_bytes()
    text = raw.decode("utf-8" if year >= 2016 else "latin-1")
    frame = pd.read_csv(io.StringIO(text), sep=";", dtype=str, keep_default_na=False)
    address = frame["Codi_carrer"].str.strip() + "/" + frame["Num_postal"].str.strip()
    return pd.DataFrame({"id": frame["Numero_expedient"].str.strip(), "address": address})


@needs_data
def test_barcelona_agrees_with_its_own_whole_longitudes(
    barcelona: Barcelona,
) -> None:
    """A crash whose longitude kept its digits lies there to 10 m, so the datum is right."""
    row = barcelona.rows.set_index("id").loc["2019S000001"]
    lon, lat = barcelona.loaded.frame.to_lonlat(row["x_m"], row["y_m"])
    assert abs(float(lon) - 2.1552355008879) * 83_500 < 10
    assert abs(float(lat) - 41.3957443253882) * 111_000 < 10


@needs_data
def test_barcelona_has_violations_and_cells_on_the_grid(
    barcelona: Barcelona,
) -> None:
    """Violations that are determined stand beside crashes; a cell is named by its corner."""
    assert counts(barcelona.report, "causes")[:2] == (43_461, 43_461)
    rows = barcelona.rows
    violations = rows[rows["category"] == "violation"]
    assert not set(violations["violation"]) & {"", "No determinada", "Desconegut"}
    east, north = (np.floor(rows[name] / 200).astype(int).astype(str) for name in ("x_m", "y_m"))
    assert (rows["node"] == "c" + east + "_" + north).all()


@pytest.fixture(scope="module")
def manhattan(tmp_path_factory: pytest.TempPathFactory) -> tuple[quality.Report, Path]:
    """Manhattan with its Sunday kept out."""
    out = tmp_path_factory.mktemp("manhattan") / "out"
    day = date(2017, 10, 1)
    return import_district(SHARED / "manhattan", out, None, day, TODAY), out


@needs_data
def test_manhattan_keeps_812_collisions(manhattan: tuple[quality.Report, Path]) -> None:
    """812 lie within 60 m of a junction; six days are history, the seventh is to be played."""
    report, out = manhattan
    assert counts(report, "collisions")[:2] == (4322, 812)
    live = pd.read_csv(out / "live" / "2017-10-01.csv")
    assert counts(report, "collisions")[4] + len(live) == 812
    rows = pd.read_csv(out / "history" / "incidents.csv")
    assert sorted(set(rows["at"].str[:10])) == [f"2017-09-{day}" for day in range(25, 31)]
    assert 1500 < live["service_s"].median() < 2100
    assert 0.45 < np.log(live["service_s"]).std() < 0.75


@needs_data
def test_manhattan_is_a_sound_district_that_can_be_played(
    manhattan: tuple[quality.Report, Path],
) -> None:
    """Strongly connected, lights faster than patrol, the week covered, a force for 16 posts."""
    _, out = manhattan
    assert doubts(out) == TO_DO
    loaded = district.load(out)
    assert loaded.settings.simulation
    assert loaded.calendar.covers("2017-W39")
    assert len(loaded.roads.node_ids) == 16_811
    assert (loaded.roads.seconds_ms <= loaded.roads.patrol_ms).all()
    assert loaded.roads.seconds_ms.sum() < 0.95 * loaded.roads.patrol_ms.sum()
    assert parts_of(loaded.roads.tail, loaded.roads.head, 16_811) == 1
    teams = loaded.people.teams_on(date(2017, 9, 25))
    assert len(teams) * 40 >= 16 * 168
    assert all(len(team.auxiliaries) == 2 for team in teams)


def parts_of(tail: IntArray, head: IntArray, nodes: int) -> int:
    """Strongly connected parts of a directed network."""
    graph = csr_matrix((np.ones(len(tail)), (tail, head)), shape=(nodes, nodes))
    return int(connected_components(graph, directed=True, connection="strong")[0])


@needs_data
def test_shanghai_has_its_ways_and_segments(tmp_path: Path) -> None:
    """4,701 drivable ways and 7,077 segments as counted elsewhere; Chinese sections."""
    report = import_district(SHARED / "osm" / "shanghai_center.osm", tmp_path / "out", None, None,
                             TODAY)  # fmt: skip
    assert (report.network["ways"], report.network["segments"]) == (4701, 7077)
    assert report.network["segments_km"] == pytest.approx(973, rel=0.005)
    assert doubts(tmp_path / "out") == TO_DO | {"check.history_none"}
    roads = district.load(tmp_path / "out").roads
    assert parts_of(roads.tail, roads.head, len(roads.node_ids)) == 1
    assert "南京西路" in roads.edge_section
