"""The command `qinwu report month`: one page on the month that ended and the one that comes."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from config.errors import BadInput, NotFound, QinwuError
from config.words import language, words
from scheduler.hindsight import effect_cli
from scheduler.options import Folder

if TYPE_CHECKING:  # pandas, scipy, the bus: imported on use, so that help is fast
    from config.district import District
    from scheduler.hindsight.month import Report
    from scheduler.month_kpi import Figure

report = typer.Typer(add_completion=False, rich_markup_mode=None, no_args_is_help=True)


@report.callback()
def reports() -> None:
    """Pages to print and to hand on."""


effect_cli.join(report)


@report.command("month")
def month_report(
    folder: Folder,
    month: Annotated[
        str | None, typer.Option("--month", help="YYYY-MM; by default the last whole one.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="The page; by default month-YYYY-MM.html in DIR.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of everything random.")] = 7,
    recorded: Annotated[Path | None, typer.Option(hidden=True)] = None,
) -> None:
    """Write a page on a month that ended: what happened, what changed, what to act on next.

    It is one HTML file that asks nothing of any network and prints on A4. What is foreseen of a
    month is made from what was recorded before it, so an old month can be told again.
    """
    from config.district import load  # noqa: PLC0415 - pandas and scipy; help is fast
    from scheduler.foresight.history import all_recorded  # noqa: PLC0415
    from scheduler.hindsight.backtest import last_whole  # noqa: PLC0415
    from scheduler.hindsight.month import last_month, report_of  # noqa: PLC0415
    from scheduler.jobs import FIGURES, read_figures  # noqa: PLC0415
    from scheduler.months import month_of, named  # noqa: PLC0415
    from scheduler.recorded import read_recorded  # noqa: PLC0415
    from scheduler.reported import reports_of  # noqa: PLC0415

    say, lang = words(), language()
    wanted = None if month is None else month_of(month)
    district = load(folder)
    told = reports_of(district, lang) if recorded is None else read_recorded(recorded)
    district = told.onto(district)
    history = all_recorded(district, told)
    latest = last_month(district, history)
    if latest is None:
        raise NotFound("month.no_records", folder=folder)
    chosen = wanted or latest
    whole = max(latest, last_whole(history, district.calendar))
    if recorded is not None:  # by the planner's clock the month is over, however quiet its last day
        last = district.calendar.local(int(history.at_ms[-1]))
        whole = max(whole, (last.year, last.month))
    if chosen > whole:
        raise BadInput(key="backtest.nothing_then", month=named(chosen), last=named(whole))
    page = out or folder / f"month-{named(chosen)}.html"
    shown = (
        _figures(district, named(chosen), lang)
        if recorded is None else read_figures(recorded.with_name(FIGURES))
    )  # fmt: skip
    found = report_of(district, history, chosen, seed)
    _write(found, shown, page, lang, again=recorded is not None)
    typer.echo(say("month.written", month=named(chosen), file=page))


def _write(
    found: "Report", shown: tuple["Figure", ...], page: Path, lang: str, *, again: bool
) -> None:
    """The page of a month; `again`: the planner's child is tried again when there was no room."""
    from scheduler.hindsight.month_page import write_month  # noqa: PLC0415 - help is fast
    from scheduler.jobs import LATER  # noqa: PLC0415 - help is fast

    try:
        write_month(found, shown, page, lang)
    except OSError as error:
        trouble = BadInput(key="planner.no_out", folder=page, because=error.strerror or str(error))
        if not again:
            raise trouble from error
        typer.echo(words(lang)(trouble.key, **trouble.fields), err=True)
        raise typer.Exit(LATER) from error


def _figures(district: "District", month: str, lang: str) -> tuple["Figure", ...]:
    """The key figures from the journal; none where there is no journal to be read."""
    from scheduler.monthly import figures_of  # noqa: PLC0415
    from scheduler.reported import looking  # noqa: PLC0415

    try:
        with looking(district) as bus:
            return figures_of(bus, district, month) if bus else ()
    except QinwuError as trouble:
        say = words(lang)
        typer.echo(say("planner.unread", because=say(trouble.key, **trouble.fields)), err=True)
        return ()
