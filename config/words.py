"""Everything that users read, in their language: message catalogues and the width of text.

A catalogue is all files `config/words/<lang>/*.toml` merged; a key is the dotted path of a text
in it, e.g. `console.kind.dispatch`. Texts are `str.format` templates. Code holds keys only.
"""

import locale
import os
import re
import tomllib
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "words"
LANGUAGES = ("en", "zh-CN")
Say = Callable[..., str]
"""`say(key, **fields)` gives the text; KeyError for a key or field that is not there."""


def _flat(tree: Mapping[str, object], path: str = "") -> Iterator[tuple[str, str]]:
    for name, value in tree.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{path}{name}.")
        else:
            yield f"{path}{name}", str(value)


@cache
def catalogue(lang: str) -> Mapping[str, str]:
    """All texts of a language by key.

    Raises:
        ValueError: Two files define the same key.
    """
    texts: dict[str, str] = {}
    for file in sorted((FOLDER / lang).glob("*.toml")):
        for key, text in _flat(tomllib.loads(file.read_text(encoding="utf-8"))):
            if key in texts:
                msg = f"{lang}: {key} stands in {file.name} and in another file"
                raise ValueError(msg)
            texts[key] = text
    return texts


def words(lang: str | None = None) -> Say:
    """The texts of a language; without one, of the user's as it is set now."""
    return _sayer(lang or language())


@cache
def _sayer(lang: str) -> Say:
    def say(key: str, **fields: object) -> str:
        return _some(lang, key.partition(".")[0])[key].format(**fields)

    return say


@cache
def _some(lang: str, name: str) -> Mapping[str, str]:
    """The texts of the files with keys below this name: to read all would double a help page."""
    here = re.compile(rf"^\[?{re.escape(name)}\b", re.MULTILINE)
    texts: dict[str, str] = {}
    for file in (FOLDER / lang).glob("*.toml"):
        if here.search(text := file.read_text(encoding="utf-8")):
            texts.update(_flat(tomllib.loads(text)))
    return texts


def language(wanted: str | None = None) -> str:
    """The language to speak: `wanted`, else `QINWU_LANG`, else the locale; zh* is zh-CN."""
    # The variables come first: Python's own answer is English where the locale is not installed.
    told = wanted or next(
        (os.environ[name] for name in ("QINWU_LANG", "LC_ALL", "LC_MESSAGES", "LANG")
         if os.environ.get(name)),
        locale.getlocale()[0] or "",
    )  # fmt: skip
    return "zh-CN" if told.lower().startswith(("zh", "chinese")) else "en"


def cell_width(text: str) -> int:
    """Width of a text on a terminal, in cells: 2 for wide characters, 0 for combining marks."""
    return sum(_cells(char) for char in text)


def _cells(char: str) -> int:
    if unicodedata.combining(char) or unicodedata.category(char) in ("Cf", "Me", "Mn"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in ("W", "F") else 1


def pad(text: str, cells: int) -> str:
    """The text with blanks behind it up to a width; a wider one stays whole."""
    return text + " " * max(0, cells - cell_width(text))


def clip(text: str, cells: int) -> str:
    """The text cut to a width, the cut marked by `..`."""
    if cell_width(text) <= cells:
        return text
    kept = ""
    for char in text:
        if cell_width(kept) + _cells(char) > cells - 2:
            break
        kept += char
    return kept + ".."
