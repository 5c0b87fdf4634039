"""Where an export ends: one frame, and what every stream held when that frame was dealt with.

A living bus goes on while its files are read one after another. So the end is fixed first: the
frame by which the engine had dealt with all that stood in the inbox when the export began, once
all that it makes known stands in the output streams.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from config.ids import AreaId
from events import ports
from events.clock import wall_ms
from events.frame import Fold, Folded, Frame
from events.open_work import Open
from events.ports import Stored, Streams
from events.released import effect_id, effects_due
from events.rows import rows
from events.trouble import JournalBroken

PATIENCE_S = 20.0
"""An engine at work needs far less; where none is, somebody waits so long for an answer."""
PAUSE_S, TELL_S = 0.1, 1.0
OUTPUTS = ("orders", "console", "rejected")
BEFORE_ALL = (0, -1)
Place = tuple[int, int]
"""Of an effect: its frame's seq, its n."""


@dataclass(slots=True)
class Cut:
    """The end of an export, and what is open there.

    seq: The last frame that counts; what a later one made known is left out.
    broken: The journal cannot be folded to its end: nothing is left out, `verify` says why.
    inbox: Position up to which frames have consumed the inbox, None where there is no frame.
    ends: Position of the last record of each partition of a stream that has no frames of its own.
    waiting: Inbox records behind `inbox` when the export began: no frame of the engine has them.
    plans_left: Frames of the planner that are left out, since they were made of such records.
    behind: Output streams that lack effects of the frames up to `seq`.
    """

    area: AreaId
    opened: Open
    journal: int = -1
    inbox: int | None = None
    broken: bool = False
    ends: dict[str, tuple[int, ...]] = field(default_factory=dict)
    waiting: int = 0
    plans_left: int = 0
    behind: tuple[str, ...] = ()

    @property
    def seq(self) -> int:
        """The last frame."""
        return self.opened.seq

    def effects(self, stored: Iterable[Stored]) -> Iterator[Stored]:
        """Those of an output stream that are not of a later frame."""
        for one in stored:
            found = effect_id(one)
            if self.broken or found is None or found[0] != self.area or found[1] <= self.seq:
                yield one

    def frames(self, stored: Iterable[Stored]) -> Iterator[Stored]:
        """The engine's frames up to the last, those that do not count among them."""
        return (one for one in stored if self.broken or one.position <= self.journal)

    def plans(self, stored: Iterable[Stored]) -> Iterator[Stored]:
        """The planner's frames up to the first that knows more of the inbox than the engine."""
        name, end = ports.inbox(self.area), self.ends[ports.plan(self.area)][0]
        for one in stored:
            if one.position > end:
                return
            if self._later(one, name):
                self.plans_left = end - one.position + 1
                return
            yield one

    def inputs(self, name: str, stored: Iterable[Stored]) -> Iterator[Stored]:
        """What came in up to the cut."""
        for one in stored:
            partition, _ = ports.split(one.position)
            if one.position <= self.ends[name][partition] and not self._unread(name, one.position):
                yield one

    def _unread(self, name: str, position: int) -> bool:
        """Whether it is of the inbox and behind what the engine has read."""
        if self.inbox is None or self.broken or name != ports.inbox(self.area):
            return False
        return position > self.inbox

    def _later(self, stored: Stored, name: str) -> bool:
        try:
            used = Frame.read(stored.value).inputs
        except ValueError:  # no frame at all, or of a newer program
            return False
        return any(one.topic == name and self._unread(name, one.to) for one in used)


def cut_of(
    bus: ports.Bus, area: AreaId, tell: Callable[[], None], patience_s: float = PATIENCE_S
) -> Cut:
    """Find the end; waits where another process is at work on the bus.

    Args:
        bus: The area's bus. Whoever is alone with it waits for nobody.
        area: Whose streams.
        tell: Called once, when it takes long.
        patience_s: Longest wait.
    """
    return _Finder(bus, area, tell, 0.0 if bus.exclusive else patience_s).found()


class _Finder:
    """Reads journal and outputs on, as they grow."""

    def __init__(
        self, bus: Streams, area: AreaId, tell: Callable[[], None], patience_s: float
    ) -> None:
        self._bus, self._area, self._tell = bus, area, tell
        self._began_s, self._patience_s, self._told = time.monotonic(), patience_s, False
        self._fold, self._cut = Fold(area), Cut(area, Open(area))
        self._due = dict.fromkeys(OUTPUTS, BEFORE_ALL)
        self._reached = dict.fromkeys(OUTPUTS, BEFORE_ALL)
        self._read = dict.fromkeys(OUTPUTS, ports.before(0))

    def found(self) -> Cut:
        """The end, complete if patience lasted."""
        cut = self._cut
        inbox, plan = ports.inbox(self._area), ports.plan(self._area)
        upto = self._end(inbox)
        while not self._consumed(upto) and self._patient():
            pass
        if cut.inbox is not None and not cut.broken:
            cut.waiting = max(0, upto - cut.inbox)
        cut.ends = {inbox: (max(upto, cut.inbox or 0),), plan: (self._end(plan),)}
        fixes = ports.positions(self._area)
        partitions = range(self._bus.partitions(fixes))
        cut.ends[fixes] = tuple(self._end(fixes, partition) for partition in partitions)
        while not cut.broken and not self._released() and self._patient():
            pass
        return cut

    def _end(self, name: str, partition: int = 0) -> int:
        newest = self._bus.last(name, partition)
        return ports.before(partition) if newest is None else newest.position

    def _patient(self) -> bool:
        waited_s = time.monotonic() - self._began_s
        if waited_s >= self._patience_s:
            return False
        if waited_s >= TELL_S and not self._told:
            self._told = True
            self._tell()
        time.sleep(PAUSE_S)
        return True

    def _consumed(self, upto: int) -> bool:
        """Fold the journal to its present end; whether the inbox is in it up to `upto`."""
        name, cut = ports.journal(self._area), self._cut
        end = self._end(name)
        try:
            for stored in rows(self._bus, name, self._fold.position):
                if stored.position > end:
                    break
                taken = self._fold.accept(stored.position, stored.value)
                if isinstance(taken, Folded):
                    self._take(taken.frame, stored)
        except JournalBroken:
            cut.broken = True
        cut.journal = self._fold.position
        return cut.broken or cut.inbox is None or cut.inbox >= upto

    def _take(self, frame: Frame, stored: Stored) -> None:
        cut = self._cut
        cut.opened.apply(frame)
        read = [one.to for one in frame.inputs if one.topic == ports.inbox(self._area)]
        cut.inbox = max(-1 if cut.inbox is None else cut.inbox, *read, -1)
        for suffix, n in effects_due(frame):
            if suffix in self._due and not _erased(suffix, stored, self._area):
                self._due[suffix] = (frame.seq, n)

    def _released(self) -> bool:
        """Read the outputs to their present end; whether nothing is missing there."""
        for suffix in OUTPUTS:
            name = ports.stream(self._area, suffix)
            for stored in rows(self._bus, name, self._read[suffix]):
                self._read[suffix] = stored.position
                found = effect_id(stored)
                if found is not None and found[0] == self._area:
                    self._reached[suffix] = max(self._reached[suffix], found[1:])
                if self._reached[suffix] >= self._due[suffix]:
                    break
        behind = (name for name in OUTPUTS if self._reached[name] < self._due[name])
        self._cut.behind = tuple(behind)
        return not self._cut.behind


def _erased(suffix: str, stored: Stored, area: AreaId) -> bool:
    """Whether the output stream keeps nothing so old any more."""
    kept_ms = ports.kind_of(ports.stream(area, suffix)).kept_ms
    return kept_ms is not None and 0 < stored.stored_ms < wall_ms() - kept_ms
