"""Compiles the hot loops to machine code, kept on disk; nothing needs a compiler installed.

The compiled code lies beside this package, or where that cannot be written in the user's cache.
"""

from collections.abc import Callable
from typing import Any

import numba

Compiled = Callable[..., Any]


def compiled(function: Compiled) -> Compiled:
    """The same function as machine code, for Python to call."""
    try:
        return _made(function, cache=True)
    except RuntimeError:  # no folder can be written: compiled anew in every process
        return _made(function)


def within(function: Compiled) -> Compiled:
    """The same for compiled functions alone, which keep it.

    Python's entrance would take half as long to compile as all the rest.
    """
    return _made(function, no_cpython_wrapper=True)


def _made(function: Compiled, **more: bool) -> Compiled:
    """Machine code that runs beside other threads; C, too, would have an entrance of its own."""
    compile_so: Callable[..., Callable[[Compiled], Compiled]] = numba.njit
    return compile_so(nogil=True, no_cfunc_wrapper=True, **more)(function)
