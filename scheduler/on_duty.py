"""What a journal says of who was out, when, what night checks found, and who checked vehicles.

A patrol's hours are those for which its team signed in, up to its duty's end or an earlier
sign-off: a roster alone is a promise. Pure: frames go in.
"""

from dataclasses import dataclass, field
from typing import Any

from config.ids import NIGHT_CHECK, DutyId
from config.where import NAMES
from events.decisions import EndedShift
from events.duties import Duties, Duty
from events.event import moment_ms
from events.facts import Accepted
from events.frame import Frame
from events.kinds import CheckResult
from events.rosters import Normal

OUTSIDE = frozenset(("patrol", "fixed", "peak", "school", "operation", NIGHT_CHECK))
"""Duties on the road: who sits at a desk or stands by finds no violation."""


@dataclass(slots=True)
class _Watch:
    """A duty that was signed in to, Unix ms; `ended_ms`: when its unit went home, if told."""

    since_ms: int
    complete: bool
    ended_ms: int | None = None


@dataclass(slots=True)
class OnDuty:
    """Of all frames taken so far."""

    _duties: Duties = field(default_factory=Duties)
    _squadrons: dict[str, str | None] = field(default_factory=dict)
    """Of each unit, by its newest duty."""
    _watches: dict[DutyId, _Watch] = field(default_factory=dict)
    _tests: list[dict[str, Any]] = field(default_factory=list)
    _checks: list[dict[str, Any]] = field(default_factory=list)
    _last_ms: int = 0

    def take(self, frame: Frame) -> None:
        """An accepted frame, in its order."""
        self._last_ms = frame.time_ms
        for fact in frame.facts:
            if isinstance(fact, Accepted) and fact.counts:
                self._accepted(fact.kind, fact.data)
        for decision in frame.decisions:
            if isinstance(decision, EndedShift) and decision.duty in self._watches:
                watch = self._watches[decision.duty]
                watch.ended_ms = decision.at_ms or frame.time_ms

    def watches(self) -> tuple[dict[str, Any], ...]:
        """Stretches on the road: squadron, start_ms, end_ms (Unix ms), and what was looked for.

        `complete`: with officer, auxiliary, vehicle and PDA, as they signed in.

        `look` is "all", or "night_check" while the duty's task or the whole of it was one. What
        is under way ends with the last frame.
        """
        return tuple(
            one
            for name, watch in self._watches.items()
            for one in _stretches(self._duties.held[name], watch, self._last_ms)
        )

    def tests(self) -> tuple[dict[str, Any], ...]:
        """Breath tests: at_ms, where (the fields that say it), tested, positives."""
        return tuple(self._tests)

    def checks(self) -> tuple[dict[str, Any], ...]:
        """Checks of vehicles and licences: at_ms, squadron of the unit, look (which), checked."""
        return tuple(self._checks)

    def _accepted(self, kind: str, told: Normal) -> None:
        if (duty := self._duties.signed_in(kind, told)) is not None:
            whole = bool(told.get("auxiliaries") and told.get("vehicle") and told.get("device"))
            at_ms = self._duties.signed_ms[duty.id]
            self._watches.setdefault(duty.id, _Watch(at_ms, whole))
        elif kind == CheckResult.type() and told["kind"] == "breath_test":
            positives = int(told.get("positives", 0)) or int(told["outcome"] == "positive")
            self._tests.append({
                "at_ms": moment_ms(str(told["at"])), "positives": positives,
                "tested": max(int(told.get("tested", 1)), positives),  # who tells of these alone
                "where": {name: told[name] for name in NAMES if told.get(name) is not None},
            })  # fmt: skip
        elif kind == CheckResult.type() and told["kind"] in ("vehicle", "licence"):
            self._checked(told)
        for version in self._duties.versions(kind, told):
            fresh = (version.duties[name] for name in version.fresh)
            self._squadrons |= {str(duty.team): duty.squadron for duty in fresh}

    def _checked(self, told: Normal) -> None:
        squadron = self._squadrons.get(str(told["unit"]))
        if squadron is not None:
            checked = max(int(told.get("tested", 1)), int(told.get("positives", 0)))
            self._checks.append({
                "at_ms": moment_ms(str(told["at"])), "squadron": squadron,
                "look": str(told["kind"]), "checked": checked,
            })  # fmt: skip


def _stretches(duty: Duty, watch: _Watch, last_ms: int) -> list[dict[str, Any]]:
    """A watch as stretches in which one thing was looked for, those of no length left out."""
    told = duty.told
    if told["kind"] not in OUTSIDE or duty.squadron is None:
        return []
    first = max(watch.since_ms, duty.start_ms)
    last = min(duty.end_ms, watch.ended_ms or last_ms, last_ms)
    checks = [  # one that is still to come lengthens nothing that was before it
        (min(max(first, moment_ms(task["start"])), last), min(last, moment_ms(task["end"])))
        for task in told.get("tasks", ()) if task["kind"] == NIGHT_CHECK
    ]  # fmt: skip
    if told["kind"] == NIGHT_CHECK and not told.get("tasks"):
        checks = [(first, last)]
    found, at = [], first
    for start, end in sorted(checks):
        found += [("all", at, start), (NIGHT_CHECK, start, end)]
        at = max(at, end)
    return [
        {"squadron": duty.squadron, "look": look, "start_ms": start, "end_ms": end,
         "complete": watch.complete}
        for look, start, end in (*found, ("all", at, last)) if start < end
    ]  # fmt: skip
