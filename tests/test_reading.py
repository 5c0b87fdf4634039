"""Reading files: what is no CSV, YAML or UTF-8 at all, and what spreadsheets may write."""

from pathlib import Path

import pytest
import yaml
from districts import MONDAY, NOW, found, small_district

from config import findings
from config.district import check, load
from config.reading import read_table
from config.tables import EdgeRow, NodeRow


def test_all_faults_of_a_file_are_reported_up_to_a_limit(tmp_path: Path) -> None:
    """Fifty in full, the rest counted, and the count is in the sum."""
    path = small_district(tmp_path) / "nodes.csv"
    extra = "".join(f"x{n},far,0,,,\n" for n in range(170))
    path.write_text(path.read_text(encoding="utf-8") + extra, encoding="utf-8")
    faults = check(tmp_path, NOW)
    assert sum(f.key == "check.number" for f in faults) == 50
    assert [f.fields["count"] for f in faults if f.key == "check.more"] == [120]
    assert findings.count(faults, "error") == 170


@pytest.mark.parametrize(
    ("content", "line", "column", "key"),
    [
        (b"node,x_m\nn1,1\n\xc0\xd6,2\n", None, None, "saved.encoding"),
        (b"node,x_m,y_m\nn1,1,\xff\n", 2, 6, "not_utf8"),
        (b"node,x_m,y_m\nn1,1,2\x00\n", 2, 7, "control_character"),
        (b'node,x_m,y_m\nn1,1,2\n"n2,1,2\n', 3, 1, "not_csv"),
        (b'node,x_m,y_m\n"n1,1,2\n' + 140 * (999 * b"n" + b"\n"), 2, 1, "not_csv"),
        (b"node,x_m,y_m\n" + 140_000 * b"n" + b",1,2\n", 2, 1, "line_too_long"),
        ("node,x_m,y_m\nn\u009b1,1,2\n".encode(), 2, 2, "control_character"),
        ("node,x_m,y_m\nn1,1,2\nn\u202e2,1,2\n".encode(), 3, 2, "control_character"),
        ("node,x_m,y_m\n\u2066n1,1,2\n".encode(), 2, 1, "control_character"),
        (b"", 1, 1, "no_header"),
        (b"node,x_m,y_m,node\nn1,1,2,n1\n", 1, 14, "column_twice"),
        (b"node,x_m\nn1,1\n", 1, 1, "column_missing"),
        (b"node,x_m,y_m\nn1,1\n", 2, 1, "cell_count"),
        (b"node,x_m,y_m\nn1,1,2,3\n", 2, 1, "cell_count"),
        (b'node,x_m,y_m,note\nn1,1,2,"a\nb"\nn2,"x,\ny",1,\n', 4, 4, "number"),
    ],
)
def test_a_broken_file_is_found_where_it_breaks(
    tmp_path: Path, content: bytes, line: int | None, column: int | None, key: str
) -> None:
    """Bytes that are no UTF-8, NUL, open quotes, headers, cells; and cells over several lines."""
    (tmp_path / "nodes.csv").write_bytes(content)
    fault = read_table(tmp_path / "nodes.csv", NodeRow).findings[0]
    assert (fault.line, fault.column, fault.key) == (line, column, f"check.{key}")


def test_joiners_that_names_need_are_taken(tmp_path: Path) -> None:
    """Words of Persian and Hindi are written with them."""
    (tmp_path / "nodes.csv").write_text("node,x_m,y_m\nn\u200c1\u200d,1,2\n", encoding="utf-8")
    assert read_table(tmp_path / "nodes.csv", NodeRow).findings == []


def test_spreadsheets_may_write_a_bom_windows_lines_and_more_columns(tmp_path: Path) -> None:
    """Order of columns is free, blank lines and cells' blanks do not count."""
    (tmp_path / "nodes.csv").write_bytes(b"\xef\xbb\xbfy_m,note,node,x_m\r\n 2 ,hi,n1, 1\r\n\r\n")
    table = read_table(tmp_path / "nodes.csv", NodeRow)
    assert table.findings == []
    assert table.rows == (NodeRow(node="n1", x_m=1, y_m=2),)


def test_a_misspelt_column_names_the_nearest(tmp_path: Path) -> None:
    """A column that must be there is an error, another a warning: nothing is dropped in silence."""
    path = small_district(tmp_path) / "nodes.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("x_m,", "x-m,", 1), encoding="utf-8")
    path = tmp_path / "people.csv"
    path.write_text(
        path.read_text(encoding="utf-8").replace("skills", "skill", 1), encoding="utf-8"
    )
    faults = {f.key: f.fields.get("near") for f in check(tmp_path, NOW)}
    assert faults["check.column_missing"] == "x-m"
    assert faults["check.column_unknown"] == "skills"


@pytest.mark.parametrize(
    ("text", "line", "column", "key"),
    [
        ("brigade: hz\nbrigade: xx\n", 2, 1, "key_twice"),
        ("brigade: [hz\n", 2, 1, "not_yaml"),
        ("- hz\n", 1, 1, "not_mapping"),
        ("", 1, 1, "not_mapping"),
        ("brigade: \x00\n", 1, 10, "control_character"),
        ("brigade: h\u202ez\n", 1, 10, "control_character"),
        ('brigade: "h\\e[2Jz"\n', 1, 10, "control_character"),
        ('brigade: ["h\\u009bz"]\n', 1, 11, "control_character"),
        ("crs: &a {metric: local}\ntravel: *a\n", 1, 6, "not_yaml"),
        ("a: " + "[" * 400 + "]" * 400, 1, 54, "not_yaml"),
        ("a: " + "[" * 9000, 1, 1, "not_yaml"),
    ],
)
def test_settings_that_are_no_settings_are_refused(
    tmp_path: Path, text: str, line: int, column: int, key: str
) -> None:
    """Duplicate keys, broken YAML, anchors, deep nesting: a finding, never a traceback."""
    small_district(tmp_path)
    (tmp_path / "settings.yaml").write_text(text, encoding="utf-8")
    assert ("settings.yaml", line, column, key) in found(tmp_path)


def test_settings_in_another_encoding_are_refused(tmp_path: Path) -> None:
    """GBK from an old editor: line and column of the first byte."""
    small_district(tmp_path)
    (tmp_path / "settings.yaml").write_bytes("brigade: hz\nname: 大队\n".encode("gbk"))
    assert found(tmp_path) == [("settings.yaml", 2, 7, "not_utf8")]


def test_25000_edges_are_read_and_checked(tmp_path: Path) -> None:
    """Sound ones, and ones of which every tenth is faulty."""
    rows = [
        f"e{n},n{n % 5000},n{n * 7 % 5000},12.5,120,,20,residential,1,栾河路" for n in range(25_000)
    ]
    header = "edge,from,to,seconds,length_m,speed_kmh,patrol_seconds,class,oneway,section"
    for at, faulty in ((0, False), (1, True)):
        text = [
            row.replace("12.5", "12,5") if faulty and n % 10 == 0 else row
            for n, row in enumerate(rows)
        ]
        if faulty:
            text = [row.replace("residential", "resident") for row in text]
        path = tmp_path / f"{at}.csv"
        path.write_text("\n".join([header, *text]), encoding="utf-8")
        table = read_table(path, EdgeRow)
        assert bool(table.findings) is faulty
        assert len(table.rows) == (0 if faulty else 25_000)


def test_the_written_settings_hold_the_zone_as_text(tmp_path: Path) -> None:
    """18:00 without quotes is six in the evening, not 1,080."""
    path = small_district(tmp_path) / "settings.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text + "publication:\n  publish_at: 18:00\n", encoding="utf-8")
    assert yaml.safe_load(path.read_text(encoding="utf-8"))["publication"]["publish_at"] == 18 * 60
    assert str(load(tmp_path).settings.publication.publish_at) == "18:00:00"
    assert MONDAY in load(tmp_path).calendar.days
