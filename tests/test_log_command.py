"""`qinwu log` and `qinwu order why`: what dispatchers and auditors read, in their language."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import ROOT
from engines import AREA, Station, settle, sqlite_station
from runs import wait_for
from typed import Typed, typed

from config.controls import CONTROL
from config.words import words
from dispatch import log_command
from dispatch.console.grammar import from_text, to_text
from dispatch.console.log import Keeper, View, names_of
from events import ports
from events.door import Door
from events.frame import Order
from events.ports import BusBusy
from events.sqlite import SqliteBus

__all__ = ["typed"]  # a fixture


@pytest.fixture
def played(tmp_path: Path) -> Iterator[Station]:
    """Two incidents on Monday, one on Tuesday; the file is still open."""
    station = sqlite_station(tmp_path)
    engine = station.engine()
    station.staff()
    station.incident("n11", incident="I1")
    station.incident("n33", incident="I2")
    settle(engine)
    station.now_ms = station.at("08:30:00", 1)
    settle(engine)
    station.incident("n11", incident="I3")
    settle(engine)
    yield station
    station.bus.close()


def free(station: Station) -> Path:
    """Let go of the file; its folder."""
    station.bus.close()
    return station.folder


def test_the_log_speaks_the_viewers_language(played: Station, typed: Typed) -> None:
    """The same rows, twice; each line is parsed back."""
    rows = played.rows("console")
    folder = free(played)
    for lang, kind in (("en", "DISPATCH"), ("zh-CN", "派警")):
        told = typed("log", folder, lang=lang)
        lines = told.out.splitlines()
        assert told.code == 0
        assert len(lines) == len(rows)
        assert any(f" {kind} " in line for line in lines)
        assert [to_text(from_text(line, words(lang)), words(lang)) for line in lines] == lines


def test_every_view_opens_with_the_date_and_each_day_again(played: Station, typed: Typed) -> None:
    """Filtered or not."""
    folder = free(played)
    whole = typed("log", folder).out.splitlines()
    some = typed("log", folder, "--kind", "DISPATCH").out.splitlines()
    assert "date=2026-11-30" in whole[0]
    assert "date=2026-11-30" in some[0]
    assert len([line for line in whole if "date=2026-12-01" in line]) == 1
    assert {line.split()[2] for line in some[1:]} == {"DISPATCH"}


def test_json_lines_are_the_rows_themselves(played: Station, typed: Typed) -> None:
    """For programs: without language, without lines of the view."""
    rows = played.rows("console")
    told = typed("log", free(played), "--json")
    assert [json.loads(line) for line in told.out.splitlines()] == rows


@pytest.mark.parametrize(
    ("option", "value"),
    [("--squadron", "二中队"), ("--squadron", "s2"), ("--kind", "派警"), ("--kind", "dispatch")],
)
def test_lines_are_chosen_by_squadron_and_kind(
    played: Station, typed: Typed, option: str, value: str
) -> None:
    """By id, by name, by the word of either language."""
    rows = played.rows("console")
    key, wanted = ("squadron", "s2") if option == "--squadron" else ("kind", "dispatch")
    told = typed("log", free(played), "--json", option, value)
    found = [json.loads(line) for line in told.out.splitlines()]
    assert found == [row for row in rows if row[key] == wanted]
    assert len(found) > 1


def test_since_leaves_out_what_came_before(played: Station, typed: Typed) -> None:
    """A local date, or a time with offset."""
    folder = free(played)
    for since in ("2026-12-01", "2026-12-01T08:30", "2026-12-01T00:30:00Z"):
        told = typed("log", folder, "--json", "--since", since)
        rows = [json.loads(line) for line in told.out.splitlines()]
        assert rows
        assert all(row["at"] >= "2026-12-01" for row in rows)


@pytest.mark.parametrize(
    ("option", "value", "code"),
    [("--since", "soon", 2), ("--kind", "tea", 2), ("--squadron", "s9", 1)],
)
def test_what_is_not_known_here_is_refused(
    played: Station, typed: Typed, option: str, value: str, code: int
) -> None:
    """With what there is; 2 is what cannot be read, 1 what is not there."""
    told = typed("log", free(played), option, value)
    assert told.code == code
    assert value in told.err


def test_follow_shows_what_comes_through_the_door(played: Station) -> None:
    """While another process owns the file; Ctrl-C ends it with 130."""
    engine = played.engine(writer="next")
    door = Door(played.bus, AREA, played.folder)
    door.start()
    told = [sys.executable, str(ROOT / "qinwu.py"), "--lang", "en", "log", str(played.folder), "-f"]
    with subprocess.Popen(told, stdout=subprocess.PIPE, text=True) as reader:  # noqa: S603 - ours
        assert reader.stdout is not None
        first = reader.stdout.readline()
        played.incident("n44", incident="I9")
        settle(engine)
        found = next(line for line in reader.stdout if "I9" in line)
        reader.send_signal(signal.SIGINT)
        assert reader.wait(20) == 130
    door.stop()
    assert "date=" in first
    assert "+300mN " in found


def test_follow_does_not_hold_the_file_of_a_district_that_nobody_runs(played: Station) -> None:
    """Else `qinwu run` could not start beside a viewer."""
    folder = free(played)
    told = [sys.executable, str(ROOT / "qinwu.py"), "log", str(folder), "-f"]
    with subprocess.Popen(told, stdout=subprocess.PIPE, text=True) as reader:  # noqa: S603 - ours
        assert reader.stdout is not None
        assert reader.stdout.readline()

        def opened() -> bool:
            try:
                SqliteBus(folder / "duty.db").close()
            except BusBusy:
                return False
            return True

        wait_for(opened)
        reader.send_signal(signal.SIGINT)
        assert reader.wait(20) == 130


def test_follow_gives_up_on_a_file_that_is_held_without_a_door(
    played: Station, typed: Typed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An engine that starts opens its door soon; another holder is nothing to wait for."""
    monkeypatch.setattr(log_command, "HELD_S", 0.0)
    told = typed("log", played.folder, "-f")
    assert told.code == 1
    assert "duty.db" in told.err


def test_follow_ends_with_its_reader(played: Station) -> None:
    """As in `qinwu log -f | head -1`, also when nothing more happens."""
    told = [sys.executable, str(ROOT / "qinwu.py"), "log", str(free(played)), "-f"]
    with subprocess.Popen(told, stdout=subprocess.PIPE) as reader:  # noqa: S603 - ours
        assert reader.stdout is not None
        reader.stdout.readline()
        reader.stdout.close()
        assert reader.wait(30) == 0


def test_the_keeper_writes_each_line_once_and_a_file_a_day(played: Station) -> None:
    """Also when it is started again, and when an engine tells something twice."""
    said: list[str] = []
    Keeper(played.bus, AREA, played.folder, words("en"), said.append).turn()
    played.engine(writer="next")
    [twice] = played.bus.read(ports.console(AREA), 3, 1)
    played.bus.send(ports.console(AREA), [ports.Record(twice.value, headers=twice.headers)])
    Keeper(played.bus, AREA, played.folder, words("en"), said.append).turn()
    files = sorted((played.folder / "log").iterdir())
    lines = [line for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    assert [file.name for file in files] == ["2026-11-30.log", "2026-12-01.log"]
    assert all("date=" in file.read_text(encoding="utf-8").splitlines()[0] for file in files)
    assert len(lines) == len(set(lines))
    assert sum("I1" in line for line in lines) == sum("I1" in line for line in said)


def test_the_keeper_goes_on_behind_a_restored_backup(played: Station) -> None:
    """Its cursor stands beyond the end; what comes from now on is written."""
    said: list[str] = []
    Keeper(played.bus, AREA, played.folder, words("en"), said.append).turn()
    cursor = played.folder / ".qinwu" / "log.json"
    told = json.loads(cursor.read_text(encoding="utf-8"))
    cursor.write_text(json.dumps(told | {"position": 10_000, "seq": 9_000}), encoding="utf-8")
    said.clear()
    keeper = Keeper(played.bus, AREA, played.folder, words("en"), said.append)
    played.incident("n44", incident="I9")
    settle(played.engine(writer="next"))
    keeper.turn()
    assert any("I9" in line for line in said)
    assert not any("I1" in line for line in said)


def test_a_line_of_other_words_is_shown_as_data(played: Station) -> None:
    """A journal outlives programs: nothing is hidden, nothing crashes."""
    names = names_of(played.folder)
    row = {
        "at": "2026-11-30T09:00:00+08:00",
        "kind": "system",
        "text": "no.such",
        "fields": {"a": 1},
    }
    line = list(View(names, words("en")).lines(row))[-1]
    assert '{"text": "no.such", "fields": {"a": 1}}' in line


def test_why_tells_all_that_the_decision_holds(played: Station, typed: Typed) -> None:
    """Rule, chosen, runner-up, difference, everybody left out with the rule, and its end."""
    order = next(d for f in played.frames() for d in f.decisions if isinstance(d, Order))
    short = f"D{order.id.split('/')[1]}.{order.id.split('/')[2]}"
    folder = free(played)
    told = typed("order", "why", folder, short)
    assert told.code == 0
    assert f"chosen: {order.why.chosen}" in told.out
    assert f"next: {order.why.runner_up}, +" in told.out
    for left_out in order.why.excluded:
        assert left_out.unit in told.out
    assert typed("order", "why", folder, order.id).out == told.out
    assert "选定" in typed("order", "why", folder, short, lang="zh-CN").out


def test_why_tells_which_of_an_incidents_units_it_is(tmp_path: Path, typed: Typed) -> None:
    """Where its plan has more than one."""
    station = sqlite_station(tmp_path)
    station.staff()
    station.incident("n11", incident="I1", severity="injury")
    settle(station.engine())
    sent = [d for f in station.frames() for d in f.decisions if isinstance(d, Order)]
    folder = free(station)
    told = [typed("order", "why", folder, order.id).out for order in sent]
    assert [f"unit {n} of 2" in out for n, out in enumerate(told, start=1)] == [True, True]


@pytest.mark.parametrize(
    ("lang", "told"), [("en", "reported at: 栾河路建行门口"), ("zh-CN", "报警地点：栾河路建行门口")]
)
def test_log_and_why_tell_the_place_in_the_callers_words(
    tmp_path: Path, typed: Typed, lang: str, told: str
) -> None:
    """As the desk heard it, beside what the program made of it."""
    station = sqlite_station(tmp_path)
    station.staff()
    station.incident("n11", incident="I1", text="栾河路建行门口")
    settle(station.engine())
    (order,) = (d for f in station.frames() for d in f.decisions if isinstance(d, Order))
    folder = free(station)
    assert told in typed("order", "why", folder, order.id, lang=lang).out
    assert told in typed("log", folder, lang=lang).out


@pytest.mark.parametrize(("lang", "lost", "cancelled"), [
    ("en", "lost: no answer", ": cancelled: merged into another incident"),
    ("zh-CN", "已失效：无人应答", "，已取消：已并入其他警情"),
])  # fmt: skip
def test_why_tells_in_words_how_an_order_ended(
    tmp_path: Path, typed: Typed, lang: str, lost: str, cancelled: str
) -> None:
    """Codes are for programs."""
    station = sqlite_station(tmp_path)
    engine = station.engine()
    station.staff(1, 3)
    station.incident("n11", incident="I1")
    settle(engine)
    station.now_ms += 10 * 60_000
    settle(engine)  # nobody answered, another goes
    station.incident("n33", incident="I2")
    station.send("command_given", command="merge", incident="I1", into="I2", by="o8")
    settle(engine)
    first, second, *_ = [d for f in station.frames() for d in f.decisions if isinstance(d, Order)]
    folder = free(station)
    assert lost in typed("order", "why", folder, first.id, lang=lang).out
    assert typed("order", "why", folder, second.id, lang=lang).out.rstrip().endswith(cancelled)


@pytest.mark.parametrize(("lang", "kind", "near"), [
    ("en", "DISPTCH", "DISPATCH"), ("en", "due", "DUE-SOON"), ("zh-CN", "派", "派警"),
])  # fmt: skip
def test_a_kind_that_is_mistyped_is_told_as_the_log_writes_it(
    played: Station, typed: Typed, lang: str, kind: str, near: str
) -> None:
    """As the reader sees it in the lines, not as programs call it."""
    assert near in typed("log", free(played), "--kind", kind, lang=lang).err


def test_a_terminal_obeys_nothing_of_a_strangers_id(tmp_path: Path, typed: Typed) -> None:
    """As JSON it comes back whole; in words it is written out."""
    station, name = sqlite_station(tmp_path), "I\u202e\u009b2J"
    station.staff()
    station.incident("n11", incident=name)
    settle(station.engine())
    order = next(d for f in station.frames() for d in f.decisions if isinstance(d, Order))
    folder = free(station)
    as_json, why = typed("log", folder, "--json").out, typed("order", "why", folder, order.id).out
    assert [found[0] for found in CONTROL.finditer(as_json + why)] == []
    assert name in [json.loads(line)["about"] for line in as_json.splitlines()]
    assert "> I\\u202e\\u009b2J " in why


def test_an_order_that_is_not_there_is_not_found(played: Station, typed: Typed) -> None:
    """Exit 1, and how an order is written."""
    told = typed("order", "why", free(played), "D9999.0")
    assert told.code == 1
    assert "D1042.0" in told.err


@pytest.mark.parametrize("name", ["9999.0", "my/system/17", "D9999.0"])
def test_what_is_no_order_is_echoed_as_it_was_typed(
    played: Station, typed: Typed, name: str
) -> None:
    """Not as an order might have been written."""
    assert f"no order {name} in" in typed("order", "why", free(played), name).err


def test_an_incidents_id_is_answered_with_its_orders(played: Station, typed: Typed) -> None:
    """A dispatcher has the incident's id at hand."""
    found = (d for f in played.frames() for d in f.decisions if isinstance(d, Order))
    [order] = [one.id.split("/") for one in found if one.about.incident == "I1"]
    told = typed("order", "why", free(played), "I1")
    assert told.code == 1
    assert f"its orders: D{order[1]}.{order[2]};" in told.err
