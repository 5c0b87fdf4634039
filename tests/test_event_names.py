"""An event's name is written once, in its class: whoever takes one asks the class for it."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import ROOT
from sources import files, nodes, together

from config.ids import AreaId
from dispatch import take
from events.kinds import (
    BY_TYPE,
    EVENTS,
    CheckResult,
    ClockSet,
    Event,
    HazardChanged,
    PositionReported,
    RosterPublished,
    ViolationRecorded,
)
from events.samples import samples
from events.schema import Envelope, parse
from scheduler.ledger import TAKEN
from scheduler.requests import concerns

ENGINE = (take._WHOLE, take._ON_GROUND, take._PLAIN)
ONLY_RECORDED = {CheckResult, ViolationRecorded, HazardChanged}
"""What stands in the journal for whoever reads it later."""
WALL_MS = 1_764_806_400_000
"""Of the sample that sets the clock."""
NAMES = {event.name for event in EVENTS} | set(BY_TYPE)


def compared(file: Path) -> Iterator[ast.AST]:
    """Texts that something is compared with, and keys of tables of functions."""
    for node in nodes(file):
        match node:
            case ast.Compare(left=left, comparators=others):
                yield from (left, *others)
            case ast.MatchValue(value=value):
                yield value
            case ast.Dict(keys=keys, values=values):
                named = zip(keys, values, strict=True)
                yield from (
                    key for key, value in named
                    if key is not None and isinstance(value, ast.Name | ast.Attribute)
                )  # fmt: skip


@together
def test_no_name_is_compared_that_could_be_misspelt() -> None:
    """A typing error in a class's name is an error; one in a text takes nothing, in silence."""
    found = [
        f"{file.relative_to(ROOT)}:{node.lineno}"
        for file in files()
        for node in compared(file)
        if isinstance(node, ast.Constant) and node.value in NAMES
    ]
    assert found == []


def test_every_event_is_taken_by_the_engine_or_the_planner_or_said_to_be_only_recorded() -> None:
    """And by the engine in one way: a new event cannot be forgotten."""
    engine = [kind for table in ENGINE for kind in table]
    assert len(engine) == len(set(engine))
    taken = {BY_TYPE[kind] for kind in engine} | TAKEN.keys()
    assert {PositionReported} | ONLY_RECORDED | taken == set(EVENTS)
    assert not ONLY_RECORDED & taken


@pytest.mark.parametrize("kind", EVENTS, ids=lambda kind: kind.name)
def test_the_planner_acts_on_what_its_ledger_takes(kind: type[Event]) -> None:
    """One list; the clock counts in a simulation, a roster only as the planner's own echo."""
    told = parse(samples()[kind.name])
    assert isinstance(told, Envelope)
    wanted = kind in TAKEN and kind is not RosterPublished
    assert concerns(told, AreaId("hz"), WALL_MS, simulation=True) == wanted
    live = wanted and kind is not ClockSet
    assert concerns(told, AreaId("hz"), WALL_MS, simulation=False) == live
