"""The core as a whole: a fold is the step, the same input the same bytes, and what always holds.

Long random days: everything that the outside world can send, well formed and not, late, twice,
of units that nobody knows, rosters in any order, fixes, restarts, and time that passes.
"""

import os
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from brigades import Brigade, spoken
from conftest import ROOT
from days import Day
from districts import small_district

from config.district import District, load
from config.words import LANGUAGES
from dispatch.console.grammar import KINDS
from dispatch.decide import fold
from dispatch.state import State
from events.decisions import Line
from events.frame import Frame, digest

SEEDS = range(5)
STEPS = 400


def played(district: District, seed: int, steps: int = STEPS) -> Brigade:
    """A brigade after a random day, each step of which was folded and looked at on the way."""
    day = Day(Brigade.of(district), random.Random(seed))  # noqa: S311 - a test's draw
    day.begin()
    for _ in range(steps):
        day.step()
    return day.brigade


@pytest.fixture(scope="module")
def brigades(tmp_path_factory: pytest.TempPathFactory) -> list[Brigade]:
    """The brigades of all seeds, in the small district, live."""
    district = load(small_district(tmp_path_factory.mktemp("district")))
    return [played(district, seed) for seed in SEEDS]


def frames(brigades: list[Brigade]) -> Iterator[Frame]:
    """All frames of all days."""
    return (Frame.read(raw) for brigade in brigades for raw in brigade.journal)


def test_a_fold_of_the_journal_is_the_state_of_its_last_step(brigades: list[Brigade]) -> None:
    """What was decided on is what a reader folds, from the bytes and from the beginning."""
    for brigade in brigades:
        state = State(brigade.state.area)
        for raw in brigade.journal:
            state = fold(state, Frame.read(raw), brigade.ground)
        assert state == brigade.state


def test_a_random_day_meets_everything_that_can_happen(brigades: list[Brigade]) -> None:
    """Else the other tests of this file look past something."""
    seen: set[str] = set()
    for frame in frames(brigades):
        seen |= {fact.type for fact in frame.facts}
        seen |= {one.type for one in frame.decisions}
        seen |= {f"how {one.how}" for one in frame.decisions if hasattr(one, "how")}
        seen |= {f"line {one.kind}" for one in frame.decisions if isinstance(one, Line)}
    wanted = {
        "accepted", "duplicate", "rejected", "parked", "position", "deadline", "note",
        "engine_started", "order", "order_ended", "incident_closed", "queued", "line",
        "warning", "ended_shift",
        *(f"how {how}" for how in ("done", "cancelled", "replaced", "refused", "lost", "preempted",
                                   "video", "merged", "self_initiated", "no_unit_needed")),
        *(f"line {kind}" for kind in KINDS),
    }  # fmt: skip
    assert wanted - seen == set()


def test_every_line_is_said_in_both_languages_and_read_back(brigades: list[Brigade]) -> None:
    """A key or a field that is missing would crash the log in the night."""
    ground = brigades[0].ground
    for frame in frames(brigades):
        for one in frame.decisions:
            if isinstance(one, Line):
                for lang in LANGUAGES:
                    spoken(one, ground, lang, seq=frame.seq, time_ms=frame.time_ms)


def journal_digest(folder: Path, seed: int) -> str:
    """One digest over all frames of a random day."""
    brigade = played(load(small_district(folder)), seed, steps=150)
    return digest(b"\n".join(brigade.journal))


def test_the_same_input_gives_the_same_bytes_in_every_process(tmp_path: Path) -> None:
    """Nothing depends on the order in which this process happens to hash."""
    program = (
        "import sys; from pathlib import Path; from test_decide import journal_digest;"
        "print(journal_digest(Path(sys.argv[1]), 3))"
    )
    path = f"{ROOT / 'tests'}{os.pathsep}{ROOT}"
    printed = {
        subprocess.run(  # noqa: S603 - this very program
            [sys.executable, "-c", program, str(tmp_path / hashed)],
            env=os.environ | {"PYTHONHASHSEED": hashed, "PYTHONPATH": path},
            check=True, capture_output=True, text=True,
        ).stdout
        for hashed in ("1", "2")
    }  # fmt: skip
    assert len(printed) == 1
