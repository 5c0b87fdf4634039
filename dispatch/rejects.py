"""What came and is no event that can be taken: whoever is at the desk hears of it. Pure.

Its sender may read no replies, and what it sent may have been a fatal crash. One line a source
and hour says so, with how many more came since the last; of an incident each says so, up to
`MOST_AT_ONCE` of a source in an hour. Of incidents beyond these one says how many they were when
their hour is over.
"""

from collections.abc import Collection, Mapping

from config.durations import DAY_MS, HOUR_MS
from dispatch.happenings import Told
from dispatch.state import Rejects
from events.facts import Rejected
from events.kinds import PLANNERS, IncidentReported

MOST_AT_ONCE = 20
MOST_SOURCES = 200
"""Told apart in an hour, or a day; those of a flood of names are told as one."""
_INCIDENT = IncidentReported.type()


def told_apart(source: str, known: Collection[str]) -> str:
    """The source as lines tell of it: "" for all that come when so many are known."""
    return source if source in known or len(known) < MOST_SOURCES else ""


def rejected(
    before: Mapping[str, Rejects], fact: Rejected, time_ms: int
) -> tuple[Mapping[str, Rejects], tuple[Told, ...]]:
    """What is known of the sources after such a fact, and what is to be told."""
    if fact.reason == "late" and fact.kind in PLANNERS:
        return before, ()
    kept = {
        one: known for one, known in before.items()
        if time_ms - known.since_ms < (DAY_MS if known.more else HOUR_MS)
    }  # fmt: skip
    source = told_apart(fact.source, kept)
    known, over = kept.get(source, Rejects(time_ms)), tuple[Told, ...]()
    if time_ms - known.since_ms >= HOUR_MS:
        if known.incidents:  # this comes before the clock's own turn
            over, known = (of_hour(source, known),), known._replace(more=0)
        known = known._replace(since_ms=time_ms, told=0)
    is_incident = fact.kind == _INCIDENT
    if known.told >= (MOST_AT_ONCE if is_incident else 1):
        incidents = known.incidents + is_incident
        return {**kept, source: known._replace(more=known.more + 1, incidents=incidents)}, ()
    fields = {"event": fact.event, "reason": fact.reason, "more": known.more}
    text = f"rejected.{'incident' if is_incident else 'event'}{'' if source else '_unnamed'}"
    told = Told("refused", text, fields)
    known = known._replace(told=known.told + 1, more=0, incidents=0)
    return {**kept, source: known}, (*over, told)


def of_hour(source: str, known: Rejects) -> Told:
    """How many incidents of a source had no line of their own, when their hour is over."""
    text = "rejected.more" if source else "rejected.more_unnamed"
    fields = {"source": source, "more": known.more, "incidents": known.incidents}
    return Told("refused", text, fields)
