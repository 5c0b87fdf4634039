"""YAML files as checked models, with line and column for every error.

Scalars mean what they look like: `true`/`false`, `null`, decimal numbers; all else is text, so
that 04:00 is a time of day and not 240. Duplicate keys, anchors and several documents are
refused: nobody means them in a file of settings.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Generic, TypeVar, get_args

import yaml
from pydantic import BaseModel, ValidationError

from config.controls import CONTROL
from config.errors import BadInput, Finding
from config.faults import fault, near, shown
from config.files import content

M = TypeVar("M", bound=BaseModel)
Loc = tuple[str | int, ...]
Place = tuple[int, int]

_DEEPEST = 50
_INT, _FLOAT = (
    re.compile(r"[-+]?[0-9]+"),
    re.compile(r"[-+]?([0-9]*\.[0-9]+|[0-9]+\.?)([eE][-+]?[0-9]+)?"),
)
_WORDS: Mapping[str, bool | None] = {
    "true": True,
    "false": False,
    "null": None,
    "~": None,
    "": None,
}


@dataclass(slots=True)
class Document(Generic[M]):
    """A read file: its model where it is sound, and what was wrong."""

    file: str
    value: M | None = None
    raw: bytes = b""
    plain: object = None
    """The file as plain Python, also where the model refuses it."""
    keys: dict[Loc, Place] = field(default_factory=dict)
    values: dict[Loc, Place] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    seen: set[int] = field(default_factory=set)
    """Nodes by their identity: one that comes again is an anchor's."""

    def sound(self) -> M:
        """The model; BadInput when the file has errors."""
        if self.value is None:
            raise BadInput(self.findings)
        return self.value

    def place(self, *loc: str | int) -> Place:
        """Line and column of a value, or of the nearest part of the file that holds it."""
        while loc and loc not in self.values:
            loc = loc[:-1]
        return self.values.get(loc, (1, 1))

    def find(self, loc: Loc, key: str, level: str = "error", **fields: object) -> None:
        """Note a finding about a value."""
        self.note(key, self.place(*loc), level=level, **fields)

    def note(
        self, key: str, place: Place | tuple[None, None], level: str = "error", **fields: object
    ) -> None:
        """Note a finding at a place, or of the whole file."""
        line, column = place
        self.findings.append(Finding(level, self.file, line, column, f"check.{key}", fields))


def read_yaml(path: Path, model: type[M], file: str | None = None) -> Document[M]:
    """Read a YAML file into a model; never raises for what stands in it."""
    document: Document[M] = Document(file or path.name)
    try:
        document.raw = content(path)
    except FileNotFoundError:
        document.note("settings_missing", (None, None))
        return document
    except OSError as error:
        document.note("file_unreadable", (1, 1), because=error.strerror or str(error))
        return document
    root = _compose(document)
    if root is None:
        return document
    document.plain = _value(document, root, ())
    try:
        document.value = model.model_validate(document.plain)
    except ValidationError as error:
        _locate(document, model, error)
    if document.findings:
        document.value = None
    return document


@lru_cache(maxsize=8)
def _nodes(text: str) -> yaml.Node | None:
    """A text as nodes, which nobody changes: a folder's settings are read several times over."""
    root: yaml.Node | None = yaml.compose(text, Loader=yaml.SafeLoader)
    return root


def _compose(document: Document[Any]) -> yaml.Node | None:
    """The file as nodes with marks, or None and a finding."""
    raw = document.raw.removeprefix(b"\xef\xbb\xbf")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8")
        place = (before.count("\n") + 1, len(before) - before.rfind("\n"))
        document.note("not_utf8", place, byte=f"0x{raw[error.start]:02X}")
        return None
    try:
        root = _nodes(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        document.note("not_yaml", place, because=error.problem or str(error))
        return None
    except yaml.reader.ReaderError as error:
        before = text[: error.position]
        place = (before.count("\n") + 1, len(before) - before.rfind("\n"))
        document.note("control_character", place, byte=ascii(text[error.position]))
        return None
    except RecursionError:
        document.note("not_yaml", (1, 1), because="nested too deeply")
        return None
    if not isinstance(root, yaml.MappingNode):
        document.note("not_mapping", (1, 1))
        return None
    return root


def _value(document: Document[Any], node: yaml.Node, loc: Loc) -> object:
    """A node as plain Python; notes where each part stood."""
    place = (node.start_mark.line + 1, node.start_mark.column + 1)
    if len(loc) > _DEEPEST:
        document.note("not_yaml", place, because="nested too deeply")
        return None
    if id(node) in document.seen:
        document.note("not_yaml", place, because="an anchor is used twice")
        return None
    document.values[loc] = place
    if isinstance(node, yaml.ScalarNode):
        if found := CONTROL.search(node.value):  # written out in quotes it passes the reader
            document.note("control_character", place, byte=ascii(found[0]))
        return _scalar(node)
    document.seen.add(id(node))
    if isinstance(node, yaml.SequenceNode):
        return [_value(document, item, (*loc, at)) for at, item in enumerate(node.value)]
    told: dict[str, object] = {}
    for key_node, value_node in node.value:
        key = str(key_node.value) if isinstance(key_node, yaml.ScalarNode) else "?"
        place = (key_node.start_mark.line + 1, key_node.start_mark.column + 1)
        if key in told:
            document.note("key_twice", place, value=shown(key), first=document.keys[*loc, key][0])
            continue
        document.keys[*loc, key] = place
        told[key] = _value(document, value_node, (*loc, key))
    return told


def _scalar(node: yaml.ScalarNode) -> object:
    text = str(node.value)
    if node.style in ("'", '"', "|", ">"):
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INT.fullmatch(text) and len(text) < 20:
        return int(text)
    return float(text) if _FLOAT.fullmatch(text) else text


def _locate(document: Document[Any], model: type[BaseModel], error: ValidationError) -> None:
    """Note the faults of a model at their places in the file."""
    for found in error.errors(include_url=False):
        loc: Loc = tuple(found["loc"])
        key, fields = fault(found)
        name = ".".join(str(part) for part in loc)
        if found["type"] == "extra_forbidden":
            fields["near"] = near(str(loc[-1]), _names(model, loc[:-1]))
            document.note("unknown_key", document.keys.get(loc, document.place(*loc)),
                          column=name, **fields)  # fmt: skip
        elif found["type"] == "missing":
            parent = document.keys.get(loc[:-1], document.place(*loc[:-1]))
            document.note("key_missing", parent, column=name)
        else:
            document.note(key, document.place(*loc), column=name, **fields)


def _names(model: type[BaseModel], loc: Loc) -> list[str]:
    """Names of the fields at a place inside a model."""
    here: type[BaseModel] | None = model
    for part in loc:
        if here is None or isinstance(part, int):
            continue
        info = next((i for n, i in here.model_fields.items() if part in (n, i.alias)), None)
        here = next(_models(info.annotation), None) if info else None
    return [info.alias or name for name, info in here.model_fields.items()] if here else []


def _models(annotation: object) -> Iterator[type[BaseModel]]:
    """Models named in an annotation such as tuple[Response, ...] or Crs | None."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models(inner)
