"""The doctor on the bus: whoever runs the district, its store, its broker and topics."""

import json
from collections.abc import Iterator
from pathlib import Path

from config.errors import QinwuError
from config.ids import AreaId
from config.words import words
from events import ports
from events.connect import (
    HIDDEN,
    BrokerAbsent,
    address_of,
    brokers,
    connect,
    listens,
    run_file,
    running,
)
from events.doctor_found import Found

OLDEST = (2, 8)
"""The first Kafka whose topics have ids: one made anew under a reader is noticed by them."""


def bus_findings(folder: Path, area: AreaId, target: str | None) -> Iterator[Found]:
    """Who runs the district, then the bus that commands would take."""
    yield door(folder)
    yield from crash(folder)
    try:
        address = address_of(target, folder)
    except QinwuError as trouble:
        yield _trouble(trouble)
        return
    hosts = brokers(address)
    if hosts is not None:
        yield from cluster(hosts, area)
    elif address.startswith("sqlite:"):
        yield store(Path(address.removeprefix("sqlite:")), folder)
    else:
        yield reached(address, folder, area)


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
        return Found.wrong("stale_run", file=path)
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


def store(path: Path, folder: Path) -> Found:
    """The embedded store opens; where there is none yet it is not made."""
    if not path.exists():
        return Found.right("no_store", file=path)
    try:
        connect(f"sqlite:{path}", folder).close()
    except QinwuError as trouble:
        return _trouble(trouble)
    return Found.right("store", file=path, size_mb=f"{path.stat().st_size / 1e6:.1f}")


def reached(url: str, folder: Path, area: AreaId) -> Found:
    """A door answers, and it is this district's."""
    try:
        bus = connect(url, folder)
        try:
            whose = getattr(bus, "area", area)
            last = bus.last(ports.inbox(area)) if whose == area else None
        finally:
            bus.close()
    except QinwuError as trouble:
        return _trouble(trouble)
    if whose != area:
        return Found.wrong("other_area", url=url, found=whose, area=area)
    return Found.right("door_answers", url=url, events=0 if last is None else last.position + 1)


def cluster(hosts: str, area: AreaId) -> Iterator[Found]:
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


def _listens(host: str) -> bool:
    name, _, port = host.rpartition(":")
    return port.isdigit() and listens(name, int(port))
