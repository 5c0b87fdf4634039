"""The client half of the door: `Streams` over HTTP, for programs that do not own the bus.

Events go in through `POST /events`, every stream is read through `GET /streams/NAME`. Appending
to a journal is not offered: two writers of one engine are never wanted.
"""

import base64
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn, Self
from urllib.parse import quote

import httpx

from config.errors import BadInput, Impossible
from config.ids import AreaId
from events import refusals
from events.door_body import BATCH, MOST_BYTES, MOST_WAIT_S, PLAIN
from events.ports import BusLost, Journal, NoStream, Record, Stored, StreamGap, TooLarge
from events.trouble import DoorAbsent

_TIMEOUT_S = 15.0


class HttpBus:
    """A bus behind a door. Safe for several threads."""

    exclusive = False
    one_writer = False  # who knows what is behind the door

    def __init__(self, url: str) -> None:
        """Knock at the door; DoorAbsent when nobody answers."""
        self.url = self.address = url.rstrip("/")
        self._client = httpx.Client(base_url=self.url, timeout=_TIMEOUT_S, trust_env=False)
        self.area = AreaId(str(self._json("GET", "/").get("area")))

    def send(self, name: str, records: Sequence[Record]) -> list[int]:
        """As the port, for the inbox and the positions alone."""
        area, _, suffix = name.rpartition(".")
        if area != self.area or suffix not in ("inbox", "positions"):
            raise NoStream(name=name)
        refusals.check_size(name, (record.value for record in records))
        places: list[int] = []
        for chunk in _chunks(records):
            content, headers = _request(chunk)
            told = self._json(
                "POST", "/events", params={"stream": suffix}, content=content, headers=headers
            )
            places += [stored["position"] for stored in told["stored"]]
        return places

    def read(self, name: str, after: int = -1, limit: int = 500, wait_ms: int = 0) -> list[Stored]:
        """As the port; one call waits up to half a minute."""
        wait_s = min(wait_ms / 1000, MOST_WAIT_S)
        told = self._stream(name, {"after": after, "limit": limit, "wait_s": wait_s})
        return [_stored(row) for row in told["records"]]

    def last(self, name: str, partition: int = 0) -> Stored | None:
        """As the port."""
        rows = self._stream(name, {"last": partition})["records"]
        return _stored(rows[0]) if rows else None

    def partitions(self, name: str) -> int:
        """As the port."""
        return int(self._stream(name, {"limit": 0})["partitions"])

    def identity(self, name: str) -> str:
        """As the port."""
        return str(self._stream(name, {"limit": 0})["identity"])

    def journal(self, name: str) -> Journal:
        """Not offered: read the journal as a stream.

        Raises:
            BadInput: Always.
        """
        raise BadInput(key="door.no_journal", name=name, url=self.url)

    def state(self) -> dict[str, Any]:
        """What the worker says of its state."""
        return self._json("GET", "/state")

    def again(self) -> Self:
        """As the port: itself."""
        return self

    def erase(self, now_ms: int, unread: Mapping[str, int] = {}) -> int:
        """As the port: the worker behind the door does it."""
        del now_ms, unread
        return 0

    def backup(self, path: Path) -> None:
        """As the port: the store of the worker behind the door."""
        ask = {"content-type": PLAIN}
        try:
            with self._client.stream("POST", "/backup", headers=ask, content=b"{}") as answer:
                if answer.is_error:
                    answer.read()
                    self._refuse(answer)
                with path.open("wb") as copy:
                    for piece in answer.iter_bytes():
                        copy.write(piece)
                    copy.flush()
                    os.fsync(copy.fileno())
        except httpx.HTTPError as error:
            raise DoorAbsent(url=self.url, cause=str(error)) from error

    def close(self) -> None:
        """Drop the connections."""
        self._client.close()

    def __enter__(self) -> Self:
        """For `with`."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close."""
        self.close()

    def _stream(self, name: str, params: Mapping[str, float]) -> dict[str, Any]:
        wait_s = float(params.get("wait_s", 0)) + _TIMEOUT_S
        return self._json("GET", f"/streams/{quote(name)}", params=params, timeout=wait_s)

    def _json(self, method: str, path: str, **options: Any) -> dict[str, Any]:  # noqa: ANN401
        try:
            answer = self._client.request(method, path, **options)
            if answer.is_error:
                self._refuse(answer)
            found = answer.json()
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise DoorAbsent(url=self.url, cause=f"{type(error).__name__}: {error}") from error
        if not isinstance(found, dict):  # somebody else's server
            raise DoorAbsent(url=self.url, cause=str(found)[:100])
        return found

    def _refuse(self, answer: httpx.Response) -> NoReturn:
        """Raise what the bus behind the door raised."""
        told = answer.json()
        fields = told.get("fields", {})
        match told.get("error"):
            case "bus.gap":
                raise StreamGap(**fields)
            case "bus.no_stream":
                raise NoStream(**fields)
            case "bus.too_large":
                raise TooLarge(**fields)
            case "door.no_file":
                raise Impossible("door.no_file", **fields)
            case "bus.lost":
                raise BusLost(**fields)
        raise BadInput(key="door.refused", status=answer.status_code, cause=told.get("message"))


def _chunks(records: Sequence[Record]) -> Iterator[Sequence[Record]]:
    """Batches that the door takes; a record with headers, or a large one, goes alone."""
    chunk: list[Record] = []
    size = 2
    for record in records:
        alone = bool(record.headers)
        if chunk and (alone or size + len(record.value) + 1 > MOST_BYTES):
            yield chunk
            chunk, size = [], 2
        if alone:
            yield [record]
            continue
        chunk.append(record)
        size += len(record.value) + 1
    if chunk:
        yield chunk


def _request(chunk: Sequence[Record]) -> tuple[bytes, dict[str, str]]:
    """Body and headers: binary mode by `ce-*` headers, else a batch."""
    if len(chunk) == 1 and chunk[0].headers:
        said = {
            name.replace("ce_", "ce-", 1): quote(value.decode(), safe=" !#$&'()*+,/:;=?@[]~")
            for name, value in chunk[0].headers
        }
        return chunk[0].value, {"content-type": PLAIN, **said}
    return b"[" + b",".join(record.value for record in chunk) + b"]", {"content-type": BATCH}


def _stored(row: Mapping[str, Any]) -> Stored:
    key = row["key"]
    return Stored(
        position=row["position"],
        value=base64.b64decode(row["value"]),
        headers=tuple((name, base64.b64decode(value)) for name, value in row["headers"]),
        stored_ms=row["stored_ms"],
        key=None if key is None else base64.b64decode(key),
    )
