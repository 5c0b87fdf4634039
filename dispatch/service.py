"""The engine's shell: reads what came in, lets `step` decide, appends the frame, releases effects.

It knows nothing but the fold of its journal. After any doubt about what was stored it exits and
the next engine folds again; what `step` decided counts only once its frame is accepted.
"""

from collections.abc import Sequence
from contextlib import suppress

from config.district import District
from config.errors import QinwuError
from config.ids import AreaId
from dispatch import moments, snapshot
from dispatch.crash import Crashes
from dispatch.frame_time import FrameTime
from dispatch.ground import Ground
from dispatch.intake import Intake, Tracks, hangs_on_positions
from dispatch.judge import ParkedRecord, Record
from dispatch.kept import keep_files
from dispatch.recover import Core, Outcome, Step, inbox_lost, recovered, snapshot_of
from dispatch.release import Outputs
from dispatch.state import State
from events import ports
from events.clock import Clock
from events.facts import ConfigChanged, Deadline, EngineStarted, Fact, Note
from events.frame import Frame, Input
from events.ports import LARGEST_FRAME_BYTES, Appended, Bus, Conflict, Unknown
from events.trouble import BusLost

MOST_CONFLICTS = 5
"""In a row: whoever always comes second leaves the field to the other engine."""
AGAIN_MS = 200
LONGEST_ERROR = 500
"""Characters of an error kept in frames: a validator's message holds the whole input."""
SNAPSHOT_MS = 60_000


class StepCrashed(QinwuError):
    """A fault of the program: `step` raised. Fields: error, and first, to (inbox positions)."""


class Engine:
    """One area's engine. Several may run: the first to append a frame wins."""

    def __init__(
        self, bus: Bus, district: District, clock: Clock, writer: str, core: Core,
        tracks: Tracks | None = None, *, cached: bool = True,
    ) -> None:  # fmt: skip
        """Recover the state and release what was accepted but not yet told.

        Args:
            bus: The area's bus, with its journals.
            district: The district; its folder holds caches.
            clock: The process's clock; set from the inbox in a simulated district.
            writer: This incarnation's id.
            core: What decides.
            tracks: What watches the fixes; without it none are read.
            cached: Whether a snapshot may be used and made.

        Raises:
            BusLost: See `recover`.
        """
        self.area = AreaId(district.settings.brigade)
        self._bus, self._district, self._clock, self._core = bus, district, clock, core
        self._writer, self._cached = writer, cached
        self._ground = Ground(district)
        self._time = FrameTime(clock, district.settings.simulation)
        keep_files(district)
        self._outputs = Outputs(bus, self.area, self._ground)
        self._reader = recovered(
            bus, self._ground, core, self._outputs.release, self._outputs.known, cached=cached
        )  # fmt: skip
        self._crashes = Crashes.read(district.folder, self.area, bus.address)
        names = (ports.inbox, ports.positions, ports.journal)
        self._streams = {name(self.area): bus.identity(name(self.area)) for name in names}
        self._lost = inbox_lost(bus, self.state, self._streams[ports.inbox(self.area)])
        self._intake = Intake(bus, self.area, tracks)
        self._facts, self._later = list[Fact](), list[Fact]()
        self._started, self._conflicts = False, 0
        self._deadline: tuple[State | None, int | None] = (None, None)
        self._given_wall_ms = 0
        self._saved = (self.state.seq, clock.wall())
        self._released = self.state.seq
        self._set_clock()
        self._untold = self._intake.restore(self.state, self._now_ms())

    @property
    def state(self) -> State:
        """The fold of all accepted frames; safe to look at from any thread."""
        return self._reader.state

    @property
    def ground(self) -> Ground:
        """The district as decisions see it."""
        return self._ground

    def turn(self, wait_ms: int = 0) -> bool:
        """One frame at most; whether there was anything to do.

        Raises:
            BusLost: Exit; the next engine folds again.
            StepCrashed: Exit as well; the next engine is careful with these inputs.
        """
        if self._conflicts:  # another engine is at work: know its frames before deciding
            self._reader.catch_up(took=self._took)
        if self._lost is None:
            self._intake.read(self.state, self._wait_ms(wait_ms))
        now_ms = self._now_ms()
        self._facts += [*self._opening(), *self._correction()]
        if self._started and not self._later:  # these come first
            self._facts += self._intake.tracked(self.state, now_ms)
        due = self._due(now_ms)
        batch = self._intake.batch(self._crashes.upto) if self._started else []
        if not self._facts and not due and not batch:
            self._save_at_times()
            return False
        self._write(due, batch, now_ms)
        return True

    def close(self) -> None:
        """Leave a snapshot for the next engine."""
        self._save()

    # --- what a frame is made of ---------------------------------------------------------------

    def _opening(self) -> list[Fact]:
        """What is said once by each incarnation."""
        if self._started or self._facts:
            return []
        files, program = dict(self._district.hashes), snapshot.program()
        told: list[Fact] = [EngineStarted(program=program, files=files, streams=self._streams)]
        if self.state.seq and self.state.files != files:
            told.append(ConfigChanged(program=program, files=files))
        told.append(Note(key="run.started", fields={"program": program}))
        if self._lost is not None:
            lost = {"first": self._lost.first, "to": self._lost.to}
            told.append(Note(key="run.inbox_gap", fields=lost))
        return told + self._untold

    def _correction(self) -> list[Fact]:
        """What is said of a clock that was ahead at the last frame."""
        told = self._time.correction(self.state.time_ms) if self.state.seq else None
        return [] if told is None else [told]

    def _due(self, now_ms: int) -> list[Fact]:
        """The state's deadline when it has come; one that stays is given a few times a second."""
        deadline_ms = self._deadline_ms()
        if deadline_ms is None or deadline_ms > now_ms:
            return []
        wall_ms = self._clock.wall()
        stays = deadline_ms <= self.state.time_ms
        if stays and abs(wall_ms - self._given_wall_ms) < AGAIN_MS:  # it may have been set back
            return []
        self._given_wall_ms = wall_ms
        return [Deadline(at_ms=deadline_ms)]

    def _deadline_ms(self) -> int | None:
        state, deadline_ms = self._deadline
        if state is not self.state:
            deadline_ms = self._core.next_deadline_ms(self.state, self._ground)
            self._deadline = self.state, deadline_ms
        return deadline_ms

    def _wait_ms(self, wait_ms: int) -> int:
        deadline_ms = self._deadline_ms()
        if not self._started or deadline_ms is None:
            return wait_ms if self._started else 0
        return min(wait_ms, max(1, self._clock.wall_until_ms(deadline_ms)))

    def _now_ms(self) -> int:
        """The frame's time."""
        return self._time.now_ms(self.state.time_ms)

    # --- deciding and writing ------------------------------------------------------------------

    def _write(self, due: list[Fact], batch: list[Record], now_ms: int) -> None:
        """Decide on as much of the batch, then of the facts, as fits into a frame; append it."""
        while True:
            outcome = self._decided(due, batch, now_ms)
            frame, raw = self._framed(outcome, batch, now_ms)
            if len(raw) <= LARGEST_FRAME_BYTES:
                break
            if not batch and len(self._facts) <= 1:
                raise self._crashed([], "frame_too_large")
            if not batch:
                half = len(self._facts) // 2
                self._facts, self._later = self._facts[:half], self._facts[half:] + self._later
            elif len(batch) == 1 and not self._facts:
                self._crashes.parked[batch[0].position] = "frame_too_large"
            else:
                batch = batch[: len(batch) // 2]
        self._outputs.keep(self._intake.raw(batch))
        self._append(frame, raw, outcome.state)

    def _decided(self, due: list[Fact], batch: list[Record], now_ms: int) -> Outcome:
        """What `step` makes of it, on today's positions where it hangs on them."""
        records = [self._checked(record) for record in batch]
        parked = [self._parked(one) for one in records if isinstance(one, ParkedRecord)]
        facts = [*self._facts, *parked]
        try:
            outcome = self._core.step(
                self.state, [*facts, *records, *due], self._ground, now_ms
            )  # fmt: skip
            if any(map(hangs_on_positions, outcome.decisions)):
                seen = self._intake.seen(self.state)
                if seen:
                    given = [*facts, *seen, *records, *due]
                    outcome = self._core.step(self.state, given, self._ground, now_ms)
        except Exception as error:
            raise self._crashed(batch, f"{type(error).__name__}: {error}") from error
        return outcome

    def _framed(self, outcome: Outcome, batch: list[Record], now_ms: int) -> tuple[Frame, bytes]:
        """The frame and its bytes; what cannot be written down is a fault of the input as well."""
        try:
            frame = self._reader.fold.next_frame(
                self._writer, now_ms, self._inputs(batch),
                tuple(outcome.facts), tuple(outcome.decisions),
            )  # fmt: skip
            return frame, frame.raw()
        except ValueError as error:
            raise self._crashed(batch, f"{type(error).__name__}: {error}") from error

    def _checked(self, record: Record) -> Record | ParkedRecord:
        """The record, set aside if `step` crashed on it twice."""
        error = self._crashes.parked.get(record.position)
        if error is None:
            return record
        event = record.read.event
        return ParkedRecord(record.position, event, error)

    def _parked(self, record: ParkedRecord) -> Fact:
        fields = {"event": record.event or "-", "offset": record.position, "error": record.error}
        return Note(key="run.parked", fields=fields)

    def _crashed(self, batch: Sequence[Record], error: str) -> StepCrashed:
        error = error[:LONGEST_ERROR].encode(errors="backslashreplace").decode()
        if not batch:
            return StepCrashed("run.step_crashed_alone", error=error)
        first, to = batch[0].position, batch[-1].position
        self._crashes.note(first, to, error)
        return StepCrashed("run.step_crashed", error=error, first=first, to=to)

    def _inputs(self, batch: Sequence[Record]) -> tuple[Input, ...]:
        name = ports.inbox(self.area)
        if self._lost is not None:
            return (Input(topic=name, partition=0, first=self._lost.first, to=self._lost.to),)
        if not batch:
            return ()
        first, to = self.state.inbox + 1, batch[-1].position
        return (Input(topic=name, partition=0, first=first, to=to),)

    def _append(self, frame: Frame, raw: bytes, state: State) -> None:
        moments.reached("before_append")
        for consumed in frame.inputs:
            self._intake.read_ahead(consumed.to)
        result = self._reader.journal.append(raw, self._reader.fold.position + 1)
        match result:
            case Appended(position):
                moments.reached("after_append")
                self._took(self._reader.own(position, raw, frame, state))
            case Conflict(upto=upto):
                self._conflicts += 1
                self._outputs.look_again()
                self._reader.catch_up(upto, self._took)
                if self._conflicts >= MOST_CONFLICTS:
                    msg = f"{ports.journal(self.area)}: another engine is always faster"
                    raise BusLost(msg)
            case Unknown(cause=cause):
                raise BusLost(cause)

    def _took(self, step: Step) -> None:
        """A frame counts: ours, or another engine's that came between."""
        if step.frame.writer == self._writer:
            self._facts, self._later = self._later, []
            self._lost, self._started, self._conflicts = None, True, 0
        self._set_clock()
        self._intake.consumed(self.state.inbox)
        self._crashes.passed(self.state.inbox)
        self._outputs.release(step)
        self._released = step.frame.seq

    def _set_clock(self) -> None:
        if self.state.clock is not None:
            self._clock.setting = self.state.clock

    # --- snapshots -----------------------------------------------------------------------------

    def _save_at_times(self) -> None:
        """While there is nothing else to do."""
        seq, wall_ms = self._saved
        if self.state.seq != seq and abs(self._clock.wall() - wall_ms) > SNAPSHOT_MS:
            self._save()

    def _save(self) -> None:
        if self._cached and self._released == self.state.seq:  # else the next engine releases it
            found = snapshot_of(self._reader, self._bus, self._district.hashes)
            with suppress(OSError):  # a cache: a full disk must not end dispatch
                snapshot.save(self._district.folder, found)
            self._saved = self.state.seq, self._clock.wall()
