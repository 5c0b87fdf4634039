"""Two planners that write the files of one week at the same time."""

from pathlib import Path
from threading import Thread

from config.whole import WRITING, unfinished, whole

NAMES = ("must_arrive.csv", "roster.csv", "visits.csv")
ROUNDS = 60


def write(out: Path, who: str, troubles: list[str]) -> None:
    """Write all files over and over, and look whether all are there afterwards."""
    for n in range(ROUNDS):
        try:
            with whole(out) as folder:
                for name in NAMES:
                    (folder / name).write_text(f"{who} {n}")
        except OSError as trouble:
            troubles.append(f"{who} {n}: {trouble}")
        troubles += [f"{who} {n}: no {name}" for name in NAMES if not (out / name).exists()]


def test_rivals_never_miss_a_file(tmp_path: Path) -> None:
    """Each round ends well for both, and the files that stand at the end are of one writer."""
    troubles: list[str] = []
    rivals = [Thread(target=write, args=(tmp_path, who, troubles)) for who in ("a", "b")]
    for rival in rivals:
        rival.start()
    for rival in rivals:
        rival.join()
    assert troubles == []
    assert not unfinished(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == set(NAMES)
    assert len({(tmp_path / name).read_text() for name in NAMES}) == 1


def test_what_a_writer_left_is_removed_but_not_a_rivals(tmp_path: Path) -> None:
    """Somebody was killed while writing; another one is still at it."""
    left = tmp_path / f"{WRITING}-left"
    left.mkdir()
    with whole(tmp_path) as rival:
        (rival / "a").write_text("rival")
        with whole(tmp_path) as mine:
            (mine / "a").write_text("mine")
        assert not left.exists()
        assert (rival / "a").read_text() == "rival"
        assert (tmp_path / "a").read_text() == "mine"
    assert (tmp_path / "a").read_text() == "rival"
