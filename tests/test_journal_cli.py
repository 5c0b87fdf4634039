"""What operators ask of journals: verify, show, export, and a backup that can be relied on."""

import base64
import hashlib
import json
import sqlite3
import uuid
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any, get_args, get_type_hints

import pytest
from brigades import Brigade
from days import Day
from districts import set_settings, small_district
from typed import Typed, typed

from config.district import load
from config.ids import AreaId, IncidentId, UnitId
from config.words import LANGUAGES, catalogue, words
from events import ports
from events.connect import area_of
from events.decisions import Decision, IncidentClosed, Order, OrderEnded, Queued
from events.door import Door
from events.facts import Accepted, EngineStarted, Fact
from events.frame import About, Excluded, Fold, Folded, Frame, Input, Why, order_id
from events.journals import Tally, near_end, walk
from events.kafka import KafkaBus
from events.kafka_topics import create_topics
from events.memory import MemoryBus
from events.open_work import Open
from events.ports import Bus, Record
from events.samples import samples
from events.sqlite import SqliteBus

__all__ = ["typed"]  # a fixture
AREA = AreaId("hz")
WHY = Why(
    rule="nearest", chosen=UnitId("t1"), runner_up=UnitId("t2"), difference_s=41,
    excluded=(Excluded(unit=UnitId("t3"), rule="crew_law"),),
)  # fmt: skip


class Writer:
    """A writer of a journal, as the engine and the planner are."""

    def __init__(self, bus: Bus, area: AreaId = AREA, suffix: str = "journal") -> None:
        """Begin with an empty journal."""
        self.bus, self.area = bus, area
        self.name = ports.stream(area, suffix)
        self.journal, self.fold = bus.journal(self.name), Fold(area)

    def append(self, facts: Sequence[Fact] = (), decisions: Sequence[Decision] = ()) -> bytes:
        """The next frame."""
        inputs = (Input(topic=ports.inbox(self.area), partition=0, first=0, to=2),)
        frame = self.fold.next_frame("w", 1_764_720_000_000, inputs, tuple(facts), tuple(decisions))
        raw = frame.raw()
        position = self.fold.position + 1
        assert self.journal.append(raw, position) == ports.Appended(position)
        assert isinstance(self.fold.accept(position, raw), Folded)
        return raw

    def strange(self, raw: bytes) -> None:
        """A record that is not the writer's, which it passes over."""
        self.bus.send(self.name, [Record(raw)])
        self.fold.accept(self.fold.position + 1, raw)


def reported(name: str, slots: int) -> Accepted:
    """The fact of a reported incident."""
    return Accepted(
        topic="hz.inbox", partition=0, offset=0, event=f"cam/{name}",
        kind="qinwu.incident_reported.v1", data={"kind": "crash", "text": "天目山路"},
        incident=IncidentId(name), slots=slots,
    )  # fmt: skip


def order(seq: int, n: int, incident: str, slot: int, area: AreaId = AREA) -> Order:
    """A unit for a slot of an incident."""
    name = IncidentId(incident)
    return Order(
        id=order_id(area, seq, n), unit=UnitId(f"t{n}"), about=About(incident=name),
        incident=name, slot=slot, why=WHY,
    )  # fmt: skip


def some_day(writer: Writer) -> list[bytes]:
    """Four frames: two incidents and a visit; I1 closes, I2 keeps a unit and waits for one."""
    area = writer.area
    raws = [writer.append([EngineStarted(program="qinwu 0.1", files={"nodes.csv": "ab"})])]
    raws.append(writer.append([reported("I1", 1)], [order(2, 0, "I1", 0, area)]))
    waits = Queued(incident=IncidentId("I2"), slot=1, reason="no_unit")
    raws.append(writer.append([reported("I2", 2)], [order(3, 0, "I2", 0, area), waits]))
    ends: list[Decision] = [
        OrderEnded(order=order_id(area, 2, 0), how="done"),
        IncidentClosed(incident=IncidentId("I1"), how="done"),
    ]
    raws.append(writer.append([], ends))
    return raws


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A district with a day in its file."""
    folder = small_district(tmp_path / "d")
    bus = SqliteBus(folder / "duty.db")
    some_day(Writer(bus))
    Writer(bus, suffix="plan").append()
    bus.close()
    return folder


def tamper(folder: Path, name: str, change: str, *values: object) -> None:
    """Change the file behind everybody's back; `change` is SQL on the stream's table."""
    with sqlite3.connect(folder / "duty.db") as file:
        number = file.execute("SELECT number FROM streams WHERE name = ?", (name,)).fetchone()[0]
        file.execute(change.format(table=f"stream_{number}"), values)
    file.close()


# --- verify ----------------------------------------------------------------------------------


def test_a_sound_journal_is_verified(folder: Path, typed: Typed) -> None:
    """With how many frames count, and the digest of the last."""
    told = typed("journal", "verify", folder)
    assert (told.code, told.err) == (0, "")
    first, second = told.out.splitlines()
    assert first.startswith("hz.journal: 4 frames accepted up to 4 (digest ")
    assert second.startswith("hz.plan: 1 frames accepted up to 1 (digest ")


def test_stale_frames_are_normal() -> None:
    """Where several may write a zombie's frame, or a foreign record, is told with its position."""
    bus = MemoryBus()
    some_day(Writer(bus))
    bus.send("hz.journal", [Record(bus.read("hz.journal")[1].value), Record(b"junk")])
    tally = Tally.of(bus, AREA, "hz.journal")
    told = "\n".join(tally.lines(words("en")))
    assert tally.sound
    assert "4 frames accepted up to 4" in told
    assert "2 stale" in told
    assert "hz.journal 4: frame 2 of a writer" in told
    assert "hz.journal 5: frame - of a writer" in told


@pytest.mark.parametrize("records", range(3, 13))
def test_the_end_of_a_journal_is_folded_as_the_whole_is(records: int) -> None:
    """Wherever it begins: at frames that count, at one of a zombie, at a foreign record."""
    writer = Writer(MemoryBus())
    for _ in range(4):
        raw = writer.append()
        writer.strange(raw)
        writer.strange(b"junk")
    whole, end = (
        [one.seq for one in walk(writer.bus, AREA, writer.name, fold) if one.frame is not None]
        for fold in (None, near_end(writer.bus, AREA, writer.name, records))
    )
    assert end
    assert whole[-len(end) :] == end


def test_a_fork_is_found(folder: Path, typed: Typed) -> None:
    """The right number on another history: exit 1, with its position."""
    bus = SqliteBus(folder / "duty.db")
    other = Fold(AREA, position=3, seq=4, digest="ab" * 32).next_frame("z", 1)
    bus.send("hz.journal", [Record(other.raw())])
    bus.close()
    told = typed("journal", "verify", folder)
    assert told.code == 1
    assert "hz.journal 4: frame 5 continues another history" in told.out
    assert "damaged" in told.err


def test_a_changed_frame_is_found(folder: Path, typed: Typed) -> None:
    """One byte of a frame in the middle: the next names another digest."""
    tamper(folder, "hz.journal",
           "UPDATE {table} SET value = CAST(replace(value, '\"w\"', '\"x\"') AS BLOB)"
           " WHERE position = 1")  # fmt: skip
    told = typed("journal", "verify", folder)
    assert told.code == 1
    assert "hz.journal 2: frame 3 continues another history" in told.out


def test_a_missing_frame_is_found(folder: Path, typed: Typed) -> None:
    """A hole, told with the position behind it."""
    tamper(folder, "hz.journal", "DELETE FROM {table} WHERE position = 1")
    told = typed("journal", "verify", folder)
    assert told.code == 1
    assert "hz.journal 2: the records before are missing" in told.out


def test_a_frame_of_a_newer_program_is_found(folder: Path, typed: Typed) -> None:
    """It counts, and cannot be read: not stale."""
    bus = SqliteBus(folder / "duty.db")
    writer = Writer(bus)
    for stored in bus.read("hz.journal"):
        writer.fold.accept(stored.position, stored.value)
    raw = writer.fold.next_frame("w", 1).raw()[:-1] + b',"mood":"good"}'
    bus.send("hz.journal", [Record(raw)])
    bus.close()
    told = typed("journal", "verify", folder)
    assert told.code == 1
    assert "hz.journal 4: frame 5 counts, but" in told.out


def test_journals_are_verified_and_exported_through_a_door(
    folder: Path, tmp_path: Path, typed: Typed
) -> None:
    """While a worker owns the file."""
    bus = SqliteBus(folder / "duty.db")
    fill_outputs(bus, AREA)
    door = Door(bus, AREA, folder)
    door.start()
    told = typed("journal", "verify", folder)
    typed("journal", "export", folder, "--out", tmp_path / "x")
    raws = [record.value for record in bus.read("hz.journal")]
    door.stop()
    bus.close()
    assert told.code == 0
    assert "4 frames accepted up to 4" in told.out
    lines = (tmp_path / "x" / "journal.jsonl").read_bytes().splitlines()
    assert [line.partition(b'"frame":')[2][:-1] for line in lines] == raws


# --- show ------------------------------------------------------------------------------------


def test_frames_are_shown_with_facts_decisions_and_why(folder: Path, typed: Typed) -> None:
    """In words, all on lines of their own."""
    told = typed("journal", "show", folder, "--seq", "2")
    assert told.code == 0
    frame, read, fact, decision = told.out.splitlines()
    assert frame.startswith("frame 2 at 2025-12-03T00:00:00.000Z by w, position 1: 1 facts, 1 dec")
    assert read.split() == ["read", "hz.inbox", "0:", "0", "to", "2"]
    assert "kind=incident_reported" in fact
    assert "text=天目山路" in fact
    assert decision.split()[:2] == ["D2.0", "order:"]
    assert "unit=t0" in decision
    assert "why=(rule=nearest chosen=t1 runner_up=t2 difference_s=41" in decision
    assert "excluded=[(unit=t3 rule=crew_law)]" in decision


def test_frames_are_shown_from_a_number_on(folder: Path, typed: Typed) -> None:
    """To the end."""
    told = typed("journal", "show", folder, "--from", "3", lang="zh-CN")
    assert [line[:5] for line in told.out.splitlines() if line.startswith("第")] == [
        "第 3 帧", "第 4 帧"
    ]  # fmt: skip


def test_the_planners_journal_is_shown(folder: Path, typed: Typed) -> None:
    """And a frame that is not there is not found."""
    assert typed("journal", "show", folder, "--plan").out.startswith("frame 1 at")
    told = typed("journal", "show", folder, "--plan", "--seq", "2")
    assert (told.code, told.out) == (1, "")
    assert "hz.plan has no frame 2" in told.err


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_fact_and_decision_has_a_word(lang: str) -> None:
    """One that is added later would stop `show` at its first frame."""
    kinds = [*get_args(get_args(Fact)[0]), *get_args(get_args(Decision)[0])]
    assert len(kinds) > 20
    types = {get_args(get_type_hints(kind)["type"])[0] for kind in kinds}
    assert {f"journal.part.{name}" for name in types} <= catalogue(lang).keys()


# --- export ----------------------------------------------------------------------------------


def rows_of(folder: Path, file: str) -> list[dict[str, Any]]:
    """The rows of an exported file."""
    lines = (folder / file).read_bytes().split(b"\n")
    assert lines.pop() == b""
    return [json.loads(line) for line in lines]


def fill_outputs(bus: Bus, area: AreaId) -> None:
    """What an engine releases, one order and one line twice as after a kill."""
    told = {"type": "order", "area": area, "seq": 3, "n": 0, "order": order_id(area, 3, 0),
            "unit": "t0", "incident": "I2", "visit": None, "slot": 0, "replaces": None,
            "lon": 120.1}  # fmt: skip
    ended = {"type": "order_ended", "order": order_id(area, 2, 0), "how": "done"}
    effects = ((told, "3/0"), (ended, "4/0"), (told, "3/0"))
    bus.send(
        ports.orders(area),
        [Record(json.dumps(one).encode(), headers=(("effect", f"{area}/{place}".encode()),))
         for one, place in effects],
    )  # fmt: skip
    line = json.dumps({"at": "x", "kind": "dispatch", "seq": 3, "ref": order_id(area, 3, 0)})
    quiet = json.dumps({"at": "x", "kind": "system", "seq": 3})
    bus.send(ports.console(area), [Record(one.encode()) for one in (line, quiet, line)])
    bus.send(ports.rejected(area), [Record(b"\xff{", headers=(("reason", b"encoding"),))])
    incident = samples()["incident_reported"]
    binary = (("ce_specversion", b"1.0"), ("ce_type", b"qinwu.signed_in.v1"), ("ce_id", b"7"))
    bus.send(ports.inbox(area), [Record(incident), Record(b"\xff{"), Record(b"{}", headers=binary)])
    bus.send(ports.positions(area), [Record(samples()["position_reported"])])


def check_export(out: Path, area: AreaId, raws: Sequence[bytes]) -> None:
    """As FORMATS has it."""
    journal = rows_of(out, "journal.jsonl")
    assert [row["offset"] for row in journal] == list(range(len(raws)))
    made = [
        json.dumps(row["frame"], ensure_ascii=False, separators=(",", ":")).encode()
        for row in journal
    ]
    assert made == list(raws)
    assert journal[-1]["frame"]["prev"] == hashlib.sha256(made[-2]).hexdigest()
    assert rows_of(out, "orders.jsonl") == [
        {"order": order_id(area, 3, 0), "unit": "t0", "incident": "I2", "slot": 0,
         "replaces": None}
    ]  # fmt: skip
    assert [(row["kind"], row["ref"]) for row in rows_of(out, "console.jsonl")] == [
        ("dispatch", order_id(area, 3, 0)), ("system", None)
    ]  # fmt: skip
    (rejected,) = rows_of(out, "rejected.jsonl")
    assert base64.b64decode(rejected["raw"]) == b"\xff{"
    assert rejected["headers"] == {"reason": "encoding"}
    first, second, third, fix = rows_of(out, "inputs.jsonl")
    assert first == {"topic": ports.inbox(area), "partition": 0, "offset": 0,
                     "event": json.loads(samples()["incident_reported"])}  # fmt: skip
    assert (second["offset"], second["event"]) == (1, None)
    assert third["event"] == {
        "specversion": "1.0", "type": "qinwu.signed_in.v1", "id": "7", "data": {}
    }  # fmt: skip
    assert (fix["topic"], fix["offset"]) == (ports.positions(area), 0)
    assert rows_of(out, "snapshot.jsonl") == [
        {"area": area, "seq": 4, "open_orders": [order_id(area, 3, 0)],
         "open_incidents": [{"incident": "I2", "slots": 2, "queued": [1], "done": []}]}
    ]  # fmt: skip


def test_everything_is_exported_from_a_file(tmp_path: Path, typed: Typed) -> None:
    """Bytes and digests of frames can be made again; what is open is told."""
    folder = small_district(tmp_path / "d")
    bus = SqliteBus(folder / "duty.db")
    raws = some_day(Writer(bus))
    fill_outputs(bus, AREA)
    bus.close()
    told = typed("journal", "export", folder, "--out", tmp_path / "x")
    assert told.code == 0, told.err
    assert f"{tmp_path / 'x' / 'journal.jsonl'}: 4 rows" in told.out
    check_export(tmp_path / "x", AREA, raws)
    again = typed("journal", "export", folder, "--out", tmp_path / "x")
    assert (again.code, again.out) == (2, "")


def test_everything_is_exported_from_kafka(kafka: str, tmp_path: Path, typed: Typed) -> None:
    """The same files, and the same verdict."""
    folder = small_district(tmp_path / "d")
    set_settings(folder, brigade=f"j{uuid.uuid4().hex[:10]}")
    area = area_of(folder)
    create_topics(kafka, area)
    bus = KafkaBus(kafka)
    raws = some_day(Writer(bus, area))
    fill_outputs(bus, area)
    bus.close()
    told = typed("journal", "export", folder, "--out", tmp_path / "x", "--bus", f"kafka://{kafka}")
    assert told.code == 0, told.err
    check_export(tmp_path / "x", area, raws)
    verified = typed("journal", "verify", folder, "--bus", f"kafka://{kafka}")
    assert "4 frames accepted up to 4" in verified.out


@pytest.mark.parametrize("seed", range(4))
def test_what_is_open_is_what_the_engine_holds(seed: int, tmp_path: Path) -> None:
    """Folded from the frames alone over a random day, and by the engine's own state."""
    day = Day(Brigade.of(load(small_district(tmp_path))), Random(seed))  # noqa: S311 - a test's draw
    day.begin()
    for _ in range(150):
        day.step()
    told = Open(AREA)
    for raw in day.brigade.journal:
        told.apply(Frame.read(raw))
    state = day.brigade.state
    assert set(told.orders) == set(state.orders), f"seed {seed}"
    assert {i: (n.slots, n.queued, n.done) for i, n in told.incidents.items()} == {
        i: (n.slots, set(n.queued), set(n.done))
        for i, n in state.incidents.items() if n.closed is None
    }, f"seed {seed}"  # fmt: skip
    assert told.orders or told.incidents  # else it compared nothing


def test_a_record_that_is_no_frame_is_exported_as_bytes(folder: Path, tmp_path: Path,
                                                        typed: Typed) -> None:  # fmt: skip
    """Losers too, as found."""
    bus = SqliteBus(folder / "duty.db")
    bus.send("hz.journal", [Record(b"junk\n")])
    bus.close()
    typed("journal", "export", folder, "--out", tmp_path / "x")
    last = rows_of(tmp_path / "x", "journal.jsonl")[-1]
    assert (last["frame"], base64.b64decode(last["raw"])) == (None, b"junk\n")


# --- backup ----------------------------------------------------------------------------------


def test_a_backup_is_the_whole_store(folder: Path, tmp_path: Path, typed: Typed) -> None:
    """It opens as a store of its own; nothing else is left beside it."""
    told = typed("backup", folder, tmp_path / "b.db")
    assert told.code == 0, told.err
    assert "journal up to frame 4, plan up to frame 1" in told.out
    assert [file.name for file in tmp_path.iterdir() if file.is_file()] == ["b.db"]
    copy, own = SqliteBus(tmp_path / "b.db"), SqliteBus(folder / "duty.db")
    assert copy.read("hz.journal") == own.read("hz.journal")
    copy.close()
    own.close()


def test_a_backup_is_made_through_the_door(folder: Path, tmp_path: Path, typed: Typed) -> None:
    """While a worker owns the file."""
    bus = SqliteBus(folder / "duty.db")
    door = Door(bus, AREA, folder)
    door.start()
    told = typed("backup", folder, tmp_path / "b.db")
    door.stop()
    bus.close()
    assert told.code == 0, told.err
    assert "journal up to frame 4" in told.out


def test_a_backup_overwrites_nothing(folder: Path, tmp_path: Path, typed: Typed) -> None:
    """Nor does it make folders, nor a store where none is."""
    (tmp_path / "b.db").write_bytes(b"precious")
    assert typed("backup", folder, tmp_path / "b.db").code == 2
    assert (tmp_path / "b.db").read_bytes() == b"precious"
    assert typed("backup", folder, tmp_path / "no" / "b.db").code == 1
    (folder / "duty.db").unlink()
    told = typed("backup", folder, tmp_path / "c.db")
    assert told.code == 1
    assert not (folder / "duty.db").exists()


def test_a_copy_that_does_not_fold_is_told_unsound(
    folder: Path, tmp_path: Path, typed: Typed
) -> None:
    """A backup that cannot be restored is no backup."""
    tamper(folder, "hz.journal", "DELETE FROM {table} WHERE position = 1")
    told = typed("backup", folder, tmp_path / "b.db")
    assert told.code == 1
    assert "not sound" in told.err
    assert not (tmp_path / "b.db").exists()


def test_kafka_is_backed_up_by_its_own_tools(kafka: str, folder: Path, tmp_path: Path,
                                             typed: Typed) -> None:  # fmt: skip
    """Impossible as asked: exit 3, nothing written."""
    create_topics(kafka, AREA)
    told = typed("backup", folder, tmp_path / "b.db", "--bus", f"kafka://{kafka}")
    assert told.code == 3
    assert "journal export" in told.err
    assert not (tmp_path / "b.db").exists()
