"""Why somebody was sent, in words: the rule, who is next, who was nearer and did not go."""

from collections.abc import Sequence

from config.words import Say
from events.decisions import Why

MOST_UNITS = 3
"""Named of those that a rule left out."""


def why_text(why: Why, say: Say) -> str:
    """A why in one line: the rule, the runner-up and how far behind, who was left out, by whom."""
    parts = [say(f"why.{why.rule}", by=why.by or "-", chosen=why.chosen or "-")]
    if why.runner_up is not None:
        parts.append(next_text(why, say, "why.next"))
    if out := left_out(why):
        told = [
            say("why.out", rule=say(f"excluded.{rule}"), count=len(units), units=few(units))
            for rule, units in out.items()
        ]
        parts.append(", ".join(told))
    return "; ".join(parts)


def next_text(why: Why, say: Say, key: str) -> str:
    """The runner-up and how far behind; of one that is kept back though it is nearer, the rule.

    Older journals do not always have it: they told it only if it was among the nearest.
    """
    seconds = why.difference_s or 0
    rules = (out.rule for out in why.excluded if out.unit == why.runner_up)
    kept = next((say(f"excluded.{rule}") for rule in rules), "")
    if seconds < 0:
        key, kept = f"{key}_sooner", kept or say("why.kept")
    elif kept:
        key = f"{key}_kept"
    minutes, rest = divmod(abs(seconds), 60)
    return say(
        key, unit=why.runner_up, behind=f"+{minutes}m{rest:02d}", minutes=minutes, seconds=rest,
        rule=kept,
    )  # fmt: skip


def left_out(why: Why) -> dict[str, list[str]]:
    """Who else was nearer and did not go, by the rule that says so."""
    rules: dict[str, list[str]] = {}
    for out in why.excluded:
        if out.unit != why.runner_up:
            rules.setdefault(out.rule, []).append(out.unit)
    return dict(sorted(rules.items()))


def few(units: Sequence[str]) -> str:
    """The first units, and a sign that there are more; `qinwu order why` tells all."""
    return " ".join(units[:MOST_UNITS]) + ("…" if len(units) > MOST_UNITS else "")
