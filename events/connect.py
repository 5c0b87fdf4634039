"""From an address, or a district folder, to an open bus: how every command finds its own.

`--bus`, else `QINWU_URL`, else the running worker's door in `DIR/.qinwu/run.json`, else the file
`DIR/duty.db`. Addresses: `sqlite:PATH`, `kafka://host:port[,host:port]`, `http://127.0.0.1:PORT`.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from config.errors import BadInput, NotFound, QinwuError
from config.ids import AreaId
from config.settings import Settings
from config.yaml_reading import read_yaml
from events import ports
from events.clock import wall_ms
from events.owners import command_of, is_stopped, listens, owner_of, running
from events.ports import Bus, BusBusy
from events.trouble import BrokerAbsent

FILE = "duty.db"
Role = Literal["client", "planner", "worker"]
"""A worker needs a bus of its own and never takes the door; all others take either."""


def area_of(folder: Path) -> AreaId:
    """The area of a district folder, from its `settings.yaml` alone.

    Raises:
        BadInput: The settings are unsound.
        NotFound: There is no such folder.
    """
    if not folder.is_dir():
        raise NotFound(key="check.no_folder", folder=folder)
    return AreaId(read_yaml(folder / "settings.yaml", Settings).sound().brigade)


def named(target: str | None) -> str:
    """The address that somebody chose, by `--bus` or `QINWU_URL`; empty where nobody did."""
    return target or os.environ.get("QINWU_URL") or ""


def address_of(target: str | None, folder: Path | None, role: Role = "client") -> str:
    """The address that `connect` would take.

    Raises:
        BadInput: Nothing says where, or it is no address.
    """
    told = named(target)
    if not told:
        if folder is None:
            raise BadInput(key="door.nowhere")
        found = None if role == "worker" else running(folder)
        told = found.url if found else f"sqlite:{folder / FILE}"
    scheme, _, rest = told.partition(":")
    if scheme not in ("sqlite", "kafka", "http") or not rest.strip("/"):
        raise BadInput(key="door.no_address", address=told)
    if scheme == "http" and role == "worker":
        raise BadInput(key="door.worker_needs_bus", address=told)
    return told


def connect(target: str | None, folder: Path | None, *, role: Role = "client") -> Bus:
    """Open the bus at `target`, or the one that belongs to a district folder.

    Args:
        target: An address, or None for `QINWU_URL`, the running worker, or the folder's own file.
        folder: The district folder, where there is one.
        role: Who asks.

    Raises:
        BadInput: Nothing says where, or it is no address.
        BusBusy: Another process owns the file; FileStopped where it is stopped.
        BusLost: Nobody answers there, or topics are missing (NoStream).
    """
    address = address_of(target, folder, role)
    if folder is not None and not named(target):
        _refuse_stopped(folder)
    if (file := embedded_file(address)) is not None:
        return _sqlite(file, folder)
    if (hosts := brokers(address)) is not None:
        return _kafka(hosts, folder)
    from events.http import HttpBus  # noqa: PLC0415 - httpx costs 150 ms

    return HttpBus(address)


def embedded(file: Path, now_ms: Callable[[], int] = wall_ms) -> Bus:
    """The embedded store in a file, on a clock that may be the caller's own.

    Raises:
        BusBusy: Another process owns the file.
    """
    from events.sqlite import SqliteBus  # noqa: PLC0415

    return SqliteBus(file, now_ms)


def embedded_file(address: str) -> Path | None:
    """The file of an embedded store's address, None for any other; it need not exist."""
    scheme, _, rest = address.partition(":")
    return Path(rest) if scheme == "sqlite" else None


def brokers(address: str) -> str | None:
    """`host:port[,…]` of a `kafka://` address, None for any other."""
    scheme, _, rest = address.partition(":")
    return rest.strip("/") if scheme == "kafka" else None


def _sqlite(path: Path, folder: Path | None) -> Bus:
    if not path.parent.is_dir():
        raise NotFound(key="check.no_folder", folder=path.parent)
    try:
        return embedded(path)
    except BusBusy as busy:
        found = running(folder or path.parent) or running(path.parent)
        if found is not None and not is_stopped(found.pid):
            raise FileTaken(path=path, pid=found.pid, url=found.url) from busy
        pid = found.pid if found else owner_of(path)
        if pid is None:
            raise
        held = FileStopped if is_stopped(pid) else FileHeld
        raise held(path=path, pid=pid, command=command_of(pid)) from busy


def _refuse_stopped(folder: Path) -> None:
    """A stopped `run` still takes connections, by the system's own hand, and answers none."""
    found = running(folder)
    if found is not None and is_stopped(found.pid):
        raise FileStopped(path=folder / FILE, pid=found.pid, command=command_of(found.pid))


class FileTaken(BusBusy):
    """Another process owns the file, and this is its door. Fields: path, pid, url."""

    text = "door.file_taken"


class FileHeld(BusBusy):
    """Another process owns the file and has no door, or none yet. Fields: path, pid, command."""

    text = "door.file_held"


class FileStopped(FileHeld):
    """As FileHeld, by a process that is stopped and so lets go of nothing by itself."""

    text = "door.file_stopped"


def _kafka(address: str, folder: Path | None) -> Bus:
    try:
        hosts = [urlsplit(f"//{one}") for one in address.split(",")]
        reached = any(listens(one.hostname or "", one.port or 9092) for one in hosts)
    except ValueError:  # a port that is no number
        raise BadInput(key="door.no_address", address=f"kafka://{address}") from None
    if not reached:
        raise BrokerAbsent(address=address)
    from events.kafka import KafkaBus  # noqa: PLC0415 - the client costs 200 ms
    from events.kafka_log import keep  # noqa: PLC0415

    if folder is not None:
        keep(folder, address)
    bus = KafkaBus(address)
    try:
        if folder is not None:
            bus.partitions(ports.inbox(area_of(folder)))  # NoStream where topics are missing
    except QinwuError:
        bus.close()
        raise
    return bus
