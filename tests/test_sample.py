"""The sample district: sound, of the brigade's scale, the same every time, and its truth hidden."""

import ast
import hashlib
import hmac
import stat
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import typer
from sample_truth import NEXT_WEEK, SEED, TODAY, folder_of, truth
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components
from sources import nodes, together
from typer.testing import CliRunner

from config import cli
from config.calendar import monday_of, week_of_day
from config.district import District, check, load
from config.errors import BadInput
from config.made_tables import LiveRow, SightingRow
from config.reading import read_table
from config.sample import names
from config.sample.days import HISTORY_DAYS, calendar_days
from config.sample.duties import made_up_plate
from config.sample.town import make_town
from config.sample.write import KEY_FILE, playable, write_sample
from config.tables import EdgeRow
from scheduler.foresight.analysis import analyse
from scheduler.foresight.history import read_history
from scheduler.publish import breaches
from scheduler.readback import duties_around, read_roster

ROOT = Path(__file__).parent.parent
DAY = timedelta(days=1)
PLAYED = TODAY + 20 * DAY


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample district as `init` writes it."""
    return folder_of(tmp_path_factory.mktemp("sample") / "district")


@pytest.fixture(scope="module")
def district(folder: Path) -> District:
    """It, loaded."""
    return load(folder)


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A district with a day to be played."""
    folder = tmp_path_factory.mktemp("played") / "district"
    write_sample(folder, SEED, TODAY, [PLAYED])
    return folder


def digests(folder: Path) -> dict[str, str]:
    """SHA-256 of every file of a folder."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*")) if path.is_file()
    }  # fmt: skip


def test_check_accepts_the_sample(folder: Path, district: District) -> None:
    """No error; the only doubts are the teams that have one auxiliary, as in a real brigade."""
    now = district.calendar.local(district.calendar.week_start_ms(NEXT_WEEK))
    assert {f.key for f in check(folder, now)} == {"check.crew_by_class"}


def test_the_same_seed_and_day_give_the_same_bytes(played: Path, tmp_path: Path) -> None:
    """Every file, the played day included."""
    write_sample(tmp_path / "again", SEED, TODAY, [PLAYED])
    assert digests(tmp_path / "again") == digests(played)


def test_another_seed_is_another_district(tmp_path: Path, folder: Path) -> None:
    """Town, people, history and key differ."""
    write_sample(tmp_path / "other", SEED + 1, TODAY)
    ours, others = digests(folder), digests(tmp_path / "other")
    assert not [
        name for name in ("nodes.csv", "people.csv", "history/incidents.csv", KEY_FILE)
        if ours[name] == others[name]
    ]  # fmt: skip


def test_the_town_has_the_scale_of_the_brigade(district: District) -> None:
    """Two to three thousand directed roads, the named ones among them, four squadrons."""
    assert 2000 <= len(district.roads.edge_ids) <= 3000
    sections = set(district.roads.edge_section)
    assert {"栾河路", "当代路", "中华路", "大外环"} <= sections
    assert {row.section for row in district.strict_roads} == {"栾河路", "当代路"}
    assert {"trunk", "primary", "residential"} <= set(district.roads.edge_class)
    assert sum(district.roads.twin < 0) > 20  # one-way streets
    assert [squadron.name for squadron in district.settings.squadrons] == [
        "一中队", "二中队", "三中队", "四中队"]  # fmt: skip
    kinds = Counter(row.kind for row in district.places.values())
    assert kinds["gate"] >= 10
    assert sum("村口" in row.name for row in district.places.values()) == 40
    assert len(district.hazards) == 203


def test_people_have_bonds_of_every_size(district: District) -> None:
    """60 officers and 120 auxiliaries: mostly two to an officer, some one or three."""
    roles = Counter(row.role for row in district.people.persons.values())
    assert roles == {"officer": 60, "auxiliary": 120}
    sizes = Counter(Counter(row.officer for row in district.people.bonds).values())
    assert sizes == {1: 9, 2: 42, 3: 9}
    for squadron in district.squadrons:
        own = [p for p in district.people.persons.values() if p.squadron == squadron]
        for skill in ("leader", "breath_test", "motorcycle", "desk"):
            assert sum(skill in p.skills for p in own) >= 3, (squadron, skill)


def test_names_reach_beyond_every_old_encoding(district: District) -> None:
    """Every rare character is borne by someone, and nobody's name is another's."""
    people = [row.name or "" for row in district.people.persons.values()]
    assert len(set(people)) == len(people)
    assert set(names.RARE) <= set("".join(people))
    for character in names.RARE:
        with pytest.raises(UnicodeEncodeError):
            character.encode("gb2312")


@pytest.mark.parametrize("seed", range(8))
def test_every_junction_can_be_reached_from_every_other(seed: int) -> None:
    """One-way streets, river and railway cut nothing off, whatever the seed."""
    town = make_town(seed)
    parts = town.arrays()
    arcs = (np.ones(len(parts["tail"])), (parts["tail"], parts["head"]))
    count = len(town.x_m)
    found, _ = connected_components(csr_array(arcs, shape=(count, count)), connection="strong")
    assert found == 1


def test_driving_is_never_faster_than_the_road_allows_by_much(folder: Path) -> None:
    """With lights at most a tenth above the limit; patrols are slower than that."""
    rows = read_table(folder / "edges.csv", EdgeRow).rows
    speeds = [3.6 * (r.length_m or 0) / (r.seconds or 1) / (r.speed_kmh or 1) for r in rows]
    assert 0.3 < min(speeds) < max(speeds) < 1.1
    assert all((r.patrol_seconds or 0) > (r.seconds or 0) for r in rows)


def test_the_calendar_covers_sixty_weeks_with_holidays(district: District) -> None:
    """The published holidays of 2026, in-lieu days, and the school terms between them."""
    calendar = district.calendar
    week, covered = "2026-W40", 0
    while calendar.covers(week):
        week, covered = calendar.next_week(week), covered + 1
    assert covered >= 52
    assert calendar.day_type(date(2026, 10, 1)) == "holiday"
    assert calendar.day_type(date(2026, 10, 10)) == "in_lieu"
    assert calendar.school(date(2026, 10, 10))
    assert not calendar.school(date(2027, 2, 2))
    assert not calendar.school(date(2026, 7, 20))
    whole = [day for day in calendar.days if day >= date(2026, 9, 28)]
    assert whole == [whole[0] + n * DAY for n in range(7 * 60)]


def test_days_before_the_calendar_are_what_they_were(district: District) -> None:
    """A reader who takes missing days by their weekday gets the history's days right."""
    for row in calendar_days(TODAY - HISTORY_DAYS * DAY, HISTORY_DAYS):
        assert district.calendar.day_type(row.day) == row.kind
        assert district.calendar.school(row.day) == (row.school == "1"), row.day


def test_records_lie_nearest_to_their_node(district: District) -> None:
    """Whoever snaps a record by its position finds the node that it names."""
    table = pd.read_csv(district.folder / "history" / "incidents.csv")
    nodes, far_m = district.roads.nearest_nodes(table["x_m"], table["y_m"])
    assert (nodes == table["node"].str[1:].astype(int)).all()
    assert far_m.max() < 50.0


def test_the_force_is_as_tight_as_the_load(district: District) -> None:
    """By the planner's own staffing, the next week needs 95 to 103 % of what 60 teams give."""
    found = analyse(district, read_history(district), NEXT_WEEK)
    hours = found.demand.units.sum(axis=1) / 2
    teams = Counter(row.squadron for row in district.people.persons.values()
                    if row.role == "officer")  # fmt: skip
    assert 0.95 <= hours.sum() / (60 * 40) <= 1.03
    for squadron, needed in zip(district.squadrons, hours, strict=True):
        assert 0.9 <= needed / (40 * teams[squadron]) <= 1.08, squadron


def test_the_published_roster_breaks_no_law(district: District) -> None:
    """The current week, read back and checked by the planner's rules; most teams work."""
    week = week_of_day(monday_of(NEXT_WEEK) - timedelta(days=7))
    file = read_roster(district, district.folder / "roster" / week / "roster.csv")
    assert breaches(district, file) == []
    assert len({duty.team for duty in file.roster.duties}) >= 58
    visits = sum(len(duty.visits) for duty in file.roster.duties)
    assert visits >= 10
    for squadron in district.squadrons:
        kinds = Counter(d.kind for d in file.roster.duties if d.squadron == squadron)
        assert kinds["leader"] == kinds["stand_by"] == 7


def test_the_next_week_sees_how_the_last_one_ended(district: District) -> None:
    """The planner finds the published duties, nights over Sunday midnight among them."""
    earlier = duties_around(district, NEXT_WEEK)
    start_ms = district.calendar.week_start_ms(NEXT_WEEK)
    assert len(earlier) > 250
    assert sum(duty.end_ms > start_ms for duty in earlier) >= 4


def test_a_played_day_comes_from_the_same_process(played: Path, district: District) -> None:
    """As many incidents as the truth expects, all on that day, in order, on the network."""
    rows = read_table(played / "live" / f"{PLAYED}.csv", LiveRow).rows
    wanted = truth().process.rates(PLAYED, 1).sum()
    assert abs(len(rows) - wanted) < 4 * np.sqrt(wanted)
    moments = [district.calendar.parse_iso(row.at) for row in rows]
    assert moments == sorted(moments)
    assert {district.calendar.local(at).date() for at in moments} == {PLAYED}
    x_m, y_m = district.frame.to_metric(*np.array([(r.lon, r.lat) for r in rows], float).T)
    assert district.roads.nearest_nodes(x_m, y_m)[1].max() < 60.0
    assert all(row.service_s > 0 for row in rows)


def test_sightings_are_at_gates_and_mostly_listed(played: Path, district: District) -> None:
    """Listed plates carry their entry; strangers carry none and are not on the list."""
    rows = read_table(played / "live" / f"{PLAYED}.sightings.csv", SightingRow).rows
    listed = {row.entry: row.plate_hash for row in district.watchlist}
    assert {district.places[row.gate].kind for row in rows} == {"gate"}  # type: ignore[index]
    assert all(listed[row.entry] == row.plate_hash for row in rows if row.entry)
    strangers = [row for row in rows if row.entry is None]
    assert 0 < len(strangers) < len(rows)
    assert not {row.plate_hash for row in strangers} & set(listed.values())


def test_a_played_day_changes_nothing_else(played: Path, folder: Path) -> None:
    """The same district with two files more."""
    asked = {f"live/{PLAYED}.csv", f"live/{PLAYED}.sightings.csv"}
    more = digests(played)
    assert asked <= set(more)
    assert {name: digest for name, digest in more.items() if name not in asked} == digests(folder)


@pytest.mark.parametrize(
    ("today", "last"),
    [(date(2026, 11, 30), date(2026, 12, 13)), (date(2026, 12, 3), date(2026, 12, 13)),
     (date(2026, 12, 6), date(2026, 12, 13))],
)  # fmt: skip
def test_days_can_be_played_up_to_the_end_of_the_next_week(today: date, last: date) -> None:
    """A Monday, a Thursday and a Sunday: a demo plays the week that it has planned."""
    found = list(playable(today))
    assert (found[0], found[-1]) == (today, last)
    assert len(set(found)) == (last - today).days + 1


def test_a_sample_has_the_days_of_the_next_week(folder: Path) -> None:
    """Without being asked, each with its sightings."""
    for day in playable(TODAY):
        assert (folder / "live" / f"{day}.csv").stat().st_size > 1000
        assert (folder / "live" / f"{day}.sightings.csv").exists()


@pytest.mark.parametrize(
    ("today", "live"),
    [(TODAY, TODAY - DAY), (TODAY, TODAY + 400 * DAY), (date(1, 2, 28), TODAY),
     (date(9998, 12, 1), TODAY)],
)  # fmt: skip
def test_days_out_of_reach_are_refused(tmp_path: Path, today: date, live: date) -> None:
    """Yesterday is history, after the calendar nothing is known; nothing is written."""
    with pytest.raises(BadInput):
        write_sample(tmp_path / "d", SEED, today, [live])
    assert not (tmp_path / "d").exists()


def test_plates_are_hashed_with_a_private_key(folder: Path, district: District) -> None:
    """The key is readable by its owner only, and is what the hashes were made with."""
    path = folder / KEY_FILE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    key = bytes.fromhex(path.read_text().strip())
    hashed = hmac.new(key, made_up_plate(1).encode(), hashlib.sha256).hexdigest()
    assert district.watchlist[0].plate_hash == hashed
    assert KEY_FILE not in district.hashes


def imports(path: Path) -> Iterator[str]:
    """Names of all modules that a file imports, inside functions too."""
    for node in nodes(path):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@together
def test_planner_and_hidden_process_know_nothing_of_each_other() -> None:
    """No file of one imports the other; the truth is out of the planner's reach."""
    upwards = ("scheduler", "dispatch", "events")
    planner = [path for half in upwards for path in (ROOT / half).rglob("*.py")]
    sample = list((ROOT / "config" / "sample").glob("*.py"))
    assert len(planner) > 20
    assert len(sample) > 5
    assert not [p for p in planner if any(m.startswith("config.sample") for m in imports(p))]
    assert not [p for p in sample if any(m.split(".")[0] in upwards for m in imports(p))]


def test_the_command_makes_a_district_and_names_the_next(tmp_path: Path) -> None:
    """Facts and the next command on stdout; a folder that holds something is left alone."""
    app, command = CliRunner(), typer.Typer()
    command.command()(cli.init)
    out = tmp_path / "d"
    done = app.invoke(command, [str(out), "--today", str(TODAY), "--live", str(PLAYED)])
    assert done.exit_code == 0
    assert "180" in done.stdout
    assert f"qinwu check {out}" in done.stdout
    assert (out / "live" / f"{PLAYED}.csv").exists()
    again = app.invoke(command, [str(out), "--today", str(TODAY)])
    assert isinstance(again.exception, BadInput)
    assert again.exception.exit_code == 2
