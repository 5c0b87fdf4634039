"""Tells on stderr how far a plan has come."""

import sys
import time
from dataclasses import dataclass

import typer

from config.words import words

OFTEN_S, SELDOM_S = 1.0, 10.0
"""Between two lines on a terminal, and where nobody watches them come."""


@dataclass(slots=True)
class Progress:
    """What is being done, then the share of it, best cost, bound and gap, a line now and then.

    time_s: Seconds that the search may take; None: work is counted, and its share is told.
    """

    lang: str
    time_s: int | None = None
    began_s: float = 0.0
    told_s: float = float("-inf")
    last: str = ""
    share: float | None = None
    now: tuple[float | None, float | None] = (None, None)

    def step(self, name: str, **fields: object) -> None:
        """Tell what begins: the first roster of a large district may take a while."""
        typer.echo(words(self.lang)(f"planner.step.{name}", **fields), err=True)

    def worked(self, share: float) -> None:
        """So much of the work is done."""
        self.share = share
        self(*self.now)

    def __call__(self, best: float | None, bound: float | None) -> None:
        """Tell where the solver is."""
        now_s = time.monotonic()
        self.began_s = self.began_s or now_s
        self.now = best, bound
        if now_s - self.told_s < (OFTEN_S if sys.stderr.isatty() else SELDOM_S):
            return
        self.told_s = now_s
        self.last = self._line(now_s - self.began_s, best, bound)
        typer.echo(self.last, err=True)

    def end(self, cost: float, bound: float) -> None:
        """Tell where the solver ended, however soon after the line before."""
        now_s = time.monotonic()
        self.share = None if self.share is None else 1.0
        line = self._line(now_s - (self.began_s or now_s), cost, bound)
        if line != self.last:
            typer.echo(line, err=True)

    def _line(self, seconds: float, best: float | None, bound: float | None) -> str:
        """No cost is below 0, so a bound of 0 says nothing: no gap is made of it."""
        say = words(self.lang)
        told = {"spent": self._spent(seconds), "best": "–" if best is None else f"{best:.1f}"}
        if not best or not bound:
            return say("planner.progress_unbound", **told)
        gap = f"{100 * (best - bound) / best:.2f} %"
        return say("planner.progress", bound=f"{bound:.1f}", gap=gap, **told)

    def _spent(self, seconds: float) -> str:
        """Seconds, and of how many or which share of the work."""
        say, told = words(self.lang), f"{seconds:.0f}"
        if self.time_s is not None:
            return say("planner.spent_of", seconds=told, all=self.time_s)
        if self.share is not None:
            return say("planner.spent_share", seconds=told, share=f"{100 * self.share:.0f}")
        return say("planner.spent", seconds=told)
