"""The door: how programs that do not own the bus send events and read streams, on loopback.

The worker that owns the bus opens it; `DIR/.qinwu/run.json` says where. Threads of the door use
the bus directly: on SQLite their writes are committed in groups.
"""

import json
import os
import socket
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import uvicorn

from config.errors import QinwuError
from config.ids import AreaId
from config.telling import tell_line
from config.words import words
from events.door_app import App
from events.door_counter import Counter
from events.door_wire import MOST_VISITORS, Impatient, told_sparingly
from events.owners import run_file
from events.ports import Bus, BusLost

_START_S = 10.0
_STOP_S = 5.0


class PortTaken(QinwuError):
    """The port that was asked for is not free."""


class Door:
    """An open door of an area; `start` it once, `stop` it once."""

    def __init__(
        self,
        bus: Bus,
        area: AreaId,
        folder: Path,
        *,
        state: Callable[[], Mapping[str, Any]] = dict,
        port: int = 0,
    ) -> None:
        """Prepare the door.

        Args:
            bus: What it gives access to.
            area: Whose streams.
            folder: The district folder, where `run.json` is written.
            state: What `GET /state` tells; called in a thread of the door.
            port: 0 for any that is free.
        """
        self._folder, self._port = folder, port
        self._counter = Counter(bus)
        settings = uvicorn.Config(
            App(self._counter, area, folder, state).asgi(),
            http=Impatient, limit_concurrency=MOST_VISITORS, ws="none", lifespan="off",
            log_config=None, access_log=False, server_header=False, timeout_graceful_shutdown=1,
        )  # fmt: skip
        self._server = uvicorn.Server(settings)
        self._thread: threading.Thread | None = None

    def start(self) -> str:
        """Serve in a thread, say so in `run.json`; the address.

        Raises:
            PortTaken: The port is not free.
        """
        taken = socket.socket()
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            taken.bind(("127.0.0.1", self._port))
        except OSError as error:
            taken.close()
            raise PortTaken("door.port_taken", port=self._port, cause=str(error)) from error
        told_sparingly(lambda text: tell_line(words()("door.server", text=text)))
        self._sweep()
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        self._thread = threading.Thread(
            target=self._server.run, args=([taken],), name="door", daemon=True
        )
        self._thread.start()
        end_s = time.monotonic() + _START_S
        while not self._server.started:
            if not self._thread.is_alive() or time.monotonic() > end_s:
                msg = f"{url}: the door did not open"
                raise BusLost(msg)
            time.sleep(0.005)
        self._announce(url)
        return url

    def stop(self) -> None:
        """Close: no request is answered any more when this returns."""
        self._counter.close()
        self._server.should_exit = True
        if self._thread is not None:
            self._thread.join(_STOP_S)
        path = run_file(self._folder)
        try:
            if json.loads(path.read_text(encoding="utf-8"))["pid"] == os.getpid():
                path.unlink()
        except (OSError, ValueError, KeyError, TypeError):
            return  # another worker's by now, or gone: nothing of ours to take away

    def _sweep(self) -> None:
        """Take away the copies that a door which was killed had begun to send."""
        for left in run_file(self._folder).parent.glob("*.backup"):
            left.unlink(missing_ok=True)

    def _announce(self, url: str) -> None:
        path = run_file(self._folder)
        path.parent.mkdir(exist_ok=True)
        fresh = path.with_suffix(f".{os.getpid()}")
        try:
            fresh.write_text(json.dumps({"pid": os.getpid(), "url": url}), encoding="utf-8")
            fresh.replace(path)
        finally:  # on a full disk, each restart would leave one
            fresh.unlink(missing_ok=True)
