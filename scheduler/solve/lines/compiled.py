"""Compiles the hot loops to machine code, kept on disk; nothing needs a compiler installed.

The compiled code lies beside this package, or where that cannot be written in the user's cache.
"""

from collections.abc import Callable
from typing import Any, cast

import numba

OPTIONS: dict[str, Any] = {"nogil": True, "no_cfunc_wrapper": True}
"""Beside other threads; no entrance for C, which takes its time to compile."""


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """The same function as machine code, for Python to call."""
    try:
        made = numba.njit(cache=True, **OPTIONS)(function)
    except RuntimeError:  # no folder can be written: compiled anew in every process
        made = numba.njit(**OPTIONS)(function)
    return cast("Callable[..., Any]", made)


def within(function: Callable[..., Any]) -> Callable[..., Any]:
    """The same for compiled functions alone, which keep it: Python's entrance takes half as long
    to compile as all the rest.
    """  # noqa: D205 - one sentence
    made = numba.njit(no_cpython_wrapper=True, **OPTIONS)(function)
    return cast("Callable[..., Any]", made)
