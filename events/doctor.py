"""`qinwu doctor`: is the program whole, the district sound, its bus there; and how to mend it.

Each finding is one line: what was looked at, whether it is right, and else the next thing to do.
Nothing is changed and nothing is made, not even a store where there is none yet.
"""

import os
import re
import shutil
import sys
import tomllib
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from config.calendar import week_of_day
from config.errors import QinwuError
from config.ids import AreaId
from events.connect import FILE, area_of
from events.doctor_bus import bus_findings
from events.doctor_found import Found
from events.doctor_week import week_findings
from events.owners import HIDDEN

OURS = ("config", "dispatch", "events", "scheduler")
PYTHONS = ((3, 11), (3, 14))
LEAST_FREE_BYTES = 1024**3
"""Below this the disk counts as full soon: a day of a brigade is some hundred megabytes."""
_REQUIREMENT = re.compile(r"([A-Za-z0-9._-]+)\s*\(?([^;)]*)")
_BOUND = re.compile(r"(>=|<=|==|!=|<|>)\s*([0-9][0-9.]*)")


def examine(folder: Path, target: str | None) -> Iterator[Found]:
    """Look at everything, in an order in which what comes first may explain what follows.

    Args:
        folder: The district folder.
        target: The bus's address; None for the one that commands would find.
    """
    yield python(sys.version_info[:3])
    yield from packages(_wanted())
    yield own_packages()
    if not folder.is_dir():
        yield Found.wrong("folder", folder=folder)
        return
    yield rights(folder)
    yield disk(folder)
    yield from district(folder, datetime.now(UTC))
    area = _area(folder)
    if area is not None:
        yield from bus_findings(folder, area, target)
        yield from week_findings(folder, area, target)


def python(version: Sequence[int]) -> Found:
    """The interpreter is one that the program is tested on."""
    told = ".".join(map(str, version))
    first, end = PYTHONS
    if first <= tuple(version[:2]) < end:
        return Found.right("python", version=told)
    return Found.wrong("python", version=told)


def _wanted() -> list[str]:
    """What the program needs, as its installation says; from a checkout, as its project does."""
    try:
        told = metadata.requires("qinwu") or []
    except metadata.PackageNotFoundError:
        project = Path(__file__).parent.parent / "pyproject.toml"
        if not project.exists():
            return []
        told = tomllib.loads(project.read_text(encoding="utf-8"))["project"]["dependencies"]
    return [line for line in told if "extra ==" not in line]


def packages(wanted: Sequence[str]) -> Iterator[Found]:
    """Each package that is absent, or of another version than the program was measured on."""
    sound = True
    for line in wanted:
        match = _REQUIREMENT.match(line)
        if match is None:
            continue
        name, spec = match[1], match[2].strip()
        try:
            have = metadata.version(name)
        except metadata.PackageNotFoundError:
            sound = False
            yield Found.wrong("package_absent", name=name, spec=spec)
            continue
        if not _within(have, spec):
            sound = False
            yield Found.wrong("package", name=name, have=have, spec=spec)
    if sound:
        yield Found.right("packages", count=len(wanted))


def _within(have: str, spec: str) -> bool:
    """Whether a version lies in a range such as `>=9.15,<9.16`; suffixes are left out."""
    mine = _numbers(have)
    for sign, told in _BOUND.findall(spec):
        bound = _numbers(told)
        width = max(len(mine), len(bound))
        left, right = (one + (0,) * (width - len(one)) for one in (mine, bound))
        holds = {
            ">=": left >= right, "<=": left <= right, "==": left == right,
            "!=": left != right, "<": left < right, ">": left > right,
        }[sign]  # fmt: skip
        if not holds:
            return False
    return True


def _numbers(version: str) -> tuple[int, ...]:
    match = re.match(r"\d+(\.\d+)*", version)
    return tuple(map(int, match[0].split("."))) if match else ()


def own_packages() -> Found:
    """All our packages come from one place: the index has an `Events` of somebody else."""
    places = {}
    for name in OURS:
        spec = find_spec(name)
        found = [] if spec is None else list(spec.submodule_search_locations or ())
        places[name] = str(Path(found[0]).resolve().parent) if len(found) == 1 else "-"
    if len(set(places.values())) == 1 and "-" not in places.values():
        return Found.right("own_packages", folder=places["events"])
    return Found.wrong("own_packages", places=", ".join(f"{n}: {p}" for n, p in places.items()))


def rights(folder: Path, may: Callable[[Path, int], bool] = os.access) -> Found:
    """Files can be read, and what the program writes can be written."""
    read = [path for path in sorted(folder.rglob("*")) if HIDDEN not in path.parts]
    written = [folder, folder / HIDDEN, *folder.glob(f"{FILE}*")]
    refused = [path for path in read if not may(path, os.R_OK)]
    refused += [path for path in written if path.exists() and not may(path, os.W_OK)]
    if refused:
        names = ", ".join(str(path) for path in refused[:3])
        return Found.wrong("rights", files=names, count=len(refused))
    return Found.right("rights", count=len(read))


def disk(folder: Path, least_bytes: int = LEAST_FREE_BYTES) -> Found:
    """There is room for days to come."""
    free = shutil.disk_usage(folder).free
    told = f"{free / 1e9:.1f}"
    if free >= least_bytes:
        return Found.right("disk", free_gb=told)
    return Found.wrong("disk", free_gb=told, least_gb=f"{least_bytes / 1e9:.1f}")


def district(folder: Path, now: datetime) -> Iterator[Found]:
    """The files are sound, and the calendar covers this week and the next."""
    from config import district as districts  # noqa: PLC0415 - numpy, after what may be amiss
    from config.findings import count, line  # noqa: PLC0415

    found = districts.check(folder, now)
    errors, warnings = count(found, "error"), count(found, "warning")
    if errors:
        first = next(line(one) for one in found if one.level == "error")
        yield Found.wrong("district", errors=errors, first=first, folder=folder)
        return
    if warnings:
        yield Found.doubt("district", warnings=warnings, folder=folder)
    else:
        yield Found.right("district", folder=folder)
    calendar = districts.load(folder).calendar
    week = week_of_day(now.astimezone(calendar.zone).date())
    for one in (week, calendar.next_week(week)):
        if calendar.covers(one):
            yield Found.right("calendar", week=one)
        else:
            yield Found.wrong("calendar", week=one, folder=folder)


def _area(folder: Path) -> AreaId | None:
    """Whose streams; None where the settings are unsound, which the district's check has said."""
    try:
        return area_of(folder)
    except QinwuError:
        return None
