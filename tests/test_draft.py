"""A mapping drafted from headers: what is known, what is open, what is never guessed."""

import re
from pathlib import Path

import pytest
from typed import Typed, typed

from config.errors import BadInput
from config.importers.mapping import Mapping, load
from config.words import LANGUAGES

__all__ = ["typed"]
LEDGER = """某大队事故台账
事故编号,事故发生时间,事故地点,事故形态,伤亡情况,违法行为,天气
S001,2026-10-01 08:15,南京西路与石门一路路口,追尾,财产损失,未保持安全距离,晴
S002,2026/10/2 9:05,南京西路与石门二路路口,侧翻,受伤,/,雨
"""
POINTS = """case;date;time;longitude;latitude;type
7;28.09.2026;14:05;13.4;52.5;on
"""


def drafted(tmp_path: Path, typed: Typed, text: str, lang: str = "en") -> str:
    """The draft of a file."""
    source, file = tmp_path / "ledger.csv", tmp_path / "draft.yaml"
    source.write_text(text, encoding="gb18030")
    told = typed("import", source, "--draft-mapping", file, lang=lang)
    assert (told.code, str(file) in told.out) == (0, True)
    return file.read_text(encoding="utf-8")


def filled(tmp_path: Path, text: str) -> Mapping:
    """The draft with its first open lines taken as they are proposed."""
    file = tmp_path / "filled.yaml"
    file.write_text(re.sub(r"(?m)^# (name|time_zone|crs):", r"\1:", text), encoding="utf-8")
    return load(file)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_ledger_is_understood_by_its_headers(tmp_path: Path, typed: Typed, lang: str) -> None:
    """Columns and words that are usual; what is not known, or not used, is told with its values."""
    text = drafted(tmp_path, typed, LEDGER, lang)
    table = filled(tmp_path, text).tables["ledger.csv"]
    assert table.id is not None
    assert table.id.column == "事故编号"
    assert (table.time.columns, table.place.column) == (("事故发生时间",), "事故地点")
    assert (table.kind and table.kind.map, table.violation and table.violation.column) == (
        {"追尾": "crash"}, "违法行为",
    )  # fmt: skip
    assert "map: {财产损失: damage, 受伤: injury}" in text
    assert re.search(r"kind: .*# .*: 侧翻$", text, re.MULTILINE)
    assert re.search(r"^    # .*天气: 晴, 雨$", text, re.MULTILINE)


def test_what_would_be_wrong_without_a_sign_is_left_open(tmp_path: Path, typed: Typed) -> None:
    """A draft is refused until somebody says which system its degrees are of, and how times are."""
    text = drafted(tmp_path, typed, POINTS)
    assert "# time: {columns: [date, time], formats: [?]}  # 28.09.2026 14:05" in text
    assert "place: {lon: longitude, lat: latitude}  # 13.4 52.5" in text
    with pytest.raises(BadInput) as caught:
        load(tmp_path / "draft.yaml")
    missing = {str(one.fields.get("column")) for one in caught.value.findings}
    assert {"crs", "name", "tables.ledger.csv.time"} <= missing


@pytest.mark.parametrize("text", [
    "事故编号,发生时间,地点,,\n1,2026-01-01 08:00,x,甲,乙\n",
    "事故编号,发生时间,地点\n1,2026-01-01 08:00,x;沪A1;沪A2;沪A3;沪A4\n",
    "报表\n制表,日期,2026-01-01,单位,某大队,编号,7\n事故编号,发生时间,地点\n1,2026-01-01 08:00,x\n",
    '事故编号,"发生\n时间",地点,类型\n1,2026-01-01 08:00,x,追尾\n',
], ids=["unnamed columns", "another separator", "a form above", "a line break"])  # fmt: skip
def test_a_header_is_the_line_that_says_most(tmp_path: Path, typed: Typed, text: str) -> None:
    """Other lines may have more cells: a row, or a form above, was taken for the header."""
    assert "place: {column: 地点}" in drafted(tmp_path, typed, text)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_word_is_left_out_in_silence(tmp_path: Path, typed: Typed, lang: str) -> None:
    """All that are known are translated; of the others it says how many it does not show."""
    words = [*map(chr, range(ord("a"), ord("l"))), "追尾", "刮擦"]
    rows = (f"{n},2026-01-01 08:00,x,{word}\n" for n, word in enumerate(words))
    text = drafted(tmp_path, typed, "事故编号,发生时间,地点,类型\n" + "".join(rows), lang)
    line = next(line for line in text.splitlines() if "kind:" in line)
    assert "map: {追尾: crash, 刮擦: crash}" in line
    assert re.search(r": a, b, c, d, e, f, g, h, i\W.*\b2 more$|，另有2个$", line)


def test_files_of_the_same_columns_are_one_table(tmp_path: Path, typed: Typed) -> None:
    """A ledger comes by the year."""
    for year in ("2025", "2026"):
        (tmp_path / "years").mkdir(exist_ok=True)
        (tmp_path / "years" / f"{year}.csv").write_text(LEDGER, encoding="utf-8")
    (tmp_path / "years" / "points.csv").write_text(POINTS, encoding="utf-8")
    file = tmp_path / "draft.yaml"
    assert typed("import", tmp_path / "years", "--draft-mapping", file).code == 0
    found = re.findall(r"(?m)^  (\S+):$", file.read_text(encoding="utf-8"))
    assert found == ['"2025.csv"', '"points.csv"']


def test_a_file_that_is_there_is_not_overwritten(tmp_path: Path, typed: Typed) -> None:
    """It may be the mapping that somebody wrote for hours."""
    text = drafted(tmp_path, typed, LEDGER)
    for file in (tmp_path / "draft.yaml", tmp_path / "none" / "draft.yaml"):
        told = typed("import", tmp_path / "ledger.csv", "--draft-mapping", file)
        assert (told.code, f"{file} cannot be written" in told.err) == (2, True)
    assert (tmp_path / "draft.yaml").read_text(encoding="utf-8") == text


def test_what_is_to_be_typed_next_can_be_pasted(tmp_path: Path, typed: Typed) -> None:
    """Folders have blanks in their names."""
    source, file = tmp_path / "事 故.csv", tmp_path / "my draft.yaml"
    source.write_text(LEDGER, encoding="utf-8")
    told = typed("import", source, "--draft-mapping", file)
    assert f"qinwu import '{source}' --mapping '{file}' --out" in told.out


@pytest.mark.parametrize("option", [("--out", "d"), ("--mapping", "m"), ("--live", "2026-10-01")])
def test_a_draft_is_all_that_is_made(tmp_path: Path, typed: Typed, option: tuple[str, str]) -> None:
    """What else was asked for was not done, without a word."""
    (tmp_path / "ledger.csv").write_text(LEDGER, encoding="utf-8")
    file = tmp_path / "draft.yaml"
    told = typed("import", tmp_path / "ledger.csv", "--draft-mapping", file, *option)
    assert (told.code, option[0] in told.err, file.exists()) == (2, True, False)


def test_an_import_says_what_it_may_make(tmp_path: Path, typed: Typed) -> None:
    """A district or a draft: one of the two is to be named."""
    (tmp_path / "ledger.csv").write_text(LEDGER, encoding="utf-8")
    told = typed("import", tmp_path / "ledger.csv")
    assert (told.code, "--out" in told.err, "--draft-mapping" in told.err) == (2, True, True)
