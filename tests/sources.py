"""The program's own sources, read once a process for all tests that look at them."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from conftest import ROOT

together = pytest.mark.xdist_group("sources")
"""For tests that look through all sources: one process reads them."""
HOUSE = ("config", "events", "scheduler", "dispatch")


@cache
def tree(file: Path) -> ast.Module:
    """A file's syntax; nobody changes it."""
    return ast.parse(file.read_text(encoding="utf-8"))


@cache
def nodes(file: Path) -> tuple[ast.AST, ...]:
    """All nodes of a file's syntax, from the outermost inwards."""
    return tuple(ast.walk(tree(file)))


def files(*packages: str) -> Iterator[Path]:
    """Every file of these packages."""
    for name in packages or HOUSE:
        yield from (ROOT / name).rglob("*.py")
