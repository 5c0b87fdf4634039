"""Who may speak to the door and how much: hosts, origins, sizes, times, and how it says no.

A browser on the same machine must not be a way in for a page from anywhere: a foreign `Host`
(DNS rebinding) or `Origin` is refused, and every POST needs a media type that pages cannot send
without asking first, which is never granted.
"""

import asyncio
from collections.abc import Mapping
from urllib.parse import urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from config.errors import QinwuError
from config.words import words
from events.door_body import MOST_BYTES, Refusal
from events.ports import NoStream, StreamGap, TooLarge

_HOSTS = {"127.0.0.1", "localhost", "::1"}
_BODY_S = 10.0  # a body that comes slower is not waited for
_STATUS: Mapping[type[QinwuError], int] = {StreamGap: 410, NoStream: 404, TooLarge: 413}


class Guard:
    """Lets in requests for this machine from programs of this machine."""

    def __init__(self, inner: ASGIApp) -> None:
        """Stand before `inner`."""
        self._inner = inner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, or hand on."""
        if scope["type"] == "http":
            said = [(n.lower(), v.decode("latin-1")) for n, v in scope["headers"]]
            hosts = [value for name, value in said if name == b"host"]
            origins = [value for name, value in said if name == b"origin"]
            if len(hosts) != 1 or not _is_here(hosts[0]):
                await said_no(403, "door.foreign_host")(scope, receive, send)
                return
            if any(origin != f"http://{hosts[0]}" for origin in origins):
                await said_no(403, "door.foreign_origin")(scope, receive, send)
                return
        await self._inner(scope, receive, send)


def _is_here(host: str) -> bool:
    try:
        return urlsplit(f"//{host}").hostname in _HOSTS
    except ValueError:
        return False


def said_no(status: int, key: str, **fields: object) -> Response:
    """A refusal as JSON: a code for programs, a sentence for persons."""
    plain = {name: value if isinstance(value, int) else str(value)
             for name, value in fields.items()}  # fmt: skip
    told = {"error": key, "message": words()(key, **fields), "fields": plain}
    return JSONResponse(told, status)


async def refused(request: Request, refusal: Exception) -> Response:
    """Handler of `Refusal`."""
    del request
    assert isinstance(refusal, Refusal)  # noqa: S101 - registered for it
    return said_no(refusal.status, refusal.key, **refusal.fields)


async def trouble(request: Request, error: Exception) -> Response:
    """Handler of `QinwuError`: what the bus says."""
    del request
    assert isinstance(error, QinwuError)  # noqa: S101 - registered for it
    return said_no(_STATUS.get(type(error), 503), error.key, **error.fields)


async def plain(request: Request, error: Exception) -> Response:
    """Handler of what the router refuses: no such path, wrong method."""
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for it
    answer = said_no(error.status_code, "door.no_such", method=request.method)
    answer.headers.update(error.headers or {})
    return answer


def media(request: Request) -> str:
    """The media type of the body, without parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def number(request: Request, name: str, default: float, most: float, least: float = 0) -> float:
    """A number of the query; Refusal when it is none or out of bounds."""
    text = request.query_params.get(name)
    if text is None:
        return default
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not least <= value <= most:
        raise Refusal(400, "door.no_number", name=name, value=text[:40], least=least, most=most)
    return value


async def body(request: Request) -> bytes:
    """The whole body; Refusal when it is too large or too slow."""
    told = request.headers.get("content-length", "0")
    if not told.isdigit() or int(told) > MOST_BYTES:
        raise Refusal(413, "door.too_large", most=MOST_BYTES)
    taken = bytearray()
    try:
        async with asyncio.timeout(_BODY_S):
            async for chunk in request.stream():
                taken += chunk
                if len(taken) > MOST_BYTES:
                    raise Refusal(413, "door.too_large", most=MOST_BYTES)
    except TimeoutError:
        raise Refusal(408, "door.too_slow") from None
    except ClientDisconnect:
        raise Refusal(400, "door.too_slow") from None
    return bytes(taken)
