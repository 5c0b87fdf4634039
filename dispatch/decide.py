"""The pure core: `step` makes the facts and decisions of a frame, `fold` takes them in again.

First every given thing becomes a fact and changes the state; then the rules look at the whole
and decide, each decision applied before the next is taken. A fold does the same with what was
recorded, so both end in the same state, and no recorded decision is ever decided again.

What is due by the clock may be more than a frame holds: the rest is left to the next one.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from dispatch import commands, dues, visit_rules, visits
from dispatch.apply import applied
from dispatch.assign import assign_open
from dispatch.ground import Ground
from dispatch.happenings import Happening
from dispatch.judge import ParkedRecord, Record, judged
from dispatch.reason import with_reason
from dispatch.respond import respond
from dispatch.state import State
from dispatch.take import all_taken, taken
from dispatch.work import Work
from events import ports
from events.decisions import (
    Decision,
    Warning,  # noqa: A004 - the format's word
)
from events.facts import Fact
from events.frame import Frame
from events.plan_decisions import PlanDecision

Given = Record | ParkedRecord | Fact
__all__ = ["Given", "Outcome", "ParkedRecord", "Record", "fold", "next_deadline_ms", "step"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a step decided: a frame's facts and decisions, and the state after them."""

    facts: tuple[Fact, ...]
    decisions: tuple[Decision, ...]
    state: State


def step(state: State, given: Sequence[Given], ground: Ground, now_ms: int) -> Outcome:
    """Decide on some input.

    Args:
        state: The fold of all frames so far.
        given: Records of the inbox in their order, and facts that have no record.
        ground: The district.
        now_ms: The frame's time.
    """
    facts, after, happened = _facts(state, given, ground, now_ms)
    work = Work(after, ground, now_ms)
    dues.open_day(work)
    visit_rules.close_visits(work, happened)  # what is made, no later decision breaks off
    respond(work, happened)
    commands.obey(work, happened)
    dues.settle(work)
    assign_open(work)
    visit_rules.decide_visits(work, happened)
    if work.more_is_due:
        work.add(Warning(rule="more_due"))
    done = replace(work.state, seq=state.seq + 1, time_ms=now_ms)
    return Outcome(tuple(facts), tuple(work.decisions), done)


def _facts(
    state: State, given: Sequence[Given], ground: Ground, now_ms: int
) -> tuple[list[Fact], State, list[Happening]]:
    """The first phase: the facts, the state after them, what they made happen."""
    topic = ports.inbox(state.area)
    facts: list[Fact] = []
    happened: list[Happening] = []
    for _, run in groupby(given, key=lambda one: isinstance(one, Record | ParkedRecord)):
        ready: list[Fact] = []
        for one in run:
            if not isinstance(one, Record | ParkedRecord):
                ready.append(one)
                continue
            fact = judged(state, one, ground, now_ms, topic)  # by what came before it
            state, more = taken(state, fact, ground, now_ms)
            facts.append(with_reason(fact, state, more))
            happened += more
        state, more = all_taken(state, ready, ground, now_ms)
        facts += ready
        happened += more
    return facts, state, happened


def fold(state: State, frame: Frame, ground: Ground) -> State:
    """The state after an accepted frame."""
    after, _ = all_taken(state, frame.facts, ground, frame.time_ms)
    for decision in frame.decisions:
        if not isinstance(decision, PlanDecision):
            after = applied(after, decision, ground, frame.time_ms)
    return replace(after, seq=frame.seq, time_ms=frame.time_ms)


def next_deadline_ms(state: State, ground: Ground) -> int | None:
    """When something is due by the clock if nothing else happens before; None: never."""
    work = Work(state, ground, state.time_ms)
    if work.goes_on:
        return state.time_ms + 1
    found = (dues.next_ms(work), visits.next_ms(state, ground, state.time_ms))
    return min((at for at in found if at is not None), default=None)
