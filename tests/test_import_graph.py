"""A network that is given as a graph: what an import makes of its arcs."""

import zipfile
from pathlib import Path

from small_import import small_source

from config.district import load
from config.importers.make import import_district


def test_patrols_drive_as_their_own_column_says(tmp_path: Path) -> None:
    """And units on their way to an incident as the other; nothing told the two apart."""
    source, mapping = small_source(tmp_path / "source"), tmp_path / "small.yaml"
    with zipfile.ZipFile(source / "roads.zip") as archive:
        kept = {name: archive.read(name).decode() for name in archive.namelist()}
    head, _, *arcs = kept["arcs.csv"].splitlines()
    kept["arcs.csv"] = "\n".join([head, "a,b,t,p", *(f"{arc},0.75" for arc in arcs)])
    with zipfile.ZipFile(source / "roads.zip", "w") as archive:
        for name, text in kept.items():
            archive.writestr(name, text)
    told = mapping.read_text(encoding="utf-8")
    seconds = "seconds: {column: t, unit_s: 60}"
    both = f"{seconds}, patrol_seconds: {{column: p, unit_s: 60}}"
    mapping.write_text(told.replace(seconds, both), encoding="utf-8")
    import_district(source, tmp_path / "out", mapping)
    roads = load(tmp_path / "out").roads
    assert (set(roads.seconds_ms.tolist()), set(roads.patrol_ms.tolist())) == ({30_000}, {45_000})
