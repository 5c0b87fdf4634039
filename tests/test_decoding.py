"""Tables in which a line is not what the others are: it undoes none of them."""

from pathlib import Path

import pytest
from districts import found, small_district
from test_mapping import GOOD, HEADER, MAPPING, trial

from config.district import load
from config.importers.columns import Reading
from config.importers.decoding import decode, encodings_of
from config.importers.history import mapped
from config.importers.reader import Source

GB, UTF = "gb18030", "utf-8"
ONE, TWO = "一中队".encode(GB), "二中队".encode(GB)
BY_CHANCE = "姚".encode(GB)
"""Ҧ in UTF-8."""


@pytest.mark.parametrize(("lines", "read"), [
    ([ONE, TWO, BY_CHANCE, ONE + b"\xff"], ["一中队", "二中队", "姚", None]),
    ([ONE, TWO, "三中队".encode()], ["一中队", "二中队", "三中队"]),
    ([ONE, TWO, "中文".encode()], ["一中队", "二中队", "中文"]),
    ([ONE, BY_CHANCE], ["一中队", "姚"]),
    (["三中队".encode(), "中文".encode(), ONE], ["三中队", "中文", None]),
    (["Aragó".encode(), "Aragón".encode("latin-1")], ["Aragó", None]),
], ids=["a byte", "pasted", "pasted, both", "by chance", "UTF-8", "accents"])  # fmt: skip
def test_most_lines_say_what_a_table_is_in(lines: list[bytes], read: list[str | None]) -> None:
    """The others are read as what they are or as nothing, never as other words."""
    raw = b"\n".join(lines)
    told = decode(raw, encodings_of(raw, Reading()))[0]
    assert [None if "\ufffd" in line else line for line in told] == read


def test_a_damaged_row_of_a_ledger_is_refused_alone(tmp_path: Path) -> None:
    """One that was UTF-8 by chance besides had the others refused, too."""
    named = {**dict.fromkeys("abcdefghijklm", ONE), "e": BY_CHANCE, "i": ONE + b"\xff"}
    rows = [GOOD.replace("a1", row).encode().replace("Gràcia".encode(), name)
            for row, name in named.items()]  # fmt: skip
    mapping = trial(tmp_path, MAPPING.replace("encodings: [utf-8, latin-1], ", ""))
    source = Source("n.csv", b"\n".join([HEADER.encode(), *rows]))
    records, _ = mapped([source], mapping, mapping.crs, "UTC")
    assert records.rows["area"].tolist() == ["一中队"] * 4 + ["姚"] + ["一中队"] * 7
    assert [(line, why) for line, why, _ in records.files[0].samples] == [(10, "undecodable")]


@pytest.mark.parametrize("pasted", [1, 8])
def test_rows_pasted_into_a_table_of_people_are_read(tmp_path: Path, pasted: int) -> None:
    """The rest was refused as not UTF-8."""
    folder = small_district(tmp_path)
    path, persons = folder / "people.csv", load(folder).people.persons
    lines = path.read_text(encoding=UTF).splitlines()
    path.write_bytes(b"\n".join(
        line.encode(UTF if n <= pasted else GB) for n, line in enumerate(lines)
    ))  # fmt: skip
    assert load(tmp_path).people.persons == persons
    assert ("people.csv", None, None, "saved.encoding") in found(tmp_path, "warning")


def test_a_damaged_row_of_people_is_told_alone(tmp_path: Path) -> None:
    """Each row was, as not UTF-8; to save the file as that does not mend the byte."""
    path = small_district(tmp_path) / "people.csv"
    lines = [line.encode(GB) for line in path.read_text(encoding=UTF).splitlines()]
    lines[3] = lines[3].replace("民".encode(GB), b"\xff\xff")
    path.write_bytes(b"\n".join(lines))
    told = [(file, line, key) for file, line, _, key in found(tmp_path)]
    assert told == [("people.csv", 4, "not_utf8")]
