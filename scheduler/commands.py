"""What the planner's commands do, once their arguments are read."""

import shlex
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from config.district import District
from config.errors import BadInput, MachineRefuses
from config.findings import with_remedy
from config.telling import tell
from config.whole import cut_off, whole
from config.words import language, words
from events.clock import wall_ms
from events.in_turn import open_in_turn
from events.ports import Bus
from scheduler.advice.hole_words import hole_text, summed, tiers_text
from scheduler.advice.holes import holes
from scheduler.alarm_words import alarm_text
from scheduler.ask import Answer, Desk, KeptUnlawful
from scheduler.breach_words import breach_count, by_duty, refusal_lines
from scheduler.certified import certified
from scheduler.export import Printer, write_needs, write_roster
from scheduler.geo import write_geo
from scheduler.jobs import LATER
from scheduler.names import Names
from scheduler.plan_log import PlanReader
from scheduler.problem import Problem
from scheduler.progress import Progress
from scheduler.publish import REPORT, Kept, breach_data, breaches
from scheduler.readback import ROSTERS, RosterFile, kept_folder
from scheduler.recorded import Recorded, read_recorded
from scheduler.reported import reports_of
from scheduler.rules.must_arrive import visits_met
from scheduler.sending import Sender
from scheduler.slots import SLOTS
from scheduler.solving import solver
from scheduler.stopping import Stopping
from scheduler.week import PlannedWeek, Solution, analysed, plan_week, points_of

if TYPE_CHECKING:  # scipy: who publishes needs none of it
    from scheduler.foresight.analysis import Analysis

MOST_HOLES = 5
"""Of what a plan does not cover, so much is told; `qinwu roster missing` tells all."""
GOOD = 0.03
"""A roster is good if none costs less by more than such a share; most plans end with less."""
MORE = 4
"""So many times the time, or the rounds, are told where they were too few."""


@dataclass(frozen=True, slots=True)
class PlanJob:
    """What `qinwu plan` was asked for."""

    week: str
    out: Path
    time_s: int
    seed: int
    rounds: int | None
    since_ms: int | None
    recorded: Path | None
    lang: str

    def reports(self, district: District) -> Recorded:
        """What was reported since the files were written, as handed over or from the journals."""
        if self.recorded is not None:
            return read_recorded(self.recorded)
        told = reports_of(district, self.lang)
        if told.unplaced:
            typer.echo(words(self.lang)("planner.unplaced", count=told.unplaced), err=True)
        return told

    def again(self, district: District) -> str:
        """The command that plans the same with more time."""
        more = [("--time", MORE * self.time_s), ("--seed", self.seed)]
        if self.rounds is not None:
            more[0] = ("--deterministic", MORE * self.rounds)
        told = ["qinwu", "plan", district.folder, "--week", self.week, "--out", self.out]
        told += [part for one in more for part in one]
        if self.since_ms is not None:
            told += ["--since", district.calendar.iso(self.since_ms)]
        return shlex.join(map(str, told))


def is_early(found: Solution) -> bool:
    """Whether a search ended before it got good: far from its bound, or without any."""
    return found.cost - max(found.bound, 0.0) > GOOD * found.cost


@contextmanager
def tried_again(job: PlanJob) -> Iterator[None]:
    """What the machine refuses the planner's child is no refusal of what is planned.

    Raises:
        typer.Exit: It may go well the next time.
    """
    try:
        yield
    except OSError as error:
        refused = MachineRefuses.of(error)
        if job.recorded is None or refused is None:
            raise
        tell(refused)
        raise typer.Exit(LATER) from error


def analyse_to(district: District, job: PlanJob) -> None:
    """Write what the week needs, without a roster."""
    say = words(job.lang)
    recorded = job.reports(district)
    district = recorded.onto(district)
    found = analysed(district, job.week, job.seed, recorded)
    points = points_of(found)
    with whole(job.out) as folder:
        printer = Printer(district, job.week)
        write_needs(folder, printer, points, found.demand, say)
        write_geo(folder, printer, found, points, say)
    typer.echo(say("planner.analysed", points=len(points), week=job.week, out=job.out))
    _tell_alarms(found, job.lang)


def plan_to(district: District, job: PlanJob, stopping: Stopping | None = None) -> bool:
    """Plan and write all files; whether it was interrupted.

    Raises:
        OSError: No room, neither where the files are to go nor in a temporary folder.
        typer.Exit: They stand in a temporary folder.
    """
    if stopping is None:
        with Stopping(job.lang) as own:
            return plan_to(district, job, own)
    stopping.begin()
    say = words(job.lang)
    progress = Progress(job.lang, job.time_s if job.rounds is None else None)
    progress.step("records")
    recorded = job.reports(district)
    search = solver(
        job.time_s, job.seed, job.rounds, stopping.asked, progress, progress.step, progress.worked
    )  # fmt: skip

    def solve(problem: Problem) -> Solution:
        hours = int(problem.needed[:, :SLOTS].sum()) // 2
        progress.step("first", teams=len(problem.teams), needed=hours)
        return search(problem)

    planned = plan_week(
        district, job.week, solve=solve, seed=job.seed, since_ms=job.since_ms,
        recorded=recorded, step=progress.step,
    )  # fmt: skip
    progress.end(planned.solution.cost, planned.solution.bound)
    progress.step("writing")
    job, asked = _kept(planned, job, stopping), job  # first of all: it took minutes to find
    typer.echo(tiers_text(certified(planned.problem, planned.solution), say), err=True)
    met, due = visits_met(planned.problem, planned.roster)
    told = {"duties": len(planned.roster.duties), "visits": met, "due": due}
    typer.echo(say("planner.written", week=job.week, out=job.out, **told))
    if job.recorded is None:  # the planner's child has nobody to read it
        turn = {"count": len(planned.problem.spared), "teams": len(planned.problem.teams)}
        typer.echo(say("planner.spared", **turn))
        _tell_holes(planned, job)
        _tell_alarms(planned.analysis, job.lang)
        folder = district.folder
        typer.echo(say("planner.next", folder=folder, week=job.week, out=job.out))
        if is_early(planned.solution):
            early = "planner.early" if job.rounds is None else "planner.early_rounds"
            typer.echo(say(early, command=job.again(district)))
    if job.out != asked.out:
        raise typer.Exit(1)
    return stopping.asked.is_set()


def _kept(planned: PlannedWeek, job: PlanJob, stopping: Stopping) -> PlanJob:
    """Write all files, in a temporary folder if need be: what was found is not lost for it."""
    try:
        _write(planned, job, stopping)
    except OSError as error:
        if job.recorded is not None:  # the planner's child: it will be asked again
            raise
        job = replace(job, out=Path(tempfile.mkdtemp(prefix="qinwu-plan-")))
        _write(planned, job, stopping)
        told = {"cause": error.strerror or error, "file": error.filename, "out": job.out}
        typer.echo(words(job.lang)("planner.elsewhere", **told), err=True)
    return job


def _write(planned: PlannedWeek, job: PlanJob, stopping: Stopping) -> None:
    """All files of a planned week."""
    from scheduler.report import write_report  # noqa: PLC0415 - jinja2; publishing needs none

    say = words(job.lang)
    printer = Printer(planned.district, job.week)
    points = tuple(planned.points.values())
    with whole(job.out) as folder:
        stopping.writing = folder
        write_roster(folder, printer, planned.roster, 1, planned.points)
        write_needs(folder, printer, points, planned.analysis.demand, say)
        write_geo(folder, printer, planned.analysis, points, say)
        write_report(planned, folder / "report.html", job.lang)
        stopping.place()


def _tell_alarms(found: "Analysis", lang: str) -> None:
    """Feeds whose records people should look at before they trust the plan."""
    say = words(lang)
    told = [
        *(with_remedy(one, say, lang) for one in found.unrecorded),
        *(alarm_text(one, say) for one in found.alarms),
    ]  # fmt: skip
    for each in told:
        typer.echo(say("month.alarm_of_plan", told=each))


def _tell_holes(planned: PlannedWeek, job: PlanJob) -> None:
    """What the roster could not cover: how much in all, the dearest, and how to ask why."""
    problem, district = planned.problem, planned.district
    found = holes(problem, planned.roster)
    typer.echo(summed(problem, planned.roster, found))
    for hole in found[:MOST_HOLES]:
        typer.echo(f"  {hole_text(district, problem, hole)}")
    if found:
        told = {"folder": district.folder, "week": job.week, "out": job.out}
        typer.echo(words(job.lang)("answers.missing.ask", **told))


@contextmanager
def desk(district: District, target: str | None) -> Iterator[Desk]:
    """A connection to the planner, closed afterwards."""
    began_ms = wall_ms()  # before the wait: others may change the week in it
    bus = open_in_turn(target, district.folder, role="planner")
    try:
        found = replace(desk_on(bus, district), began_ms=began_ms)
        write_again(found)
        yield found
    except KeptUnlawful as refused:
        for line in refusal_lines(refused.breaches, Names(district), language()):
            typer.echo(line, err=True)
        raise
    finally:
        bus.close()


def desk_on(bus: Bus, district: District) -> Desk:
    """A desk on an open bus: alone where the bus has one owner, who is this process."""
    try:
        bus.journal(f"{district.settings.brigade}.plan")
    except BadInput:  # a door: nobody appends through it
        return Desk(bus, district, may_plan=False)
    return Desk(bus, district, alone=bus.exclusive)


def write_again(desk: Desk) -> None:
    """Write the files of published weeks again that somebody was cut off at, as a planner would."""
    if cut_off(desk.district.folder / ROSTERS):
        sender = Sender(desk.bus, desk.area, Kept(desk.district), desk.clock)
        sender.write_owed(PlanReader(desk.bus, desk.area).ledger)


def keep_needs(district: District, week: str, source: Path, lang: str) -> None:
    """Keep points, staffing and report of a published folder; a report that is old is said."""
    if not Kept(district).needs(source, kept_folder(district, week)):
        typer.echo(words(lang)("planner.lacks.report", file=source / REPORT), err=True)


def check_lines(district: District, file: RosterFile, path: str, lang: str) -> list[str]:
    """The laws that a roster breaks by what was reported, a line a law and duty, with its place."""
    say = words(lang)
    district = reports_of(district, lang, violations=False).onto(district)
    lines = []
    for one in by_duty(map(breach_data, breaches(district, file)), Names(district), lang):
        line, column = file.places.get(str(one.duty_of(file.roster)), (1, 1))
        lines.append(say("planner.broke", place=f"{path}:{line}:{column}", text=one.text))
    return lines


def refused_lines(district: District, week: str, answer: Answer, lang: str) -> list[str]:
    """Why a week was not published."""
    told = answer.breaches
    last = {"week": week, "version": answer.version, "count": breach_count(told)}
    return [*refusal_lines(told, Names(district), lang), words(lang)("planner.refused", **last)]
