"""What the door serves: events in, streams and the log out, state and backup."""

import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from config.errors import Impossible, QinwuError
from config.ids import AreaId
from events import door_guard, ports
from events.door_body import MOST_WAIT_S, PLAIN, Refusal, incoming, parsed, row
from events.door_counter import Counter
from events.door_guard import Guard, body, media, number
from events.ports import Bus, StreamGap

_MOST_READ = 5_000


class App:
    """The requests of one area's door."""

    def __init__(
        self, counter: Counter, area: AreaId, folder: Path, state: Callable[[], Mapping[str, Any]]
    ) -> None:
        """Serve `area`; `state` gives what `GET /state` tells."""
        self._counter, self._area, self._folder, self._state = counter, area, folder, state

    def asgi(self) -> ASGIApp:
        """The application behind its guard."""
        routes = [
            Route("/", self.about),
            Route("/events", self.events, methods=["POST"]),
            Route("/streams/{name}", self.stream),
            Route("/log", self.log),
            Route("/state", self.state),
            Route("/backup", self.backup, methods=["POST"]),
        ]
        handlers: dict[Any, Any] = {
            Refusal: door_guard.refused, QinwuError: door_guard.trouble,
            HTTPException: door_guard.plain,
        }  # fmt: skip
        return Guard(Starlette(routes=routes, exception_handlers=handlers))

    async def about(self, request: Request) -> Response:
        """Whose door this is."""
        del request
        return JSONResponse({"area": self._area, "streams": ports.streams_of(self._area)})

    async def events(self, request: Request) -> Response:
        """Store events; 202 with their positions, and their replies where they are waited for."""
        kind = media(request)
        wait_s = number(request, "wait_s", 0, MOST_WAIT_S)
        wanted = request.query_params.get("stream")
        if wanted not in (None, "inbox", "positions"):
            raise Refusal(404, "bus.no_stream", name=wanted)
        told = incoming(await body(request), kind, request.headers)
        by_stream: dict[str, list[int]] = {}
        for n, one in enumerate(told):
            by_stream.setdefault(wanted or one.stream, []).append(n)

        def store(bus: Bus) -> tuple[int, dict[int, tuple[str, int]]]:
            replies = ports.replies(self._area)
            last = bus.last(replies) if wait_s else None
            places: dict[int, tuple[str, int]] = {}
            for suffix, numbers in by_stream.items():
                name = ports.stream(self._area, suffix)
                stored = bus.send(name, [told[n].record for n in numbers])
                places |= {n: (name, at) for n, at in zip(numbers, stored, strict=True)}
            return -1 if last is None else last.position, places

        after, places = await self._counter.ask(store)
        rows = [
            {"stream": places[n][0], "position": places[n][1], "event": one.event,
             "problem": one.problem, "hint": one.hint}
            for n, one in enumerate(told)
        ]  # fmt: skip
        answer: dict[str, Any] = {"stored": rows}
        if wait_s:
            keys = [one.event for one in told]
            answer["replies"] = await self._replies(request, after, keys, wait_s)
        return JSONResponse(answer, 202)

    async def _replies(
        self, request: Request, after: int, keys: Sequence[str | None], wait_s: float
    ) -> list[Any]:
        found: dict[str, Any] = {}
        wanted = {key for key in keys if key is not None}
        place = after

        def look(bus: Bus, wait_ms: int) -> bool:
            nonlocal place
            for stored in bus.read(ports.replies(self._area), place, wait_ms=wait_ms):
                place = stored.position
                reply = parsed(stored.value)
                if isinstance(reply, dict) and reply.get("event") in wanted:
                    found[reply["event"]] = reply
            return wanted <= found.keys()

        await self._counter.reply(request.is_disconnected, wait_s, look)
        return [found.get(key or "") for key in keys]

    async def stream(self, request: Request) -> Response:
        """Records of a stream, or its newest, or (limit=0) what it is."""
        name = request.path_params["name"]
        if name not in ports.streams_of(self._area):
            raise Refusal(404, "bus.no_stream", name=name[:200])
        limit = int(number(request, "limit", 500, _MOST_READ))
        if "last" in request.query_params:
            partition = int(number(request, "last", 0, 8191))
            told = await self._counter.ask(lambda bus: _newest(bus, name, partition))
        elif limit == 0:
            told = await self._counter.ask(lambda bus: _what(bus, name))
        else:
            after = int(number(request, "after", -1, 2**53, least=-1))
            wait_s = number(request, "wait_s", 0, MOST_WAIT_S)
            found = await self._counter.read(
                request.is_disconnected, wait_s, lambda bus, ms: bus.read(name, after, limit, ms)
            )
            told = await self._counter.ask(lambda _: _rows(name, found))
        return Response(told, media_type=PLAIN)

    async def log(self, request: Request) -> Response:
        """Lines of the console log as JSON lines; the header says where to go on."""
        after = int(number(request, "after", -1, 2**53, least=-1))
        limit = int(number(request, "limit", 500, _MOST_READ)) or 1
        wait_s = number(request, "wait_s", 0, MOST_WAIT_S)
        name = ports.console(self._area)

        def look(bus: Bus, wait_ms: int) -> list[ports.Stored]:
            try:
                return bus.read(name, after, limit, wait_ms)
            except StreamGap as gap:
                end = int(str(gap.fields["end"]))
                if after < end:
                    raise  # erased, or lost
                raise Refusal(404, "door.nothing_yet", after=after, end=end) from gap

        found = await self._counter.read(request.is_disconnected, wait_s, look)
        lines = b"".join(stored.value + b"\n" for stored in found)
        place = found[-1].position if found else after
        return Response(
            lines, media_type="application/jsonl", headers={"x-qinwu-position": str(place)}
        )

    async def state(self, request: Request) -> Response:
        """What the worker says of its state."""
        del request
        told = await self._counter.ask(
            lambda _: json.dumps(self._state(), default=str, ensure_ascii=False).encode()
        )
        return Response(told, media_type=PLAIN)

    async def backup(self, request: Request) -> Response:
        """The whole store as one file, consistent in itself."""
        if media(request) != PLAIN:
            raise Refusal(415, "door.media", media=media(request))
        await body(request)
        path = await self._counter.ask(self._copy)
        return FileResponse(
            path, media_type="application/vnd.sqlite3", background=BackgroundTask(path.unlink)
        )

    def _copy(self, bus: Bus) -> Path:
        hidden = self._folder / ".qinwu"
        hidden.mkdir(exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=hidden, suffix=".backup", delete=False) as file:
            path = Path(file.name)
        try:
            bus.backup(path)
        except Impossible as no:
            path.unlink(missing_ok=True)
            raise Refusal(501, no.key) from no
        except OSError as error:
            path.unlink(missing_ok=True)
            raise Refusal(507, "door.backup_failed", cause=str(error)) from error
        return path


def _rows(name: str, found: Sequence[ports.Stored]) -> bytes:
    return _told(name, {"records": [row(stored) for stored in found]})


def _newest(bus: Bus, name: str, partition: int) -> bytes:
    found = bus.last(name, partition)
    return _told(name, {"records": [] if found is None else [row(found)]})


def _what(bus: Bus, name: str) -> bytes:
    what = {"identity": bus.identity(name), "partitions": bus.partitions(name), "records": []}
    return _told(name, what)


def _told(name: str, what: Mapping[str, Any]) -> bytes:
    return json.dumps({"stream": name, **what}, separators=(",", ":")).encode()
