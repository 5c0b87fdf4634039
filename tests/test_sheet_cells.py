"""What a cell of the duty sheet says, whatever hand wrote it."""

from datetime import date, datetime, time, timedelta

import pytest
from districts import small_district

from config.district import load
from config.ids import PersonId, PostId, VehicleId
from scheduler.sheet.cells import Fault, Stated, is_off, parse, text_of
from scheduler.sheet.known import Known

DAY, NIGHT = (450, 930), (1320, 1800)


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Known:
    """What the hand-made district knows."""
    return Known.of(load(small_district(tmp_path_factory.mktemp("d"))))


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("07:30-15:30", DAY), ("07:30–15:30", DAY), ("7:30—15:30", DAY), ("07:30 ~ 15:30", DAY),
        ("０７：３０－１５：３０", DAY), ("07：30至15：30", DAY), ("7点30分到15点30分", DAY),
        ("7点半-15点半", DAY), ("0730-1530", DAY), ("07.30-15.30", DAY), ("07:30 to 15:30", DAY),
        ("白班7:30-15:30", None), ("7-15", (420, 900)), ("16:00-24:00", (960, 1440)),
        ("16:00-00:00", (960, 1440)), ("22:00-06:00", NIGHT), ("22:00-次日06:00", NIGHT),
        ("22:00–06:00+1", NIGHT), ("22:00-06:00(+1)", NIGHT), ("22:00-翌日6:00", NIGHT),
        ("22:00 - next day 06:00", NIGHT), ("07:30-次日08:00", (450, 1920)),
        ("00:00-08:00", (0, 480)),
    ],
)  # fmt: skip
def test_hours_are_read_as_people_write_them(
    known: Known, text: str, span: tuple[int, int] | None
) -> None:
    """Any dash, full-width digits, the next day by word or by an end that is not later."""
    found = parse(text, known)
    if span is None:
        assert isinstance(found, Fault)
    else:
        assert isinstance(found, Stated)
        assert (found.start_min, found.end_min) == span


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("25:00–06:00", (1500, 1800)), ("次日01:00–06:00", (1500, 1800)),
        ("next day 01:00–06:00", (1500, 1800)), ("25:00–30:00", (1500, 1800)),
        ("24:00-05:30", (1440, 1770)), ("00:30–05:00", (1470, 1740)),
        ("08:00–16:00", (480, 960)), ("22:00–06:00", NIGHT), ("次日06:00–01:00", "no_length"),
        ("49:00–50:00", "clock"),
    ],
)  # fmt: skip
def test_the_rest_of_a_night_stays_on_the_day_after(
    known: Known, text: str, span: tuple[int, int] | str
) -> None:
    """As the sheet prints it, as a fault proposes it, and when only its hours are moved."""
    found = parse(text, known, (1500, 1800))
    if isinstance(found, Fault):
        assert found.key == span
    else:
        assert isinstance(found, Stated)
        assert (found.start_min, found.end_min) == span


@pytest.mark.parametrize(
    "text",
    ["休", "休息", " 休 ", "轮休", "off", "OFF", "Off.", "-", "—", "/", "", "  ", "病假", "（休）"],
)
def test_words_for_a_day_off(known: Known, text: str) -> None:
    """In both languages, whatever the sheet's."""
    assert is_off(text)
    assert parse(text, known) is None


@pytest.mark.parametrize(
    ("text", "stated"),
    [
        ("07:30-15:30 v2", Stated(*DAY, vehicle=VehicleId("v2"))),
        ("07:30-15:30\n巡逻·st1", Stated(*DAY, "patrol", PostId("st1"))),
        ("07:30-15:30\npatrol · st1", Stated(*DAY, "patrol", PostId("st1"))),
        ("学校", None), ("护学岗 7:30-15:30", Stated(*DAY, "school")),
        ("07:30-15:30\n※16:00–17:20 护学岗 第四小学", Stated(*DAY)),
        ("07:30-15:30\n同组：a1、a2", Stated(*DAY, auxiliaries=(PersonId("a1"), PersonId("a2")))),
        ("07:30-15:30\nwith a1, a2", Stated(*DAY, auxiliaries=(PersonId("a1"), PersonId("a2")))),
        ("07:30-15:30\n同组：无", Stated(*DAY, auxiliaries=())),
    ],
)  # fmt: skip
def test_the_rest_of_a_cell(known: Known, text: str, stated: Stated | None) -> None:
    """Kind, post, vehicle and crew, where they are said; fixed duties are not read."""
    found = parse(text, known)
    assert found == stated if stated is not None else isinstance(found, Fault)


@pytest.mark.parametrize(
    ("text", "key", "near"),
    [
        ("07:30", "half", "07:30–16:00"), ("07:30-", "half", "07:30–16:00"),
        ("07:3", "half", "07:30–16:00"), ("07:30-1", "half", "07:30–16:00"),
        ("07:30-15", "half", "07:30–16:00"), ("7-15:30", "half", "07:00–16:00"),
        ("9", "half", "09:00–16:00"),
        ("17:00-", "half", "17:00–01:00"), ("巡逻", "half", "08:00–16:00"),
        ("25:00-30:00", "clock", "23:00–07:00"), ("07:61-15:30", "clock", "07:59–15:30"),
        ("08:00-08:00", "no_length", "08:00–16:00"),
        ("07:00-11:00 14:00-18:00", "two_spans", "07:00–18:00"),
        ("次日01:00-06:00", "clock", "01:00–06:00"),
        ("07:30-15:30 巡罗", "unknown_word", None), ("07:30-15:30 patrl", "unknown_word", "patrol"),
        ("07:30-15:30\n同组：a1、a99", "stranger", None),
        ("07:30-15:30\n同组：a1、a1", "named_twice", None),
    ],
)  # fmt: skip
def test_a_fault_has_a_cause_and_the_nearest_valid_value(
    known: Known, text: str, key: str, near: str | None
) -> None:
    """What the cell was about to say, by what the duty was before."""
    found = parse(text, known, (480, 960))
    assert isinstance(found, Fault)
    assert found.key == key
    if near is not None:
        assert found.fields["near"] == near


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""), ("休", "休"), (time(7, 30), "07:30"), (0.3125, "07:30"), (730, "730"),
        (timedelta(hours=30), "30:00"), (datetime.fromisoformat("2026-08-16"), "08:00–16:00"),
        (date(2026, 12, 25), None), (True, None),
    ],
)  # fmt: skip
def test_what_a_spreadsheet_made_of_a_cell(value: object, text: str | None) -> None:
    """A time is a text again; a date that was hours is proposed as hours, never guessed."""
    found = text_of(value)
    if isinstance(found, Fault):
        assert found.key in ("date_made", "no_text")
        assert found.fields.get("near") == text
    else:
        assert found == text
