"""Whatever the core can say has its words: keys are read from the code, not from what happened."""

import ast
from collections import Counter
from collections.abc import Iterator
from typing import get_args

from conftest import ROOT
from sources import nodes, together

from config.words import catalogue
from dispatch.apply import UNANSWERED, UNWANTED
from dispatch.policy import NEVER, RULES
from events.decisions import BY_PROOF, IncidentEnd
from events.live import CommandGiven

pytestmark = together

FILES = sorted((ROOT / "dispatch").glob("*.py"))
KEEPING = ("_kept_by", "_kept_back")
EXCLUDING = ("unavailable", "bars", "excluded_anywhere", "_excluded_by", "keeps_from")
FAMILIES = {
    "closed": get_args(IncidentEnd), "gave_up": ("refused", "lost"),
    "rejected": ("incident", "incident_unnamed", "event", "event_unnamed"),
    "watch": ("verified_true", "verified_false"),
    "visit": ("due_soon", "due_soon_alone", "overdue", "overdue_alone"),
}  # fmt: skip
"""Lines whose keys the code puts together."""


def said_by(*names: str) -> Iterator[ast.AST]:
    """All nodes of the core's files, or of these."""
    for file in FILES:
        if not names or file.stem in names:
            yield from nodes(file)


def constants(node: ast.AST | None) -> Iterator[str]:
    """The strings that an expression may be, through `a if b else c`."""
    if isinstance(node, ast.IfExp):
        yield from constants(node.body)
        yield from constants(node.orelse)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value


def returned(function: str, *names: str) -> set[str]:
    """The strings that a function may give back."""
    return {
        text for node in said_by(*names)
        if isinstance(node, ast.FunctionDef) and node.name == function
        for inner in ast.walk(node) if isinstance(inner, ast.Return)
        for text in constants(inner.value)
    }  # fmt: skip


def said() -> set[str]:
    """Keys of lines that stand in the code as they are."""
    found: set[str] = set()
    for node in said_by():
        if isinstance(node, ast.Call):
            found |= {t for k in node.keywords if k.arg == "text" for t in constants(k.value)}
            if getattr(node.func, "id", "") == "Told" and [*constants(node.args[0])]:
                found |= set(constants(node.args[1]))
            if getattr(node.func, "id", "") == "sign_off":
                found |= {text for value in node.args[2:] for text in constants(value)}
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "text":
            found |= set(constants(node.value))
        if isinstance(node, ast.FunctionDef) and node.name == "sign_off":
            found |= {text for value in node.args.defaults for text in constants(value)}
    return found


def queued() -> set[str]:
    """Reasons for which a slot waits."""
    return returned("reason", "policy") | {
        text for node in said_by("assign", "commands")
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "queue"
        for argument in node.args[3:4] for text in constants(argument)
    }  # fmt: skip


def refused() -> set[str]:
    """Reasons for which a command is refused."""
    functions = {n.name for n in said_by("commands") if isinstance(n, ast.FunctionDef)}
    told = set().union(*(returned(name, "commands") for name in functions))
    return told | {f"unit_{rule}" for rule in returned("unavailable", "policy")}


def ends() -> set[str]:
    """Reasons for which an order ends that the rules give; a unit that refuses says its own."""
    given = set(get_args(IncidentEnd)) | {UNWANTED, UNANSWERED, BY_PROOF}
    for node in said_by():
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "OrderEnded":
            given |= {t for k in node.keywords if k.arg == "reason" for t in constants(k.value)}
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "_give_up":
            given |= set(constants(node.args[3]))
    return given


def commands() -> tuple[str, ...]:
    """All commands that there are."""
    return tuple(get_args(CommandGiven.model_fields["command"].annotation))


def lacking(prefix: str, keys: set[str]) -> set[str]:
    """Keys without words."""
    assert keys  # else this test looks past the code
    return {key for key in keys if f"{prefix}.{key}" not in catalogue("en")}


def test_every_line_has_its_words() -> None:
    """A line that cannot be said would stop the log."""
    made = {f"{family}.{key}" for family, keys in FAMILIES.items() for key in keys}
    made |= {f"queued.{reason}" for reason in queued()} | {f"command.{key}" for key in refused()}
    said_after = ("hold", "resume", "cancel", "escalate", "welfare_ok", "release_breaker", "note")
    made |= {f"command.{name}_done" for name in said_after}
    assert len(said()) > 30
    assert lacking("line", (said() | made) - {"system.date"}) == set()


def test_every_reason_for_which_an_order_ends_has_its_words() -> None:
    """Its code is for programs: the desk reads no `unacknowledged`."""
    assert {"off_duty", "window_over", "taken_back"} < ends()
    assert lacking("code.reason", ends() | {"out_of_service"}) == set()


def test_every_rule_of_a_why_has_its_words() -> None:
    """Why a unit goes, and why another does not."""
    given = {
        text for node in said_by() if isinstance(node, ast.Call)
        and (getattr(node.func, "id", "") == "Why" or getattr(node.func, "attr", "") == "why")
        for value in [*node.args, *(k.value for k in node.keywords if k.arg == "rule")]
        for text in constants(value)
    }  # fmt: skip
    assert lacking("why", given | set(RULES)) == set()
    barred = set().union(*(returned(name) for name in EXCLUDING + KEEPING)) | NEVER
    assert lacking("excluded", barred) == set()


def test_what_bars_a_unit_from_any_work_is_said_by_one_function() -> None:
    """Only what is free and how long a shift lasts differ between incidents and visits."""
    found = Counter(rule for name in EXCLUDING for rule in returned(name))
    twice = {rule for rule, times in found.items() if times > 1}
    assert twice == {"busy", "not_available", "shift_over"}


def test_every_command_has_its_words() -> None:
    """A refusal names the command as people know it."""
    assert lacking("code.command", set(commands())) == set()


def test_no_words_are_kept_that_nobody_says() -> None:
    """A text that nothing uses is wrong one day and nobody sees it."""
    prefixes = ("line.queued.", "line.closed.", "line.gave_up.", "excluded.", "line.signed_off.")
    used = {f"line.{key}" for key in said()} | {f"line.queued.{key}" for key in queued()}
    used |= {f"line.{family}.{key}" for family, keys in FAMILIES.items() for key in keys}
    used |= {f"excluded.{rule}" for name in EXCLUDING + KEEPING for rule in returned(name)}
    used |= {f"excluded.{kind}" for kind in NEVER}
    assert {key for key in catalogue("en") if key.startswith(prefixes)} - used == set()
