"""A small source to be imported: a ring of roads with crashes, and what its files mean."""

import zipfile
from pathlib import Path

import numpy as np

GRAPH = """
name: small
time_zone: America/New_York
crs: {lonlat: WGS-84, metric: utm, zone: 18}
crew_law: all
district:
  brigade: small
  name: Small
  network:
    kind: graph
    reach_m: 60
    nodes: {id: n, place: {lon: x, lat: y}}
    arcs: {origin: a, to: b, seconds: {column: t, unit_s: 60}}
  force: {posts: 3, auxiliaries: 2, squadrons: [{id: s1, name: One}, {id: s2, name: Two}]}
tables:
  crashes:
    id: key
    time: {columns: [day, clock], formats: ["%m/%d/%Y %H:%M"]}
    place: {lon: lon, lat: lat}
    kind: {value: crash}
    street: [street]
"""


def small_source(folder: Path) -> Path:
    """A ring of 12 junctions in a zip, a dead end, and 13 crashes; GRAPH is its mapping."""
    folder.mkdir()
    angles = np.arange(12) * np.pi / 6
    nodes = ["n,x,y", *(f"{k}.0,{-74 + np.cos(a) / 50:.7f},{40.7 + np.sin(a) / 50:.7f}"
                        for k, a in enumerate(angles)), "99,-74,40.7"]  # fmt: skip
    arcs = ["arcs,12", "a,b,t,", *(f"{k}.0,{(k + 1) % 12}.0,0.5" for k in range(12)), "99,0,0.5"]
    with zipfile.ZipFile(folder / "roads.zip", "w") as archive:
        archive.writestr("nodes.csv", "\n".join(nodes))
        archive.writestr("arcs.csv", "\n".join(arcs))
    rows = ["key,day,clock,lon,lat,street"]
    rows += [f"k{k},10/{1 + k % 2:02d}/2017,{k}:15,{-74 + np.cos(a) / 50:.7f},"
             f"{40.7 + np.sin(a) / 50:.7f},Street {k}" for k, a in enumerate(angles)]  # fmt: skip
    rows += ["far,10/01/2017,1:00,-74.5,40.7,Elsewhere"]
    (folder / "crashes.csv").write_text("\n".join(rows), encoding="utf-8")
    (folder.parent / "small.yaml").write_text(GRAPH, encoding="utf-8")
    return folder
