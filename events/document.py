"""Writes the tables of docs/events.md from the schemas and the streams.

`python -m events.document docs/events.md` renews what stands between the marks
`<!-- generated: NAME -->` and `<!-- end -->`; the rest of the page is written by hand.
"""

import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from config.document import type_of
from config.durations import DAY_MS
from events.event import Event
from events.kinds import EVENTS, Edit, Visit
from events.ports import STREAM_KINDS

PARTS: tuple[type[BaseModel], ...] = (Edit, Visit)
"""Parts that stand in lists of events, described below them."""
_SHORT = {
    "^[0-9]{4}-[0-9]{2}-[0-9]{2}$": "date 2026-12-03",
    "^[0-9]{4}-W[0-9]{2}$": "week 2026-W49",
    "^[0-9a-f]{64}$": "SHA-256 in hex",
}


def streams() -> Iterator[str]:
    """A row for each stream."""
    yield "| stream | kept | largest record |"
    yield "|---|---|---|"
    for kind in STREAM_KINDS:
        kept = "for ever" if kind.kept_ms is None else f"{kind.kept_ms // DAY_MS} days"
        yield f"| `P.{kind.suffix}` | {kept} | {kind.largest_bytes // 1024} KiB |"


def names() -> Iterator[str]:
    """A row for each event."""
    yield "| event | what it says |"
    yield "|---|---|"
    for event in EVENTS:
        yield f"| [`{event.name}`](#{event.name}) | {_doc(event)} |"


def fields() -> Iterator[str]:
    """A table for each event, then for the parts."""
    for event in EVENTS:
        yield f"### `{event.name}`"
        yield ""
        yield f"`type` is `{event.type()}`. {_doc(event)}"
        yield ""
        yield from _table(event)
    for part in PARTS:
        yield f"### Part `{part.__name__}`"
        yield ""
        yield _doc(part)
        yield ""
        yield from _table(part)


def _doc(model: type[BaseModel]) -> str:
    return " ".join(str(model.__doc__).split())


def _table(model: type[BaseModel]) -> Iterator[str]:
    schema = model.model_json_schema()
    required = set(schema.get("required", []))
    yield "| field | type | needed | meaning |"
    yield "|---|---|---|---|"
    for name, about in _sorted(schema["properties"], model):
        needed = "yes" if name in required else ""
        yield f"| `{name}` | {_type(about)} | {needed} | {about.get('description', '')} |"
    yield ""


def _sorted(
    properties: Mapping[str, Mapping[str, Any]], model: type[BaseModel]
) -> list[tuple[str, Mapping[str, Any]]]:
    """Its own fields first, `at` and the point, which many have, behind."""
    shared = [name for name in ("lon", "lat", "crs", "at") if name in properties]
    if not issubclass(model, Event):
        shared = []
    own = [name for name in properties if name not in shared]
    return [(name, properties[name]) for name in (*own, *shared)]


def _type(about: Mapping[str, Any]) -> str:
    """What a value is, in words; lists of parts name the part."""
    options = [one for one in about.get("anyOf", []) if one.get("type") != "null"]
    if options:
        return " or ".join(_type(one) for one in options)
    if "$ref" in about:
        return f"`{str(about['$ref']).rpartition('/')[2]}`"
    if about.get("type") == "array":
        return f"list of {_type(about.get('items', {}))}"
    pattern = str(about.get("pattern", ""))
    if pattern:
        return _SHORT.get(pattern, "time with offset, ISO 8601")
    if about.get("type") in ("integer", "number"):
        return _number(about)
    return type_of(about)


def _number(about: Mapping[str, Any]) -> str:
    """A number and its bounds; those that only keep it exact in JSON are left out."""
    words = "whole number" if about["type"] == "integer" else "number"
    least, most = about.get("minimum"), about.get("maximum")
    if least is not None and most is not None and most < 1e6:
        return f"{words}, {least:g} to {most:g}"
    return words if least is None else f"{words} from {least:g}"


def blocks() -> dict[str, str]:
    """The generated parts of the page by name."""
    made = {"streams": streams(), "names": names(), "fields": fields()}
    return {name: "\n".join(lines).rstrip() for name, lines in made.items()}


def renewed(page: str) -> str:
    """The page with its generated parts made again."""
    made = blocks()
    return re.sub(
        r"(<!-- generated: (\w+) -->\n).*?(<!-- end -->)",
        lambda found: f"{found[1]}{made[found[2]]}\n{found[3]}", page, flags=re.DOTALL,
    )  # fmt: skip


if __name__ == "__main__":
    path = Path(sys.argv[1])
    path.write_text(renewed(path.read_text(encoding="utf-8")), encoding="utf-8")
