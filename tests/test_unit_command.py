"""Who is on duty and what units do, said by command: as the roster has it, or as it is."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from districts import WEEK, set_settings, small_district
from outside import TUESDAY, at, at_ms, duty, roster
from runs import Run, run, wait_for
from typed import Typed, typed

from config.made_tables import RosterRow
from config.reading import write_rows
from config.whole import PLACING
from config.words import LANGUAGES
from events import ports
from events.clock import wall_ms
from events.connect import area_of
from events.kafka import KafkaBus
from events.kafka_topics import create_topics
from events.schema import Envelope, event, parse
from events.sqlite import SqliteBus
from events.unit_command import STATUSES

__all__ = ["typed"]  # a fixture
DUTIES = (duty("t1"), duty("t2", "14:00", "22:00"), duty("t3", "08:20", "16:20"))
NOON = at("12:00")


def keep(folder: Path, *duties: dict[str, Any]) -> None:
    """The folder's own copy of the published roster."""
    rows = [
        RosterRow.model_validate({"week": WEEK, "squadron": f"s{2 - int(one['team'][1:]) % 2}"}
                                 | {**one, "auxiliaries": ";".join(one["auxiliaries"])})
        for one in duties
    ]  # fmt: skip
    write_rows(folder / "roster" / WEEK / RosterRow.file, rows)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A district whose roster of a Tuesday is kept; nobody runs it."""
    made = small_district(tmp_path / "d", simulation=True)
    keep(made, *DUTIES)
    return made


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """An engine at that Tuesday's eight o'clock, with that roster in force."""
    made = small_district(tmp_path_factory.mktemp("units") / "d", simulation=True)
    keep(made, *DUTIES, duty("t5"))  # of the last the engine knows nothing
    clock = {"virtual_ms": at_ms("08:00"), "wall_ms": wall_ms(), "speed": 1}
    with run(made, "--no-planner") as one:
        one.ready()
        one.send(event("clock_set", clock, source="test", id="clock"))
        for record in roster(DUTIES):
            one.send(record.value)
        wait_for(lambda: any(row["kind"] == "roster" for row in one.rows("console")))
        yield one


def said(folder: Path) -> list[dict[str, Any]]:
    """The data of the events that stand in the folder's own file."""
    bus = SqliteBus(folder / "duty.db")
    try:
        read = [parse(one.value, one.headers) for one in bus.read("hz.inbox")]
    finally:
        bus.close()
    return [one.data.model_dump(exclude_none=True) for one in read if isinstance(one, Envelope)]


# --- by the roster -----------------------------------------------------------------------------


def test_a_unit_signs_in_with_whom_and_what_the_roster_names(folder: Path, typed: Typed) -> None:
    """Nobody types JSON, and nobody types what the roster knows."""
    told = typed("unit", "sign-in", folder, "t1", "--at", NOON)
    assert told.code == 0, told.err
    assert said(folder) == [{
        "unit": "t1", "officer": "o1", "auxiliaries": ("a1",), "vehicle": "v1", "device": "pda1",
        "duty": "t1-tue", "at": NOON,
    }]  # fmt: skip
    assert told.out == "stored: t1 signed in: patrol 08:00–16:00; o1, a1, v1, pda1\n"
    assert f"qinwu run {folder}\n" in told.err  # an engine has to take it yet


def test_all_are_those_whose_duty_runs_or_begins_soon(folder: Path, typed: Typed) -> None:
    """Not those who come in the afternoon; with --squadron one squadron's only."""
    assert typed("unit", "sign-in", folder, "--all", "--at", at("07:55")).code == 0
    assert [one["unit"] for one in said(folder)] == ["t1", "t3"]
    typed("unit", "sign-in", folder, "--all", "--squadron", "二中队", "--at", at("14:00"))
    assert [one["unit"] for one in said(folder)[2:]] == ["t2"]


@pytest.mark.parametrize("since", [
    (("sign-in", "t1", "--person", "o1"),),
    (("sign-in", "t1"), ("status", "t1", "meal")),
    (("sign-in", "t1"), ("sign-off", "t1")),
])  # fmt: skip
def test_all_leave_out_who_signed_in_before(
    since: tuple[tuple[str, ...], ...], folder: Path, typed: Typed
) -> None:
    """Others are there than the roster says, or they rest, or have gone: they said so."""
    for what, *rest in since:
        assert typed("unit", what, folder, *rest, "--at", at("08:10")).code == 0
    told = typed("unit", "sign-in", folder, "--all", "--at", at("08:20"))
    assert told.code == 0, told.err
    assert [one["unit"] for one in said(folder)[len(since) :]] == ["t3"]
    assert "left out" in told.err
    assert f"sign-in {folder} t1" in told.err


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(("told", "remedy"), [
    (("t2", "--at", at("08:00")), "t2-tue 14:00–22:00"),
    (("t4", "--at", NOON), f"--squadron s2 --from {TUESDAY}T12:00 --to {TUESDAY}T16:00"),
    (("t1", "--duty", "t2-tue\x1b[2J", "--at", NOON), "t2-tue\\x1b[2J"),
    (("t1", "--duty", "t2-tue", "--at", NOON), "t1-tue 08:00–16:00"),
    (("--all", "--at", at("03:00")), "t1 08:00–16:00"),
    (("--all", "--at", "2026-12-23T08:00:00+08:00"), "qinwu publish"),
    (("t77", "--at", NOON), "t7"),
    (("t1", "--vehicle", "v99", "--at", NOON), "v9"),
])  # fmt: skip
def test_who_has_no_duty_is_told_what_there_is(
    told: tuple[str, ...], remedy: str, lang: str, folder: Path, typed: Typed
) -> None:
    """And nothing is stored."""
    shown = typed("unit", "sign-in", folder, *told, lang=lang)
    assert (shown.code, shown.out) == (1, "")
    assert remedy.format(folder=folder) in shown.err
    assert not (folder / "duty.db").exists() or said(folder) == []


@pytest.mark.parametrize(("told", "remedy"), [
    ((), "--all"),
    (("t1", "--all"), "--all"),
    (("t1", "--squadron", "s1"), "--all"),
    (("t1", "t3", "--vehicle", "v1"), "--vehicle"),
    (("t1", "--person", "a1"), "--person"),
    (("t1", "--at", "12:00"), "+08:00"),
    (("t1", "--at", "\x1b[2J"), "\\x1b[2J"),
    (("t1", "--at", "0001-01-01T00:00:00+14:00"), "1970"),
    (("t1", "--at", "9999-12-31T23:59:59-14:00"), "2199"),
])  # fmt: skip
def test_what_says_nothing_is_refused_with_what_to_type(
    told: tuple[str, ...], remedy: str, folder: Path, typed: Typed
) -> None:
    """Wrong options."""
    shown = typed("unit", "sign-in", folder, *told)
    assert (shown.code, shown.out) == (2, "")
    assert remedy in shown.err


KEPT = f"roster/{WEEK}/roster.csv"


@pytest.mark.parametrize(("whom", "file", "damage", "line"), [
    ("--all", KEPT, lambda text: text[:-40], 4),
    ("t1", KEPT, lambda text: text[:-40], 4),
    ("--all", KEPT, lambda text: text.replace(at("08:00"), "8 o'clock"), 2),
    ("t1", "people.csv", lambda text: text.replace("officer", "offficer", 1), 2),
])  # fmt: skip
def test_a_damaged_file_is_not_taken_for_nobody_on_duty(
    whom: str, file: str, damage: Callable[[str], str], line: int, folder: Path, typed: Typed
) -> None:
    """Its faults are told with their lines; nobody is signed in by half of it."""
    text = (folder / file).read_text(encoding="utf-8")
    (folder / file).write_text(damage(text), encoding="utf-8")
    told = typed("unit", "sign-in", folder, whom, "--at", NOON)
    assert (told.code, told.out) == (2, "")
    assert f"{file}:{line}:" in told.err


def test_a_roster_that_was_cut_off_is_not_taken_for_nobody_on_duty(
    folder: Path, typed: Typed
) -> None:
    """Its files were never all put there."""
    (folder / "roster" / WEEK / PLACING).mkdir()
    told = typed("unit", "sign-in", folder, "--all", "--at", NOON)
    assert (told.code, told.out) == (2, "")
    assert f"roster/{WEEK}" in told.err


def test_without_a_roster_at_hand_the_crew_is_whom_bonds_say(tmp_path: Path, typed: Typed) -> None:
    """A planner on another machine may have published it: the engine finds the duty."""
    folder = small_district(tmp_path / "d")
    told = typed("unit", "sign-in", folder, "t1", "--at", NOON)
    assert told.code == 0, told.err
    [one] = said(folder)
    assert (one["officer"], one["auxiliaries"], one.get("duty")) == ("o1", ("a1", "a9"), None)


def test_who_is_there_stands_over_the_roster(folder: Path, typed: Typed) -> None:
    """Another auxiliary and another car, by name or id; the officer leads."""
    told = typed("unit", "sign-in", folder, "t1", "--person", "a3", "--person", "o1",
                 "--vehicle", "v3", "--at", NOON)  # fmt: skip
    assert told.code == 0, told.err
    [one] = said(folder)
    assert (one["officer"], one["auxiliaries"], one["vehicle"]) == ("o1", ("a3",), "v3")


def test_who_is_named_twice_is_there_once(folder: Path, typed: Typed) -> None:
    """By id and by name, or out of haste."""
    typed("unit", "sign-in", folder, "t1", "--person", "o1", "--person", "a3", "--person", "a3",
          "--at", NOON)  # fmt: skip
    assert [one["auxiliaries"] for one in said(folder)] == [("a3",)]


# --- what units do -----------------------------------------------------------------------------


@pytest.mark.parametrize("status", STATUSES)
def test_a_unit_says_what_it_is_doing(status: str, folder: Path, typed: Typed) -> None:
    """Typed with a hyphen."""
    told = typed("unit", "status", folder, "t1", status.replace("_", "-"), "--at", NOON)
    assert told.code == 0, told.err
    assert said(folder) == [{"unit": "t1", "status": status, "at": NOON}]


def test_a_misspelt_status_is_told_the_nearest(folder: Path, typed: Typed) -> None:
    """A word of the program's own list."""
    shown = typed("unit", "status", folder, "t1", "on-scne")
    assert (shown.code, "on-scene" in shown.err) == (2, True)


def test_how_an_incident_ended_is_one_of_the_words_for_it(folder: Path, typed: Typed) -> None:
    """One mistyped would be taken for no word at all: the nearest is told."""
    shown = typed("unit", "status", folder, "t1", "free", "--how", "vidoe", "--at", NOON)
    assert (shown.code, "video" in shown.err) == (2, True)
    told = typed("unit", "status", folder, "t1", "free", "--how", "no-unit-needed", "--at", NOON)
    assert told.code == 0, told.err
    assert [one["how"] for one in said(folder)] == ["no_unit_needed"]


def test_units_sign_off(folder: Path, typed: Typed) -> None:
    """Several in one go."""
    assert typed("unit", "sign-off", folder, "t1", "t3", "--at", NOON).code == 0
    assert [(one["unit"], one["status"]) for one in said(folder)] == [
        ("t1", "off_duty"), ("t3", "off_duty"),
    ]  # fmt: skip


# --- what the engine says ----------------------------------------------------------------------


def test_the_engine_takes_it_by_the_district_s_clock(running: Run, typed: Typed) -> None:
    """Through the door of whoever runs it, with a line in the log."""
    told = typed("unit", "sign-in", running.folder, "t1")
    assert (told.code, told.err) == (0, "")
    rows = [row for row in running.rows("console") if row["kind"] == "sign_in"]
    assert [row["unit"] for row in rows] == ["t1"]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(("told", "remedy"), [
    (("sign-in", "t5"), "qinwu roster json"),
    (("status", "t4", "meal"), "qinwu unit sign-in"),
])  # fmt: skip
def test_what_the_engine_does_not_take_is_told_with_what_to_do(
    told: tuple[str, ...], remedy: str, lang: str, running: Run, typed: Typed
) -> None:
    """It is accepted as an event and changes nothing: that is no success."""
    what, *rest = told
    shown = typed("unit", what, running.folder, *rest, lang=lang)
    assert (shown.code, shown.out) == (3, "")
    assert remedy in shown.err


def test_all_take_in_whom_the_engine_did_not_take_before(running: Run, typed: Typed) -> None:
    """It had no roster yet when they said so: nobody of them is on duty."""
    typed("unit", "sign-in", running.folder, "t5")
    told = typed("unit", "sign-in", running.folder, "--all")
    assert (told.code, "t5 is not signed in" in told.err) == (3, True)
    assert f"qinwu roster json {running.folder} " in told.err  # as it was typed, to be copied


def test_a_crew_of_others_is_taken_and_noted(running: Run, typed: Typed) -> None:
    """Whoever is there is on duty."""
    shown = typed("unit", "sign-in", running.folder, "t3", "--person", "o3", "--person", "a5")
    assert (shown.code, "others" in shown.err) == (0, True)


def test_a_sign_in_reaches_kafka(kafka: str, folder: Path, typed: Typed) -> None:
    """The same event, over the broker."""
    set_settings(folder, brigade=f"u{folder.parent.name[-12:]}".replace("_", "-"))
    area = area_of(folder)
    create_topics(kafka, area)
    told = typed("unit", "sign-in", folder, "t1", "--at", NOON, "--wait", "0",
                 "--bus", f"kafka://{kafka}")  # fmt: skip
    assert told.code == 0, told.err
    assert told.out.startswith("sent: t1 signed in")  # nobody was waited for
    bus = KafkaBus(kafka)
    try:
        [one] = bus.read(ports.inbox(area))
    finally:
        bus.close()
    assert json.loads(one.value)["data"]["officer"] == "o1"
