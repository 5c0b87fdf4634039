"""The roster engine: class patterns by column generation, an integer master, best replies."""

from scheduler.solve.engine import Solved, solve
from scheduler.solve.parent import solve_in_child

__all__ = ["Solved", "solve", "solve_in_child"]
