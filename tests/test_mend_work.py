"""What a repair may take: the same work gives the same answer, whatever the clock says."""

import random

from ortools.sat.python import cp_model

from scheduler.solve.mend_work import Work


def too_hard() -> tuple[cp_model.CpModel, list[cp_model.IntVar]]:
    """A market split: nobody proves it in the time that there is."""
    draw, cp = random.Random(7), cp_model.CpModel()  # noqa: S311 - a trial
    bits = [cp.new_bool_var("") for _ in range(50)]
    off = []
    for _ in range(6):
        weights = [draw.randrange(100) for _ in bits]
        over, under = (cp.new_int_var(0, 5000, "") for _ in range(2))
        total = cp_model.LinearExpr.weighted_sum(bits, weights)
        cp.add(total + over - under == sum(weights) // 2)
        off += [over, under]
    cp.minimize(sum(off))
    return cp, bits


def test_the_same_work_finds_the_same_again() -> None:
    """Cut in the middle of a search, each time at the same place, however busy the machine is."""
    found = []
    for _ in range(2):
        cp, bits = too_hard()
        work = Work(0.6, slowest=200)
        solver, status = work.solved(cp)
        assert status == cp_model.FEASIBLE, "it was to be too hard"
        assert work.over
        found.append((solver.objective_value, work.left, [solver.value(bit) for bit in bits]))
    assert found[0] == found[1]
