"""Bytes of a table as lines of text: which encoding a file is in, and which a line of it.

Whoever saves a table in a spreadsheet program does not choose; lines are damaged on the way, or
pasted in from elsewhere. Such a line must not undo the others, nor be read as other words.
"""

import re
from collections import Counter
from collections.abc import Sequence

from config.importers.columns import Reading

SAVED = "gb18030"
"""As Chinese spreadsheet programs save tables; GBK and GB 2312 are parts of it."""
AS_SAVED = (SAVED, "utf-8")
"""Encodings of the lines of such a table: some may have been pasted in since."""
UTF_16 = (b"\xff\xfe", b"\xfe\xff")
"""How a file in UTF-16 begins."""
_UTF_8 = b"\xef\xbb\xbf"
_CHINESE = re.compile("[\u3000-\U0003ffff]")


def encodings_of(content: bytes, reading: Reading) -> tuple[str, ...]:
    """Those declared; else UTF-8, or what spreadsheet programs write where most lines are that.

    One that is UTF-8 but for some bytes is no other encoding's: it is damaged.
    """
    if reading.encodings:
        return reading.encodings
    return AS_SAVED if content[:2] not in UTF_16 and _is_saved(content) else ("utf-8",)


def decode(
    content: bytes, encodings: Sequence[str], errors: str = "replace"
) -> tuple[list[str], Counter[int]]:
    """Lines of a file, and how many non-ASCII lines each encoding (by its number) decoded.

    The first encoding that decodes the whole file is taken when it is the first of all; else
    each line is decoded by the first that can. A byte that none can becomes U+FFFD, or what
    `errors` says.
    """
    if content[:2] in UTF_16:
        return _one_end(content.decode("utf-16", errors="replace")).split("\n"), Counter()
    used: Counter[int] = Counter()
    if encodings != AS_SAVED:
        try:
            return _one_end(content.removeprefix(_UTF_8).decode(encodings[0])).split("\n"), used
        except UnicodeDecodeError:
            pass
    return [_line(raw, encodings, used, errors) for raw in _split(content)], used


def _is_saved(content: bytes) -> bool:
    """Whether most lines of a file are what spreadsheet programs write, and not UTF-8.

    A line may be the other by chance (`姚` is `Ҧ`), and any may be damaged. Where as many are the
    one as the other, it is plain Chinese or not: an accent of Latin-1 is no GB 2312.
    """
    if _is_in(content, "utf-8"):
        return False
    lines = [line for line in _split(content) if not line.isascii()]
    others = [line for line in lines if not _is_in(line, "utf-8")]
    more = sum(_is_in(line, SAVED) for line in others) - (len(lines) - len(others))
    return more > 0 or (more == 0 and _is_in(content, "gb2312"))


def _is_in(text: bytes, encoding: str) -> bool:
    try:
        text.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _line(raw: bytes, encodings: Sequence[str], used: Counter[int], errors: str) -> str:
    """A line by the first encoding that can; in a table `AS_SAVED` Chinese in UTF-8 is that."""
    if raw.isascii():
        return raw.decode("ascii")
    tried = list(enumerate(encodings))
    if encodings == AS_SAVED:  # which decodes most of UTF-8 as well, as other words
        pasted = _is_in(raw, "utf-8") and _CHINESE.search(raw.decode("utf-8"))
        tried = tried[1:] if pasted else tried[:1]
    for number, encoding in tried:
        try:
            line = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        used[number] += 1
        return line
    return raw.decode(encodings[0], errors=errors)


def _split(content: bytes) -> list[bytes]:
    """The lines, without the mark that says what they are in."""
    text = content.removeprefix(_UTF_8)
    return text.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")


def _one_end(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
