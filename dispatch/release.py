"""Sends the effects of accepted frames, each at least once, and knows how far that has come."""

from collections.abc import Iterator

from config.ids import AreaId
from dispatch import moments
from dispatch.effects import Released, effects_of
from dispatch.ground import Ground
from dispatch.recover import Step
from events import ports
from events.clock import wall_ms
from events.ports import Bus
from events.released import OUTPUTS, effect_id

BEFORE_ALL = (0, -1)
Place = tuple[int, int]
"""Of an effect: its frame's seq, its n."""


class Outputs:
    """The output streams of an area as one engine writes them.

    Every engine releases the effects of every frame that it folds, in order, from the last one
    found in the stream on: so nothing is left out whoever of two engines dies, and what comes
    twice is equal by its id.
    """

    def __init__(self, bus: Bus, area: AreaId, ground: Ground) -> None:
        """Read how far each stream has come."""
        self._bus, self._area, self._ground = bus, area, ground
        self._reached = {suffix: self._last(suffix) for suffix in OUTPUTS}
        self._empty = {suffix for suffix, at in self._reached.items() if at == BEFORE_ALL}
        self._kept: dict[int, bytes] = {}
        self._opened_ms = wall_ms()

    @property
    def known(self) -> int:
        """`seq` of the last frame that made anything known; 0 for none."""
        return max(seq for seq, _ in self._reached.values())

    def look_again(self) -> None:
        """Another engine is at work: spare what it has released by now."""
        for suffix, known in self._reached.items():
            self._reached[suffix] = max(known, self._last(suffix))

    def keep(self, raw: dict[int, bytes]) -> None:
        """The inbox records of the frame in the making by position, should one be rejected."""
        self._kept = raw

    def release(self, step: Step) -> None:
        """Send what the frame makes known and the streams do not hold yet."""
        seq = step.frame.seq
        old_ms = self._opened_ms - step.stored_ms if step.stored_ms else 0

        def wanted(suffix: str, n: int) -> bool:
            kept_ms = ports.kind_of(ports.stream(self._area, suffix)).kept_ms
            # Only from an empty stream is something gone: behind the last, nothing ever was.
            erased = suffix in self._empty and kept_ms is not None and old_ms > kept_ms
            return (seq, n) > self._reached[suffix] and not erased

        batches: dict[str, list[Released]] = {suffix: [] for suffix in OUTPUTS}
        for one in effects_of(
            step.frame, step.before, step.after, self._ground, self._raw_of, wanted
        ):
            batches[one.suffix].append(one)
        for suffix, batch in batches.items():
            if batch:
                moments.reached("between_effects")
                name = ports.stream(self._area, suffix)
                self._bus.send(name, [one.record for one in batch])
                self._reached[suffix] = (seq, batch[-1].n)

    def _raw_of(self, position: int) -> bytes:
        if position in self._kept:
            return self._kept[position]
        # Asked from the beginning first: on Kafka a read from a gap would void the bus.
        name = ports.inbox(self._area)
        first = self._bus.read(name, ports.before(0), 1)
        if not first or first[0].position > position:
            return b""
        found = self._bus.read(name, position - 1, 1)
        return found[0].value if found and found[0].position == position else b""

    def _last(self, suffix: str) -> Place:
        """The newest effect in a stream; a stranger's record at its end is stepped over."""
        name = ports.stream(self._area, suffix)
        newest = self._bus.last(name)
        if newest is None:
            return BEFORE_ALL
        found = effect_id(newest)
        if found is None or found[0] != self._area:
            return max(self._all(name), default=BEFORE_ALL)
        return found[1:]

    def _all(self, name: str) -> Iterator[Place]:
        after = ports.before(0)
        while records := self._bus.read(name, after):
            after = records[-1].position
            for stored in records:
                found = effect_id(stored)
                if found is not None and found[0] == self._area:
                    yield found[1:]
