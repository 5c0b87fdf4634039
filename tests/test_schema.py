"""Events: what is taken, what is refused and why, and that old events are taken for good."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.ids import AreaId
from config.words import LANGUAGES, words
from events.facts import without_floats
from events.frame import Fold, Frame
from events.kinds import BY_TYPE, EVENTS, moment_ms, moment_text
from events.ports import LARGEST_EVENT_BYTES, Stored
from events.samples import samples
from events.schema import (
    REASONS,
    Envelope,
    Refused,
    event,
    json_schemas,
    parse,
    parsed,
    restored,
)

GOLDEN = sorted(Path(__file__).parent.glob("golden/*.json"))
INCIDENT = {"kind": "crash", "text": "天目山路", "at": "2026-12-03T07:42:12+08:00"}
RAW = event("incident_reported", INCIDENT, source="desk", id="1")
BINARY = (
    ("ce_specversion", b"1.0"),
    ("ce_id", b"7"),
    ("ce_source", "卡口".encode()),
    ("ce_type", b"qinwu.incident_reported.v1"),
    ("ce_time", b"2026-12-03T07:42:13+08:00"),
)


def changed(**changes: object) -> bytes:
    """A sound incident with some data fields changed; None takes one out."""
    whole = json.loads(RAW)
    whole["data"] |= changes
    whole["data"] = {key: value for key, value in whole["data"].items() if value is not None}
    return json.dumps(whole).encode()


def taken(value: bytes, headers: tuple[tuple[str, bytes], ...] = ()) -> Envelope:
    """The envelope, which must be there."""
    found = parse(value, headers)
    assert isinstance(found, Envelope), found
    return found


def refused(value: bytes, headers: tuple[tuple[str, bytes], ...] = ()) -> str:
    """The reason code, which must be there."""
    found = parse(value, headers)
    assert isinstance(found, Refused), found
    assert found.reason in REASONS
    return found.code


def kept_in(written: object, kept: object) -> bool:
    """Whether all that was written is there; what is new may stand beside it."""
    if isinstance(written, dict) and isinstance(kept, dict):
        return all(value is None or kept_in(value, kept.get(key)) for key, value in written.items())
    if isinstance(written, list) and isinstance(kept, list):
        return len(written) == len(kept) and all(map(kept_in, written, kept))
    return written == kept


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_a_golden_event_is_taken_for_good(path: Path) -> None:
    """Every event that was ever written down parses, and none of its fields was dropped."""
    raw = path.read_bytes()
    written = json.loads(raw)
    envelope = taken(raw)
    assert envelope.type == written["type"]
    kept = json.loads(envelope.data.model_dump_json(exclude_none=True))
    assert kept_in(written["data"], kept)


def test_each_event_has_a_golden_file() -> None:
    """No event without one."""
    assert {path.stem.split("-")[0] for path in GOLDEN} == {kind.name for kind in EVENTS}


@pytest.mark.parametrize("name", samples())
def test_the_normal_form_keeps_all_and_has_no_floats(name: str) -> None:
    """What a frame records of an event has no floats, and gives the event back."""
    envelope = taken(samples()[name])
    normal = json.loads(json.dumps(envelope.normal(1_764_720_000_000)))
    without_floats(normal)
    again = restored(envelope.type, normal)
    assert again.model_dump(exclude={"at"}) == envelope.data.model_dump(exclude={"at"})
    assert again.at_ms == envelope.at_ms(1_764_720_000_000)


@given(lon=st.floats(-180, 180), lat=st.floats(-90, 90))
def test_a_point_survives_the_normal_form(lon: float, lat: float) -> None:
    """Degrees come back to within 10⁻⁷, about a centimetre."""
    envelope = taken(changed(lon=lon, lat=lat, crs="WGS-84"))
    again = restored(envelope.type, envelope.normal(0)).model_dump()
    assert abs(again["lon"] - lon) <= 0.5001e-7
    assert abs(again["lat"] - lat) <= 0.5001e-7


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (b"\xff\xfe", "encoding"),
        (RAW.replace(b"desk", b"\xc3\x28"), "encoding"),
        (b"", "not_json"),
        (b"not json", "not_json"),
        (b"[" * 100_000, "not_json"),
        (b'{"specversion":"1.0","n":' + b"9" * 5000 + b"}", "not_json"),
        (RAW.replace(b"desk", rb"\ud800"), "encoding"),
        (b"{}", "not_an_event"),
        (b"[1]", "not_an_event"),
        (b'"specversion"', "not_an_event"),
        (RAW.replace(b'"1.0"', b'"2.0"'), "specversion"),
        (RAW.replace(b'"1.0"', b"1"), "specversion"),
        (RAW.replace(b"incident_reported", b"incident_imagined"), "unknown_type"),
        (RAW.replace(b'"type"', b'"kind_of"'), "unknown_type"),
        (RAW.replace(b"desk", rb"de\u0000sk"), "nul"),
        (b"\x00" + RAW, "nul"),
        (changed(ignored=float("nan")), "nan"),
        (changed(lon=float("inf"), lat=1, crs="WGS-84"), "nan"),
        (b" " * (LARGEST_EVENT_BYTES + 1), "oversize"),
        (changed(kind=None), "invalid:data.kind:missing"),
        (changed(kind="bang"), "invalid:data.kind:literal_error"),
        (changed(lon=181, lat=1, crs="WGS-84"), "invalid:data.lon:less_than_equal"),
        (changed(lon="1", lat=1, crs="WGS-84"), "invalid:data.lon:float_type"),
        (changed(lon=120, lat=30), "invalid:data:value_error"),
        (changed(lon=120, lat=30, crs="mars"), "invalid:data.crs:literal_error"),
        (changed(text=None), "invalid:data:value_error"),
        (changed(priority=True), "invalid:data.priority:int_type"),
        (RAW.replace(b'"id":"1"', b'"id":""'), "invalid:id:string_too_short"),
    ],
)
def test_bad_bytes_are_refused_with_their_reason(value: bytes, code: str) -> None:
    """Each kind of bad input has its own machine-readable reason, and nothing raises."""
    assert refused(value) == code


@pytest.mark.parametrize(
    "at",
    [
        "2026-12-03T07:42:12",
        "2026-12-03",
        "1764720000",
        "2026-02-30T07:42:12Z",
        "2026-12-03T24:42:12Z",
        "2026-12-03T07:42:12+25:00",
        "٢٠٢٦-12-03T07:42:12Z",
        "2026-12-03T07:42:12Z\n",
    ],
)
def test_a_time_without_offset_or_sense_is_refused(at: str) -> None:
    """Naive times, bare numbers and days that do not exist are refused where they stand."""
    assert refused(changed(at=at)).startswith("invalid:data.at:")


@pytest.mark.parametrize(
    ("at", "at_ms"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("2026-12-03T07:42:12.207+08:00", 1_796_254_932_207),
        ("2026-12-02T23:42:12.2079Z", 1_796_254_932_207),
        ("2026-12-03 07:42+0800", 1_796_254_920_000),
        ("1969-12-31T23:59:59.9999Z", -1),
    ],
)
def test_a_time_is_ms_rounded_down(at: str, at_ms: int) -> None:
    """ISO 8601 with any offset is the same moment in Unix ms."""
    assert taken(changed(at=at)).data.at_ms == at_ms


@given(st.integers(0, 4_102_444_800_000))
def test_a_moment_written_and_read_is_the_same(at_ms: int) -> None:
    """`moment_text` and `moment_ms` are each other's inverse."""
    assert moment_ms(moment_text(at_ms)) == at_ms


def test_structured_wins_over_headers() -> None:
    """A value with specversion is structured whatever its headers say."""
    assert taken(RAW, BINARY).event == "desk/1"


def test_binary_mode() -> None:
    """Attributes come from the headers when the value has none."""
    envelope = taken(json.dumps(INCIDENT).encode(), BINARY)
    assert envelope.event == "卡口/7"
    assert envelope.data == taken(RAW).data
    assert envelope.time == "2026-12-03T07:42:13+08:00"


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("ce_type", b"qinwu.nothing.v1", "unknown_type"),
        ("ce_specversion", b"0.3", "specversion"),
        ("ce_id", b"\xff", "encoding"),
        ("ce_id", b"a\x00", "nul"),
        ("ce_id", b"", "invalid:id:string_too_short"),
        ("ce_time", b"yesterday", "invalid:time:string_pattern_mismatch"),
    ],
)
def test_bad_headers_are_refused(name: str, value: bytes, code: str) -> None:
    """Binary mode refuses with the same reasons."""
    headers = tuple((dict(BINARY) | {name: value}).items())
    assert refused(json.dumps(INCIDENT).encode(), headers) == code


def test_a_refusal_names_the_event_when_it_can_be_read() -> None:
    """So that the reply finds its sender."""
    found = parse(changed(kind="bang"))
    assert isinstance(found, Refused)
    assert found.event == "desk/1"


def test_unknown_fields_are_ignored() -> None:
    """A newer sender's fields do no harm, in the envelope and in the data."""
    whole = json.loads(changed(invented={"deep": [1.5]}))
    assert taken(json.dumps(whole | {"traceparent": "00-1"}).encode()).data == taken(RAW).data


def test_the_own_time_comes_first() -> None:
    """An event's time is its `at`, else the envelope's, else when it was stored."""
    whole = json.loads(changed(at=None)) | {"time": "1970-01-01T00:00:02Z"}
    assert taken(RAW).at_ms(5) == moment_ms(INCIDENT["at"])
    assert taken(json.dumps(whole).encode()).at_ms(5) == 2000
    assert taken(changed(at=None)).at_ms(5) == 5
    assert taken(changed(at=None)).normal(5)["at"] == "1970-01-01T00:00:00.005Z"


@settings(max_examples=300)
@given(
    st.binary(max_size=200),
    st.lists(st.tuples(st.sampled_from([k for k, _ in BINARY]), st.binary(max_size=30))),
)
def test_no_bytes_make_parse_raise(value: bytes, headers: list[tuple[str, bytes]]) -> None:
    """Any value with any headers is taken or refused."""
    assert isinstance(parse(value, headers), (Envelope, Refused))


@settings(max_examples=300)
@given(st.integers(0, len(RAW) - 1), st.binary(max_size=4))
def test_no_mutation_makes_parse_raise(place: int, junk: bytes) -> None:
    """A sound event with bytes replaced is taken or refused."""
    assert isinstance(parse(RAW[:place] + junk + RAW[place + len(junk) :]), (Envelope, Refused))


@pytest.mark.parametrize("name", ["specversion", "id", "source", "type", "time", "data", "x"])
@pytest.mark.parametrize("odd", ["null", "true", "7", "1e400", '""', "[]", "{}", '[{"a": []}]'])
def test_no_kind_of_value_makes_parse_raise(name: str, odd: str) -> None:
    """One event that nobody can read would stop whoever reads the inbox, each time anew."""
    for whole in (json.loads(changed()), {"specversion": "1.0"}):
        text = json.dumps(whole | {name: "ODD"}).replace('"ODD"', odd)
        assert isinstance(parse(text.encode()), Envelope | Refused)


def test_event_refuses_what_parse_would() -> None:
    """Nobody can make a bad event by mistake."""
    with pytest.raises(ValueError, match=r"data\.kind"):
        event("incident_reported", {"text": "x"}, source="s", id="1")
    with pytest.raises(ValueError, match="no event"):
        event("incident", {}, source="s", id="1")


def test_event_takes_a_model_or_fields() -> None:
    """Both give the same event."""
    model = taken(RAW).data
    assert taken(event("incident_reported", model, source="desk", id="1")) == taken(RAW)


def test_each_event_has_a_json_schema_with_its_type() -> None:
    """The export names every event, pins its type, and describes each class in a sentence."""
    schemas = json_schemas()
    assert set(schemas) == {kind.name for kind in EVENTS}
    for kind in EVENTS:
        assert schemas[kind.name]["properties"]["type"]["const"] == kind.type()
        assert schemas[kind.name]["description"].endswith(".")
    assert all(f"qinwu.{name}.v1" in BY_TYPE for name in schemas)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_each_reason_has_its_words(lang: str) -> None:
    """Codes are rendered in every language; the codes themselves never reach a person."""
    say = words(lang)
    for reason in REASONS:
        assert say(f"refused.{reason}", where="data.kind", problem="missing")


def test_records_parsed_together_are_those_parsed_one_by_one() -> None:
    """Whatever stands beside them: sound ones, what only the classes know, and refused ones."""
    sound = list(samples().values())
    odd = [b"", b"\xff", b"{}", b"NaN", changed(note="a\0b"), changed(at="2028-02-29T07:42Z")]
    large = b'{"specversion":"1.0"}'.ljust(LARGEST_EVENT_BYTES + 1)
    headers = (("ce_specversion", b"1.0"),)
    for values in (sound, [*sound, *odd], [*odd, *sound], [*sound, large], [*sound, changed()], []):
        found = [Stored(n, value, headers) for n, value in enumerate(values)]
        assert parsed(found) == [parse(one.value, one.headers) for one in found]


@pytest.mark.parametrize("deep", [2, 30, 64, 150, 197, 198, 5_000])
@pytest.mark.parametrize("edges", ['{"a":|}', "[|]"])
def test_what_is_taken_can_be_read_from_its_frame(deep: int, edges: str) -> None:
    """However deep it is nested: a frame that no parser takes would end the journal for good."""
    left, right = edges.split("|")
    whole = json.loads(samples()["draft_edited"])
    whole["data"]["change"] = "CHANGE"
    change = '{"weight":' + left * deep + "1" + right * deep + "}"
    told = parse(json.dumps(whole).replace('"CHANGE"', change).encode())
    assert isinstance(told, Refused) is (deep > 30)
    if isinstance(told, Envelope):
        facts = (told.accepted("hz.inbox", 1, 5),)
        raw = Fold(AreaId("hz")).next_frame("w", 1, facts=facts).raw()
        assert Frame.read(raw).facts == facts
