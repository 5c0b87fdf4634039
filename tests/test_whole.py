"""The files of a planned week belong together: whoever is cut off while writing mixes nothing."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from districts import WEEK, small_district
from planned import week_of, write_week
from planners import House, settle
from typed import Typed, typed

from config.district import District, load
from config.errors import BadInput
from config.whole import PLACING, finish, whole
from scheduler.readback import kept_folder, read_roster

__all__ = ["typed"]


@pytest.fixture
def district(tmp_path: Path) -> District:
    """The small district."""
    return load(small_district(tmp_path / "d"))


@pytest.fixture
def out(district: District, tmp_path: Path) -> Path:
    """The folder of a planned week."""
    folder = tmp_path / "out"
    write_week(district, week_of(district, WEEK), folder)
    return folder


def texts(folder: Path) -> dict[str, str]:
    """What stands in it."""
    return {path.name: path.read_text() for path in folder.iterdir()}


def test_files_stand_there_when_all_are_written(tmp_path: Path) -> None:
    """Those that were there before are replaced, others stay."""
    (tmp_path / "a").write_text("old")
    (tmp_path / "mine").write_text("kept")
    with whole(tmp_path) as folder:
        (folder / "a").write_text("new")
        (folder / "b").write_text("new")
        assert (tmp_path / "a").read_text() == "old"
    assert texts(tmp_path) == {"a": "new", "b": "new", "mine": "kept"}


def test_who_is_cut_off_while_writing_leaves_what_was_there(tmp_path: Path) -> None:
    """A full disk, or Ctrl-C."""
    (tmp_path / "a").write_text("old")
    with pytest.raises(OSError, match="full"), whole(tmp_path) as folder:  # noqa: PT012 - a block
        (folder / "a").write_text("new")
        raise OSError("full")
    assert texts(tmp_path) == {"a": "old"}


def cut_off(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Be killed between two files, as they are moved."""
    moved: list[Path] = []
    replace: Callable[[Path, Path], Path] = Path.replace

    def once(path: Path, target: Path) -> Path:
        if moved:
            raise KeyboardInterrupt
        moved.append(path)
        return replace(path, target)

    with (  # noqa: PT012 - a block
        monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt), whole(out) as folder
    ):  # fmt: skip
        shutil.copy(out / "roster.csv", folder / "roster.csv")
        shutil.copy(out / "visits.csv", folder / "visits.csv")
        patch.setattr(Path, "replace", once)
    assert (out / PLACING).exists()


def test_a_new_file_with_the_name_of_one_that_went_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was written after somebody was cut off, and is nobody's to delete."""
    for name in ("a", "gone"):
        (tmp_path / name).write_text("old")
    with (  # noqa: PT012 - a block
        monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt),
        whole(tmp_path, lambda: ["a", "gone"]) as folder,
    ):  # fmt: skip
        (folder / "a").write_text("new")
        patch.setattr(Path, "replace", _interrupted)
    (tmp_path / "gone").write_text("mine")
    finish(tmp_path)
    assert texts(tmp_path) == {"a": "new", "gone": "mine"}


def _interrupted(*_: object) -> Path:
    raise KeyboardInterrupt


def test_a_mixture_is_not_taken(
    district: District, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new roster with the old visits."""
    cut_off(out, monkeypatch)
    with pytest.raises(BadInput, match="unfinished"):
        read_roster(district, out / "roster.csv")


def test_who_writes_next_makes_it_whole(
    district: District, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing has to be deleted by hand."""
    cut_off(out, monkeypatch)
    with whole(out) as folder:
        write_week(district, week_of(district, WEEK), folder)
    assert read_roster(district, out / "roster.csv").roster == week_of(district, WEEK).roster


def test_the_planner_mends_a_mixture_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was killed while it kept a published week."""
    house = House(tmp_path)
    settle(house.planner())
    folder = house.district.folder / "roster" / WEEK
    cut_off(folder, monkeypatch)
    settle(house.planner())
    assert read_roster(house.district, folder / "roster.csv").version == 1


def test_the_next_change_mends_a_mixture_that_the_check_tells_of(
    district: District, typed: Typed, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever publishes may be killed, too; no planner need run."""
    typed("publish", district.folder, "--week", WEEK, "--from", out)
    kept = kept_folder(district, WEEK)
    cut_off(kept, monkeypatch)
    told = typed("check", district.folder)
    assert told.code != 0
    assert f"roster/{WEEK}" in told.out + told.err
    assert typed("roster", "check", district.folder, kept / "roster.csv").code != 0
    typed("publish", district.folder, "--week", WEEK)
    assert not (kept / PLACING).exists()
    assert typed("roster", "check", district.folder, kept / "roster.csv").code == 0


@pytest.mark.parametrize("command", [("publish", "--week", WEEK, "--from"), ("roster", "check")])
@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda out: (out / "visits.csv").unlink(), "visits.csv: warning: there is no such file"),
        (lambda out: _half(out / "roster.csv"), "visits are of duties that the roster has not"),
    ],
    ids=["no visits", "half of the duties"],
)
def test_files_that_do_not_fit_are_told_of(
    typed: Typed, out: Path, district: District, command: tuple[str, ...],
    spoil: Callable[[Path], None], told: str,
) -> None:  # fmt: skip
    """A planner may leave out visits or duties; a disk may have lost them."""
    spoil(out)
    name, *rest = command
    before, after = ([], rest) if name == "publish" else (rest, [])
    path = out if name == "publish" else out / "roster.csv"
    code, _, said = typed(name, *before, str(district.folder), *after, str(path))
    assert code == 0
    assert told in said


def _half(path: Path) -> None:
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[: len(lines) // 2]))
