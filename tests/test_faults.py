"""Killed in the middle of everything, dispatch loses nothing; the long form is a benchmark."""

import random
from pathlib import Path

import pytest
from runs import this_week
from trials import Trial, measure

from config.ids import AreaId
from events.kafka_topics import create_topics


@pytest.mark.parametrize("kills", [2, 4], ids=["random", "named"])
def test_kills_lose_nothing_on_sqlite(tmp_path: Path, kills: int) -> None:
    """Journal, orders and inbox account for each other after the worker was killed."""
    folder = this_week(tmp_path / "d")
    trial = Trial(folder, None, random.Random(kills), least_open=5)  # noqa: S311 - a trial
    found = measure(trial, kills)
    assert found["findings"] == []
    assert found["orders_open_least"] >= 5


def test_kills_lose_nothing_on_kafka(tmp_path: Path, kafka: str) -> None:
    """As on a file."""
    folder = this_week(tmp_path / "d", brigade="faults")
    create_topics(kafka, AreaId("faults"))
    trial = Trial(folder, f"kafka://{kafka}", random.Random(1), least_open=5)  # noqa: S311
    assert measure(trial, 2)["findings"] == []
