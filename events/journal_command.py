"""`qinwu journal verify | show | export`: what the journals say, without an engine."""

from pathlib import Path
from typing import Annotated

import typer

from config.controls import visible
from config.errors import NotFound
from config.words import words
from events import ports
from events.options import NOT_FOUND, BusTarget, Folder

journal = typer.Typer(add_completion=False, rich_markup_mode=None, no_args_is_help=True)


@journal.command("verify")
def verify(folder: Folder, bus: BusTarget = None) -> None:
    """Fold both journals from their first frame; exit 1 on a fork, a gap or a damaged frame."""
    from events.journals import Tally  # noqa: PLC0415 - the events' models; help is fast
    from events.telling import opened  # noqa: PLC0415

    say = words()
    sound = True
    with opened(folder, bus) as line:
        for name in (ports.journal(line.area), ports.plan(line.area)):
            tally = Tally.of(line.bus, line.area, name)
            sound &= tally.sound
            for text in tally.lines(say):
                typer.echo(text)
    if not sound:
        typer.echo(say("journal.unsound"), err=True)
        raise typer.Exit(NOT_FOUND)


@journal.command("show")
def show(
    folder: Folder,
    since: Annotated[int, typer.Option("--from", min=1, help="First frame shown.")] = 1,
    seq: Annotated[int | None, typer.Option("--seq", min=1, help="Only this frame.")] = None,
    plan: Annotated[bool, typer.Option("--plan", help="The planner's journal.")] = False,  # noqa: FBT002 - a flag
    bus: BusTarget = None,
) -> None:
    """Show the frames of the engine's journal, readable: facts, then decisions with their why."""
    from events.journals import frame_lines, walk  # noqa: PLC0415
    from events.telling import opened  # noqa: PLC0415

    say = words()
    shown = False
    with opened(folder, bus) as line:
        name = ports.plan(line.area) if plan else ports.journal(line.area)
        for one in walk(line.bus, line.area, name):
            if one.frame is None or one.frame.seq < (seq or since):
                continue
            if seq is not None and one.frame.seq > seq:
                break
            shown = True
            for text in frame_lines(one.frame, one.position, say):
                typer.echo(visible(text))
    if not shown:
        raise NotFound("journal.no_frame", name=name, seq=seq or since)


@journal.command("export")
def export(
    folder: Folder,
    out: Annotated[Path, typer.Option("--out", help="A new or empty folder.")],
    bus: BusTarget = None,
) -> None:
    """Write inputs, journals, orders, console lines and open work as JSON lines."""
    from events.export_cut import PATIENCE_S, cut_of  # noqa: PLC0415
    from events.journal_export import export_to  # noqa: PLC0415
    from events.telling import opened  # noqa: PLC0415

    say = words()

    def tell() -> None:
        typer.echo(say("journal.draining", seconds=round(PATIENCE_S)), err=True)

    with opened(folder, bus) as line:
        cut = cut_of(line.bus, line.area, tell)
        for file, count in export_to(line.bus, cut, out):
            typer.echo(say("journal.written", file=out / file, count=count))
    if cut.waiting:
        told = {"count": cut.waiting, "plans": cut.plans_left, "folder": folder}
        typer.echo(say("journal.waiting", **told), err=True)
    if cut.behind:
        streams = ", ".join(ports.stream(cut.area, suffix) for suffix in cut.behind)
        typer.echo(say("journal.behind", streams=streams, seq=cut.seq, folder=folder), err=True)
        raise typer.Exit(NOT_FOUND)
