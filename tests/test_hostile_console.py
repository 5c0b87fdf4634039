"""Strangers' records in the console's stream: they are no lines, and the log goes on."""

import json
from pathlib import Path
from typing import Any

import pytest
from engines import AREA, Station

from config.words import words
from dispatch.console.log import Keeper
from events import ports
from events.ports import Record

SOUND = {
    "at": "2026-11-30T01:00:00+08:00", "kind": "queued", "area": AREA, "squadron": "s1",
    "seq": 7, "n": 0, "about": "I1", "text": "incident.late", "fields": {},
}  # fmt: skip


def row(**more: Any) -> bytes:  # noqa: ANN401 - any JSON
    """A sound row but for what is given."""
    return json.dumps(SOUND | more).encode()


@pytest.fixture
def lines(tmp_path: Path, request: pytest.FixtureRequest) -> list[str]:
    """What is shown of the records of a test's case."""
    station = Station(tmp_path)
    shown: list[str] = []
    keeper = Keeper(station.bus, AREA, tmp_path, words("en"), shown.append)
    values = request.param if isinstance(request.param, list) else [request.param]
    station.bus.send(ports.console(AREA), [Record(value) for value in values])
    keeper.turn()
    return shown


STRANGERS = [
    row(at="garbage"), row(at="2026-11-30T01:00:00"), row(at="9999-12-31T23:59:59-12:00"),
    row(at="0001-01-01T00:00:00+14:00"), row(at=5), row(kind="nobody"), row(kind=["queued"]),
    row(unit=5), row(squadron=["s1"]), row(seq="x"), row(n=-1), row(due="x"), row(eta=1),
    row(why=1), row(why={"rule": 1}), row(text=["incident.late"]), row(fields=[1]),
    row(unit="\ud800"), row().replace(b'"seq": 7', b'"seq": 1e400'), b"[" * 100_000, b"", b"[]",
    b"null", b"\xff",
]  # fmt: skip


@pytest.mark.parametrize("lines", [[one, row()] for one in STRANGERS], indirect=True)
def test_a_strangers_record_is_skipped_and_the_next_line_written(lines: list[str]) -> None:
    """Raising would end every worker that is started again: the record stays in the stream."""
    assert [line.split()[2] for line in lines] == ["SYSTEM", "QUEUED"]


@pytest.mark.parametrize(
    "lines",
    [
        row(fields={"key": 1}),
        row(fields={"place": ["p"]}),
        row(text="incident.nothing"),
        row(text="command.located"),
        row(text="command.located", fields={"by": {"a": [1]}}),
    ],
    indirect=True,
)
def test_a_row_of_other_words_is_shown_as_it_is(lines: list[str]) -> None:
    """A program with other words may have recorded it: nothing is hidden."""
    assert [line.split()[2] for line in lines] == ["SYSTEM", "QUEUED"]
