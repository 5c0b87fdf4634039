"""Roster versions as they come in: taken when whole and in their turn; and a visit's window.

Pure. The engine, and whoever counts from its journal, take the same versions by these rules.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, NamedTuple

from config.durations import HOUR_MS, MINUTE_MS
from config.ids import DutyId, VisitId
from config.settings import Visits
from events.event import moment_ms
from events.planning import DutyRostered, RosterPublished
from events.schema import restored, roster_hash

Normal = Mapping[str, Any]
EARLY_MS = 2 * HOUR_MS
"""How long before its start a duty can be signed in to."""
Standing = Literal["arriving", "hash", "replaces", "whole"]
"""Not all in; all in, but another hash than was said; of another's turn; to be taken."""


@dataclass(frozen=True, slots=True)
class Arriving:
    """A roster version of which not everything is in: normal data of its duties, by id."""

    duties: Mapping[str, Normal] = field(default_factory=dict)
    count: int | None = None
    hash: str | None = None
    replaces: int | None = None

    def published(self, normal: Normal) -> "Arriving":
        """With what its `roster_published` says."""
        return replace(
            self, count=int(normal["duties"]), hash=str(normal["hash"]),
            replaces=normal.get("replaces"),
        )  # fmt: skip

    def standing(self, held: int | None) -> Standing:
        """Whether it may be taken where `held` is the week's version in force."""
        if self.count is None or len(self.duties) < self.count:
            return "arriving"
        duties = (restored(DutyRostered.type(), one) for one in self.duties.values())
        if roster_hash(d for d in duties if isinstance(d, DutyRostered)) != self.hash:
            return "hash"
        return "whole" if held is None or self.replaces == held else "replaces"


@dataclass(slots=True)
class Rosters:
    """The versions in force by week, and those on their way."""

    held: dict[str, int] = field(default_factory=dict)
    _arriving: dict[tuple[str, int], Arriving] = field(default_factory=dict)

    def take(self, kind: str, told: Normal) -> Iterator[tuple[str, tuple[Normal, ...]]]:
        """A week and its duties for each version that an accepted event lets come into force."""
        if kind not in (DutyRostered.type(), RosterPublished.type()):
            return
        key = week, version = str(told["week"]), int(told["version"])
        if version <= self.held.get(week, 0):
            return
        one = self._arriving.get(key, Arriving())
        if kind == RosterPublished.type():
            self._arriving[key] = one.published(told)
        else:
            self._arriving[key] = replace(one, duties={**one.duties, str(told["duty"]): told})
        waiting: tuple[str, int] | None = key
        while waiting and self._arriving[waiting].standing(self.held.get(week)) == "whole":
            version = self.held[week] = waiting[1]
            yield week, tuple(self._arriving[waiting].duties.values())
            self._arriving = {
                k: one for k, one in self._arriving.items() if k[0] != week or k[1] > version
            }
            waiting = after(self._arriving, week, version)


def after(
    arriving: Mapping[tuple[str, int], Arriving], week: str, version: int
) -> tuple[str, int] | None:
    """Which version came before the one that it replaces, and waits for it."""
    return next((k for k, v in arriving.items() if k[0] == week and v.replaces == version), None)


class Window(NamedTuple):
    """When a visit may be made, and how long it has to be."""

    start_ms: int
    end_ms: int
    dwell_ms: int

    @property
    def due_ms(self) -> int:
        """The last arrival that leaves the whole dwell inside the window."""
        return self.end_ms - self.dwell_ms


def window_of(told: Normal, duty_end_ms: int, usual: Visits) -> Window:
    """Of a visit in a `duty_rostered`; what the planner did not say is taken from the settings.

    The dwell is the planned stay, at most the usual one; the window opens at the planned arrival.
    """
    arrive_ms, leave_ms = moment_ms(told["arrive"]), moment_ms(told["leave"])
    stay_ms = leave_ms - arrive_ms
    usual_ms = usual.dwell_min * MINUTE_MS
    dwell_ms = told["dwell_min"] * MINUTE_MS if "dwell_min" in told else min(stay_ms, usual_ms)
    dwell_ms = dwell_ms if dwell_ms > 0 else usual_ms
    start_ms = moment_ms(told["window_start"]) if "window_start" in told else arrive_ms
    end_ms = (
        moment_ms(told["window_end"])
        if "window_end" in told
        else max(leave_ms, min(start_ms + usual.window_min * MINUTE_MS, duty_end_ms))
    )
    return Window(start_ms, max(end_ms, start_ms + dwell_ms), dwell_ms)


def visit_id(told: Normal, duty: DutyId) -> VisitId:
    """Of a visit in a `duty_rostered`: its own, else made of its point, duty and arrival."""
    arrive_ms = moment_ms(told["arrive"])
    return VisitId(told.get("visit") or f"{told['must_arrive']}/{duty}/{arrive_ms}")
