"""Writes the tables of docs/district.md from the row models and the settings.

`python -m config.document docs/district.md` renews what stands between the marks
`<!-- generated: NAME -->` and `<!-- end -->`; the rest of the page is written by hand.
"""

import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from config.made_tables import HistoryRow, LiveRow
from config.settings import Settings
from config.tables import TABLES, Row

EXAMPLES: Mapping[str, str] = {
    "nodes.csv": "n102,312.5,-80.0,120.1541,30.2871,s1",
    "edges.csv": "e7,n102,n103,21.5,240,40,31,primary,1,莫干山路",
    "places.csv": "p12,junction,n102,天目山路/莫干山路口,3.2,莫干山路",
    "posts.csv": "st1,n102,s1,一中队,1",
    "people.csv": "o17,s1,officer,P017,car;breath_test,王芳,B0017,13800000017",
    "bonds.csv": "o17,a31,2026-11-01,2026-12-31",
    "leave.csv": "o17,2026-12-03,2026-12-05,training",
    "vehicles.csv": "v4,s1,car,5,浙A0004警,2026-12-01,2026-12-03",
    "devices.csv": "pda4,s1,pda",
    "duties.csv": "school1,s1,school,1;2;3;4;5,2026-12-03,07:00,13:00,1,car,st1,p12,1",
    "watchlist.csv": "w9," + "0f" * 32 + ",overload,1,2026-11-01,2026-12-31",
    "hazards.csv": "h3,n102,视线遮挡,2026-11-02,2026-12-02,2026-11-20",
    "strict_roads.csv": "栾河路,超载",
    "must_arrive_fixed.csv": "f1,p12,s1,5,22:00,00:30,12,2,酒吧街夜间,酒驾醉驾;超速",
    "must_correct_fixed.csv": "s1,未戴头盔,7,9",
    "calendar.csv": "2026-10-10,in_lieu,1,国庆调休",
    "history/incidents.csv": (
        "c1,2026-11-23T08:15:00+08:00,1,incident,crash,injury,超速,312.5,-80.0,n102,西湖,1800"
    ),
    "live/*.csv": "2026-11-30T07:42:00+08:00,crash,damage,p12,120.1541,30.2871,1500,2",
}
"""A row of each file, every column in the model's order; a test reads them."""


_BOUNDS = (
    ("minimum", "≥"), ("exclusiveMinimum", ">"), ("maximum", "≤"), ("exclusiveMaximum", "<"),
)  # fmt: skip


def schema_of(model: type[BaseModel]) -> dict[str, dict[str, Any]]:
    """JSON schema of each column or key, references resolved one level."""
    schema = model.model_json_schema(by_alias=True)
    parts = schema.get("$defs", {})
    return {
        name: parts.get(str(about.get("$ref", "")).rpartition("/")[2], {}) | about
        for name, about in schema["properties"].items()
    }


def type_of(about: Mapping[str, Any]) -> str:
    """What a value is, in words."""
    options = [part for part in about.get("anyOf", []) if part.get("type") != "null"]
    if options:
        return " or ".join(type_of(part) for part in options)
    if "enum" in about or "const" in about:
        return ", ".join(f"`{choice}`" for choice in about.get("enum", [about.get("const")]))
    kind, form = str(about.get("type", "object")), about.get("format")
    if kind == "array":
        return f"list of {type_of(about.get('items', {}))}"
    if form in ("date", "time"):
        return "date" if form == "date" else "time of day HH:MM"
    words = {"string": "text", "integer": "whole number", "number": "number",
             "boolean": "`true` or `false`", "object": "settings, see below"}[kind]  # fmt: skip
    if "pattern" in about and kind == "string":
        words = "id" if "\\s" in about["pattern"] else f"text like `{about['pattern']}`"
    bounds = [f"{sign} {about[key]:g}" for key, sign in _BOUNDS if key in about]
    return " ".join([words, *bounds])


def table_of(model: type[Row]) -> Iterator[str]:
    """The section of one file."""
    yield f"### `{model.file}`"
    yield ""
    yield " ".join(str(model.__doc__).split())
    notes = ["Required." if model.required else "Optional."]
    if model.key:
        notes.append("Unique: " + ", ".join(f"`{column}`" for column in model.key) + ".")
    if model.private:
        columns = ", ".join(f"`{column}`" for column in model.private)
        notes.append(f"Personal data, outside the hash and every journal: {columns}.")
    yield " ".join(notes)
    yield ""
    yield "| column | type | empty means | meaning | example |"
    yield "|---|---|---|---|---|"
    examples = EXAMPLES[model.file].split(",")
    required = set(model.model_json_schema(by_alias=True).get("required", []))
    for (column, about), example in zip(schema_of(model).items(), examples, strict=True):
        empty = "refused" if column in required else _shown(about.get("default"))
        meaning = about.get("description", "")
        if column in model.refers:
            meaning = f"{meaning} Stands in `{model.refers[column]}`.".strip()
        yield f"| `{column}` | {type_of(about)} | {empty} | {meaning} | `{example}` |"
    yield ""


def settings_of(model: type[BaseModel], path: str = "") -> Iterator[str]:
    """The rows of settings.yaml, depth first."""
    required = set(model.model_json_schema().get("required", []))
    fields = model.model_fields.values()
    for (key, about), field in zip(schema_of(model).items(), fields, strict=True):
        inner = next((part for part in _models(field.annotation)), None)
        listed = about.get("type") == "array"
        name = f"{path}{key}" + ("[]" if inner and listed else "")
        default = "none: must be said" if key in required else _shown(about.get("default"))
        if inner is None:
            yield f"| `{name}` | {type_of(about)} | {default} | {about.get('description', '')} |"
            continue
        doc = " ".join(str(inner.__doc__).split())
        yield f"| `{name}` | {'list' if listed else 'part'} | {default if listed else ''} | {doc} |"
        yield from settings_of(inner, f"{name}.")


def _models(annotation: Any) -> Iterator[type[BaseModel]]:  # noqa: ANN401 - any annotation
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in getattr(annotation, "__args__", ()):
        yield from _models(inner)


def _shown(default: object) -> str:
    """A default as the page shows it; long lists are told by their length."""
    if default in (None, "", [], ()):
        return "nothing"
    if isinstance(default, list):
        if isinstance(default[0], dict):
            return f"{len(default)} entries"
        return ", ".join(str(part) for part in default)
    if isinstance(default, bool):
        return str(default).lower()
    text = str(default)
    return text[:5] if re.fullmatch(r"\d\d:\d\d:\d\d", text) else text


def blocks() -> dict[str, str]:
    """The generated parts of the page by name."""
    models: tuple[type[Row], ...] = (*TABLES, HistoryRow, LiveRow)
    files = [line for model in models for line in table_of(model)]
    head = ["| key | type | default | meaning |", "|---|---|---|---|"]
    return {
        "files": "\n".join(files).rstrip(),
        "settings": "\n".join([*head, *settings_of(Settings)]),
    }


def renewed(page: str) -> str:
    """The page with its generated parts made again."""
    made = blocks()
    return re.sub(
        r"(<!-- generated: (\w+) -->\n).*?(\n<!-- end -->)",
        lambda found: found[1] + made[found[2]] + found[3], page, flags=re.DOTALL,
    )  # fmt: skip


if __name__ == "__main__":
    path = Path(sys.argv[1])
    path.write_text(renewed(path.read_text(encoding="utf-8")), encoding="utf-8")
