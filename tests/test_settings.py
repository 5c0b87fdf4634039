"""Each setting has bounds, is read by somebody, and what passes `check` can be planned with."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml
from districts import WEEK, small_district
from learning import with_crashes
from sources import files, nodes, together

from config.district import District, load, read
from config.settings import Part, Settings
from scheduler.recorded import Recorded
from scheduler.solve.model import model_of
from scheduler.week import analysed, problem_to_solve

SCHEMA = Settings.model_json_schema()
Loc = tuple[str, ...]
LISTED = "[]"
"""In a path: each entry of a list."""
PLANNED = ("travel", "limits", "night_check", "fairness", "visits", "staffing", "response")
"""Parts that a plan is made from; of the others all bounds are tried together."""


def numbers(
    about: Mapping[str, Any] = SCHEMA, path: Loc = ()
) -> Iterator[tuple[Loc, Mapping[str, Any]]]:
    """Every number of settings.yaml, with its path and what the schema says about it."""
    for part in (about, *about.get("anyOf", ())):
        name = part.get("$ref", "").rpartition("/")[2]
        own = SCHEMA["$defs"][name] if name else part
        if own.get("type") in {"integer", "number"}:
            yield path, own
        if "items" in own:
            yield from numbers(own["items"], (*path, LISTED))
        for key, inner in own.get("properties", {}).items():
            yield from numbers(inner, (*path, key))


OF_CONFIG = {
    "crs": "config.coordinates turns every position to metres, for everybody",
    "travel": "config.travel makes the driving times, for everybody",
}
"""Parts whose single settings nobody outside config/ reads, and who does."""


def settings_of(part: type[Part] = Settings) -> Iterator[str]:
    """Names of all settings; of a part that config/ reads its own name alone."""
    for name, field in part.model_fields.items():
        yield name
        inner = [one for one in (field.annotation, *get_args(field.annotation))
                 if isinstance(one, type) and issubclass(one, Part)]  # fmt: skip
        if inner and name not in OF_CONFIG:
            yield from settings_of(inner[0])


@together
def test_every_setting_and_every_table_is_read() -> None:
    """What a district says and nobody asks for is a promise of its page that is not kept."""
    read_by_name = {
        node.attr for file in files("events", "scheduler", "dispatch") for node in nodes(file)
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load)
    }  # fmt: skip
    tables = {field.name for field in fields(District)}
    assert {*settings_of(), *tables} - read_by_name == set()


def set_to(held: Any, path: Loc, value: float) -> Any:  # noqa: ANN401 - whatever YAML holds
    """What a file holds, with one value in place of its own."""
    if not path:
        return value
    if path[0] == LISTED:
        return [set_to((held or [{}])[0], path[1:], value)]
    return (held or {}) | {path[0]: set_to((held or {}).get(path[0]), path[1:], value)}


def test_every_number_has_a_least_and_a_greatest() -> None:
    """A speed below zero and a grid of no minutes are told at their line, not by a traceback."""
    bare = [path for path, about in numbers() if not {"minimum", "maximum"} <= set(about)]
    assert bare == []


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A district with a short history."""
    made = small_district(tmp_path_factory.mktemp("settings"))
    with_crashes(made, [f"2026-11-{day:02d}T{day % 24:02d}:30:00" for day in range(1, 29)])
    return made


def cases() -> Iterator[Any]:
    """One value at one of its bounds, or all of them of the parts that no plan is made from."""
    for bound in ("minimum", "maximum"):
        others = []
        for path, about in numbers():
            changed = [(path, about[bound])]
            if path[0] in PLANNED:
                yield pytest.param(changed, id=f"{'.'.join(path)}={about[bound]}")
            else:
                others += changed
        yield pytest.param(others, id=f"others at their {bound}")


@pytest.mark.parametrize("changed", list(cases()))
def test_what_check_passes_can_be_planned_with(
    folder: Path, tmp_path: Path, changed: list[tuple[Loc, float]]
) -> None:
    """At the least and at the greatest of each: an error with its line, or a week's model."""
    held = yaml.safe_load((folder / "settings.yaml").read_text(encoding="utf-8"))
    for path, value in changed:
        held = set_to(held, path, value)
    for file in folder.iterdir():
        (tmp_path / file.name).symlink_to(file)
    (tmp_path / "settings.yaml").unlink()
    (tmp_path / "settings.yaml").write_text(yaml.safe_dump(held), encoding="utf-8")
    if errors := [one for one in read(tmp_path).findings() if one.level == "error"]:
        assert all(one.line for one in errors)
        return
    district = load(tmp_path)
    analysis = analysed(district, WEEK, 0, Recorded())
    model = model_of(problem_to_solve(district, analysis, None))
    assert model.options.count > 0
