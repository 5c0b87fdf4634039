"""Units that say what is not theirs to say: nothing changes, and sender and desk are told why."""

from pathlib import Path
from typing import Any

import pytest
from engines import Station, settle


@pytest.fixture
def station(tmp_path: Path) -> Station:
    """Unit t1 has an order, hz/3/0 or the like; t2 is on duty without one."""
    station = Station(tmp_path / "d")
    engine = station.engine()
    station.staff(1, 2)
    settle(engine)
    station.incident()
    settle(engine)
    return station


def order_of(station: Station) -> dict[str, Any]:
    """The order that was given."""
    return next(row for row in station.rows("orders") if row["type"] == "order")


def other_than(unit: str) -> str:
    """The unit without an order."""
    return {"t1": "t2", "t2": "t1"}[unit]


def told(station: Station, name: str, **data: Any) -> tuple[str | None, list[str]]:  # noqa: ANN401
    """The reason in the reply, and the refused lines of the console."""
    before = len(station.rows("console"))
    station.send(name, **data)
    settle(station.engine(writer="next"))
    reply = station.rows("replies")[-1]
    assert reply["outcome"] == "accepted"
    lines = station.rows("console")[before:]
    return reply["reason"], [row["text"] for row in lines if row["kind"] == "refused"]


@pytest.mark.parametrize("answer", ["accepted", "refused"])
def test_the_answer_of_another_unit_is_not_taken(station: Station, answer: str) -> None:
    """It would take the order from the unit that drives."""
    order = order_of(station)
    other = other_than(order["unit"])
    said = told(station, "order_answered", unit=other, order=order["order"], answer=answer)
    assert said == ("ignored:order_of_other", ["order_of_other"])


@pytest.mark.parametrize("status", ["acknowledged", "on_scene", "free"])
def test_a_status_about_anothers_order_is_not_taken(station: Station, status: str) -> None:
    """It would end it."""
    order = order_of(station)
    other = other_than(order["unit"])
    said = told(station, "status_reported", unit=other, order=order["order"], status=status)
    assert said == ("ignored:order_of_other", ["order_of_other"])


@pytest.mark.parametrize("order", ["hz/999999/0", "sh/1/0", "nonsense", "hz/" + "9" * 40 + "/0"])
def test_an_order_that_was_never_given_is_said_to_be_none(station: Station, order: str) -> None:
    """A sender of the wrong brigade, or with a fault of its own."""
    unit = order_of(station)["unit"]
    said = told(station, "order_answered", unit=unit, order=order, answer="accepted")
    assert said == ("ignored:order_unknown", ["order_unknown"])


def test_an_order_may_be_named_as_the_log_says_it(station: Station) -> None:
    """A crew reads D40.1 off the screen; nowhere does it see the id."""
    order = order_of(station)
    short = "D{}.{}".format(*order["order"].split("/")[-2:])
    said = told(station, "order_answered", unit=order["unit"], order=short, answer="accepted")
    assert said == (None, [])


def test_a_word_about_an_order_that_is_over_is_told_to_its_sender_only(station: Station) -> None:
    """It was on its way when the order was called back: the desk knows."""
    order = order_of(station)
    told(station, "status_reported", unit=order["unit"], status="free", order=order["order"])
    station.send("command_given", command="cancel", by="o1", incident=order["incident"])
    settle(station.engine(writer="next"))
    said = told(
        station, "order_answered", unit=order["unit"], order=order["order"], answer="accepted"
    )
    assert said == ("ignored:order_over", [])


def test_the_answer_of_a_unit_that_is_not_on_duty_is_not_taken(station: Station) -> None:
    """As its status is not."""
    order = order_of(station)["order"]
    said = told(station, "order_answered", unit="t5", order=order, answer="accepted")
    assert said == ("ignored:not_on_duty", ["not_on_duty"])


@pytest.mark.parametrize(("officer", "reason"), [
    ("o3", None), ("o4", "noted:other_crew"), ("nobody", "noted:unmanned"),
    ("o2", "noted:two_units"),
])  # fmt: skip
def test_who_signs_in_without_its_own_officer_is_told(
    station: Station, officer: str, reason: str | None
) -> None:
    """The unit counts, or does not, other than the sender thinks."""
    crew = {"officer": officer, "auxiliaries": ["a3", "a11"]}
    assert told(station, "signed_in", unit="t3", duty="t3-1", **crew) == (reason, [])


def test_single_edits_of_a_draft_are_said_to_be_carried_out_by_nobody(station: Station) -> None:
    """Whoever changed a duty so would believe it changed."""
    edits = [{"duty": "t1@2026-11-30", "team": "t2"}]
    said = told(station, "draft_edited", week="2026-W49", version=2, edits=edits)
    assert said == ("ignored:edits", ["edits"])
