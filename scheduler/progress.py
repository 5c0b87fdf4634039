"""Tells on stderr how far a plan has come."""

import time
from dataclasses import dataclass

import typer

from config.words import words


@dataclass(slots=True)
class Progress:
    """What is being done, then best cost, bound and gap on stderr, at most a line a second."""

    lang: str
    began_s: float = 0.0
    told_s: float = -1.0
    last: str = ""

    def step(self, name: str, **fields: object) -> None:
        """Tell what begins: the first roster of a large district may take a while."""
        typer.echo(words(self.lang)(f"planner.step.{name}", **fields), err=True)

    def __call__(self, best: float | None, bound: float | None) -> None:
        """Tell where the solver is."""
        now_s = time.monotonic()
        self.began_s = self.began_s or now_s
        if now_s - self.told_s < 1.0:
            return
        self.told_s = now_s
        self.last = self._line(now_s - self.began_s, best, bound)
        typer.echo(self.last, err=True)

    def end(self, cost: float, bound: float) -> None:
        """Tell where the solver ended, however soon after the line before."""
        now_s = time.monotonic()
        line = self._line(now_s - (self.began_s or now_s), cost, bound)
        if line != self.last:
            typer.echo(line, err=True)

    def _line(self, seconds: float, best: float | None, bound: float | None) -> str:
        """No cost is below 0, so a bound of 0 says nothing: no gap is made of it."""
        say = words(self.lang)
        told = {"seconds": f"{seconds:.0f}", "best": "–" if best is None else f"{best:.1f}"}
        if not best or not bound:
            return say("planner.progress_unbound", **told)
        gap = f"{100 * (best - bound) / best:.2f} %"
        return say("planner.progress", bound=f"{bound:.1f}", gap=gap, **told)
