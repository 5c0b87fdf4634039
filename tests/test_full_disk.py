"""Commands that find no room, or somebody else at the same folder: told, and nothing half made."""

import filecmp
import resource
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from functools import partial
from pathlib import Path

import pytest
from small_import import small_source
from typed import Outcome, Typed, typed

from config.errors import BadInput
from config.importers.make import import_district
from config.sample.duties import plate_key
from config.sample.write import KEY_FILE, write_sample

__all__ = ["typed"]
TODAY = date(2026, 11, 26)


@contextmanager
def room(most_bytes: int) -> Iterator[None]:
    """No file of this process may get longer: the writer meets it as it meets a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def made(typed: Typed, out: Path, source: Path, name: str) -> Outcome:
    """`qinwu init` or `qinwu import` into a folder."""
    if name == "init":
        return typed("init", out, "--today", TODAY)
    return typed("import", source, "--mapping", source.parent / "small.yaml", "--out", out)


@pytest.mark.parametrize("name", ["init", "import"])
def test_a_district_without_room_is_the_machines_fault(
    typed: Typed, tmp_path: Path, name: str
) -> None:
    """Not one of the program, to be sent to whoever maintains it; the folder is named."""
    source = small_source(tmp_path / "src")
    with room(300):
        told = made(typed, tmp_path / "d", source, name)
    assert (told.code, "maintains" in told.err, str(tmp_path / "d") in told.err) == (1, False, True)


@pytest.mark.parametrize("name", ["init", "import"])
def test_a_district_is_made_again_once_there_is_room(
    typed: Typed, tmp_path: Path, name: str
) -> None:
    """What was begun without room does not stand in the way."""
    source = small_source(tmp_path / "src")
    with room(300):
        made(typed, tmp_path / "d", source, name)
    assert made(typed, tmp_path / "d", source, name).code == 0


def at_once(*calls: Callable[[], object]) -> list[BaseException]:
    """Call all at the same time; gives what was raised."""
    with ThreadPoolExecutor(len(calls)) as pool:
        raised = [one.exception() for one in [pool.submit(call) for call in calls]]
    return [error for error in raised if error is not None]


def test_two_samples_at_once_are_one_district(tmp_path: Path) -> None:
    """Not the people of one with the history of the other: whoever comes second is refused."""
    seeds = (7, 8)
    refused = at_once(*(partial(write_sample, tmp_path / "d", seed, TODAY) for seed in seeds))
    assert [type(error) for error in refused] == [BadInput]
    key = (tmp_path / "d" / KEY_FILE).read_text().strip()
    seed = next(seed for seed in seeds if plate_key(seed).hex() == key)
    write_sample(tmp_path / "lone", seed, TODAY)
    names = ("nodes.csv", "people.csv", "history/incidents.csv")
    assert filecmp.cmpfiles(tmp_path / "d", tmp_path / "lone", names, shallow=False)[0] == [*names]


def test_two_imports_at_once_are_one_district(tmp_path: Path) -> None:
    """A day kept out by one stands in no history of the other, whichever comes last."""
    source, out = small_source(tmp_path / "src"), tmp_path / "d"
    day = date(2017, 10, 1)
    at_once(*(partial(import_district, source, out, tmp_path / "small.yaml", held, TODAY)
              for held in (day, None)))  # fmt: skip
    kept_out = (out / f"live/{day}.csv").exists()
    assert kept_out != (f"{day}T" in (out / "history/incidents.csv").read_text())
