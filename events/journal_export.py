"""`qinwu journal export`: the bus as JSON lines, for audits and for programs of others.

What each file holds stands in docs/events.md; where all of them end, in `export_cut`.
"""

import base64
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from config.errors import BadInput
from events import ports
from events.door_body import parsed
from events.export_cut import Cut
from events.ports import Stored, Streams
from events.released import HEADER
from events.rows import rows

ORDER_FIELDS = ("order", "unit", "incident", "slot", "replaces")


def export_to(bus: Streams, cut: Cut, out: Path) -> Iterator[tuple[str, int]]:
    """Write all files, each up to the cut; the name of each and how many rows it has.

    Raises:
        BadInput: `out` is not empty, or cannot be written.
    """
    area = cut.area
    files: tuple[tuple[str, Iterator[bytes]], ...] = (
        ("orders.jsonl", _orders(bus, cut)),
        ("console.jsonl", _console(bus, cut)),
        ("rejected.jsonl", _rejected(bus, cut)),
        ("journal.jsonl", _frames(cut.frames(rows(bus, ports.journal(area))))),
        ("plan.jsonl", _frames(cut.plans(rows(bus, ports.plan(area))))),
        ("inputs.jsonl", _inputs(bus, cut)),
        ("snapshot.jsonl", iter((_json(cut.opened.row()),))),
    )
    try:
        out.mkdir(parents=True, exist_ok=True)
        if any(out.iterdir()):
            raise BadInput(key="journal.not_empty", folder=out)
        for file, made in files:
            count = 0
            with (out / file).open("wb") as target:
                for row in made:
                    target.write(row + b"\n")
                    count += 1
            yield file, count
    except OSError as error:
        raise BadInput(key="sending.not_written", file=out, cause=error.strerror) from error


def _json(row: Mapping[str, Any]) -> bytes:
    return json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode()


def _frames(journal: Iterable[Stored]) -> Iterator[bytes]:
    """Every stored frame with its very bytes, so that its digest can be made again."""
    for stored in journal:
        raw = stored.value
        if isinstance(parsed(raw), dict) and b"\n" not in raw and b"\r" not in raw:
            yield b'{"offset":%d,"frame":%b}' % (stored.position, raw)
        else:  # no frame at all, e.g. of another program that wrote here
            yield _json({"offset": stored.position, "frame": None, "raw": _base64(raw)})


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _inputs(bus: Streams, cut: Cut) -> Iterator[bytes]:
    for name in (ports.inbox(cut.area), ports.positions(cut.area)):
        for stored in cut.inputs(name, rows(bus, name)):
            partition, offset = ports.split(stored.position)
            row = {"topic": name, "partition": partition, "offset": offset}
            yield _json({**row, "event": _event(stored)})


def _event(stored: Stored) -> dict[str, Any] | None:
    """The CloudEvent in its structured form, None where the bytes are none."""
    value = parsed(stored.value)
    if isinstance(value, dict) and "specversion" in value:
        return value
    said = {
        name[3:]: told.decode("utf-8", "replace")
        for name, told in stored.headers
        if name.startswith("ce_")
    }
    if "specversion" not in said or value is None:
        return None
    return {**said, "data": value}


def _effects(bus: Streams, cut: Cut, name: str) -> Iterator[dict[str, Any]]:
    """What was released, as JSON; what came again after a kill stands once, by its id."""
    seen: set[bytes] = set()
    for stored in cut.effects(rows(bus, name)):
        told = parsed(stored.value)
        one = dict(stored.headers).get(HEADER, stored.value)
        if isinstance(told, dict) and one not in seen:
            seen.add(one)
            yield told


def _orders(bus: Streams, cut: Cut) -> Iterator[bytes]:
    for told in _effects(bus, cut, ports.orders(cut.area)):
        if told.get("type") == "order":
            yield _json({name: told.get(name) for name in ORDER_FIELDS})


def _console(bus: Streams, cut: Cut) -> Iterator[bytes]:
    for told in _effects(bus, cut, ports.console(cut.area)):
        yield _json({**told, "ref": told.get("ref")})


def _rejected(bus: Streams, cut: Cut) -> Iterator[bytes]:
    for stored in cut.effects(rows(bus, ports.rejected(cut.area))):
        headers = {name: told.decode("utf-8", "replace") for name, told in stored.headers}
        text = stored.value.decode("utf-8", "replace")
        row = {"offset": stored.position, "headers": headers, "text": text}
        yield _json({**row, "raw": _base64(stored.value)})
