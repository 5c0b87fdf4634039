"""The command `qinwu play`: a day of the outside world on a bus, in time with its clock."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from events.options import BusTarget, Folder

if TYPE_CHECKING:  # numpy, scipy, the clients: imported on use, so that help is fast
    from collections.abc import Callable

    from events.play import Player
    from events.playing import Live
    from events.ports import Bus

INTERRUPTED = 130
DOOR_S = 30.0
"""So long an engine that is starting is waited for."""
_LOOK_S = 0.2


def play(
    folder: Folder,
    file: Annotated[
        Path | None, typer.Argument(help="The day, e.g. DIR/live/DATE.csv.", metavar="FILE")
    ] = None,
    bus: BusTarget = None,
    speed: Annotated[
        float,
        typer.Option(
            min=0.1, max=3600, help="Times as fast; above some 120, answers may come too late."
        ),
    ] = 60.0,
    hours: Annotated[
        float | None, typer.Option(min=0.01, max=48, help="Of the day, from midnight; else all.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of all that is random.")] = 7,
    no_trouble: Annotated[  # noqa: FBT002 - a flag
        bool, typer.Option("--no-trouble", help="Nobody is late, nobody is sick.")
    ] = False,
    at: Annotated[
        str | None, typer.Option("--at", help="Only set the clock, to a time with offset.")
    ] = None,
) -> None:
    """Play a day: set the clock, tell its incidents and sightings, let crews obey their orders.

    Only in a district whose settings say `simulation: true`, beside `qinwu run DIR`; an engine
    that is starting is waited for. With --bus sqlite:PATH the file itself is played on, with no
    engine. Ctrl-C stops the clock; the same command goes on from there. With --at no day is
    played: the clock is set, and goes --speed times as fast, for a rehearsal with people.
    """
    from config.district import load  # noqa: PLC0415
    from config.errors import BadInput, Impossible, NotFound  # noqa: PLC0415
    from events.play import Player  # noqa: PLC0415
    from events.scene import read_scene  # noqa: PLC0415

    if not folder.is_dir():
        raise NotFound(key="check.no_folder", folder=folder)
    district = load(folder)
    if not district.settings.simulation:
        raise Impossible("play.no_simulation", folder=folder)
    if (file is None) == (at is None):
        raise BadInput(key="play.file_or_at", folder=folder)
    if file is None:
        _set_clock(folder, bus, str(at), speed)
        return
    _play(Player(district, read_scene(district, file, hours), seed, not no_trouble), bus, speed)


def _play(player: "Player", bus: str | None, speed: float) -> None:
    """Play a day until it is over, or Ctrl-C comes."""
    from events.playing import Live, Playing  # noqa: PLC0415

    folder = player.district.folder
    _await_engine(bus, folder)
    reopen = _opener(bus, folder)
    playing = Playing(player, player.district.settings.brigade, reopen())
    live = Live(playing, reopen, speed, _tell)
    try:
        live.begin()
        live.run()
    except KeyboardInterrupt:
        _stop(live)
        raise typer.Exit(INTERRUPTED) from None
    finally:
        playing.bus.close()
    _tell("play.done", live.figures(), err=False)


def _set_clock(folder: Path, bus: str | None, at: str, speed: float) -> None:
    """Say to everybody what time it is.

    Raises:
        BadInput: `at` is no time with offset.
    """
    from config.errors import BadInput  # noqa: PLC0415
    from config.faults import shown  # noqa: PLC0415
    from events.clock import wall_ms  # noqa: PLC0415
    from events.event import moment_ms  # noqa: PLC0415
    from events.telling import give  # noqa: PLC0415

    try:
        virtual_ms = moment_ms(at)
    except ValueError as wrong:
        raise BadInput(key="unit.time", value=shown(at)) from wrong
    _await_engine(bus, folder)
    told = {"virtual_ms": virtual_ms, "wall_ms": wall_ms(), "speed": speed}
    give(folder, bus, "clock_set", told, None)
    _tell("play.clock_set", {"at": at, "speed": speed}, err=False)


def _await_engine(target: str | None, folder: Path) -> None:
    """Wait for the door of the folder's engine, where nothing else says which bus to play on.

    The folder's own file has one owner: opened here it would be taken from the engine that is
    just starting, and the day would be played to nobody.

    Raises:
        Impossible: No engine opened its door in time.
    """
    from config.errors import Impossible  # noqa: PLC0415
    from events.connect import named  # noqa: PLC0415
    from events.owners import running  # noqa: PLC0415

    if named(target) or running(folder):
        return
    _tell("play.waits", {"folder": folder, "seconds": round(DOOR_S)})
    give_up_s = time.monotonic() + DOOR_S
    while running(folder) is None:
        if time.monotonic() > give_up_s:
            raise Impossible("play.no_engine", folder=folder)
        time.sleep(_LOOK_S)


def _opener(target: str | None, folder: Path) -> "Callable[[], Bus]":
    """Opens the same bus again and again, whoever serves it.

    A district that another process runs is never opened as a file while that process is away:
    it would find its own file taken when it comes back.
    """
    from events.connect import address_of, connect  # noqa: PLC0415
    from events.trouble import DoorAbsent  # noqa: PLC0415

    first = address_of(target, folder)

    def opened() -> "Bus":
        address = address_of(target, folder)
        if first.startswith("http:") and not address.startswith("http:"):
            raise DoorAbsent(url=first, cause="run.json")
        return connect(address, folder)

    return opened


def _stop(live: "Live") -> None:
    """Stop the clock if the bus still hears it, and say where it stands."""
    from events.ports import BusLost  # noqa: PLC0415

    try:
        live.stop()
    except BusLost as trouble:
        _tell(trouble.key, dict(trouble.fields))
    _tell("play.interrupted", live.figures())


def _tell(key: str, fields: dict[str, object], *, err: bool = True) -> None:
    from config.words import words  # noqa: PLC0415

    typer.echo(words()(key, **fields), err=err)
