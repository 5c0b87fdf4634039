"""The classes that a node of Kafka loads, ready made: of which Java and which jars they are."""

import shutil
from collections.abc import Sequence
from pathlib import Path

CLASSES = "classes.jsa"
"""Beside the jars. A start takes half the time."""
CLASSES_OF = "classes.of"
"""Beside them: what they were made of. Java passes over those of others without a word."""


def of_use(jars: Path, flags: Sequence[str]) -> bool:
    """Whether Java would take the classes beside these jars."""
    try:
        noted = (jars / CLASSES_OF).read_text(encoding="utf-8")
    except (OSError, ValueError):
        return False
    return noted == _made_of(jars, flags) and (jars / CLASSES).exists()


def take(made: Path, jars: Path, flags: Sequence[str]) -> None:
    """Put classes that were just made beside their jars; nodes that run keep the former."""
    (jars / CLASSES_OF).unlink(missing_ok=True)
    made.rename(jars / CLASSES)
    (jars / CLASSES_OF).write_text(_made_of(jars, flags), encoding="utf-8")


def _made_of(jars: Path, flags: Sequence[str]) -> str:
    """All that Java compares before it takes them: itself, its flags, the jars and their path."""
    java = Path(shutil.which("java") or "java").resolve()
    release = java.parent.parent / "release"
    version = release.read_text(encoding="utf-8") if release.exists() else ""
    found = [(path.name, path.stat()) for path in sorted(jars.glob("*.jar"))]
    told = [f"{name} {stat.st_size} {stat.st_mtime_ns}" for name, stat in found]
    return "\n".join([str(java), version, *flags, str(jars.resolve()), *told])
