"""From an address, or a district folder, to an open bus: how every command finds its own.

`--bus`, else `QINWU_URL`, else the running worker's door in `DIR/.qinwu/run.json`, else the file
`DIR/duty.db`. Addresses: `sqlite:PATH`, `kafka://host:port[,host:port]`, `http://127.0.0.1:PORT`.
"""

import json
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Literal, NamedTuple
from urllib.parse import urlsplit

from config.errors import BadInput, NotFound, QinwuError
from config.faults import shown
from config.ids import AreaId
from config.settings import Settings
from config.yaml_reading import read_yaml
from events import ports
from events.clock import wall_ms
from events.ports import Bus, BusBusy, BusLost

FILE = "duty.db"
HIDDEN = ".qinwu"
LOCKS = Path("/proc/locks")
"""Where Linux tells who locks what."""
_REACH_S = 3.0
Role = Literal["client", "planner", "worker"]
"""A worker needs a bus of its own and never takes the door; all others take either."""


class BrokerAbsent(BusLost):
    """Nobody listens at any of the addresses. Field: address."""

    text = "door.broker_absent"


class DoorAbsent(BusLost):
    """No door answers at the address. Field: url."""

    text = "door.absent"


class Running(NamedTuple):
    """What `run.json` says: the process that owns the district, and its door."""

    pid: int
    url: str


def run_file(folder: Path) -> Path:
    """Where a worker says who and where it is."""
    return folder / HIDDEN / "run.json"


def running(folder: Path) -> Running | None:
    """The worker of a district folder, None when `run.json` is absent, stale or unreadable.

    A killed worker leaves its file behind, and its number may belong to another program by now:
    only a process that lives and a door that takes connections count.
    """
    try:
        told = json.loads(run_file(folder).read_text(encoding="utf-8"))
        found = Running(int(told["pid"]), str(told["url"]))
        host, port = urlsplit(found.url).hostname, urlsplit(found.url).port
    except (OSError, ValueError, KeyError, TypeError):  # a port that is no number, too
        return None
    if host is None or port is None or not alive(found.pid):
        return None
    return found if listens(host, port) else None


def alive(pid: int) -> bool:
    """Whether a process of that number exists."""
    if pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except (OSError, OverflowError):
        return False
    return True


def listens(host: str, port: int) -> bool:
    """Whether anybody takes connections there."""
    try:
        socket.create_connection((host, port), _REACH_S).close()
    except OSError:
        return False
    return True


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


def is_stopped(pid: int) -> bool:
    """Whether a process is stopped, as Ctrl-Z does; False where the system does not tell."""
    try:
        told = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return told.rpartition(")")[2].split()[:1] in (["T"], ["t"])  # 7760 (qinwu) T 1 …


def owner_of(path: Path, locks: Path = LOCKS) -> int | None:
    """The other process that holds a lock on a file; None where the system does not tell."""
    try:
        inode = path.stat().st_ino
        lines = locks.read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    for line in lines:  # 7: POSIX  ADVISORY  WRITE 7760 fe:00:9978030 1073741824 1073742335
        told = line.split()
        held = told[5:6] and told[5].rpartition(":")[2] == str(inode)
        if held and told[4].isdecimal() and int(told[4]) not in (0, os.getpid()):
            return int(told[4])
    return None


def command_of(pid: int) -> str:
    """What a process was started as, from `qinwu` on; "?" where the system does not tell."""
    try:
        told = Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return "?"
    words = told.rstrip("\0").split("\0")
    at = next((n for n, one in enumerate(words) if Path(one).stem == "qinwu"), None)
    return shown(" ".join(words if at is None else ["qinwu", *words[at + 1 :]])) or "?"


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

    bus = KafkaBus(address)
    try:
        if folder is not None:
            bus.partitions(ports.inbox(area_of(folder)))  # NoStream where topics are missing
    except QinwuError:
        bus.close()
        raise
    return bus
