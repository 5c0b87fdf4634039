"""What the commands that send events share: the bus of a folder, replies in words."""

import json
import shlex
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import typer

from config.controls import visible
from config.ids import AreaId
from config.settings import Settings
from config.words import Say, catalogue, language, words
from config.yaml_reading import read_yaml
from events import ports, schema
from events.clock import Clock, Setting
from events.connect import area_of
from events.event import moment_text
from events.hints import hint_text
from events.in_turn import open_in_turn
from events.options import BAD_INPUT
from events.planning import ClockSet
from events.ports import Bus, Streams
from events.rows import rows
from events.sending import Bad, await_replies, newest_reply, send

SOURCE = "qinwu"


class Line(NamedTuple):
    """An open bus, whose it is, and the folder as it was typed, for commands that are offered."""

    bus: Bus
    area: AreaId
    folder: Path

    @property
    def typed(self) -> str:
        """The folder, quoted for the shell."""
        return shlex.quote(str(self.folder))


@contextmanager
def opened(folder: Path, target: str | None) -> Iterator[Line]:
    """The bus that belongs to a folder, closed afterwards."""
    area = area_of(folder)
    bus = open_in_turn(target, folder)
    try:
        yield Line(bus, area, folder)
    finally:
        bus.close()


def clock_of(bus: Streams, folder: Path, area: AreaId) -> Clock:
    """The district's clock: wall time, or in a simulation what it was set to."""
    clock = Clock()
    if read_yaml(folder / "settings.yaml", Settings).sound().simulation:
        for stored in rows(bus, ports.inbox(area)):
            if ClockSet.name.encode() not in stored.value:
                continue
            told = schema.parse(stored.value, stored.headers)
            if isinstance(told, schema.Envelope) and isinstance(told.data, ClockSet):
                setting = Setting(told.data.virtual_ms, told.data.wall_ms, told.data.speed)
                if setting.tellable(stored.stored_ms):  # else the engine refuses it, too
                    clock.setting = setting
    return clock


def give(
    folder: Path, target: str | None, name: str, fields: Mapping[str, Any], wait_s: float | None
) -> tuple[str, Mapping[str, Any] | None]:
    """Send one event made of options; its "source/id" and the reply that was waited for.

    Raises:
        Exit: The fields make no such event (2); each fault is told.
        NotFound: No reply came in time.
    """
    with opened(folder, target) as line:
        now = moment_text(clock_of(line.bus, folder, line.area).now_ms())
        return give_all(line, [(name, {"at": now} | _said(fields))], wait_s)[0]


def give_all(
    line: Line, told: Sequence[tuple[str, Mapping[str, Any]]], wait_s: float | None
) -> list[tuple[str, Mapping[str, Any] | None]]:
    """Send events made of options, each a name and its fields; as `give`, in their order.

    Whoever does not wait, and is alone with the store, is told that nobody has taken them yet.

    Raises:
        Exit: One of them is no such event (2): it is told, and those before it are sent.
        NotFound: Some replies did not come in time.
    """
    bus, area = line.bus, line.area
    after = newest_reply(bus, area) if wait_s else -1
    events: list[str] = []
    for outcome in send(bus, area, [(name, _event(name, _said(data))) for name, data in told]):
        if isinstance(outcome, Bad):
            typer.echo(bad_line(outcome, words()), err=True)
            raise typer.Exit(BAD_INPUT)
        events.append(outcome.event)
    if not wait_s:
        if bus.exclusive:
            typer.echo(words()("sending.waits", folder=line.typed), err=True)
        return [(event, None) for event in events]
    replies = await_replies(bus, area, after, events, wait_s, line.typed)
    return [(event, replies[event]) for event in events]


def _said(fields: Mapping[str, Any]) -> dict[str, Any]:
    """What was said: options that were not given are no fields."""
    return {key: value for key, value in fields.items() if value not in (None, ())}


def _event(name: str, data: Mapping[str, Any]) -> bytes:
    """The event's bytes, checked only when it is sent, so that the fault is told as of a file."""
    told = {
        "specversion": "1.0", "id": uuid4().hex[:12], "source": SOURCE,
        "type": schema.type_of[name], "data": data,
    }  # fmt: skip
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def tell_replies(
    replies: Sequence[Mapping[str, Any]], folder: Path | None = None, incident: str = "ID"
) -> bool:
    """Print each reply; whether all were taken. The names are for commands that a reply offers."""
    say, names = words(), {"incident": shlex.quote(incident)}
    if folder is not None:
        names["folder"] = shlex.quote(str(folder))
    for reply in replies:
        typer.echo(visible(reply_line(reply, say, **names)))
    return all(reply.get("outcome") in ("accepted", "duplicate") for reply in replies)


def reply_line(reply: Mapping[str, Any], say: Say, **names: str) -> str:
    """A reply in words."""
    outcome = str(reply.get("outcome"))
    key = f"sending.outcome.{outcome}"
    known = say(key) if key in catalogue(language()) else outcome
    text = say("sending.reply", event=reply.get("event"), outcome=known, seq=reply.get("seq"))
    reason = reply.get("reason")
    if not reason:
        return text
    hint = reply.get("hint")
    bad = Bad("", str(reason), hint if isinstance(hint, dict) else None)
    return say("sending.because", text=text, reason=reason_text(bad, say, **names))


def reason_text(bad: Bad, say: Say, folder: str = "DIR", incident: str = "ID") -> str:
    """A reason code in words; the code itself where it is nobody's we know."""
    key = f"refused.{bad.reason}"
    if key not in catalogue(language()):
        return bad.code
    text = say(key, where=bad.where, problem=bad.problem, folder=folder, incident=incident)
    return f"{text}: {hint_text(bad.hint, say)}" if bad.hint else text


def bad_line(bad: Bad, say: Say) -> str:
    """What is wrong with something that was not sent, and where it stood."""
    return say("sending.bad", place=bad.place, reason=reason_text(bad, say))
