"""The command `qinwu backtest`: how good the forecasts of past months would have been."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from config.errors import BadInput
from config.interrupts import CODE as INTERRUPTED
from config.words import words
from scheduler.options import Folder

if TYPE_CHECKING:  # pandas, scipy: imported on use, so that help is fast
    from scheduler.foresight.must_correct import Violations
    from scheduler.hindsight.backtest import Backtest, Scored
    from scheduler.months import Month


def backtest(
    folder: Folder,
    first: Annotated[str, typer.Option("--from", help="First month, YYYY-MM.")],
    last: Annotated[str, typer.Option("--to", help="Last month, YYYY-MM.")],
    out: Annotated[
        Path | None, typer.Option("--out", help="A new folder for the forecasts themselves.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,  # noqa: FBT002 - a flag
    cell_m: Annotated[
        float, typer.Option("--cell", min=10, max=5000, help="Side of a place's cell, metres.")
    ] = 200.0,
    memory: Annotated[
        int | None,
        typer.Option("--history", min=1, max=1200, help="Learn from the last N months only."),
    ] = None,
    chosen: Annotated[
        list[str] | None,
        typer.Option("--filter", help="Only records with this value.", metavar="COLUMN=VALUE"),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of the draws that break ties.")] = 0,
    patrols: Annotated[
        Path | None,
        typer.Option("--patrols", help="Where patrols stood: month,area,hour,patrol_hours."),
    ] = None,
) -> None:
    """Forecast each month from what came before it, and score the forecasts beside simpler ones.

    Ctrl-C ends with the months that are done, and exits 130.
    """
    from scheduler.hindsight.backtest_report import as_data, lines  # noqa: PLC0415
    from scheduler.months import month_of  # noqa: PLC0415 - numpy and scipy; help is fast

    span = month_of(first), month_of(last)
    if span[1] < span[0]:
        raise BadInput(key="backtest.order", first=first, last=last)
    tested, violations = _tested(folder, cell_m, memory, chosen or [], seed, patrols)
    scored, whole = _scored(tested, *span, out)
    if not scored:
        raise typer.Exit(INTERRUPTED)
    if as_json:
        typer.echo(json.dumps(as_data(scored), ensure_ascii=False))
    else:
        for line in lines(scored, words()):
            typer.echo(line)
    if out is not None:
        _written(out, violations, scored, memory, told=not as_json)
    if not whole:
        raise typer.Exit(INTERRUPTED)


def _tested(
    folder: Path, cell_m: float, memory: int | None, chosen: list[str], seed: int,
    patrols: Path | None,
) -> tuple["Backtest", "Violations"]:  # fmt: skip
    from scheduler.hindsight.backtest import Backtest  # noqa: PLC0415
    from scheduler.hindsight.backtest_source import source_of  # noqa: PLC0415
    from scheduler.hindsight.must_correct_files import violations_of, with_patrols  # noqa: PLC0415

    source = source_of(folder, cell_m, chosen)
    violations = violations_of(source.rows, source.calendar)
    if patrols is not None:
        violations = with_patrols(violations, patrols)
    return Backtest(source.history, source.grid, source.calendar, memory, seed), violations


def _written(
    out: Path, violations: "Violations", scored: list["Scored"], memory: int | None, *, told: bool
) -> None:
    """The must-correct lists of the months done, beside the forecasts; what there is, is told."""
    from scheduler.hindsight.must_correct_files import NAME, write  # noqa: PLC0415

    say = words()
    if told:
        typer.echo(say("backtest.written", folder=out))
    if violations.month.size:
        count = write(out / NAME, violations, scored[0].month, scored[-1].month, memory)
        if told:
            typer.echo(say("backtest.must_correct", file=out / NAME, count=count))


def _scored(
    tested: "Backtest", first: "Month", last: "Month", out: Path | None
) -> tuple[list["Scored"], bool]:
    """The months done, and whether they are all; progress goes to stderr."""
    from scheduler.hindsight.backtest_files import Predictions  # noqa: PLC0415
    from scheduler.months import named  # noqa: PLC0415

    say = words()
    files = None if out is None else Predictions(out, tested.grid)
    scored: list[Scored] = []
    whole = True
    try:
        for forecast, month in tested.months(first, last):
            if files is not None:
                files.add(forecast)
            scored.append(month)
            typer.echo(say("backtest.month", month=named(month.month), count=month.came), err=True)
            sys.stderr.flush()
    except KeyboardInterrupt:
        whole = False
        typer.echo(say("backtest.stopped", count=len(scored)), err=True)
    if files is not None:
        files.finish()
    if whole and scored and scored[-1].month < last:
        typer.echo(say("backtest.ends", month=named(scored[-1].month)), err=True)
    return scored, whole
