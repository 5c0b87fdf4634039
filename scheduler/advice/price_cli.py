"""`qinwu roster prices`: what each law costs, and what one more unit is worth."""

import json
import signal
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from config.errors import BadInput
from config.named import week_named
from config.words import language, words
from scheduler.options import Folder, From, WeekName
from scheduler.stopping import INTERRUPTED, Stopping

if TYPE_CHECKING:  # numpy, scipy, ortools: imported on use, so that help is fast
    from scheduler.advice.asked import Asked
    from scheduler.advice.prices import Change, Prices

SPANS = 8
"""Spans that are told, whether they are tried or not."""
SECOND = 2
"""The search before which it is told how many there are."""


def prices(
    folder: Folder,
    week: WeekName,
    source: From = None,
    time_s: Annotated[int, typer.Option("--time", min=1, help="Seconds for each search.")] = 60,
    seed: Annotated[int, typer.Option(min=0, help="Of everything random.")] = 7,
    most: Annotated[
        int, typer.Option("--most", min=0, max=SPANS, help="How many spans are tried.")
    ] = 3,
    rule: Annotated[
        list[str] | None, typer.Option("--rule", help="Only this law; may be given again.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,  # noqa: FBT002 - a flag
) -> None:
    """Say what each law costs, and where one more unit is worth most.

    The week is solved again with each law relaxed by a step, and with one more unit. A price has
    two ends that are certain; the longer the searches, the nearer they are. Ctrl-C tells what is
    known by then and exits 130; SIGTERM likewise.
    """
    ends = signal.SIGINT, signal.SIGTERM
    with Stopping(finishing="answers.prices.finishing", ends=ends) as stopping:
        asked = _week(folder, week, source)
        _known(asked, rule or [])
        stopping.begin()
        found = _found(asked, stopping, (time_s, seed, most, rule or []))
        if found is not None:
            _tell(asked, found, as_json=as_json)
        if stopping.asked.is_set():
            raise typer.Exit(INTERRUPTED)


def _week(folder: Path, week: str, source: Path | None) -> "Asked":
    """The week, without its visits: they cost nothing."""
    from scheduler.advice.asked import asked  # noqa: PLC0415

    found = asked(folder, week_named(week), source, language())
    return replace(found, problem=replace(found.problem, due=()))


def _known(week: "Asked", rules: list[str]) -> None:
    """Refuse what is no law with a step."""
    from scheduler.advice.relaxing import steps_of  # noqa: PLC0415

    known = [step.rule for step in steps_of(week.problem)]
    for rule in rules:
        if rule not in known:
            some = words()("planner.report.comma").join(known)
            raise BadInput(key="answers.prices.no_rule", value=rule, some=some)


def _found(
    week: "Asked", stopping: Stopping, told: tuple[int, int, int, list[str]]
) -> "Prices | None":
    """All searches, each told on stderr as it begins."""
    from scheduler.advice.price_words import change_text  # noqa: PLC0415
    from scheduler.advice.prices import prices as priced  # noqa: PLC0415
    from scheduler.advice.relaxing import steps_of  # noqa: PLC0415
    from scheduler.names import Called  # noqa: PLC0415
    from scheduler.solving import solver  # noqa: PLC0415

    time_s, seed, most, rules = told
    say, called = words(), Called(week.district)
    count = 1 + most + len(steps_of(week.problem, rules))
    minutes = f"{count * time_s / 60:.0f}"
    typer.echo(say("answers.prices.begin", count=count, time=time_s, minutes=minutes), err=True)

    def tell(number: int, count: int, change: "Change | None") -> None:
        if change is None:  # how many spans are worth a search is known after it only
            typer.echo(say("answers.prices.first", count=count), err=True)
            return
        if number == SECOND:
            typer.echo(say("answers.prices.in_all", count=count), err=True)
        what = change_text(week.problem, change, called, say)
        typer.echo(say("answers.prices.search", n=number, count=count, what=what), err=True)

    solve = solver(time_s, seed, None, stopping.asked, lambda *_: None)
    found = priced(
        week.problem, solve, stopping.asked.is_set, tell, spans=SPANS, most=most, rules=rules
    )
    if found is None:
        shorter = max(time_s // 3, 1)
        typer.echo(say("answers.prices.none_known", count=count, time=shorter), err=True)
    return found


def _tell(week: "Asked", found: "Prices", *, as_json: bool) -> None:
    from scheduler.advice.price_words import as_data, price_lines  # noqa: PLC0415

    if as_json:
        typer.echo(json.dumps(as_data(week, found), ensure_ascii=False, indent=1))
        return
    for line in price_lines(week, found):
        typer.echo(line)
