"""The roster engine: a district's week said to the engine of lines, and finished to a roster.

Whoever wants one of its parts, such as which post suits a crew, does not wait for ortools.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scheduler.solve.engine import solve
    from scheduler.solve.parent import solve_in_child
    from scheduler.solve.solved import Solved

_MODULES = {"Solved": "solved", "solve": "engine", "solve_in_child": "parent"}


def __getattr__(name: str) -> object:
    """A solver, imported on use."""
    if name not in _MODULES:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)


__all__ = ["Solved", "solve", "solve_in_child"]
