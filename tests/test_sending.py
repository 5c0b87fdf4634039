"""What follows from a publication: units are told first, the folder's files come when they can."""

from pathlib import Path

import pytest
from districts import WEEK
from planners import House, settle

from scheduler.sending import RECOPY_MS


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A house in whose district no roster can be kept: a file stands in the folder's place."""
    house = House(tmp_path)
    (house.district.folder / "roster").write_text("in the way")
    return house


def kept(house: House) -> bool:
    """Whether the week's files are kept."""
    return (house.district.folder / "roster" / WEEK / "roster.csv").exists()


def test_a_roster_is_sent_though_its_files_cannot_be_written(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each week once, and why the files are missing is said once."""
    settle(house.planner())
    assert sorted(one.week for one in house.rosters()) == ["2026-W48", WEEK]
    assert capsys.readouterr().err.count(f"published {WEEK}") == 1


@pytest.mark.parametrize("restarted", [False, True])
def test_files_that_could_not_be_written_are_written_later(
    house: House,
    restarted: bool,  # noqa: FBT001 - a case
) -> None:
    """By this planner or by the next: the next week is judged by them."""
    planner = house.planner()
    settle(planner)
    assert not kept(house)
    (house.district.folder / "roster").unlink()
    house.now_ms += RECOPY_MS
    settle(house.planner() if restarted else planner)
    assert kept(house)
    assert len(house.rosters()) == 2


def test_a_new_version_whose_files_were_never_written_is_written_by_the_next_planner(
    tmp_path: Path,
) -> None:
    """The older version's files stand there."""
    house = House(tmp_path)
    settle(house.planner())
    path = house.district.folder / "roster" / WEEK / "roster.csv"
    before = path.read_bytes()
    house.send("absence_reported", person="o1", dates=["2026-12-02"])
    settle(house.planner())
    after = path.read_bytes()
    path.write_bytes(before)
    settle(house.planner())
    assert path.read_bytes() == after
    assert after != before
