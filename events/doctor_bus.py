"""The doctor on the bus: whoever runs the district, its store, its broker and topics."""

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from config.durations import DAY_MS, MINUTE_MS
from config.errors import QinwuError
from config.ids import AreaId
from config.settings import Settings
from config.words import words
from config.yaml_reading import read_yaml
from events import ports
from events.clock import wall_ms
from events.connect import address_of, brokers, connect, embedded_file
from events.doctor_found import Found
from events.journals import Tally, near_end, walk
from events.kafka_log import keep
from events.kinds import PLANNERS
from events.owners import HIDDEN, listens, run_file, running, supervisor_of
from events.ports import Streams
from events.reason_words import reason_text
from events.released import OUTPUTS, effect_id, last_published
from events.rows import rows
from events.schema import parse
from events.trouble import BrokerAbsent

RECENT_FRAMES = 1_000
"""Frames looked at for the last input; some have none, a thousand in a row do not."""
MOST_FRAMES = 20_000
"""A longer journal is left to `qinwu journal verify`: folding these takes five seconds."""
FRESH_MIN = 60
"""A fault that is older was looked at, or never came again."""
WAITS_MIN = 5
"""An engine that runs takes an event within a second."""
APART_MS = MINUTE_MS
"""So far the clocks of two machines may differ; NTP keeps them nearer by far."""
OLDEST = (2, 8)
"""The first Kafka whose topics have ids: one made anew under a reader is noticed by them."""


def bus_findings(folder: Path, area: AreaId, target: str | None) -> Iterator[Found]:
    """Who runs the district, then the bus that commands would take."""
    faults = [*crash(folder), *fault(folder)]
    at_door = door(folder)
    if running(folder) is None:  # a worker may be between two starts
        if faults:
            at_door = Found.doubt("between", folder=folder)
        elif (pid := supervisor_of(folder)) is not None:
            at_door = Found.doubt("starting", folder=folder, pid=pid)
    yield at_door
    yield from faults
    try:
        address = address_of(target, folder)
    except QinwuError as trouble:
        yield _trouble(trouble)
        return
    hosts = brokers(address)
    if hosts is not None:
        keep(folder, hosts)
        yield from cluster(hosts, address, area)
    elif (file := embedded_file(address)) is not None:
        yield from store(file, address, folder, area)
    else:
        yield from reached(address, folder, area)


def _trouble(trouble: QinwuError) -> Found:
    """Trouble that a command would meet, in its own words."""
    return Found.wrong("bus", text=words()(trouble.key, **trouble.fields))


def door(folder: Path) -> Found:
    """`run.json` names a worker that lives, or is not there."""
    path = run_file(folder)
    if not path.exists():
        return Found.right("nobody", folder=folder)
    found = running(folder)
    if found is None:
        return Found.wrong("stale_run", file=path, folder=folder)
    return Found.right("door", pid=found.pid, url=found.url)


def crash(folder: Path) -> Iterator[Found]:
    """An input on which the engine crashed is noted; a person should look at it."""
    path = folder / HIDDEN / "crash.json"
    if not path.exists():
        return
    try:
        noted = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        yield Found.wrong("crash_unreadable", file=path)
        return
    if noted:
        yield Found.doubt("crash", file=path)


def fault(folder: Path) -> Iterator[Found]:
    """A fault of the program ended a worker a short while ago."""
    path = folder / HIDDEN / "fault.txt"
    try:
        minutes = (wall_ms() - path.stat().st_mtime_ns // 1_000_000) // MINUTE_MS
        last = path.read_text(encoding="utf-8", errors="replace").strip().rpartition("\n")[2]
    except OSError:
        return
    if minutes < FRESH_MIN:
        yield Found.doubt("fault", file=path, minutes=max(0, minutes), last=last[:200])


def store(path: Path, address: str, folder: Path, area: AreaId) -> Iterator[Found]:
    """The embedded store opens; where there is none yet it is not made."""
    if not path.exists():
        yield Found.right("no_store", file=path)
        return
    try:
        with closing(connect(address, folder)) as bus:
            found = looked(bus, area, wall_ms(), simulated=_is_simulated(folder))
    except QinwuError as trouble:
        yield _trouble(trouble)
        return
    yield Found.right("store", file=path, size_mb=f"{path.stat().st_size / 1e6:.1f}")
    yield from found


def reached(url: str, folder: Path, area: AreaId) -> Iterator[Found]:
    """A door answers, and it is this district's."""
    try:
        with closing(connect(url, folder)) as bus:
            whose = getattr(bus, "area", area)
            simulated = _is_simulated(folder)
            found = looked(bus, area, wall_ms(), simulated=simulated) if whose == area else None
    except QinwuError as trouble:
        yield _trouble(trouble)
        return
    if found is None:
        yield Found.wrong("other_area", url=url, found=whose, area=area)
        return
    yield Found.right("door_answers", url=url)
    yield from found


def _is_simulated(folder: Path) -> bool:
    """Whether it is a district for trials, whose days may be played ahead of their time."""
    return read_yaml(folder / "settings.yaml", Settings).sound().simulation


def looked(bus: Streams, area: AreaId, now_ms: int, *, simulated: bool = False) -> list[Found]:
    """What a bus that answers tells of its journals, its clock and of events that wait."""
    return [
        *journals(bus, area), *clock(bus, area, now_ms, simulated=simulated),
        backlog(bus, area, now_ms), *rejected(bus, area, now_ms),
    ]  # fmt: skip


def journals(bus: Streams, area: AreaId) -> Iterator[Found]:
    """The journals are whole, as far as that is known in seconds."""
    for name in (ports.journal(area), ports.plan(area)):
        newest = bus.last(name)
        if newest is not None and newest.position >= MOST_FRAMES:
            yield Found.right("journal_long", name=name)
            continue
        told = _made_known(bus, area, name)  # before the frames, since others write on
        tally = Tally.of(bus, area, name)
        worst = tally.worst(words())
        if worst is None and tally.seq < told:
            worst = words()("journal.ends_before", name=name, seq=tally.seq, told=told)
        if worst is None:
            yield Found.right("journal", name=name, seq=tally.seq)
        else:
            yield Found.wrong("journal", worst=worst)


def _made_known(bus: Streams, area: AreaId, name: str) -> int:
    """`seq` of the last frame of a journal of which something is out; 0 for none."""
    if name == ports.plan(area):
        consumed = _consumed(bus, area, name)
        return last_published(bus, area, ports.before(0) if consumed is None else consumed)
    newest = [bus.last(ports.stream(area, suffix)) for suffix in OUTPUTS]
    effects = [effect_id(one) for one in newest if one is not None]
    return max((one[1] for one in effects if one is not None and one[0] == area), default=0)


def clock(bus: Streams, area: AreaId, now_ms: int, *, simulated: bool = False) -> Iterator[Found]:
    """Nothing is stored later than now: else the clock was ahead, or is behind, or the store's.

    Or a day was played ahead of its time, by a clock of its own, as the demo's is.
    """
    newest = [bus.last(name) for name in (ports.inbox(area), ports.journal(area))]
    ahead_ms = max((one.stored_ms - now_ms for one in newest if one is not None), default=0)
    if ahead_ms > APART_MS:
        told = {"minutes": ahead_ms // MINUTE_MS}
        yield Found.right("played", **told) if simulated else Found.wrong("clock", **told)


def backlog(bus: Streams, area: AreaId, now_ms: int) -> Found:
    """How long the oldest event waits for an engine; the inbox is not kept for ever."""
    oldest = next(rows(bus, ports.inbox(area), _consumed(bus, area, ports.journal(area))), None)
    if oldest is None:
        return Found.right("no_backlog")
    minutes = (now_ms - oldest.stored_ms) // 60_000
    kept_ms = ports.kind_of(ports.inbox(area)).kept_ms or 0
    if minutes * 60_000 > kept_ms // 2:
        return Found.wrong("backlog", minutes=minutes, days=kept_ms // DAY_MS)
    if minutes >= WAITS_MIN:
        return Found.doubt("backlog", minutes=minutes)
    return Found.right("no_backlog")


def rejected(bus: Streams, area: AreaId, now_ms: int) -> Iterator[Found]:
    """How much came in the last day that could not be taken, and why the last could not."""
    count, last = 0, b"-"
    for one in rows(bus, ports.rejected(area)):
        reason = dict(one.headers).get("reason", b"-")
        is_planners = reason == b"late" and parse(one.value, one.headers).type in PLANNERS
        if one.stored_ms > now_ms - DAY_MS and not is_planners:
            count, last = count + 1, reason
    if count:
        why = reason_text(last.decode(errors="replace"), words())
        yield Found.doubt("rejected", count=count, reason=why)


def _consumed(bus: Streams, area: AreaId, name: str) -> int | None:
    """The last inbox position that a recent frame consumed; None when the journal says nothing."""
    inbox = ports.inbox(area)
    recent = walk(bus, area, name, near_end(bus, area, name, RECENT_FRAMES))
    frames = (one.frame for one in recent if one.frame is not None)
    consumed = (told.to for frame in frames for told in frame.inputs if told.topic == inbox)
    return max(consumed, default=None)


def cluster(hosts: str, address: str, area: AreaId) -> Iterator[Found]:
    """The broker answers, is new enough, and has the topics as they should be."""
    if not any(_listens(host) for host in hosts.split(",")):
        yield _trouble(BrokerAbsent(address=hosts))
        return
    from events.kafka_look import look  # noqa: PLC0415 - the client costs 200 ms

    try:
        seen = look(hosts, area)
    except QinwuError as trouble:
        yield _trouble(trouble)
        return
    version = ".".join(map(str, seen.version))
    if seen.version < OLDEST:
        oldest = ".".join(map(str, OLDEST))
        yield Found.wrong("broker", address=hosts, version=version, oldest=oldest)
    else:
        yield Found.right("broker", address=hosts, version=version, count=seen.brokers)
    if seen.missing:
        names = ", ".join(seen.missing)
        yield Found.wrong("topics", names=names, address=hosts)
    for fault in seen.faults:
        yield Found.wrong("topic", name=fault.topic, setting=fault.setting, have=fault.have,
                          wanted=fault.wanted)  # fmt: skip
    if not seen.missing and not seen.faults:
        yield Found.right("topics", count=len(ports.STREAM_KINDS))
    if not seen.missing:
        yield from _backlog_at(address, area)


def _backlog_at(address: str, area: AreaId) -> Iterator[Found]:
    try:
        with closing(connect(address, None)) as bus:
            yield from looked(bus, area, wall_ms())
    except QinwuError as trouble:
        yield _trouble(trouble)


def _listens(host: str) -> bool:
    name, _, port = host.rpartition(":")
    return port.isdigit() and listens(name, int(port))
