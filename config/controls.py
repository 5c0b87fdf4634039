"""Characters that drive a terminal, or turn the order of what stands behind them.

No text of a district holds any: names are shown raw in tables, logs and messages. In a stranger's
text, which may hold them, they are written out. Joiners stay: names in some scripts need them.
"""

import json
import re
from unicodedata import category

CONTROL = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f]"
)
"""All but tab and line ends."""


def visible(text: str) -> str:
    r"""A text with such characters written out: `\u202e`, which JSON reads back."""
    return CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def in_line(text: str) -> str:
    r"""A file's name in one line: line ends (`\n`) and stray bytes are written out, too."""
    return "".join(
        one if one.isprintable() or category(one) == "Zs" else ascii(one)[1:-1] for one in text
    )


def json_text(value: object) -> str:
    """A value as JSON in one line, to be read on a terminal as well."""
    return visible(json.dumps(value, ensure_ascii=False))
