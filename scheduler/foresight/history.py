"""The past as columns: recorded incidents and violations, from files and from the journal.

Files are read by `config.importers.history`; what the planner needs of a row becomes a number.
Local time comes in through `config.calendar`; the places are the district's nodes.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import chain, repeat
from typing import Any

import numpy as np
import pandas as pd

from config.calendar import Calendar
from config.district import District
from config.durations import DAY_MS, HOUR_MS
from config.errors import BadInput, Finding
from config.importers import history as importers
from config.importers.silence import recorded_days, silence_told
from config.importers.spots import REACH_M
from config.where import spot_of, spot_on
from events.event import moment_ms
from events.live import ViolationRecorded
from scheduler.foresight.levels import BoolArray, FloatArray, IntArray
from scheduler.foresight.outcomes import Outcomes, outcomes_of
from scheduler.foresight.patterns import Days, Seen, profile_weekday
from scheduler.foresight.visited import PastVisits, past_visits_of
from scheduler.foresight.watched import Watched, watched_of
from scheduler.recorded import Recorded

HOUR_MIN = 60
EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True, eq=False)
class History:
    """Recorded incidents and violations, oldest first; all columns have shape (records,).

    at_ms: When; the start of the hour when only the hour is known.
    hour_known: Whether the time is known to the hour at least.
    place: Number of the node in `places`, −1 when it lies on none.
    kind, severity, violation: Numbers in the tuples of that name, −1 for none. A violation
        without an incident has no kind.
    service_s: Seconds on scene, nan when not known.
    watched: Who was out when, and breath tests; no columns of the records.
    outcomes, visited: What became of calls and of visits; the same.
    """

    places: tuple[str, ...]
    kinds: tuple[str, ...]
    severities: tuple[str, ...]
    violations: tuple[str, ...]
    at_ms: IntArray
    hour_known: BoolArray
    place: IntArray
    kind: IntArray
    severity: IntArray
    violation: IntArray
    service_s: FloatArray
    watched: Watched = field(default_factory=Watched)
    outcomes: Outcomes = field(default_factory=Outcomes)
    visited: PastVisits = field(default_factory=PastVisits)

    def __len__(self) -> int:
        """How many records."""
        return len(self.at_ms)

    def before(self, at_ms: int) -> "History":
        """What was known before a moment."""
        known = self.where(self.at_ms < at_ms)
        return replace(
            known, watched=self.watched.before(at_ms), outcomes=self.outcomes.before(at_ms),
            visited=self.visited.before(at_ms),
        )  # fmt: skip

    def where(self, mask: BoolArray | IntArray) -> "History":
        """The records of a mask, shape (records,), or of an order."""
        columns = ("at_ms", "hour_known", "place", "kind", "severity", "violation", "service_s")
        return replace(self, **{name: getattr(self, name)[mask] for name in columns})


def read_history(district: District, incidents: Sequence[Mapping[str, Any]] = ()) -> History:
    """The history folder of a district, through its mapping when it has one, and its journal.

    A record that names no node lies on the nearest one within reach.

    Args:
        district: Whose.
        incidents: Of its journal, as `scheduler.happened` tells them; those whose id stands in a
            file are left out: the file knows better.

    Raises:
        BadInput: The mapping is wrong, or a file lacks a column or has a cell that is refused.
    """
    records = importers.read_history(district.folder, district.settings)
    rows = records.rows.copy()
    unnamed = (rows["node"] == "").to_numpy()
    if unnamed.any():
        found, far_m = district.roads.nearest_nodes(
            rows.loc[unnamed, "x_m"].to_numpy(np.float64),
            rows.loc[unnamed, "y_m"].to_numpy(np.float64),
        )
        names = np.array([*district.roads.node_ids, ""], dtype=object)
        rows.loc[unnamed, "node"] = names[np.where(far_m <= REACH_M, found, -1)]
    held = set(rows["id"]) if incidents else set()
    more = [row_of(district, one) for one in incidents if one["incident"] not in held]
    if more:
        rows = pd.concat([rows, pd.DataFrame(more)], ignore_index=True)
    return from_rows(rows, district.roads.node_ids)


def all_recorded(district: District, told: Recorded) -> History:
    """A district's files and its journal together, who was out when in it.

    Raises:
        BadInput: As `read_history`.
    """
    nodes = {str(place): row.node for place, row in district.places.items()}
    names = (*district.roads.node_ids, "")
    there = [names[_node_at(district, one)] for one in told.violations]
    past = with_violations(read_history(district, told.incidents), told.events(), nodes, there)
    tested = [_node_at(district, one["where"]) for one in told.tests]
    watched = watched_of(district.squadrons, told.watches, told.tests, tested, told.checks)
    visited = past_visits_of(told.visits, district.calendar)
    outcomes = outcomes_of(told.outcomes)
    return replace(past, watched=watched, outcomes=outcomes, visited=visited)


def _node_at(district: District, normal: Mapping[str, Any]) -> int:
    """The node at which an event's data lie, −1 for none within reach."""
    spot = spot_of(district, normal)
    return district.roads.node_of(spot) if spot is not None and spot.off_m <= REACH_M else -1


def row_of(district: District, incident: Mapping[str, Any]) -> dict[str, Any]:
    """An incident of the journal as a row of the history; without a place it lies nowhere."""
    where = incident["where"]
    spot = (
        spot_on(district, where["edge"], where["along_m"])
        if "edge" in where else spot_of(district, where)
    )  # fmt: skip
    near = spot is not None and spot.off_m <= REACH_M
    service_s = incident["service_s"]
    return {
        "id": incident["incident"], "at_ms": moment_ms(incident["at"]), "resolution_min": 1,
        "kind": incident["kind"], "severity": incident["severity"], "violation": "",
        "node": district.roads.node_ids[district.roads.node_of(spot)] if spot and near else "",
        "service_s": np.nan if service_s is None else float(service_s),
    }  # fmt: skip


def from_rows(rows: pd.DataFrame, places: Sequence[str]) -> History:
    """Mapped rows as numbers, oldest first.

    Args:
        rows: Columns at_ms, resolution_min, kind, severity, violation, node, service_s; an empty
            text is none, an unknown service time nan.
        places: Ids of the district's nodes, in their order.
    """
    rows = rows.sort_values("at_ms", kind="stable")
    names: dict[str, tuple[str, ...]] = {}
    codes: dict[str, IntArray] = {}
    for name in ("kind", "severity", "violation"):
        names[name] = tuple(sorted(set(rows[name].unique()) - {""}))
        codes[name] = pd.Index(names[name]).get_indexer(pd.Index(rows[name])).astype(np.int64)
    return History(
        places=tuple(places),
        kinds=names["kind"],
        severities=names["severity"],
        violations=names["violation"],
        at_ms=rows["at_ms"].to_numpy(np.int64),
        hour_known=rows["resolution_min"].to_numpy(np.float64) <= HOUR_MIN,
        place=pd.Index(places).get_indexer(pd.Index(rows["node"])).astype(np.int64),
        kind=codes["kind"],
        severity=codes["severity"],
        violation=codes["violation"],
        service_s=rows["service_s"].to_numpy(np.float64),
    )


def with_violations(
    history: History, events: Iterable[ViolationRecorded], node_of_place: Mapping[str, str],
    elsewhere: Iterable[str] = (),
) -> History:  # fmt: skip
    """The history with the violations that the journal recorded.

    Args:
        history: From files.
        events: Restored from frames, so each knows its own time.
        node_of_place: Node of each place.
        elsewhere: Of each event, the node that counts where it names neither junction nor
            place; empty: it lies nowhere.
    """
    rows = [
        {
            "at_ms": event.at_ms,
            "resolution_min": 1,
            "kind": "",
            "severity": "none",
            "violation": event.violation,
            "node": event.junction or node_of_place.get(event.place or "", there),
            "service_s": np.nan,
        }
        for event, there in zip(events, chain(elsewhere, repeat("")), strict=False)
    ]
    return joined(history, from_rows(pd.DataFrame(rows), history.places)) if rows else history


def joined(one: History, other: History) -> History:
    """Two histories of the same places as one, oldest first."""
    kinds, kind = _merged((one.kinds, one.kind), (other.kinds, other.kind))
    severities, severity = _merged(
        (one.severities, one.severity), (other.severities, other.severity)
    )
    violations, violation = _merged(
        (one.violations, one.violation), (other.violations, other.violation)
    )
    at_ms = np.concatenate((one.at_ms, other.at_ms))
    together = replace(
        one, kinds=kinds, severities=severities, violations=violations, at_ms=at_ms,
        hour_known=np.concatenate((one.hour_known, other.hour_known)),
        place=np.concatenate((one.place, other.place)),
        kind=kind, severity=severity, violation=violation,
        service_s=np.concatenate((one.service_s, other.service_s)),
    )  # fmt: skip
    return together.where(np.argsort(at_ms, kind="stable"))


def _merged(
    *parts: tuple[tuple[str, ...], IntArray],
) -> tuple[tuple[str, ...], IntArray]:
    """Two coded columns under one list of words."""
    words = tuple(sorted({word for names, _ in parts for word in names}))
    codes = [
        np.array([*(words.index(word) for word in names), -1], dtype=np.int64)[column]
        for names, column in parts
    ]
    return words, np.concatenate(codes)


def unrecorded(
    history: History, calendar: Calendar, last: date | None = None
) -> tuple[Finding, ...]:
    """A warning for incidents, or violations, of which a month, say, is missing.

    Args:
        history: What was recorded.
        calendar: The district's, whose days count.
        last: The last day that should be recorded; None: that of the last record.
    """
    day = np.asarray(calendar.local_ms(history.at_ms)) // DAY_MS
    incident = history.kind >= 0
    feeds = {"incidents": incident, "violations": ~incident}
    return (*silence_told(day, feeds, None if last is None else (last - EPOCH).days),)


def days_between(calendar: Calendar, first: date, end: date) -> Days:
    """Every day from `first` up to but without `end`, as what kind of day it was."""
    return _days(calendar, [first + timedelta(days=n) for n in range((end - first).days)])


def _days(calendar: Calendar, dates: Sequence[date]) -> Days:
    weekdays = [profile_weekday(day.isoweekday(), calendar.day_type(day)) for day in dates]
    months = [day.month - 1 for day in dates]
    return Days(*(
        np.array(column, dtype=np.int64)
        for column in (weekdays, months, [(day - EPOCH).days for day in dates])
    ))  # fmt: skip


def incidents_by_kind(history: History, calendar: Calendar) -> tuple[Days, dict[str, Seen]]:
    """The incidents that lie somewhere, by kind, on the days from the first to the last record.

    Violations found by the police are left out: they tell where the police stood. Days of which
    nobody recorded the incidents are left out, too: see `config.importers.silence`.

    Raises:
        BadInput: No incident of the history lies on a place.
    """
    usable = (history.place >= 0) & (history.kind >= 0)
    if not usable.any():
        raise BadInput(key="check.no_history")
    local = calendar.local_ms(history.at_ms)
    day = local // DAY_MS
    counted = recorded_days(day[history.kind >= 0], int(day.min()), int(day.max()))
    hour = np.where(history.hour_known, local % DAY_MS // HOUR_MS, -1)
    number = np.searchsorted(counted, day)
    found = {}
    for code, kind in enumerate(history.kinds):
        mask = usable & (history.kind == code)
        found[kind] = Seen(history.place[mask], number[mask], hour[mask])
    days = _days(calendar, [EPOCH + timedelta(days=each) for each in counted.tolist()])
    return days, {kind: seen for kind, seen in found.items() if seen.place.size}
