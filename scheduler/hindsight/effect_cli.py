"""Commands that tell whether visits work: `qinwu report trial | effect`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from config.durations import DAY_MS
from config.errors import BadInput, NotFound
from config.named import week_named
from config.words import language, words
from scheduler.changes.change_args import day
from scheduler.options import Folder

if TYPE_CHECKING:  # pandas, scipy: imported on use, so that help is fast
    from collections.abc import Iterable

    from config.district import District
    from scheduler.foresight.history import History
    from scheduler.foresight.must_arrive import MustArrive
    from scheduler.hindsight.effect import Effect

WEEK_MS = 7 * DAY_MS
Points = Annotated[Path, typer.Argument(help="A must_arrive.csv.", metavar="FILE")]


def join(group: typer.Typer) -> None:
    """Add the commands to a group."""
    group.command("trial")(trial)
    group.command("effect")(effect)


def trial(
    folder: Folder,
    points: Points,
    week: Annotated[str, typer.Option("--week", help="First ISO week, e.g. 2026-W49.")],
    weeks: Annotated[int, typer.Option("--weeks", min=2, help="How many; pairs of weeks.")] = 12,
    fewer: Annotated[
        int, typer.Option("--fewer", min=1, max=90, help="Effect to be found, percent.")
    ] = 15,
    out: Annotated[Path, typer.Option("--out", help="The file.")] = Path("trial.csv"),
    seed: Annotated[int, typer.Option(min=0, help="Of everything random.")] = 7,
) -> None:
    """Draw by lot in which weeks each must-arrive slot is worked, and say what that can show.

    Of each two weeks a slot is worked in one. Pinned points and night checks are always worked
    and stay out. The effect is read afterwards by `qinwu report effect`.
    """
    from scheduler.hindsight.effect import power, weeks_needed  # noqa: PLC0415
    from scheduler.hindsight.trial import (  # noqa: PLC0415
        drawable,
        expected_weekly,
        slot_of,
        write_trial,
    )

    first, say = week_named(week), words()
    if weeks % 2:
        raise BadInput(key="effect.odd_weeks", weeks=weeks)
    if out.exists():
        raise BadInput(key="effect.there", file=out)
    district, history = _read(folder)
    drawn = drawable(district, _points(district, points))
    if not drawn:
        raise NotFound("effect.no_slots", file=points)
    weekly = expected_weekly(district, history, [slot_of(point) for point in drawn], first)
    write_trial(out, drawn, first, weeks, seed)
    ratio = 1 - fewer / 100
    typer.echo(say("effect.drawn", file=out, slots=len(drawn), weeks=weeks, week=first))
    typer.echo(say("effect.power", incidents=f"{weekly * weeks:.0f}", fewer=fewer,
                   power=f"{100 * power(weekly * weeks, ratio):.0f}",
                   needed=weeks_needed(weekly, ratio)))  # fmt: skip
    typer.echo(say("effect.next", folder=folder, file=out))


def effect(
    folder: Folder,
    file: Annotated[Path, typer.Argument(help="A trial, or a must_arrive.csv.", metavar="FILE")],
    since: Annotated[
        str | None, typer.Option("--since", help="First day of visits, YYYY-MM-DD; no trial.")
    ] = None,
) -> None:
    """Tell how many incidents visits took off, with a 95 % interval.

    Of a trial: slots in weeks worked beside weeks left. With --since, of visits that nobody drew:
    the places of a must_arrive.csv before and after that day, beside all other places, corrected
    for their having been chosen because much had happened there.
    """
    from scheduler.hindsight.effect import before_after, on_off, power  # noqa: PLC0415
    from scheduler.hindsight.trial import came_in, read_trial, sites_of  # noqa: PLC0415

    if not file.exists():
        raise NotFound("planner.no_file", file=file)
    begins = None if since is None else day(since)
    district, history = _read(folder)
    if begins is None:
        slots, week, worked = read_trial(file)
        _known(district, (slot.place for slot in slots), file)
        weeks = worked.shape[1]
        end_ms = district.calendar.week_start_ms(week) + weeks * WEEK_MS
        if not len(history) or int(history.at_ms[-1]) < end_ms - WEEK_MS:
            typer.echo(words()("effect.not_over"), err=True)
        _tell(on_off(came_in(district, history, slots, week, weeks), worked))
        return
    from datetime import time  # noqa: PLC0415

    at_ms = district.calendar.at_ms(begins, time(0))
    places = [point.place for point in _points(district, file)]
    found = before_after(sites_of(district, history, places, at_ms))
    chance = f"{100 * power(2 * found.due, 0.85):.0f}"
    typer.echo(words()("effect.power_before", due=f"{found.due:.0f}", power=chance))
    _tell(found)


def _tell(found: "Effect") -> None:
    """The effect, and whether there is one."""
    say = words()
    shown = {name: f"{100 * (getattr(found, name) - 1):+.0f}" for name in ("ratio", "low", "high")}
    typer.echo(say("effect.found", came=f"{found.came:.0f}", due=f"{found.due:.0f}", **shown))
    sure = found.high < 1 or found.low > 1
    typer.echo(say("effect.sure" if sure else "effect.unsure"))


def _read(folder: Path) -> "tuple[District, History]":
    """The district and what is recorded in its files and its journal."""
    from config.district import load  # noqa: PLC0415
    from scheduler.foresight.history import read_history  # noqa: PLC0415
    from scheduler.reported import reports_of  # noqa: PLC0415

    district = load(folder)
    told = reports_of(district, language())
    district = told.onto(district)
    return district, read_history(district, told.incidents)


def _points(district: "District", path: Path) -> "list[MustArrive]":
    """The points of a must_arrive.csv."""
    from scheduler.readback import read_points  # noqa: PLC0415

    if not path.exists():
        raise NotFound("planner.no_file", file=path)
    found = list(read_points(district, path, []).values())
    _known(district, (point.place for point in found), path)
    return found


def _known(district: "District", places: "Iterable[str]", file: Path) -> None:
    """Places are where a visit can be: the district's, or its nodes where it has none.

    Raises:
        BadInput: One is not.
    """
    from scheduler.foresight.ground import points_of  # noqa: PLC0415

    there = set(points_of(district).place)
    for place in places:
        if place not in there:
            raise BadInput(key="effect.no_place", file=file, place=place)
