"""Findings as people and programs read them: `file:line:column: cause; try …`."""

from collections.abc import Iterator, Sequence

from config.controls import in_line
from config.errors import Finding, Key
from config.words import Say, catalogue, language, words

MOST = 50
"""Findings shown of one file; the rest is counted."""


def cause(finding: Finding, say: Say) -> str:
    """What is wrong."""
    fields = {name: say(told) if isinstance(told, Key) else told
              for name, told in finding.fields.items()}  # fmt: skip
    return say(finding.key, **fields)


def remedy(finding: Finding, say: Say, lang: str) -> str:
    """The next thing to try, or "": the nearest valid name where there is one."""
    section, _, name = finding.key.rpartition(".")
    key = f"{section}.try.{name}"
    if finding.fields.get("near") and finding.key != "check.crs_other":
        key = f"{key}_near" if f"{key}_near" in catalogue(lang) else "check.near"
    return say(key, **finding.fields) if key in catalogue(lang) else ""


def line(finding: Finding, lang: str | None = None) -> str:
    """`file:line:column: cause; try`, in a language (default: the user's)."""
    lang = language(lang)
    say = words(lang)
    place = [str(part) for part in (finding.line, finding.column) if part is not None]
    told = with_remedy(finding, say, lang)
    return say("check.line", place=":".join((in_line(finding.file), *place)),
               level=say(f"check.level_{finding.level}"), cause=told)  # fmt: skip


def with_remedy(finding: Finding, say: Say, lang: str) -> str:
    """`cause; try`."""
    text, tried = cause(finding, say), remedy(finding, say, lang)
    return say("check.with_try", text=text, remedy=tried) if tried else text


def as_data(finding: Finding, lang: str | None = None) -> dict[str, object]:
    """A finding for programs: place, key, and its texts."""
    lang = language(lang)
    say = words(lang)
    return {
        "level": finding.level, "file": finding.file, "line": finding.line,
        "column": finding.column, "key": finding.key, "cause": cause(finding, say),
        "try": remedy(finding, say, lang),
        "fields": {name: str(value) for name, value in finding.fields.items()},
    }  # fmt: skip


def count(findings: Sequence[Finding], level: str) -> int:
    """How many findings of a level there are, those not shown included."""
    more = sum(int(str(f.fields["count"])) - 1 for f in findings
               if f.level == level and f.key == "check.more")  # fmt: skip
    return more + sum(finding.level == level for finding in findings)


def capped(findings: Sequence[Finding]) -> Iterator[Finding]:
    """The first `MOST` findings of each file, then how many more there are."""
    counts: dict[tuple[str, str], int] = {}
    for finding in findings:
        of = (finding.file, finding.level)
        counts[of] = counts.get(of, 0) + 1
        if counts[of] <= MOST:
            yield finding
    for (file, level), count in counts.items():
        if count > MOST:
            yield Finding(level, file, None, None, "check.more", {"count": count - MOST})
