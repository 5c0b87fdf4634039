"""All is compiled before the test processes begin, each of which would compile it again.

pytest rewrites the assertions of each test file, which takes longer than all else that is done to
collect it; on a fresh checkout four processes did so at the same time. The solver's machine code
takes half a minute; a plan of some seconds was over before it had it, and the next began anew.
Hypothesis reads the constants of each source.
"""

import compileall
import multiprocessing
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from types import ModuleType

import pytest
from _pytest.assertion.rewrite import (
    PYC_TAIL,
    _read_pyc,
    _rewrite_test,
    _write_pyc,
    assertstate_key,
    get_cache_dir,
    try_makedirs,
)

HOUSES = ("config", "events", "scheduler", "dispatch", "benchmarks", "tests")


def _anneal() -> None:
    """Plan a small week."""
    from small_weeks import edgy  # noqa: PLC0415 - the engine takes seconds

    from scheduler.solve.engine import solve  # noqa: PLC0415

    solve(edgy(0), rounds=1)


def _redraw() -> None:
    """Search for small rosters of one block."""
    import numpy as np  # noqa: PLC0415 - as above
    from line_cases import drawn  # noqa: PLC0415

    from scheduler.solve.lines.search import Search  # noqa: PLC0415

    Search(drawn(np.random.default_rng(0), 7, 4).problem, workers=1).run(0, rounds=2)


SOLVERS: tuple[Callable[[], None], ...] = (_anneal, _redraw)
"""What each core does in the end: it calls the hot loops, which are then kept on disk."""
CORES = len(SOLVERS)


def compile_first(config: pytest.Config, root: Path) -> None:
    """What pytest and Python read from disk in place of compiling it; nothing where none may be."""
    if sys.dont_write_bytecode:
        return
    tests = sorted((root / "tests").glob("test_*.py"))
    others = [file for house in HOUSES for file in sorted((root / house).rglob("*.py"))
              if not file.name.startswith("test_")]  # fmt: skip
    fork = multiprocessing.get_context("fork")  # the configuration is not to be pickled
    children = [
        fork.Process(target=_compiled, args=(config, tests[n::CORES], others[n::CORES], solver))
        for n, solver in enumerate(SOLVERS)
    ]  # fmt: skip
    for child in children:
        child.start()
    for child in children:
        child.join()


def _compiled(
    config: pytest.Config, tests: Sequence[Path], others: Sequence[Path], solver: Callable[[], None]
) -> None:
    """A file with an error is left to whoever imports it, who says where it is."""
    for file in others:
        compileall.compile_file(file, quiet=2)
    for file in tests:
        cache = get_cache_dir(file)
        kept = cache / f"{file.stem}{PYC_TAIL}"
        if try_makedirs(cache) and _read_pyc(file, kept) is None:
            try:
                source_hash, code = _rewrite_test(file, config)
            except SyntaxError:
                continue
            _write_pyc(config.stash[assertstate_key], code, source_hash, kept)
    from hypothesis.internal.constants_ast import constants_from_module  # noqa: PLC0415 - as above

    for file in (*others, *tests):
        module = ModuleType(file.stem)
        module.__file__ = str(file)
        constants_from_module(module)
    with suppress(Exception):
        solver()
