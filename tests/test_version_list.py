"""How the versions of a week are listed."""

from pathlib import Path
from typing import Any

import pytest
from districts import small_district

from config.district import load
from config.words import LANGUAGES, words
from scheduler.acts import Act
from scheduler.changes.change_told import version_line
from scheduler.changes.version_list import Version


@pytest.mark.parametrize("lang", LANGUAGES)
def test_who_did_it_is_called_by_name(lang: str, tmp_path: Path) -> None:
    """With the id behind; a program that sent it has none."""
    acts = (Act("drafted", 1, 0, "o1"), Act("published", 1, 0, "sheet"))
    told = version_line(
        Version(1, "edit", acts, None, "f" * 12), load(small_district(tmp_path)), lang
    )
    assert "民警1 o1" in told
    assert "sheet" in told


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(("change", "cause"), [(None, "edit"), ({"weight": 3}, "edited")])
def test_an_edit_of_one_duty_is_not_called_handed_in(
    change: dict[str, Any] | None, cause: str, lang: str, tmp_path: Path
) -> None:
    """Both come as an edited draft; only the edit says what it changed."""
    one = Version(2, "edit", (), 1, "f" * 12, repair=change)
    told = version_line(one, load(small_district(tmp_path)), lang)
    assert f"  {words(lang)(f'repair.cause.{cause}')}  " in told
