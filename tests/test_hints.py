"""What a refused event should have been, in structured and binary mode, and in words."""

import json
from typing import Any

import pytest

from config.words import words
from events import schema
from events.hints import hint_of, hint_text

KIND = "qinwu.incident_reported.v1"
SOUND = {"kind": "crash", "severity": "none", "place": "p1"}


def structured(**data: Any) -> bytes:  # noqa: ANN401 - of an event
    """An incident with some fields changed."""
    told = {"specversion": "1.0", "id": "1", "source": "s", "type": KIND, "data": SOUND | data}
    return json.dumps(told).encode()


def code_of(value: bytes, headers: tuple[tuple[str, bytes], ...] = ()) -> str:
    """Why it is refused."""
    refused = schema.parse(value, headers)
    assert isinstance(refused, schema.Refused)
    return refused.code


@pytest.mark.parametrize(
    ("data", "hint"),
    [
        ({"severity": "bad"}, {"expected": ["none", "damage", "injury", "fatal"]}),
        ({"lon": 120.1}, {"rule": "lon, lat and crs go together"}),
        ({"priority": 9}, {"at_most": 4}),
        ({"place": 7}, None),
    ],
    ids=["value", "rule", "bound", "type"],
)
def test_a_hint_says_what_would_be_right(data: dict[str, Any], hint: object) -> None:
    """The values there are, the rule, the bound; nothing where the code says all."""
    value = structured(**data)
    assert hint_of(code_of(value), value) == hint


def test_a_hint_finds_the_type_in_the_headers_of_binary_mode() -> None:
    """There the value is the data alone."""
    value = json.dumps(SOUND | {"crs": "ED50"}).encode()
    told = {"specversion": "1.0", "id": "1", "source": "s", "type": KIND}
    headers = tuple((f"ce_{name}", text.encode()) for name, text in told.items())
    hint = hint_of(code_of(value, headers), value, headers)
    assert hint is not None
    assert "GCJ-02" in hint["expected"]


@pytest.mark.parametrize("value", [b"", b"[]", b"\xff", b"{}", structured()[:40], b"[" * 100_000])
def test_bytes_that_are_gone_or_no_event_give_no_hint(value: bytes) -> None:
    """The reply goes out all the same."""
    assert hint_of("invalid:data.kind:literal_error", value) is None


def test_a_hint_is_said_in_words() -> None:
    """The code stays beside it."""
    say = words("en")
    assert hint_text({"expected": ["a", "b"]}, say) == "one of a, b"
    assert hint_text({"later": 1}, say) == '{"later": 1}'
