"""The doctor: each thing that can be amiss is found, said with its remedy, and mended by it."""

import json
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from districts import MONDAY, NOW, set_settings, small_district
from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType
from runs import wait_for
from typed import Typed, typed

from config.durations import HOUR_MS
from config.ids import AreaId
from config.words import LANGUAGES, catalogue
from events import ports
from events.clock import wall_ms
from events.connect import area_of
from events.doctor import LEAST_FREE_BYTES, disk, district, own_packages, packages, python, rights
from events.doctor_bus import backlog, bus_findings, cluster, door
from events.doctor_found import Found
from events.door import Door
from events.frame import Fold, Input
from events.kafka_look import look
from events.kafka_topics import create_topics
from events.memory import MemoryBus
from events.owners import run_file, supervisor_of
from events.ports import Record
from events.samples import samples
from events.sqlite import SqliteBus

__all__ = ["typed"]  # a fixture


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A district whose calendar covers the present."""
    today = datetime.now(UTC).date()
    monday = today - timedelta(days=today.weekday() + 7)
    return small_district(tmp_path / "d", monday=monday, weeks=12)


@pytest.fixture
def owner(folder: Path) -> Iterator[SqliteBus]:
    """Somebody who owns the store."""
    bus = SqliteBus(folder / "duty.db")
    yield bus
    bus.close()


def levels(found: Iterator[Found]) -> dict[str, str]:
    """What each finding says of what, e.g. {"broker": "right"}."""
    return {one.key.rpartition(".")[2]: one.level for one in found}


def test_a_sound_district_has_nothing_to_mend(folder: Path, typed: Typed) -> None:
    """Exit 0, and no store is made by looking."""
    told = typed("doctor", folder)
    assert told.code == 0, told.out
    assert told.out.splitlines()[-1] == "0 things to mend"
    assert "WRONG" not in told.out
    assert not (folder / "duty.db").exists()


def test_a_folder_that_is_none_is_said(tmp_path: Path, typed: Typed) -> None:
    """After what does not need it."""
    told = typed("doctor", tmp_path / "nothing")
    assert told.code == 1
    assert "qinwu init DIR" in told.out
    assert told.out.startswith("ok    Python")


@pytest.mark.parametrize(
    ("version", "level"),
    [((3, 10, 9), "wrong"), ((3, 11, 0), "right"), ((3, 13, 9), "right"), ((3, 14, 0), "wrong")],
)
def test_pythons(version: tuple[int, ...], level: str) -> None:
    """The range of the project."""
    assert python(version).level == level


@pytest.mark.parametrize(
    ("wanted", "key"),
    [
        ("pydantic<3,>=2.11", "right.packages"),
        ("pydantic>=2.11,<3", "right.packages"),
        ("pydantic>=99", "wrong.package"),
        ("pydantic<2", "wrong.package"),
        ("pydantic (!=2.0)", "right.packages"),
        ("tzdata", "right.packages"),
        ("no-such-package-of-anybody>=1", "wrong.package_absent"),
    ],
)
def test_packages(wanted: str, key: str) -> None:
    """Absent, of another version, or fine."""
    assert [found.key for found in packages([wanted])] == [f"doctor.{key}"]


def test_our_packages_are_of_one_place() -> None:
    """Here they are."""
    assert own_packages().level == "right"


def test_another_package_of_our_name_is_found(tmp_path: Path) -> None:
    """A folder `dispatch` that comes first on the path."""
    (tmp_path / "dispatch").mkdir()
    (tmp_path / "dispatch" / "__init__.py").touch()
    look_first = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r});"
        "from events.doctor import own_packages; print(own_packages().level)"
    )
    told = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", look_first], capture_output=True, text=True, check=True,
        cwd=Path(__file__).parent.parent, env={**os.environ, "PYTHONSAFEPATH": ""},
    ).stdout  # fmt: skip
    assert told.strip() == "wrong"


def test_rights(folder: Path) -> None:
    """A file that this user cannot read is named."""
    assert rights(folder).level == "right"
    found = rights(folder, lambda path, how: not (path.name == "nodes.csv" and how == os.R_OK))
    assert (found.level, found.fields["count"]) == ("wrong", 1)
    assert "nodes.csv" in str(found.fields["files"])
    assert rights(folder, lambda _, how: how != os.W_OK).level == "wrong"


def test_disk(folder: Path) -> None:
    """Too little room is said."""
    assert disk(folder, 1).level == "right"
    assert disk(folder, LEAST_FREE_BYTES * 10**6).level == "wrong"


def test_a_faulty_district_is_sent_to_check(folder: Path, typed: Typed) -> None:
    """With the first fault."""
    (folder / "nodes.csv").write_text("node\n", encoding="utf-8")
    told = typed("doctor", folder)
    assert told.code == 1
    assert f"qinwu check {folder}" in told.out
    assert "nodes.csv" in told.out


@pytest.mark.parametrize(("weeks", "expected"), [(1, ["right", "wrong"]), (2, ["right", "right"])])
def test_the_calendar_covers_this_week_and_the_next(
    weeks: int, expected: list[str], tmp_path: Path
) -> None:
    """Else Saturday's publication would plan days that nobody described."""
    folder = small_district(tmp_path, weeks=weeks)
    found = [one for one in district(folder, NOW) if one.key.endswith(".calendar")]
    assert [one.level for one in found] == expected
    assert found[0].fields["week"] == "2026-W49"
    assert MONDAY.isocalendar().week == 49


# --- who runs it, and the store --------------------------------------------------------------


def test_a_stale_run_json_is_found_and_mended(folder: Path, typed: Typed) -> None:
    """Of a worker that was killed."""
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    run_file(folder).parent.mkdir()
    run_file(folder).write_text(json.dumps({"pid": dead.pid, "url": "http://127.0.0.1:9"}))
    assert typed("doctor", folder).code == 1
    assert door(folder).level == "wrong"
    run_file(folder).unlink()
    assert typed("doctor", folder).code == 0


def test_a_running_district_is_asked_through_its_door(
    folder: Path, owner: SqliteBus, typed: Typed
) -> None:
    """Its store is another's, which is no fault."""
    opened = Door(owner, area_of(folder), folder)
    url = opened.start()
    told = typed("doctor", folder)
    opened.stop()
    assert told.code == 0, told.out
    assert f"{url} answers" in told.out


def test_a_door_of_another_district_is_found(folder: Path, owner: SqliteBus, tmp_path: Path,
                                             typed: Typed) -> None:  # fmt: skip
    """A forgotten QINWU_URL sends events to the wrong brigade."""
    opened = Door(owner, area_of(folder), folder)
    url = opened.start()
    other = small_district(tmp_path / "o", monday=MONDAY)
    set_settings(other, brigade="other")
    told = typed("doctor", other, "--bus", url)
    opened.stop()
    assert told.code == 1
    assert "is the door of hz, not of other" in told.out


@pytest.mark.usefixtures("owner")
def test_a_store_without_a_door_that_another_owns_is_found(folder: Path) -> None:
    """Nobody can send anything then."""
    assert levels(bus_findings(folder, area_of(folder), None))["bus"] == "wrong"


def test_a_store_that_is_no_database_is_found(folder: Path) -> None:
    """Said as a command would meet it."""
    (folder / "duty.db").write_bytes(b"x" * 5000)
    assert levels(bus_findings(folder, area_of(folder), None))["bus"] == "wrong"


def test_a_noted_crash_is_doubtful(folder: Path) -> None:
    """A person should look; an empty note is none."""
    note = folder / ".qinwu" / "crash.json"
    note.parent.mkdir()
    for text, level in (('{"hz.inbox": 7}', "doubt"), ("{}", None), ("{", "wrong")):
        note.write_text(text)
        found = levels(bus_findings(folder, area_of(folder), None))
        assert found.get("crash", found.get("crash_unreadable")) == level


@pytest.mark.parametrize(
    ("waited_min", "frames", "level"),
    [(0, 0, "right"), (6, 0, "doubt"), (4 * 24 * 60, 0, "wrong"),
     (4 * 24 * 60, 1, "right")],
)  # fmt: skip
def test_an_event_that_nobody_takes_is_found(
    waited_min: int,
    frames: int,
    level: str,
    folder: Path,
) -> None:
    """Before the inbox loses it; an event that a frame consumed does not wait."""
    now_ms = wall_ms()
    bus = SqliteBus(folder / "duty.db", now_ms=lambda: now_ms - waited_min * 60_000)
    bus.send("hz.inbox", [Record(samples()["incident_reported"])])
    if frames:
        told = Input(topic="hz.inbox", partition=0, first=0, to=0)
        frame = Fold(AreaId("hz")).next_frame("w", 1, (told,))
        bus.journal("hz.journal").append(frame.raw(), 0)
    assert backlog(bus, AreaId("hz"), now_ms).level == level
    bus.close()
    found = levels(bus_findings(folder, AreaId("hz"), None))
    assert found.get("backlog", found.get("no_backlog")) == level


def test_an_event_that_only_an_overtaken_engine_took_waits() -> None:
    """Its frame does not count, whatever it says that it consumed."""
    now_ms = wall_ms()
    bus = MemoryBus(now_ms=lambda: now_ms - 6 * 60_000)
    bus.send("hz.inbox", [Record(samples()["incident_reported"])])
    took = Input(topic="hz.inbox", partition=0, first=0, to=0)
    faster, slower = (Fold(AreaId("hz")).next_frame("w", 1, told) for told in ((), (took,)))
    bus.send("hz.journal", [Record(faster.raw()), Record(slower.raw())])
    assert backlog(bus, AreaId("hz"), now_ms).level == "doubt"


# --- the broker ------------------------------------------------------------------------------


def test_a_broker_is_asked_for_its_topics(kafka: str, folder: Path, typed: Typed) -> None:
    """Missing, then made, then set wrongly; each with what to do."""
    set_settings(folder, brigade=f"d{uuid.uuid4().hex[:10]}")
    area = area_of(folder)
    missing = typed("doctor", folder, "--bus", f"kafka://{kafka}")
    assert missing.code == 1
    assert f"qinwu topics create DIR --bus kafka://{kafka}" in missing.out
    create_topics(kafka, area)
    whole = typed("doctor", folder, "--bus", f"kafka://{kafka}")
    assert whole.code == 0, whole.out
    assert "8 topics, each set as it should be" in whole.out
    name = ports.inbox(area)
    admin = KafkaAdminClient(bootstrap_servers=kafka)
    short = {"retention.ms": "3600000"}
    admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, name, configs=short)])
    admin.close()
    end_s = time.monotonic() + 10
    while not look(kafka, area).faults and time.monotonic() < end_s:
        time.sleep(0.1)
    wrong = typed("doctor", folder, "--bus", f"kafka://{kafka}")
    assert wrong.code == 1
    assert f"{name}: retention.ms is 3600000, should be 604800000" in wrong.out


def test_the_brokers_version_is_told(kafka: str, folder: Path) -> None:
    """As far as its protocol tells."""
    assert look(kafka, area_of(folder)).version >= (3, 0)


@pytest.mark.parametrize("hosts", ["127.0.0.1:9", "127.0.0.1", "x:y"])
def test_an_absent_broker_is_found(hosts: str, folder: Path) -> None:
    """At once, with what to try."""
    (found,) = cluster(hosts, f"kafka://{hosts}", area_of(folder))
    assert found.level == "wrong"
    assert "make kafka" in str(found.fields["text"])


def test_every_finding_has_words_in_both_languages() -> None:
    """Keys are put together from a level and a name, so no other test sees them."""
    keys = {key for key in catalogue("en") if key.startswith("doctor.")}
    assert keys == {key for key in catalogue("zh-CN") if key.startswith("doctor.")}
    source = Path(__file__).parent.parent / "events"
    text = "".join(file.read_text() for file in sorted(source.glob("doctor*.py")))
    for level in ("right", "doubt", "wrong"):
        named = {part.split('"')[1] for part in text.split(f"Found.{level}(")[1:]}
        assert {f"doctor.{level}.{name}" for name in named} == {
            key for key in keys if key.startswith(f"doctor.{level}.")
        }


@pytest.mark.parametrize("lang", LANGUAGES)
def test_both_languages_are_spoken(lang: str, folder: Path, typed: Typed) -> None:
    """The whole report."""
    told = typed("doctor", folder, lang=lang)
    assert ("需要处理 0 项" in told.out) == (lang == "zh-CN")


def test_a_supervisor_without_a_worker_is_somebody(folder: Path, tmp_path: Path) -> None:
    """On a full disk each worker is lost at once, and nothing can be noted in the folder."""
    others = {"12": ["less", "run", str(folder)], "7": ["python", "qinwu", "run", "d"]}
    for pid, words in others.items():
        process = tmp_path / "proc" / pid
        process.mkdir(parents=True)
        (process / "cmdline").write_bytes(b"\0".join(word.encode() for word in [*words, ""]))
        (process / "cwd").symlink_to(folder.parent)
    assert supervisor_of(folder, tmp_path / "proc") == 7
    assert supervisor_of(tmp_path / "other", tmp_path / "proc") is None


def test_the_doctor_sees_a_supervisor_that_pauses(folder: Path) -> None:
    """It said that nobody runs the folder, and advised to run it once more."""
    words = [sys.executable, "-c", "import time; time.sleep(60)", "qinwu", "run", str(folder)]
    with subprocess.Popen(words) as living:  # noqa: S603 - a process of our own
        wait_for(lambda: b"qinwu" in Path(f"/proc/{living.pid}/cmdline").read_bytes())
        found = {one.key: one for one in bus_findings(folder, area_of(folder), None)}
        living.kill()
    assert found["doctor.doubt.starting"].fields["pid"] == living.pid


@pytest.mark.parametrize(
    ("simulation", "said"), [(True, "ok    the clock is"), (False, "WRONG the")]
)
def test_records_ahead_are_those_of_a_day_that_was_played(
    folder: Path, typed: Typed, *, simulation: bool, said: str
) -> None:
    """As in the demo's folder, whose Friday is to come; in a real one some clock was wrong."""
    bus = SqliteBus(folder / "duty.db", lambda: wall_ms() + HOUR_MS)
    bus.send("hz.inbox", [Record(samples()["clock_set"])])
    bus.close()
    set_settings(folder, simulation=simulation)
    [line] = [line for line in typed("doctor", folder).out.splitlines() if " min ahead " in line]
    assert line.startswith(said)
