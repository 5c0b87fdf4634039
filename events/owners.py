"""Who owns a district folder: what `run.json` says, whose the file is, what became of them.

Asked of the system, without opening any bus.
"""

import json
import os
import socket
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from config.faults import shown

HIDDEN = ".qinwu"
LOCKS = Path("/proc/locks")
"""Where Linux tells who locks what."""
PROCESSES = Path("/proc")
"""Where Linux tells what runs."""
_REACH_S = 3.0


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


def supervisor_of(folder: Path, processes: Path = PROCESSES) -> int | None:
    """A process that was started as `qinwu run` for a folder; None where the system tells none.

    It lives while its worker is lost, and writes nothing that a full disk would not take.
    """
    for path in processes.glob("[0-9]*/cmdline"):
        try:
            words = path.read_text(encoding="utf-8", errors="replace").rstrip("\0").split("\0")
            below = (path.parent / "cwd").readlink()
        except OSError:  # it has ended, or is somebody else's
            continue
        at = next((n for n, one in enumerate(words) if Path(one).stem == "qinwu"), len(words))
        told = words[at + 1 :]
        if "run" in told and any((below / one).resolve() == folder.resolve() for one in told):
            return int(path.parent.name)
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
