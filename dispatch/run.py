"""The worker of `qinwu run`, which owns the bus and lets engine and planner turn.

Crash-only: it ends after any trouble with its bus, and its supervisor starts it again after a
pause that grows. What it knew stands in the journals.
"""

import os
import shlex
import signal
import sys
import threading
import time
import traceback
import uuid
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path

import typer

from config.district import District, load
from config.errors import QinwuError
from config.heard import HEARD_S, until
from config.ids import AreaId
from config.telling import tell, tell_line
from config.words import words
from dispatch import decide
from dispatch.console.log import Keeper
from dispatch.console.told import told
from dispatch.erasing import Eraser
from dispatch.ground import Ground
from dispatch.service import Engine, StepCrashed
from dispatch.supervisor import MakeTurner, Options, Turner
from dispatch.tracks import Tracker
from events.clock import Clock
from events.connect import FileTaken, area_of, connect
from events.days import first_day
from events.door import Door
from events.ports import Bus, BusBusy, BusLost, DataLost
from events.supervise import LOST, when_orphaned
from events.trouble import JournalBroken, PlanBehind

WAIT_MS = 50
"""Longest wait for the inbox: fixes are looked at as often."""
END_S = 8.0
"""After so long a worker whose supervisor is gone ends, whatever hangs."""
BUSY_S = END_S + 2.0
"""So long a new worker waits for the file."""
OPEN_S = 1.0
"""The same where its owner has its door open: who lets go of the file closes that first."""
PLANNER_PAUSE_S, PLANNER_LONGEST_S = 5.0, 300.0


def work(options: Options) -> int:
    """Be the worker until told to stop; the exit code, `LOST` to be started again."""
    stop = threading.Event()
    when_orphaned(lambda: _stop_soon(stop))
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    signal.signal(signal.SIGINT, lambda *_: stop.set())
    try:
        with ExitStack() as stack:
            Worker(options, stop, stack).run()
    except StepCrashed as crash:
        _fault(options.folder)
        tell(crash)
        return LOST
    except QinwuError as trouble:
        tell(trouble)
        return _code(trouble)
    except OSError as error:  # the machine's, not ours: a full disk, a right that was taken away
        _tell_machine(error, options.folder)
        return LOST
    except Exception:  # noqa: BLE001 - a fault of the program must not end dispatch for good
        tell_line(words()("run.fault", file=_fault(options.folder)))
        return LOST
    return 0


def _fault(folder: Path) -> Path | str:
    """Keep the details of a fault of the program; where they are, else the last of them."""
    path, told = folder / ".qinwu" / "fault.txt", traceback.format_exc()
    try:
        path.write_text(told, encoding="utf-8", errors="backslashreplace")
    except OSError:
        with suppress(OSError):
            path.unlink()  # what is there is not whole
        return told.splitlines()[-1]
    return path


def _stop_soon(stop: threading.Event) -> None:
    """The supervisor is gone: the file must be free again whatever hangs."""
    stop.set()
    time.sleep(END_S)
    os._exit(LOST)


def _tell_machine(error: OSError, folder: Path) -> None:
    named = {"file": error.filename or folder, "cause": error.strerror or error}
    tell_line(words()("run.machine", errno=error.errno, **named))


def _code(trouble: QinwuError) -> int:
    """Whether it helps to begin again: not where a person has to look first."""
    if isinstance(trouble, (JournalBroken, DataLost, BusBusy)):
        return trouble.exit_code
    return LOST if isinstance(trouble, BusLost) else trouble.exit_code


@dataclass(slots=True)
class Worker:
    """The parts of a running district, put together."""

    options: Options
    stop: threading.Event
    stack: ExitStack
    district: District = field(init=False)
    clock: Clock = field(default_factory=Clock)
    failures: list[QinwuError] = field(default_factory=list)
    log_fails: bool = False

    def run(self) -> None:
        """Turn until told to stop.

        Raises:
            BusLost: And all else that ends a worker.
        """
        area_of(self.options.folder)  # first of all: whether it is a district at all
        (self.options.folder / ".qinwu").mkdir(exist_ok=True)
        self.district = load(self.options.folder)
        bus = self._bus()
        if self.options.planner is not None:
            self._plan(bus, self.options.planner)
        if self.options.engine:
            self._dispatch(bus)
        else:
            until(self.stop.is_set)
        if self.failures:
            raise self.failures[0]

    def _bus(self) -> Bus:
        """The bus of the folder; a file that another worker is letting go of is waited for."""
        began_s = time.monotonic()
        while True:
            try:
                bus = connect(self.options.bus, self.options.folder, role="worker")
            except BusBusy as busy:
                most_s = OPEN_S if isinstance(busy, FileTaken) else BUSY_S
                if time.monotonic() > began_s + most_s or until(self.stop.is_set, HEARD_S):
                    raise
                continue
            self.stack.callback(bus.close)
            return bus

    def _dispatch(self, bus: Bus) -> None:
        area = AreaId(self.district.settings.brigade)
        tracker, writer = Tracker(Ground(self.district)), f"engine/{uuid.uuid4().hex[:12]}"
        engine = Engine(bus, self.district, self.clock, writer, decide, tracker)
        self.stack.callback(_leave, engine)
        door = Door(
            bus, area, self.options.folder, port=self.options.port,
            state=lambda: told(engine.state, engine.ground, self.clock.now_ms()),
        )  # fmt: skip
        _echo(door.start())
        self.stack.callback(door.stop)
        keeper = Keeper(bus, area, self.options.folder, words(), _echo)
        eraser = Eraser(bus, self.clock)
        while not self.stop.is_set():
            engine.turn(WAIT_MS)
            self._log(keeper)
            eraser.turn(engine.state)

    def _log(self, keeper: Keeper) -> None:
        """Write the log; a full disk there is said once and does not end dispatch."""
        try:
            keeper.turn()
            self.log_fails = False
        except OSError as error:
            if not self.log_fails:
                tell_line(words()("run.no_log", cause=error))
            self.log_fails = True

    def _plan(self, bus: Bus, make: MakeTurner) -> None:
        """The planner in its thread, with a connection that it may use beside the engine's."""
        own = bus.again()
        if own is not bus:
            self.stack.callback(own.close)

        def turn() -> None:
            pause_s = PLANNER_PAUSE_S
            while not self.stop.is_set():
                try:
                    clock = Clock()
                    planner = make(own, self.district, clock)  # its own fold sets the clock
                    self._tell_wait(clock)
                    self._planning(planner)
                except Exception as error:  # noqa: BLE001 - dispatch goes on without the planner
                    if isinstance(error, BusLost) and not self._of_the_plan(error):
                        self.failures.append(error)
                        self.stop.set()
                        return
                    self._without_planner(error)
                    self.stop.wait(pause_s)
                    pause_s = min(2 * pause_s, PLANNER_LONGEST_S)

        thread = threading.Thread(target=turn, name="planner", daemon=True)
        self.stack.callback(thread.join, END_S / 2)
        thread.start()

    def _of_the_plan(self, lost: BusLost) -> bool:
        """Whether dispatch, where it runs beside, has nothing to do with it: its bus is well."""
        return self.options.engine and isinstance(lost, PlanBehind)

    def _without_planner(self, error: Exception) -> None:
        """Say what keeps the planner from its work: a file to mend, the machine, or a fault."""
        if isinstance(error, QinwuError):
            tell(error)
            tell_line(words()("run.planner_held"))
        elif isinstance(error, OSError):
            _tell_machine(error, self.options.folder)
            tell_line(words()("run.planner_held"))
        else:
            path = _fault(self.options.folder)
            tell_line(words()("run.planner_fault", file=path))

    def _tell_wait(self, clock: Clock) -> None:
        """Say that the planner of a simulated district waits for its clock."""
        if self.district.settings.simulation and clock.setting is None:
            folder, day = shlex.quote(str(self.options.folder)), first_day(self.options.folder)
            key = "run.simulated" if day else "run.simulated_no_day"
            tell_line(words()(key, folder=folder, day=day and shlex.quote(str(day))))

    def _planning(self, planner: Turner) -> None:
        try:
            while not self.stop.is_set():
                planner.turn(4 * WAIT_MS)
        finally:
            planner.close()


def _echo(line: str) -> None:
    """To whoever looks on; dispatch goes on when nobody does any more."""
    try:
        typer.echo(line)
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _leave(engine: Engine) -> None:
    try:
        engine.close()
    except BusLost:
        return  # the next engine folds from the snapshot before
