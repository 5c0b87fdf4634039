"""Commands for integrators and operators: `qinwu events`, `topics`, `backup`, `doctor`."""

import json
import sys
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from config.errors import BadInput, NotFound
from config.faults import near
from config.words import words
from events.options import BAD_INPUT, NOT_FOUND, BusTarget, Folder, Wait

if TYPE_CHECKING:  # the events' models: imported on use, so that help is fast
    from events.sending import Sent
    from events.telling import Line

Name = Annotated[str | None, typer.Argument(help="Name of an event.", metavar="[NAME]")]
events = typer.Typer(add_completion=False, rich_markup_mode=None, no_args_is_help=True)
topics = typer.Typer(add_completion=False, rich_markup_mode=None, no_args_is_help=True)


@events.command("sample")
def sample(name: Name = None) -> None:
    """Print a sample event as one line of JSON; all of them when no name is given."""
    from events.samples import samples  # noqa: PLC0415

    for raw in _chosen(samples(), name).values():
        typer.echo(raw.decode())


@events.command("schema")
def schema(
    name: Name = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Write one file for each event here.")
    ] = None,
) -> None:
    """Print the JSON Schema of an event, or of all by name; --out writes NAME.json files."""
    from events.schema import json_schemas  # noqa: PLC0415

    chosen: dict[str, Any] = _chosen(json_schemas(), name)
    if out is None:
        told = chosen if name is None else next(iter(chosen.values()))
        typer.echo(json.dumps(told, ensure_ascii=False, indent=2))
        return
    try:
        out.mkdir(parents=True, exist_ok=True)
        for one, described in chosen.items():
            text = json.dumps(described, ensure_ascii=False, indent=2)
            (out / f"{one}.json").write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise BadInput(key="sending.not_written", file=out, cause=error.strerror) from error
    typer.echo(words()("sending.schemas", count=len(chosen), out=out))


def _chosen(known: dict[str, Any], name: str | None) -> dict[str, Any]:
    """The one that is named, by its short name or its CloudEvents type; else all."""
    if name is None:
        return known
    short = name.removeprefix("qinwu.").removesuffix(".v1")
    if short not in known:
        guess = near(short, known) or ", ".join(known)
        raise BadInput(key="sending.no_such_event", name=name, near=guess)
    return {short: known[short]}


@events.command("send")
def send_events(
    folder: Folder,
    file: Annotated[str, typer.Argument(help="JSON lines or one JSON; - is stdin.")],
    bus: BusTarget = None,
    wait_s: Wait = None,
) -> None:
    """Send events; each with its position. What is bad is told with its line, the rest is sent.

    Exit 2 when something was bad, 1 when a reply was waited for and did not come.
    """
    from events.sending import Bad, newest_reply, send  # noqa: PLC0415
    from events.telling import bad_line, opened  # noqa: PLC0415

    say = words()
    bad = False
    sent: list[Sent] = []
    told = _told(file)
    with opened(folder, bus) as line:
        after = newest_reply(line.bus, line.area) if wait_s else -1
        for outcome in send(line.bus, line.area, told, batch=1 if file == "-" else 200):
            if isinstance(outcome, Bad):
                bad = True
                typer.echo(bad_line(outcome, say), err=True)
                continue
            if wait_s:
                sent.append(outcome)
            typer.echo(
                say("sending.sent", stream=outcome.stream, position=outcome.position,
                    event=outcome.event)
            )  # fmt: skip
        taken = not wait_s or _tell_all(line, after, sent, wait_s)
    if bad or not taken:
        raise typer.Exit(BAD_INPUT)


def _tell_all(line: "Line", after: int, sent: "Sequence[Sent]", wait_s: float) -> bool:
    """Wait for the replies to what went into the inbox, and tell them; fixes get none."""
    from events.sending import await_replies  # noqa: PLC0415
    from events.telling import tell_replies  # noqa: PLC0415

    keys = [one.event for one in sent if one.stream.endswith(".inbox")]
    found = await_replies(line.bus, line.area, after, keys, wait_s, line.typed)
    return tell_replies([found[key] for key in dict.fromkeys(keys)])


def _told(file: str) -> Iterator[tuple[str, bytes]]:
    """Where each piece stands, and its bytes; stdin is read as it comes when it is JSON lines."""
    from events.sending import pieces  # noqa: PLC0415

    if file == "-":
        lines = iter(sys.stdin.buffer.readline, b"")
        first = next((one for one in lines if one.strip()), b"")
        rest = chain([first], lines) if _whole(first) else iter([first + sys.stdin.buffer.read()])
        numbered: Iterator[tuple[int, bytes]]
        if _whole(first) and not first.lstrip().startswith(b"["):
            numbered = ((n, one.strip()) for n, one in enumerate(rest, start=1) if one.strip())
        else:
            numbered = pieces(b"".join(rest))
        return ((f"-:{n}", one) for n, one in numbered)
    try:
        raw = Path(file).read_bytes()
    except OSError as error:
        raise NotFound("sending.no_file", file=file, cause=error.strerror) from error
    return ((f"{file}:{n}", one) for n, one in pieces(raw))


def _whole(line: bytes) -> bool:
    """Whether a line is a JSON of its own."""
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True


@topics.callback()
def about() -> None:
    """Topics on Kafka."""


@topics.command("create")
def create(
    folder: Folder,
    bus: BusTarget = None,
    positions_partitions: Annotated[
        int, typer.Option(min=1, max=64, help="Partitions of the fixes' topic, when it is made.")
    ] = 1,
) -> None:
    """Create the district's topics on Kafka; says what exists and what is set wrongly.

    May be repeated. Nothing is ever deleted or changed; exit 1 where a setting is wrong.
    """
    from events.connect import address_of, area_of, brokers  # noqa: PLC0415

    address = address_of(bus, folder)
    hosts = brokers(address)
    if hosts is None:
        raise BadInput(key="topics.only_kafka", address=address)
    area = area_of(folder)
    _reached(hosts)
    from events.kafka_log import keep  # noqa: PLC0415
    from events.kafka_look import topic_faults  # noqa: PLC0415 - the client costs 200 ms
    from events.kafka_topics import create_topics  # noqa: PLC0415

    say = words()
    keep(folder, hosts)
    for topic in create_topics(hosts, area, positions_partitions):
        typer.echo(say(f"topics.{topic.outcome}", name=topic.name))
    faults = topic_faults(hosts, area)
    for fault in faults:
        typer.echo(
            say("topics.wrong", name=fault.topic, setting=fault.setting, have=fault.have,
                wanted=fault.wanted), err=True,
        )  # fmt: skip
    if faults:
        raise typer.Exit(1)


def _reached(hosts: str) -> None:
    """Say at once that nobody listens, instead of after the client's patience."""
    from events.owners import listens  # noqa: PLC0415
    from events.trouble import BrokerAbsent  # noqa: PLC0415

    for one in hosts.split(","):
        host, _, port = one.rpartition(":")
        if listens(host or one, int(port) if host and port.isdigit() else 9092):
            return
    raise BrokerAbsent(address=hosts)


def backup(
    folder: Folder,
    file: Annotated[Path, typer.Argument(help="The file to make; never overwritten.")],
    bus: BusTarget = None,
) -> None:
    """Copy the embedded store, while `qinwu run` runs too, and verify the copy."""
    from events.backup import back_up  # noqa: PLC0415

    made = back_up(folder, file, bus)
    typer.echo(
        words()("backup.done", file=file, size=made.size, journal=made.journal, plan=made.plan)
    )


def doctor(folder: Folder, bus: BusTarget = None) -> None:
    """Find what is wrong with the program, the district and its bus, and how to mend it.

    Exit 1 when something is wrong.
    """
    from events.doctor import examine  # noqa: PLC0415

    say = words()
    wrong = 0
    for found in examine(folder, bus):
        wrong += found.level == "wrong"
        typer.echo(say(f"doctor.level.{found.level}") + say(found.key, **found.fields))
    typer.echo(say("doctor.summary", count=wrong))
    if wrong:
        raise typer.Exit(NOT_FOUND)
