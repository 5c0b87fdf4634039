"""The command `qinwu report month`: one page on the month that ended and the one that comes."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from config.errors import BadInput, NotFound, QinwuError
from config.words import language, words
from scheduler import effect_cli
from scheduler.options import Folder

if TYPE_CHECKING:  # pandas, scipy, the bus: imported on use, so that help is fast
    from config.district import District
    from events.frame import Frame
    from events.ports import Streams
    from scheduler.backtest import Month
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
) -> None:
    """Write a page on a month that ended: what happened, what changed, what to act on next.

    It is one HTML file that asks nothing of any network and prints on A4. What is foreseen of a
    month is made from what was recorded before it, so an old month can be told again.
    """
    from config.district import load  # noqa: PLC0415 - pandas and scipy; help is fast
    from scheduler.backtest import last_whole, month_of, named  # noqa: PLC0415
    from scheduler.history import all_recorded  # noqa: PLC0415
    from scheduler.month import last_month, report_of  # noqa: PLC0415
    from scheduler.month_page import write_month  # noqa: PLC0415
    from scheduler.reported import reports_of  # noqa: PLC0415

    say, lang = words(), language()
    wanted = None if month is None else month_of(month)
    district = load(folder)
    told = reports_of(district, lang)
    district = told.onto(district)
    history = all_recorded(district, told)
    latest = last_month(district, history)
    if latest is None:
        raise NotFound("month.no_records", folder=folder)
    chosen = wanted or latest
    whole = max(latest, last_whole(history, district.calendar))
    if chosen > whole:
        raise BadInput(key="backtest.nothing_then", month=named(chosen), last=named(whole))
    found = report_of(district, history, chosen, seed)
    page = out or folder / f"month-{named(chosen)}.html"
    try:
        write_month(found, _figures(district, chosen, lang), page, lang)
    except OSError as error:
        because = error.strerror or str(error)
        raise BadInput(key="planner.no_out", folder=page, because=because) from error
    typer.echo(say("month.written", month=named(chosen), file=page))


def _figures(district: "District", month: "Month", lang: str) -> tuple["Figure", ...]:
    """The key figures from the journal; none where there is no journal to be read."""
    from datetime import date, time  # noqa: PLC0415

    from scheduler.backtest import after  # noqa: PLC0415
    from scheduler.month_kpi import figures  # noqa: PLC0415
    from scheduler.reported import looking  # noqa: PLC0415

    since_ms, until_ms = (
        district.calendar.at_ms(date(*after(month, n), 1), time(0)) for n in (0, 1)
    )
    try:
        with looking(district) as bus:
            usual = district.settings.visits
            return figures(_frames(bus, district), since_ms, until_ms, usual) if bus else ()
    except QinwuError as trouble:
        say = words(lang)
        typer.echo(say("planner.unread", because=say(trouble.key, **trouble.fields)), err=True)
        return ()


def _frames(bus: "Streams", district: "District") -> Iterator["Frame"]:
    """The accepted frames of the district's journal."""
    from config.ids import AreaId  # noqa: PLC0415
    from events import ports  # noqa: PLC0415
    from events.frame import Fold, Folded  # noqa: PLC0415

    area = AreaId(district.settings.brigade)
    fold = Fold(area)
    while stored := bus.read(ports.journal(area), fold.position):
        for one in stored:
            taken = fold.accept(one.position, one.value)
            if isinstance(taken, Folded):
                yield taken.frame
