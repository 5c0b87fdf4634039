"""Every code by which something is refused has words in each language, read from the code."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from test_dispatch_words import returned

from config.words import LANGUAGES, words
from events.hints import NAME_TOO_LONG
from events.reason_words import reason_text
from events.samples import samples
from events.schema import REASONS, Refused, parse

ODD: tuple[Any, ...] = (
    None, "", "x", "x" * 1001, 7, -1e9, 1e9, 10**30, float("inf"), True, [], [7], [{}], {},
    {"a": 1}, ["x"] * 9999, "2026-02-30T00:00:00Z",
)  # fmt: skip
"""Values that hardly any field may have."""


def refusals() -> Iterator[str]:
    """Codes of the samples with one of their values changed, and of values that are missing."""
    for sample in samples().values():
        whole = json.loads(sample)
        for told in (whole, whole["data"]):
            for name, right in list(told.items()):
                for wrong in ODD:
                    told[name] = wrong
                    # Infinity is written as the JSON that it is read from.
                    refused = parse(json.dumps(whole).replace("Infinity", "1e999").encode())
                    if isinstance(refused, Refused):
                        yield refused.code
                told[name] = right


def test_every_code_has_its_words() -> None:
    """Of the parser, of the validator and of the engine."""
    codes = {*refusals(), *REASONS, NAME_TOO_LONG} - {"invalid"}
    codes |= returned("_refusal", "judge") | returned("_of_clock", "judge")
    assert len({code.rpartition(":")[2] for code in codes}) > 20
    assert {(code, lang) for code in codes for lang in LANGUAGES
            if reason_text(code, words(lang)) == code} == set()  # fmt: skip


@pytest.mark.parametrize("where", [{}, {"lon": 120.5, "lat": 30.1}])
def test_what_a_report_lacks_is_named(where: dict[str, float]) -> None:
    """The commonest mistakes: it says no place, or a point without its coordinate system."""
    told = json.loads(samples()["incident_reported"])
    told["data"] = {"kind": "crash", **where}
    refused = parse(json.dumps(told).encode())
    assert isinstance(refused, Refused)
    for lang, place in (("en", "no place"), ("zh-CN", "未报地点")):
        text = reason_text(refused.code, words(lang))
        assert place in text
        assert "crs" in text


@pytest.mark.parametrize("code", ["KeyError('late')", "", "invalid:data.x:of_tomorrow"])
def test_what_has_no_words_is_said_as_it_came(code: str) -> None:
    """Why an input was set aside, or a code of another program."""
    assert reason_text(code, words("en")) == code
