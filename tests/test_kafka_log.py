"""What the Kafka client logs: kept in a file of the district, and one sentence on the screen."""

import logging
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import ROOT
from districts import set_settings, small_district
from kafka_proxy import Proxy

from config.ids import AreaId
from config.words import LANGUAGES
from events import kafka_log
from events.kafka_topics import create_topics

CLIENT = logging.getLogger("kafka.test")


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Path]:
    """The file of a district's client."""
    kafka_log.quieten()
    yield kafka_log.keep(tmp_path, "somewhere:9092")
    kafka_log.let_go()


def test_the_clients_words_are_kept(kept: Path) -> None:
    """With when and how bad."""
    CLIENT.warning("refused %d", 1)
    assert kept.read_text(encoding="utf-8").endswith(" WARNING refused 1\n")


def test_the_file_stays_small(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However long a broker is away: what was there goes to one older file."""
    monkeypatch.setattr(kafka_log, "MOST_BYTES", 1_000)
    for n in range(100):
        logging.getLogger("qinwu.kafka").warning("%s %d", "x" * 80, n)
    sizes = [one.stat().st_size for one in kept.parent.iterdir()]
    assert len(sizes) == 2
    assert max(sizes) < 1_200


def test_trouble_is_said_once(kept: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever the client says of it, and in whatever many lines."""
    CLIENT.error("refused")
    kafka_log.keep(kept.parent.parent, "somewhere:9092")  # as whoever connects again
    CLIENT.error("aborted")
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("the broker at somewhere:9092 ")
    assert str(kept) in line


def test_a_warning_is_no_trouble(kept: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The client warns of what passes by itself."""
    CLIENT.warning("not ready")
    assert (capsys.readouterr().err, kept.exists()) == ("", True)


def test_a_folder_that_cannot_be_written_hinders_nobody(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The bus may well go on."""
    (tmp_path / ".qinwu").write_text("no folder")
    kafka_log.quieten()
    kafka_log.keep(tmp_path, "somewhere:9092")
    CLIENT.error("unlike any other")
    kafka_log.let_go()
    assert len(capsys.readouterr().err.splitlines()) == 1


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_broker_that_falls_silent_is_told_in_our_words(
    lang: str, kafka: str, tmp_path: Path
) -> None:
    """None of the client's on the screen."""
    area = AreaId(f"l{uuid.uuid4().hex[:8]}")
    folder = small_district(tmp_path / "d")
    set_settings(folder, brigade=area)
    create_topics(kafka, area)
    proxy = Proxy(kafka, late=area.encode(), late_s=60.0)
    bus = ["--bus", f"kafka://{proxy.address}"]
    done = subprocess.run(  # noqa: S603 - our own
        [sys.executable, str(ROOT / "qinwu.py"), "journal", "verify", str(folder), *bus],
        env={**os.environ, "QINWU_LANG": lang}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    proxy.close()
    waits, lost = done.stderr.splitlines()
    assert waits.startswith({"en": "the broker at ", "zh-CN": f"{proxy.address} 的"}[lang])
    assert lost.startswith({"en": "the connection to the bus", "zh-CN": "与总线的"}[lang])
