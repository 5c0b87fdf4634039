"""`qinwu demo`: the whole program as a script of its commands, in a folder of its own.

A district is made, its next week planned and published, and the Friday of that week played:
the night check begins at 21:00.
"""

import os
import shlex
import shutil
import sys
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import typer

from config import cli as district_commands
from config.calendar import monday_of, week_of_day
from config.district import District
from config.words import words
from dispatch.showing import Day, report, shown
from dispatch.simulate import Instant
from events.clock import Clock
from events.ports import Bus
from scheduler import cli as planner_commands
from scheduler.planner import Planner

FRIDAY = timedelta(days=4)
INTERRUPTED = 130


class SickCalls:
    """The planner of a played day: it repairs the roster when somebody calls in sick."""

    def __init__(self, bus: Bus, district: District, instant: Instant) -> None:
        """Fold what is published; nothing is due by the clock."""
        self._planner = Planner(bus, district, Clock(wall=instant), "demo", timed=False)

    def turn(self) -> bool:
        """One round of the planner."""
        return self._planner.turn()


@dataclass(frozen=True, slots=True)
class Demo:
    """A demo in a new folder."""

    folder: Path
    today: date
    seed: int
    time_s: int | None
    """Seconds for solving; None for two rounds, which are the same on a slow and a fast machine."""

    @staticmethod
    def of(today: datetime | None, out: Path | None, seed: int, time_s: int | None) -> "Demo":
        """A demo of a day; without a folder, in the next free demo-DATE."""
        day = today.date() if today else datetime.now().astimezone().date()
        return Demo(out or _free(Path(f"demo-{day}")), day, seed, time_s)

    @property
    def week(self) -> str:
        """The week that is planned: the next one."""
        return week_of_day(self.today + timedelta(days=7))

    @property
    def friday(self) -> date:
        """The day that is played."""
        return monday_of(self.week) + FRIDAY

    def show(self, speed: float, hours: float) -> None:
        """Do it all; Ctrl-C ends it cleanly and leaves what was done."""
        say = words()
        try:
            typer.echo(say("demo.district", folder=self.folder))
            district_commands.init(self.folder, self.seed, _at(self.today))
            plan = self._plan()
            typer.echo(say("demo.playing", day=self.friday, hours=f"{hours:g}",
                           speed=f"{speed:g}"))  # fmt: skip
            file = self.folder / "live" / f"{self.friday}.csv"
            day = Day(self.folder, file, hours, self.seed, SickCalls, speed)
            ours, straight = shown(day, say, typer.echo)
        except KeyboardInterrupt:
            typer.echo(say("demo.interrupted", qinwu=called(), folder=self.folder), err=True)
            raise typer.Exit(INTERRUPTED) from None
        typer.echo(say("demo.report", day=self.friday))
        for line in report(ours, straight, say):
            typer.echo(line)
        typer.echo(say("demo.next", qinwu=called(), folder=self.folder, order="ORDER",
                       person="P002", day=self.friday, report=plan / "report.html"))  # fmt: skip

    def _plan(self) -> Path:
        say = words()
        out = self.folder / "plan"
        if self.time_s is None:
            typer.echo(say("demo.planning_alike", week=self.week))
            planner_commands.plan(self.folder, self.week, out, seed=self.seed, deterministic=2)
        else:
            typer.echo(say("demo.planning", week=self.week, seconds=self.time_s))
            planner_commands.plan(self.folder, self.week, out, self.time_s, self.seed)
        planner_commands.publish(self.folder, self.week, out)
        return out


def called() -> str:
    """How a shell calls this program from here: by its name if that finds it, else by its path.

    `make demo` runs it out of a folder that is not on the path yet.
    """
    program = sys.argv[0]
    found = shutil.which(Path(program).name)
    if found is not None and Path(program).exists() and Path(found).samefile(program):
        return Path(program).name
    if os.access(program, os.X_OK):
        return shlex.quote(program)
    return shlex.join([sys.executable, program])


def _at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day)  # noqa: DTZ001 - a date, as typer gives it


def _free(folder: Path) -> Path:
    """The folder, or the first of folder-2, folder-3 … that does not exist."""
    number, found = 1, folder
    while found.exists():
        number += 1
        found = folder.with_name(f"{folder.name}-{number}")
    return found
