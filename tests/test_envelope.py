"""Events read in one pass: never what the classes would not take, and always the same."""

import json
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from events import envelope
from events.envelope import Envelope
from events.event import CertainMoment, Moment
from events.kinds import EVENTS
from events.known import known
from events.samples import samples
from events.schema import by_classes

SAMPLES = samples()
CERTAIN: TypeAdapter[str] = TypeAdapter(CertainMoment)
MOMENT: TypeAdapter[str] = TypeAdapter(Moment)
ODD_VALUES: tuple[Any, ...] = (
    None, "", "x", "2026-12-03T07:42:12+08:00", "2026-02-30T07:42:12Z", "2028-02-29 07:42+08",
    "GCJ-02", "2026-W53", "2026-12-03", True, 0, 1, -1, 7.5, 181, 10**20, [], ["x"], [None], {},
    {"x": 1}, {"x": 1.5},
)  # fmt: skip


def seen_by_classes(value: bytes) -> Envelope | None:
    """What the classes make of a structured value; None when they refuse it."""
    try:
        return by_classes(value)
    except ValueError:
        return None


def read(value: bytes) -> Envelope | None:
    """What one pass makes of a value; None when the classes must look at it."""
    return envelope.read((value,))[0]


def spelled(told: Envelope) -> str:
    """All that an envelope says, order and types included."""
    data = list(told.data.__dict__.items())
    return f"{told!r} {data} {json.dumps(told.normal(5))} {told.event} {told.at_ms(5)}"


@pytest.mark.parametrize("name", SAMPLES)
def test_an_event_is_read_in_one_pass(name: str) -> None:
    """Nearly all events never come before the classes; what they would say is the same."""
    quick = read(SAMPLES[name])
    assert quick is not None
    assert spelled(quick) == spelled(by_classes(SAMPLES[name]))


@pytest.mark.parametrize("kind", EVENTS)
def test_every_field_of_every_event_is_told(kind: type[Any]) -> None:
    """One pass and classes know the same fields with the same defaults; none is computed."""
    assert all(field.default_factory is None for field in kind.model_fields.values())
    bare = read(SAMPLES[kind.name])
    assert bare is not None
    assert set(bare.data.__dict__) == set(kind.model_fields)


@st.composite
def distorted(draw: st.DrawFn) -> bytes:
    """A sample with attributes and fields of its class left out, doubled, moved, or odd."""
    kind = draw(st.sampled_from(EVENTS))
    whole = json.loads(SAMPLES[kind.name])
    fields = list(whole.pop("data").items())
    for name in draw(st.lists(st.sampled_from(sorted(kind.model_fields)), max_size=4)):
        fields = [one for one in fields if one[0] != name or draw(st.booleans())]
        if draw(st.booleans()):
            fields.append((name, draw(st.sampled_from(ODD_VALUES))))
    if draw(st.booleans()):
        fields = draw(st.permutations(fields))
    around = list(whole.items())
    if draw(st.booleans()):
        odd = (draw(st.sampled_from([*whole, "time"])), draw(st.sampled_from(ODD_VALUES)))
        around.insert(draw(st.integers(0, len(around))), odd)
    data = "{" + ",".join(f"{json.dumps(n)}:{json.dumps(v)}" for n, v in fields) + "}"
    told = [f"{json.dumps(n)}:{json.dumps(v)}" for n, v in around]
    told.insert(draw(st.integers(0, len(told))), f'"data":{data}')
    return ("{" + ",".join(told) + "}").encode()


@settings(max_examples=400, deadline=None)
@given(distorted())
def test_one_pass_takes_nothing_that_the_classes_refuse(value: bytes) -> None:
    """Whatever is read in one pass is taken by the classes, as the very same event."""
    quick = read(value)
    if quick is not None:
        careful = seen_by_classes(value)
        assert careful is not None
        assert spelled(quick) == spelled(careful)


@settings(max_examples=400, deadline=None)
@given(distorted())
def test_the_classes_take_no_more_but_rare_times(value: bytes) -> None:
    """Only times that exist beyond their form are left to the classes: leap days, old years."""
    careful = seen_by_classes(value)
    if careful is not None and read(value) is None:
        assert b"-02-29" in value


def test_a_time_that_its_form_makes_certain_exists() -> None:
    """Day by day around leap years and centuries: what is certain is a moment, in all forms."""
    first = date(1895, 12, 1)
    for n in range(60_000):
        day = first + timedelta(n)
        text = f"{day.isoformat()}T07:42Z"
        assert (day.month, day.day) == (2, 29) or CERTAIN.validate_python(text) == text


@given(
    st.tuples(
        st.integers(0, 10_050), st.integers(0, 13), st.integers(0, 32), st.integers(0, 25),
        st.integers(0, 61),
    ),
    st.sampled_from(("T", " ", "t")),
    st.sampled_from(("", ":00", ":59.5", ":59.123456789", ":60", ":61")),
    st.sampled_from(("Z", "+08", "+0800", "-08:30", "+23:59", "+24:00", "+08:60", "-00:00", "")),
)  # fmt: skip
def test_a_certain_time_is_a_moment(
    told: tuple[int, int, int, int, int], between: str, second: str, offset: str
) -> None:
    """Nothing is certain that the calendar, the clock or the offset does not have."""
    year, month, day, hour, minute = told
    text = f"{year:04}-{month:02}-{day:02}{between}{hour:02}:{minute:02}{second}{offset}"
    try:
        CERTAIN.validate_python(text)
    except ValueError:
        return
    assert MOMENT.validate_python(text) == text


@pytest.mark.parametrize("name", SAMPLES)
def test_what_was_validated_is_made_without_a_second_time(name: str) -> None:
    """The object is the one that its class makes: equal, as frozen, copied and dumped alike."""
    told = by_classes(SAMPLES[name]).data
    made = known(type(told), dict(told.__dict__))
    assert made == told
    assert made.model_dump_json() == told.model_dump_json()
    assert made.model_copy(update={"at": "x"}) == told.model_copy(update={"at": "x"})
    with pytest.raises(ValueError, match="frozen"):
        made.at = None  # type: ignore[misc]
