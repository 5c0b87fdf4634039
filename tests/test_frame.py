"""Frames: their exact bytes, and the rule by which every reader folds them."""

import hashlib
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.ids import AreaId, EdgeId, IncidentId, OrderId, UnitId
from events.frame import (
    FIRST_PREV,
    About,
    Accepted,
    Deadline,
    Duplicate,
    Effect,
    EndedShift,
    EngineStarted,
    Excluded,
    Fold,
    Folded,
    Fork,
    Frame,
    IncidentClosed,
    Input,
    JournalBroken,
    JournalDamaged,
    Line,
    Note,
    Order,
    OrderEnded,
    Parked,
    Position,
    Queued,
    Rejected,
    Stale,
    Warning,  # noqa: A004 - the format's word
    Why,
    digest,
    order_id,
)
from events.samples import samples
from events.schema import Envelope, parse

AREA = AreaId("hz")
P012, I17 = UnitId("P012"), IncidentId("I17")
WHY = Why(
    rule="nearest_lawful",
    chosen=P012,
    runner_up=UnitId("P019"),
    difference_s=100,
    excluded=(Excluded(unit=UnitId("P020"), rule="crew_law"),),
)
FULL = Frame(
    area=AREA,
    seq=1042,
    prev=FIRST_PREV,
    writer="w1",
    time_ms=1_796_254_932_207,
    inputs=(Input(topic="hz.inbox", partition=0, first=7, to=10),),
    facts=(
        Accepted(
            topic="hz.inbox", partition=0, offset=7, event="desk/1",
            kind="qinwu.incident_reported.v1", data={"kind": "crash", "lon_e7": 1_201_551_000},
            incident=I17, slots=2,
        ),
        Duplicate(topic="hz.inbox", partition=0, offset=8, of="desk/1"),
        Rejected(topic="hz.inbox", partition=0, offset=9, reason="nul"),
        Parked(topic="hz.inbox", partition=0, offset=10, error="KeyError"),
        EngineStarted(program="0.1", files={"nodes.csv": "ab"}),
        Deadline(at_ms=5),
        Position(unit=P012, at_ms=5, edge=EdgeId("e1"), along_m=12, change="arrived"),
        Note(key="drafted", fields={"week": "2026-W49"}),
    ),
    decisions=(
        Order(
            id=order_id(AREA, 1042, 0), unit=P012, about=About(incident=I17), incident=I17, why=WHY
        ),
        OrderEnded(order=OrderId("hz/7/0"), how="preempted"),
        IncidentClosed(incident=I17, how="done"),
        Queued(incident=I17, slot=1, reason="no_lawful_unit"),
        Line(kind="dispatch", unit=P012, why=WHY),
        Warning(rule="overdue", unit=P012),
        EndedShift(unit=P012),
        Effect(stream="replies", value={"event": "desk/1"}),
    ),
)  # fmt: skip


def after(fold: Fold, *, writer: str = "w", key: str = "n") -> bytes:
    """A next frame of a history."""
    return fold.next_frame(writer, 1, facts=(Note(key=key),)).raw()


def test_the_bytes_are_as_the_format_says() -> None:
    """The very bytes, so that any program in any language can make them again."""
    small = Frame(
        area=AREA,
        seq=1,
        prev=FIRST_PREV,
        writer="引擎",
        time_ms=5,
        inputs=(Input(topic="hz.inbox", partition=0, first=0, to=1),),
        facts=(Duplicate(topic="hz.inbox", partition=0, offset=0, of="a/b"),),
        decisions=(
            Order(id=OrderId("hz/1/0"), unit=P012, about=About(incident=I17), why=Why(rule="r")),
        ),
    )
    assert small.raw().decode() == (
        '{"v":1,"area":"hz","seq":1,"prev":"' + "0" * 64 + '","writer":"引擎","time_ms":5,'
        '"inputs":[{"topic":"hz.inbox","partition":0,"from":0,"to":1}],'
        '"facts":[{"type":"duplicate","topic":"hz.inbox","partition":0,"offset":0,"of":"a/b"}],'
        '"decisions":[{"type":"order","id":"hz/1/0","unit":"P012","about":{"incident":"I17"},'
        '"incident":null,"slot":0,"replaces":null,"why":{"rule":"r","chosen":null,'
        '"runner_up":null,"difference_s":null,"excluded":[],"by":null}}]}'
    )


def test_a_frame_read_is_the_frame_written() -> None:
    """Every fact and decision survives its bytes, and the bytes survive plain JSON."""
    raw = FULL.raw()
    assert Frame.read(raw) == FULL
    again = json.dumps(json.loads(raw), ensure_ascii=False, separators=(",", ":")).encode()
    assert again == raw


@given(
    st.dictionaries(
        st.text(max_size=8),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=8),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
            max_leaves=6,
        ),
        max_size=4,
    )
)
def test_any_data_has_one_spelling(fields: dict[str, object]) -> None:
    """Control characters, all of Unicode, big integers: our bytes are those of plain JSON."""
    told = Accepted(topic="t", partition=0, offset=1, event="e", kind="k", data=fields)
    frame = Fold(AREA).next_frame("w", 1, facts=(Note(key="k", fields=fields), told))
    raw = frame.raw()
    assert raw == frame.model_dump_json(by_alias=True).encode()
    again = json.dumps(json.loads(raw), ensure_ascii=False, separators=(",", ":")).encode()
    assert again == raw
    assert Frame.read(raw).raw() == raw


@pytest.mark.parametrize("name", samples())
def test_an_event_that_was_read_makes_the_fact_that_validation_makes(name: str) -> None:
    """Nothing is validated twice, and yet the fact, its bytes and its frame are the same."""
    told = parse(samples()[name])
    assert isinstance(told, Envelope)
    quick = told.accepted("hz.inbox", 7, 5, I17, 2)
    whole = Accepted(
        topic="hz.inbox", partition=0, offset=7, event=told.event, kind=told.type,
        data=told.normal(5), incident=I17, slots=2,
    )  # fmt: skip
    assert quick == whole
    assert repr(quick) == repr(whole)
    assert replace(quick, reason="r") == replace(whole, reason="r")
    raw = Fold(AREA).next_frame("w", 1, facts=(quick,)).raw()
    assert raw == Fold(AREA).next_frame("w", 1, facts=(whole,)).model_dump_json().encode()
    assert Frame.read(raw).facts == (quick,)


@pytest.mark.parametrize(("reason", "counts"), [
    (None, True), ("held:place_unknown", True), ("noted:unmanned", True),
    ("ignored:not_on_duty", False),
])  # fmt: skip
def test_an_event_counts_unless_it_changed_nothing(reason: str | None, counts: bool) -> None:  # noqa: FBT001
    """Its sender was told so."""
    fact = Accepted(
        topic="hz.inbox", partition=0, offset=1, event="e", kind="k", data={}, reason=reason
    )
    assert fact.counts == counts


def test_the_bytes_are_those_that_the_classes_say() -> None:
    """Facts that spell themselves do it as their fields say, each kind of fact and decision."""
    assert FULL.raw() == FULL.model_dump_json(by_alias=True).encode()
    values = dict(FULL.__dict__) | {"prev": Fold(AREA).digest, "seq": 1}
    again = Fold(AREA).next_frame(
        "w1", FULL.time_ms, FULL.inputs, FULL.facts, FULL.decisions
    )  # fmt: skip
    assert again == Frame(**values)
    assert list(again.__dict__) == list(FULL.__dict__)


def test_half_a_character_makes_no_frame() -> None:
    """What nobody could write down is the input's fault, and said as such."""
    told = Accepted(topic="t", partition=0, offset=1, event="\ud800", kind="k", data={})
    with pytest.raises(ValueError, match="surrogates"):
        Fold(AREA).next_frame("w", 1, facts=(told,)).raw()


@pytest.mark.parametrize("value", [1.0, float("nan"), [1, [2.5]], {"a": {"b": 0.1}}, b"x", {1: 2}])
def test_a_float_or_no_json_is_refused_where_it_is_made(value: object) -> None:
    """No float can slip into a frame through free fields."""
    with pytest.raises(ValueError, match=r"not allowed|no JSON key"):
        Note(key="k", fields={"x": value})


def test_a_float_is_refused_in_typed_fields() -> None:
    """Costs are integers."""
    with pytest.raises(ValueError, match="difference_s"):
        Why(rule="r", difference_s=1.0)  # type: ignore[arg-type]


def test_an_order_is_about_exactly_one_thing() -> None:
    """Neither nothing nor two."""
    with pytest.raises(ValueError, match="exactly one"):
        About()
    with pytest.raises(ValueError, match="exactly one"):
        About(incident=I17, visit="v")  # type: ignore[arg-type]


def test_the_digest_is_sha256_of_the_stored_bytes() -> None:
    """So that `sha256sum` tells the same."""
    assert digest(b"abc") == hashlib.sha256(b"abc").hexdigest()


def test_a_row_of_frames_is_folded() -> None:
    """Each frame names the one before."""
    fold = Fold(AREA)
    for n in range(4):
        raw = after(fold)
        found = fold.accept(n, raw)
        assert isinstance(found, Folded)
        assert (fold.position, fold.seq, fold.digest) == (n, n + 1, digest(raw))


def test_the_second_of_two_frames_of_one_number_is_stale() -> None:
    """The first writer wins; the zombie's frame changes nothing but the position."""
    fold, zombie = Fold(AREA), Fold(AREA)
    winner = after(fold, writer="a")
    fold.accept(0, winner)
    assert fold.accept(1, after(zombie, writer="b")) == Stale(1)
    assert (fold.seq, fold.digest) == (1, digest(winner))


def test_a_pipelined_frame_is_a_fork_not_a_success() -> None:
    """A writer that sent two frames unanswered and lost the first: its second does not count."""
    fold, pipelining = Fold(AREA), Fold(AREA)
    lost = after(pipelining, key="lost")
    pipelining.accept(0, lost)
    second = after(pipelining)
    fold.accept(0, after(fold, key="other"))
    assert fold.accept(1, second) == Fork(2, digest(lost))
    assert fold.seq == 1


@pytest.mark.parametrize("junk", [b"", b"\xff", b"{}", b"[]", b"null", b'{"seq":1}', b"9" * 99])
def test_junk_is_stale(junk: bytes) -> None:
    """What somebody sent to the journal by mistake harms nobody."""
    fold = Fold(AREA)
    assert fold.accept(0, junk) == Stale(None)
    assert isinstance(fold.accept(1, after(fold)), Folded)


def test_a_hole_is_found_whatever_lies_in_it() -> None:
    """Whoever wrote the third frame had folded the second: it was there."""
    fold, writer = Fold(AREA), Fold(AREA)
    writer.accept(0, after(writer))
    assert fold.accept(0, b"\xff") == Stale(None)
    with pytest.raises(JournalDamaged):
        fold.accept(1, after(writer))


def test_where_only_the_writer_writes_junk_is_damage() -> None:
    """Nobody else could have sent it."""
    with pytest.raises(JournalDamaged):
        Fold(AREA).accept(0, b"{}", one_writer=True)


def test_another_areas_frame_is_stale() -> None:
    """A frame counts only in its own journal."""
    assert Fold(AREA).accept(0, after(Fold(AreaId("nb")))) == Stale(1)


@pytest.mark.parametrize("position", [-1, 1, 7])
def test_a_position_that_is_not_the_next_is_refused(position: int) -> None:
    """Markers, compaction, a recreated topic: the reader must not go on."""
    fold = Fold(AREA)
    with pytest.raises(JournalBroken):
        fold.accept(position, after(fold))


def test_a_newer_programs_frame_is_never_taken_for_junk() -> None:
    """A frame that counts but cannot be read stops the reader; it is not skipped."""
    fold = Fold(AREA)
    newer = after(fold).replace(b'"type":"note"', b'"type":"invention"')
    with pytest.raises(JournalBroken, match="not readable"):
        fold.accept(0, newer)


@given(st.lists(st.sampled_from(["next", "again", "junk", "fork", "old"]), max_size=30))
def test_all_readers_agree_whatever_lands(kinds: list[str]) -> None:
    """Two readers of one journal, one from a snapshot, end in the same history."""
    writer, landed = Fold(AREA), list[bytes]()
    snapshot = (0, Fold(AREA))
    for kind in kinds:
        if kind in ("again", "old") and not landed:
            continue
        other = Fold(AREA, writer.position, writer.seq, "e" * 64)
        raw = b"{}"
        if kind == "next":
            raw = after(writer)
        elif kind == "fork":
            raw = after(other)
        elif kind in ("again", "old"):
            raw = landed[-1 if kind == "again" else 0]
        writer.accept(len(landed), raw)
        landed.append(raw)
        if len(landed) == len(kinds) // 2:
            saved = Fold(AREA, writer.position, writer.seq, writer.digest)
            snapshot = (len(landed), saved)
    whole = Fold(AREA)
    for position, raw in enumerate(landed):
        whole.accept(position, raw)
    start, late = snapshot
    for position, raw in enumerate(landed[start:], start):
        late.accept(position, raw)
    assert whole == writer
    assert late == writer
    assert writer.seq == kinds.count("next")
