"""From fixes to facts: which of the many positions matter. Not journaled; lives in the shell.

A tracker keeps the newest fix of every unit. Each fix is looked at against the state as folded,
and only what changes something, or proves something, becomes a `position` fact; so a fix that is
read again after a restart makes no fact twice. The facts of one call build on each other: each
is folded, by the same function as in the engine, before the next fix is looked at.

Changes: left (set out on its order), arrived (inside the radius of its target), still (proof of
a dwell), outside (away from its visit, where it stood or has a proof of), stale and back (fixes
stopped, came again), parked (a phone without its crew), fix (the newest position, for a decision).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from config.durations import DAY_MS, HOUR_MS, MINUTE_MS
from config.ids import UnitId
from config.roads import Spot
from dispatch.fixes import MOVED_M, Fix, Track, followed, located
from dispatch.ground import OFF_MAP_M, Ground
from dispatch.presence import order_of, parked_key, take_position, visit_of
from dispatch.state import Held, State, Unit, Visit
from dispatch.visits import stood_ms
from events.decisions import LonLat
from events.event import Event
from events.facts import Note, Position
from events.live import PositionReported

AHEAD_MS = 2 * MINUTE_MS
"""A fix further in the future than this comes from a wrong clock."""
JITTER_M = 20.0
"""So much outside the radius a unit that stood inside may be measured without having left."""
DELIVERY_MS = 500
"""Wall time that a fix may need to get here; counts where simulated time runs fast."""
PATROLS = frozenset(("patrol", "peak"))
AT_ONCE = 2_000
"""Fixes of the past that are put on the network together."""
MOST_NAMED = 200
"""Units about which something is noted; what comes from more is noted of all together."""


@dataclass(slots=True)
class _Folding:
    """Facts as they are found, each folded before the next is looked for."""

    state: State
    ground: Ground
    facts: list[Position | Note] = field(default_factory=list)

    def add(self, fact: Position) -> None:
        self.state, _ = take_position(self.state, fact, self.ground)
        self.facts.append(fact)


@dataclass(slots=True)
class Tracker:
    """The newest fix of every unit, and what was counted but not said yet."""

    ground: Ground
    tracks: dict[UnitId, Track] = field(default_factory=dict)
    _ignored: dict[tuple[str, str], int] = field(default_factory=dict)
    _said_ms: dict[tuple[str, str], int] = field(default_factory=dict)

    # --- what the shell calls --------------------------------------------------------------------

    def fixes(self, state: State, reports: Iterable[Event], now_ms: int) -> list[Position | Note]:
        """The facts of newly read `position_reported` events, in the order of their times.

        Args:
            state: The fold of all frames so far.
            reports: `Envelope.data` of the records; others than positions are passed over.
            now_ms: The district's now.
        """
        out = _Folding(state, self.ground)
        self._take_all(out, reports, now_ms)
        return out.facts

    def back_ms(self, state: State) -> int:
        """How long back `restore` needs the fixes: a dwell's, and those of a phone before it."""
        settings = self.ground.settings
        usual_ms = settings.visits.dwell_min * MINUTE_MS
        longest_ms = max((visit.dwell_ms for visit in state.visits.values()), default=0)
        return max(usual_ms, longest_ms) + settings.dispatch.parked_phone_min * MINUTE_MS

    def restore(self, state: State, reports: Iterable[Event], now_ms: int) -> list[Position]:
        """Fill the tracker after a restart from the fixes of the last minutes.

        Read back at least `back_ms`. What the state knows makes no fact again; what came while
        nobody listened does: put it into the next frame. `reports` are taken some at a time.
        """
        out, coming = _Folding(state, self.ground), iter(reports)
        while some := list(islice(coming, AT_ONCE)):
            self._take_all(out, some, now_ms)
        self._ignored.clear()
        return [fact for fact in out.facts if isinstance(fact, Position)]

    def timers(self, state: State, now_ms: int) -> list[Position]:
        """Facts by the clock: units whose fixes stopped, phones that lie still.

        Call it only when the positions were read to their end: a reader that lags would take
        everybody for silent.
        """
        return [fact for unit in state.units.values() for fact in self._timer(state, unit, now_ms)]

    def seen(self, state: State) -> list[Position]:
        """A `fix` of every unit on duty that is elsewhere than the state knows, or sent to a visit.

        The shell puts these before a batch in which something may be assigned, so that decisions
        use today's positions and the frame says which.
        """
        found = []
        for unit in state.units.values():
            track = self._track(unit)
            if track is None or track.fix.at_ms <= (unit.fix_ms or 0):
                continue
            visit = visit_of(state, order_of(state, unit))
            if visit is not None or not self._same_place(unit.spot, track.fix.spot):
                found.append(self._fact(unit, track.fix, "fix"))
        return found

    # --- one fix ---------------------------------------------------------------------------------

    def _take_all(self, out: _Folding, reports: Iterable[Event], now_ms: int) -> None:
        told = [one for one in reports if isinstance(one, PositionReported)]
        for fix in located(told, self.ground):
            self._take(out, fix, now_ms)

    def _take(self, out: _Folding, fix: Fix, now_ms: int) -> None:
        unit = out.state.units.get(fix.unit)
        if unit is None and not _is_rostered(out.state, fix.unit, now_ms):
            self._note(out, "not_on_duty", fix, now_ms)
            return
        if fix.at_ms > now_ms + AHEAD_MS:
            self._note(out, "clock_ahead", fix, now_ms)
            return
        if unit is not None and unit.device not in (None, fix.device):
            self._note(out, "other_device", fix, now_ms)
            return
        if fix.spot.off_m > OFF_MAP_M:
            self._note(out, "off_map", fix, now_ms)
            return
        before = self.tracks.get(fix.unit)
        if before is not None and before.fix.at_ms > now_ms + AHEAD_MS:
            before = None  # the simulated clock was set back
        if before is not None and fix.at_ms <= before.fix.at_ms:
            return
        most_mps = self.ground.settings.dispatch.impossible_speed_mps
        track = self.tracks[fix.unit] = followed(before, fix, most_mps)
        if track.fix is not fix:
            self._note(out, "impossible_speed", fix, now_ms)
        elif unit is not None and fix.at_ms > max(unit.fix_ms or 0, unit.signed_in_ms - 1):
            self._look(out, unit, before, track)

    def _look(self, out: _Folding, unit: Unit, before: Track | None, track: Track) -> None:
        """What a fix means for the unit's silence, then for its order."""
        self._end_silence(out, unit, before, track.fix)
        unit = out.state.units[unit.id]
        held = order_of(out.state, unit)
        if held is None or track.fix.at_ms <= held.made_ms:
            return
        visit = visit_of(out.state, held)
        if visit is not None and visit.inside_ms is not None:
            self._inside(out, unit, visit, before, track)
        elif held.arrived_ms is None:
            self._on_the_way(out, unit, held, track)

    def _end_silence(self, out: _Folding, unit: Unit, before: Track | None, fix: Fix) -> None:
        """A unit is heard of again. Of a gap in a dwell it is said even if no timer saw it."""
        visit = visit_of(out.state, order_of(out.state, unit))
        if not unit.stale and visit is not None and visit.inside_ms is not None:
            limit_ms = self.ground.settings.dispatch.stale_parked_s * 1000
            if before is not None and fix.at_ms - before.fix.at_ms > limit_ms:
                out.add(self._fact(unit, before.fix, "stale"))
        if out.state.units[unit.id].stale:
            out.add(self._fact(unit, fix, "back"))

    def _on_the_way(self, out: _Folding, unit: Unit, held: Held, track: Track) -> None:
        fix = track.fix
        if held.left_ms is None and (track.moved_ms or 0) > held.made_ms:
            out.add(self._fact(unit, fix, "left"))
        if self._off_m(fix, held.target, held.point) > self.ground.radius_m(held.target):
            if (visit := visit_of(out.state, held)) and visit.proved_ms is not None:
                out.add(self._fact(unit, fix, "outside"))
            return
        parked_ms = out.state.warned.get(parked_key(unit.id))
        if held.about.visit is None or parked_ms is None or track.alive_ms > parked_ms:
            out.add(self._fact(unit, fix, "arrived"))

    def _inside(
        self, out: _Folding, unit: Unit, visit: Visit, before: Track | None, track: Track
    ) -> None:  # fmt: skip
        """A unit stood at its visit's point: it still does long enough, or it went away."""
        fix, inside_ms = track.fix, visit.inside_ms or 0
        if self._off_m(fix, visit.spot) > self.ground.radius_m(visit.spot) + JITTER_M:
            newer = before is not None and before.fix.at_ms > (unit.fix_ms or 0)
            if before is not None and newer and before.stepped_since(inside_ms):
                out.add(self._fact(unit, before.fix, "still"))
            out.add(self._fact(unit, fix, "outside"))
            return
        proven = stood_ms(visit, unit.fix_ms or 0) >= visit.dwell_ms
        if not proven and stood_ms(visit, fix.at_ms) >= visit.dwell_ms:
            stepped = track.stepped_since(inside_ms)
            out.add(self._fact(unit, fix, "still" if stepped else "parked"))

    # --- by the clock ----------------------------------------------------------------------------

    def _timer(self, state: State, unit: Unit, now_ms: int) -> Iterator[Position]:
        track, rules = self._track(unit), self.ground.settings.dispatch
        last_ms = unit.fix_ms if track is None else max(track.fix.at_ms, unit.fix_ms or 0)
        if last_ms is None or unit.stale:
            return
        held = order_of(state, unit)
        drives = track is not None and track.moving and (held is None or held.arrived_ms is None)
        limit_ms = 1000 * (rules.stale_moving_s if drives else rules.stale_parked_s)
        if now_ms - last_ms > limit_ms + _delivery_ms(state):
            if track is not None and track.fix.at_ms == last_ms:
                yield self._fact(unit, track.fix, "stale")
            else:
                edge, along_m = self.ground.edge_of_spot(unit.spot)
                yield Position(
                    unit=unit.id, at_ms=last_ms, edge=edge, along_m=along_m, change="stale"
                )
        elif track is not None and self._is_parked(state, unit, held, track):
            yield self._fact(unit, track.fix, "parked")

    def _is_parked(self, state: State, unit: Unit, held: Held | None, track: Track) -> bool:
        """No step and no movement for long, while the unit drives to a visit or patrols.

        A unit that waits at its post need not move; of it only a step counter can tell.
        """
        since_ms = track.alive_ms
        if held is not None:
            if held.about.visit is None or held.arrived_ms is not None:
                return False
            since_ms = max(since_ms, held.made_ms)
        elif unit.status != "free" or unit.kind not in PATROLS or track.fix.steps is None:
            return False
        said_ms = state.warned.get(parked_key(unit.id), -1)
        limit_ms = self.ground.settings.dispatch.parked_phone_min * MINUTE_MS
        return track.fix.at_ms - since_ms >= limit_ms and said_ms < since_ms

    # --- places and words ------------------------------------------------------------------------

    def _off_m(self, fix: Fix, target: Spot, point: LonLat | None = None) -> float:
        """From where the device says it is, not from where the network has the nearest road."""
        return self.ground.off_m(fix.x_m, fix.y_m, target, point)

    def _same_place(self, known: Spot, new: Spot) -> bool:
        """Within 30 m, and not on another road that does not meet this one."""
        if self.ground.metres(known, new) > MOVED_M:
            return False
        if known.edge is None or new.edge is None or known.edge == new.edge:
            return True
        roads = self.ground.district.roads
        ends = {int(roads.tail[known.edge]), int(roads.head[known.edge])}
        return bool(ends & {int(roads.tail[new.edge]), int(roads.head[new.edge])})

    def _fact(self, unit: Unit, fix: Fix, change: str) -> Position:
        edge, along_m = self.ground.edge_of_spot(fix.spot)
        return Position(unit=unit.id, at_ms=fix.at_ms, edge=edge, along_m=along_m, change=change)

    def _track(self, unit: Unit) -> Track | None:
        """The unit's track if it had a fix since it signed in."""
        track = self.tracks.get(unit.id)
        return track if track is not None and track.fix.at_ms >= unit.signed_in_ms else None

    def _note(self, out: _Folding, word: str, fix: Fix, now_ms: int) -> None:
        """Count an ignored fix; said at once, then once an hour with how many there were.

        Fixes of who is not on duty are no fault to mend: once a day is enough of them.
        """
        pause_ms = DAY_MS if word == "not_on_duty" else HOUR_MS
        named = (word, str(fix.unit))
        if named not in self._said_ms and len(self._said_ms) >= MOST_NAMED:
            named = (word, "*")
        count = self._ignored.get(named, 0) + 1
        said_ms = self._said_ms.get(named)
        if said_ms is not None and abs(now_ms - said_ms) < pause_ms:
            self._ignored[named] = count
            return
        self._ignored[named] = 0
        self._said_ms = {k: at for k, at in self._said_ms.items() if abs(now_ms - at) < DAY_MS}
        self._said_ms[named] = now_ms
        out.facts.append(Note(key=f"visit.{word}", fields={"unit": named[1], "count": count}))


def _is_rostered(state: State, unit: UnitId, now_ms: int) -> bool:
    """Whether the unit's duty is about to begin, or was just over: its fixes are no surprise."""
    return any(
        duty.team == unit and duty.start_ms - HOUR_MS <= now_ms <= duty.end_ms + HOUR_MS
        for duty in state.duties.values()
    )


def _delivery_ms(state: State) -> int:
    """How much later than in real time a fix gets here in simulated time."""
    return 0 if state.clock is None else max(0, round(DELIVERY_MS * (state.clock.speed - 1)))
