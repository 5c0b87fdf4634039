"""Compiles the hot loops to machine code, kept on disk; nothing needs a compiler installed.

The compiled code lies beside this package, or where that cannot be written in the user's cache.
"""

from collections.abc import Callable
from typing import Any, cast

import numba


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """The same function as machine code that runs beside other threads."""
    try:
        made = numba.njit(cache=True, nogil=True)(function)
    except RuntimeError:  # no folder can be written: compiled anew in every process
        made = numba.njit(nogil=True)(function)
    return cast("Callable[..., Any]", made)
