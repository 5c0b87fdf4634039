"""The command `qinwu play`: a day of the outside world on a bus, in time with its clock."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from config.durations import DAY_MS, FIRST_MS, LAST_MS
from events.options import BAD_INPUT, BusTarget, Folder

if TYPE_CHECKING:  # numpy, scipy, the clients: imported on use, so that help is fast
    from collections.abc import Callable

    from config.district import District
    from events.play import Player
    from events.playing import Live
    from events.ports import Bus

INTERRUPTED = 130
DOOR_S = 30.0
"""So long an engine that is starting is waited for."""
_LOOK_S = 0.2
REPLY_S = 10.0
"""So long the engine has to say that it took the clock."""
FAR_MS = 8 * 7 * DAY_MS
"""Further a set clock is not moved unasked: what was decided by it cannot be decided again."""
FAR_FROM_WALL_MS = 10 * 366 * DAY_MS
"""Nor, where it was never set, from the wall's."""


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
    far: Annotated[  # noqa: FBT002 - a flag
        bool, typer.Option("--far", help="With --at: although it is far from where it stands.")
    ] = False,
) -> None:
    """Play a day: set the clock, tell its incidents and sightings, let crews obey their orders.

    Only in a district whose settings say `simulation: true`, beside `qinwu run DIR`; an engine
    that is starting is waited for. With --bus sqlite:PATH the file itself is played on, with no
    engine. Ctrl-C stops the clock; the same command goes on from there. With --at no day is
    played: the clock is set, and goes --speed times as fast, for a rehearsal with people.
    """
    from config.errors import BadInput  # noqa: PLC0415
    from events.play import Player  # noqa: PLC0415
    from events.scene import read_scene  # noqa: PLC0415

    district = _simulated(folder)
    if (file is None) == (at is None):
        raise BadInput(key="play.file_or_at", folder=folder)
    if file is None:
        _set_clock(folder, bus, str(at), speed, far=far)
        return
    _play(Player(district, read_scene(district, file, hours), seed, not no_trouble), bus, speed)


def _simulated(folder: Path) -> "District":
    """The district, if a day can be played in it.

    Raises:
        NotFound: There is no such folder.
        Impossible: It runs on wall time.
    """
    from config.district import load  # noqa: PLC0415
    from config.errors import Impossible, NotFound  # noqa: PLC0415

    if not folder.is_dir():
        raise NotFound(key="check.no_folder", folder=folder)
    district = load(folder)
    if not district.settings.simulation:
        raise Impossible("play.no_simulation", folder=folder)
    return district


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


def _set_clock(folder: Path, bus: str | None, at: str, speed: float, *, far: bool) -> None:
    """Say to everybody what time it is, and wait until the engine has taken it.

    Raises:
        BadInput: `at` is no time with offset, of no year that can be planned, or far off.
        NotFound: The engine does not answer.
        Exit: It refuses (2), and says why.
    """
    from events.clock import wall_ms  # noqa: PLC0415
    from events.telling import clock_of, give_all, opened, tell_replies  # noqa: PLC0415

    virtual_ms = _moment(at)
    _await_engine(bus, folder)
    with opened(folder, bus) as line:
        clock = clock_of(line.bus, folder, line.area)
        near_ms = FAR_FROM_WALL_MS if clock.setting is None else FAR_MS
        if not far and abs(virtual_ms - clock.now_ms()) > near_ms:
            _refuse_far(at, clock.now_ms())
        told = {"virtual_ms": virtual_ms, "wall_ms": wall_ms(), "speed": speed}
        wait_s = None if line.bus.exclusive else REPLY_S  # of its own file there is no engine
        [(_, reply)] = give_all(line, [("clock_set", told)], wait_s)
    if reply is not None and reply.get("outcome") != "accepted":
        tell_replies([reply])
        raise typer.Exit(BAD_INPUT)
    _tell("play.clock_set", {"at": at, "speed": speed}, err=False)


def _moment(at: str) -> int:
    """Unix ms of a time that a clock can stand at: weeks before and after it can be planned.

    Raises:
        BadInput: It is none.
    """
    from config.calendar import YEARS  # noqa: PLC0415
    from config.errors import BadInput  # noqa: PLC0415
    from config.faults import shown  # noqa: PLC0415
    from events.event import moment_ms  # noqa: PLC0415

    try:
        at_ms = moment_ms(at)
    except ValueError as wrong:
        raise BadInput(key="unit.time", value=shown(at)) from wrong
    if not FIRST_MS + FAR_MS <= at_ms <= LAST_MS - FAR_MS:
        raise BadInput(key="play.no_year", value=shown(at), first=YEARS[0], last=YEARS[-1])
    return at_ms


def _refuse_far(at: str, now_ms: int) -> None:
    from config.errors import BadInput  # noqa: PLC0415
    from config.faults import shown  # noqa: PLC0415
    from events.event import moment_text  # noqa: PLC0415

    raise BadInput(key="play.far", value=shown(at), now=moment_text(now_ms))


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
