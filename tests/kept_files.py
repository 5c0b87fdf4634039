"""History, kept roster and a day to be played, beside the tables of the small district."""

from datetime import time, timedelta
from pathlib import Path

from districts import MONDAY, ORIGIN, WEEK, node

from config import importers
from config.importers.mapping import IDENTITY, MAPPING
from config.made_tables import (
    HistoryRow,
    LiveRow,
    MustArriveOutRow,
    RosterRow,
    SightingRow,
    VisitRow,
)
from config.reading import write_rows

AT = f"{MONDAY}T{{}}:00+08:00"
"""A time of the district's Monday."""


def with_kept(folder: Path) -> Path:
    """Write them into a district folder and give it back."""
    history = [
        HistoryRow(id=f"i{n}", at=f"{MONDAY - timedelta(n % 60 + 1)}T{n % 24:02d}:15:00+08:00",
                   kind="crash", x_m=300.0 * (n % 3), y_m=300.0 * (n % 2), service_s=900,
                   node=node(n % 6, n % 5))
        for n in range(120)
    ]  # fmt: skip
    write_rows(folder / HistoryRow.file, history)
    (folder / MAPPING).write_text(_mapping(), encoding="utf-8")
    kept = folder / "roster" / WEEK
    write_rows(kept / RosterRow.file, [
        RosterRow.model_validate({
            "week": WEEK, "squadron": "s1", "team": f"t{n}", "duty": f"t{n}@{MONDAY}",
            "date": MONDAY, "start": AT.format("07:00"), "end": AT.format("15:00"), "post": "w1",
            "officer": f"o{n}", "auxiliaries": f"a{n}", "vehicle": f"v{n}", "device": f"pda{n}",
        })
        for n in (1, 3)
    ])  # fmt: skip
    write_rows(kept / VisitRow.file, [
        VisitRow.model_validate({
            "duty": f"t1@{MONDAY}", "date": MONDAY, "team": "t1", "must_arrive": "m1",
            "arrive": AT.format("08:00"), "leave": AT.format("08:15"),
        })
    ])  # fmt: skip
    write_rows(kept / MustArriveOutRow.file, [
        MustArriveOutRow(id="m1", name="路口", place="p1", squadron="s1", weekday=1,
                         window_start=time(7), window_end=time(9), dwell_min=15, visits=1,
                         reason="fixed")
    ])  # fmt: skip
    day = MONDAY + timedelta(1)
    write_rows(folder / f"live/{day}.csv", [
        LiveRow(at=f"{day}T0{n}:00:00+08:00", kind="crash", place=f"p{n}", service_s=600)
        for n in (1, 2, 3)
    ])  # fmt: skip
    write_rows(folder / f"live/{day}.sightings.csv", [
        SightingRow(at=f"{day}T05:00:00+08:00", gate="p4", plate_hash="ab" * 32, entry="w-1")
    ])  # fmt: skip
    return folder


def _mapping() -> str:
    """The mapping of our own columns, with this district's frame."""
    shipped = Path(importers.__file__).parent / "mappings" / IDENTITY
    crs = {"lonlat": "WGS-84", "metric": "local", **ORIGIN}
    own = "".join(f"\n  {name}: {value}" for name, value in crs.items())
    text = shipped.read_text(encoding="utf-8")
    return text.replace("crs: {metric: local}", f"crs:{own}\ntime_zone: Asia/Shanghai")
