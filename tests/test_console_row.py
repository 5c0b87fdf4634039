"""The JSON twin of a console line and its words: the same row gives both languages."""

import json
import subprocess
from dataclasses import replace
from typing import Annotated, Any

import pytest
import typer
from brigades import MINUTE_MS, NOW_MS, spoken
from typer.testing import CliRunner

from config.ids import IncidentId, OrderId, SquadronId, UnitId, VisitId
from config.words import LANGUAGES, words
from dispatch.console.grammar import from_text, to_text
from dispatch.console.row import Names, row_of, short_order, shown
from dispatch.ground import Ground
from dispatch.order_command import reasons
from events.decisions import About, Excluded, Line, Why

KEYS = (
    "at", "kind", "area", "squadron", "unit", "order", "about", "place", "due", "eta", "arrived",
    "why", "seq",
)  # fmt: skip
WHY = Why(
    rule="nearest_lawful", chosen=UnitId("t1"), runner_up=UnitId("t2"), difference_s=100,
    excluded=tuple(Excluded(unit=UnitId(f"t{n}"), rule="busy") for n in range(3, 9)),
)  # fmt: skip
DISPATCH = Line(
    kind="dispatch", squadron=SquadronId("s2"), unit=UnitId("t1"), order=OrderId("hz/1042/0"),
    about=About(incident=IncidentId("i")), place="p1", due_ms=NOW_MS + 3 * MINUTE_MS,
    eta_ms=NOW_MS + 2 * MINUTE_MS, why=WHY,
)  # fmt: skip


def row(line: Line, ground: Ground) -> dict[str, Any]:
    """The twin as a reader gets it: from JSON."""
    calendar = ground.district.calendar
    told = row_of(line, area="hz", seq=1042, time_ms=NOW_MS, calendar=calendar)
    return dict(json.loads(json.dumps(told)))


def names(ground: Ground) -> Names:
    """As the desk calls things."""
    return Names(ground.district.calendar, {"s2": "二中队"}, {"p1": "天目山路/莫干山路口"})


def test_the_twin_has_the_fields_of_the_format_in_their_order(small_ground: Ground) -> None:
    """Then those that the words need."""
    told = row(DISPATCH, small_ground)
    assert tuple(told)[: len(KEYS)] == KEYS
    assert set(told) - set(KEYS) == {"ref", "text", "fields", "point", "said"}
    assert (told["at"], told["due"]) == ("2026-11-30T12:00:00+08:00", "2026-11-30T12:03:00+08:00")
    assert (told["order"], told["ref"]) == ("D1042.0", "hz/1042/0")


def test_a_note_stays_as_it_was_written(small_ground: Ground) -> None:
    """Also where it reads like a reason of the program's."""
    line = Line(kind="system", text="command.note_done", fields={"by": "o1", "reason": "done"})
    told = shown(row(line, small_ground), names(small_ground), words("zh-CN"))
    assert told.free.endswith("done")


def test_the_twin_from_json_says_the_line_of_the_description(small_ground: Ground) -> None:
    """In both languages, the why with its runner-up and who was left out."""
    told = row(DISPATCH, small_ground)
    english = to_text(shown(told, names(small_ground), words("en")), words("en"))
    assert english == (
        "12:00:00.000 +08 DISPATCH 二中队   t1     D1042.0    > i                "
        "天目山路/莫干山路口      due 12:03 eta 12:02 -01m  "
        "why=nearest lawful; next t2 +1m40; 6 busy (t3 t4 t5…)"
    )
    chinese = to_text(shown(told, names(small_ground), words("zh-CN")), words("zh-CN"))
    assert "派警" in chinese
    assert "次选t2 +1m40" in chinese


@pytest.mark.parametrize("lang", LANGUAGES)
def test_overdue_says_by_how_much_to_the_second(small_ground: Ground, lang: str) -> None:
    """Against now, and no eta in its columns."""
    line = DISPATCH.model_copy(
        update={"kind": "overdue", "due_ms": NOW_MS - 3000, "why": None, "text": "incident.late"}
    )
    told = shown(row(line, small_ground), names(small_ground), words(lang))
    assert (told.now, told.eta, told.delta) == ("12:00", None, "+00m03")


@pytest.mark.parametrize(("off_s", "delta"), [
    (99 * 60 + 59, "-99m59"), (99 * 60 + 60, None), (-(99 * 60 + 59), "+99m59"),
    (-5318 * 60, None),
])  # fmt: skip
def test_how_late_is_not_said_where_the_clock_was_set(
    small_ground: Ground, off_s: int, delta: str | None
) -> None:
    """What came before a play set the district's date is no days late; its times stand."""
    line = DISPATCH.model_copy(
        update={"kind": "overdue", "due_ms": NOW_MS + 1000 * off_s, "why": None, "text": None}
    )
    told = shown(row(line, small_ground), names(small_ground), words("en"))
    assert told.delta == delta
    assert told.due is not None


@pytest.mark.parametrize(("ahead_h", "due"), [
    (11, "23:00"), (13, "12-01 01:00"), (-13, "11-29 23:00"), (24 * 6, "12-06 12:00"),
])  # fmt: skip
def test_a_time_of_another_day_has_its_date(small_ground: Ground, ahead_h: int, due: str) -> None:
    """Without one it is taken for the nearest to the line's own."""
    line = DISPATCH.model_copy(update={"due_ms": NOW_MS + ahead_h * 60 * MINUTE_MS})
    assert shown(row(line, small_ground), names(small_ground), words("en")).due == due


def test_a_visit_is_shown_by_its_point_and_keeps_its_id_for_programs(small_ground: Ground) -> None:
    """So that the columns behind stand where they stand for an incident."""
    visit = VisitId("km12-5-06/P041@2026-12-04/6159")
    line = DISPATCH.model_copy(update={"about": About(visit=visit)})
    calendar = small_ground.district.calendar
    told = row_of(
        line, area="hz", seq=1, time_ms=NOW_MS, calendar=calendar, point="km12-5-06"
    )  # fmt: skip
    say = words("en")
    seen = to_text(shown(told, names(small_ground), say), say)
    other = to_text(shown(row(DISPATCH, small_ground), names(small_ground), say), say)
    assert told["about"] == visit
    assert "> km12-5-06 " in seen
    assert seen.index("天目山路") == other.index("天目山路")


NEXT: list[tuple[int, str | None, dict[str, tuple[str, str]]]] = [
    (100, None, {"en": ("next t2 +1m40", "next: t2, +1m40"),
                 "zh-CN": ("次选t2 +1m40", "其次：t2，+1m40")}),
    (-75, "stand_by", {"en": ("next t2, would be 1m15 sooner, but kept as stand-by",
                              "next: t2, would be 1m15 sooner, but kept as stand-by"),
                       "zh-CN": ("次选t2，可早到1分15秒，暂不派（备勤留守）",
                                 "其次：t2，可早到1分15秒，暂不派（备勤留守）")}),
    (60, "visit", {"en": ("next t2 +1m00, kept at a visit", "next: t2, +1m00, kept at a visit"),
                   "zh-CN": ("次选t2 +1m00（必到点驻守）", "其次：t2，+1m00（必到点驻守）")}),
    (-623, None, {"en": ("next t2, would be 10m23 sooner, but kept back",
                         "next: t2, would be 10m23 sooner, but kept back"),
                  "zh-CN": ("次选t2，可早到10分23秒，暂不派（留守）",
                            "其次：t2，可早到10分23秒，暂不派（留守）")}),
]  # fmt: skip


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(("behind_s", "rule", "told"), NEXT)
def test_who_is_next_and_kept_back_is_told_once(
    small_ground: Ground, lang: str, behind_s: int, rule: str | None,
    told: dict[str, tuple[str, str]],
) -> None:  # fmt: skip
    """Not as left out, too; that it would be sooner is said in words."""
    out = [Excluded(unit=UnitId("t3"), rule="stand_by")]
    if rule is not None:
        out.append(Excluded(unit=UnitId("t2"), rule=rule))
    why = WHY.model_copy(update={"difference_s": behind_s, "excluded": tuple(out)})
    line, say = DISPATCH.model_copy(update={"why": why}), words(lang)
    on_line, alone = told[lang]
    free = shown(row(line, small_ground), names(small_ground), say).free
    assert f"; {on_line}; " in free
    assert free.count("t2") == 1
    assert spoken(line, small_ground, lang)  # parsed back without loss
    listed = list(reasons(why, say))
    assert alone in listed
    assert sum("t2" in one for one in listed) == 1
    assert sum("t3" in one for one in listed) == 1


@pytest.mark.parametrize(("lang", "words_of"), [("en", "reported at: "), ("zh-CN", "报警地点：")])
def test_a_line_has_the_callers_words_for_the_place(
    small_ground: Ground, lang: str, words_of: str
) -> None:
    """A long story is cut on a line; nothing of it breaks the columns, and it is parsed back."""
    say, calendar = words(lang), small_ground.district.calendar
    for said, on_line in (("栾河路\t建行门口", "栾河路\t建行门口"), ("长" * 61, "长" * 59 + "…")):
        told = row_of(DISPATCH, area="hz", seq=1, time_ms=NOW_MS, calendar=calendar, said=said)
        seen = shown(told, names(small_ground), say)
        assert words_of + on_line in seen.free
        assert from_text(to_text(seen, say), say) == seen


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    ("text", "fields", "command"),
    [
        ("queued.not_located", {}, "locate --incident i --place NAME"),
        ("maybe_duplicate", {"of": "j"}, "merge --incident i --into j"),
        ("watch.seen", {"entry": "w"}, "verify-sighting --sighting i --verdict true/false"),
        ("breaker", {"count": 3}, "release-breaker --unit t1"),  # of a journal without minutes
        ("breaker", {"count": 2, "minutes": 45}, "release-breaker --unit t1"),
        ("welfare", {"minutes": 20}, "welfare-ok --unit t1"),
    ],
)
def test_a_command_that_a_line_names_says_about_what(
    small_ground: Ground, lang: str, text: str, fields: dict[str, Any], command: str
) -> None:
    """A dispatcher copies it: an id that has to be looked up first is left out in haste."""
    line = DISPATCH.model_copy(update={"why": None, "text": text, "fields": fields})
    told = shown(row(line, small_ground), names(small_ground), words(lang))
    assert told.free.endswith(f"qinwu command DIR {command}")
    here = replace(names(small_ground), folder="'my town'")
    assert shown(row(line, small_ground), here, words(lang)).free.endswith(
        f"qinwu command 'my town' {command}"
    )


@pytest.mark.parametrize("lang", LANGUAGES)
def test_without_a_roster_one_looks_before_one_plans(small_ground: Ground, lang: str) -> None:
    """The engine sees no folder: a roster there may be published, and wait for the clock."""
    fields = {"week": "2026-W49"}
    line = DISPATCH.model_copy(update={"why": None, "text": "queued.no_roster", "fields": fields})
    told = shown(row(line, small_ground), names(small_ground), words(lang)).free
    commands = [
        "qinwu doctor DIR", "qinwu plan DIR --week 2026-W49 --out OUT",
        "qinwu publish DIR --week 2026-W49 --from OUT",
    ]  # fmt: skip
    places = [told.find(command) for command in commands]
    assert -1 not in places
    assert places == sorted(places)


def typed(command: str) -> list[str]:
    """The words that a shell makes of a command, and of nothing but it."""
    tell = "qinwu() { printf '%s\\0' \"$@\"; }; "
    done = subprocess.run(["/bin/bash", "-c", tell + command], capture_output=True, check=True)  # noqa: S603 - ours
    return done.stdout.decode().split("\0")[:-1]


HOSTILE_IDS = [
    "s/$(touch PWN)", "s/`touch PWN`", "s/a;touch PWN", "s/a b", "--json", "-", "s/it's", "s/!!",
    "s/a\n", "s/\u202e1", "s/\u200d", "s/\\x", "s/~", "老桥 2",
]  # fmt: skip


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", HOSTILE_IDS)
def test_a_shell_takes_an_id_of_a_command_as_the_id_or_none_is_offered(
    small_ground: Ground, lang: str, name: str
) -> None:
    """An id is a stranger's text: what an operator copies must run nothing of it."""
    about = About(incident=IncidentId(name))
    line = Line(kind="system", about=about, text="maybe_duplicate", fields={"of": f"{name}2"})
    text = spoken(line, small_ground, lang).partition("qinwu ")
    if name.isprintable() and "\\" not in name:
        command, folder, name_of_it, *options = typed(text[1] + text[2])
        assert (command, folder, name_of_it) == ("command", "DIR", "merge")
        assert CliRunner().invoke(merging, options).stdout == f"{name}|{name}2\n"
    else:
        assert typed(text[1] + text[2]) == ["log", "DIR", "--json"]


merging = typer.Typer()


@merging.command()
def merge(incident: Annotated[str, typer.Option()], into: Annotated[str, typer.Option()]) -> None:
    """Say what the options of a merge are taken for."""
    typer.echo(f"{incident}|{into}")


def test_a_midnight_line_is_a_date_in_every_language(small_ground: Ground) -> None:
    """Programs look for it."""
    line = Line(kind="system", text="system.date", fields={"date": "2026-11-30"})
    for lang in LANGUAGES:
        assert spoken(line, small_ground, lang).endswith("  date=2026-11-30")


def test_what_a_line_does_not_know_is_a_dash(small_ground: Ground) -> None:
    """`None` is a word of programs."""
    fields = {"kind": "patrol", "officers": 1, "auxiliaries": 0, "vehicle": None}
    line = Line(kind="sign_in", text="signed_in.first", fields=fields)
    assert spoken(line, small_ground, "en").endswith("auxiliaries 0, vehicle -")


def test_codes_in_fields_are_said_in_words_and_free_texts_are_not(small_ground: Ground) -> None:
    """A reason is a code of ours or the crew's own words."""
    for reason, ours in (("unacknowledged", "no answer"), ("车坏了 {x}", "车坏了 {x}")):
        line = Line(kind="refused", text="gave_up.lost", fields={"reason": reason})
        assert spoken(line, small_ground, "en").endswith(f"will not come: {ours}")


@pytest.mark.parametrize(("order", "short"), [
    ("hz/1042/0", "D1042.0"), ("a/b/7/1", "D7.1"), (None, None), ("odd", "odd"),
])  # fmt: skip
def test_an_order_is_said_short(order: str | None, short: str | None) -> None:
    """As people say it on the radio."""
    assert short_order(order) == short


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("text", ["a  b", "tab\there", "line\nfeed", "-", " ", "x\\y", "①", "坏"])
def test_hostile_names_cannot_break_a_line(small_ground: Ground, lang: str, text: str) -> None:
    """Whatever stands in a unit's or a place's name comes back whole."""
    line = DISPATCH.model_copy(update={"unit": text, "place": text})
    say = words(lang)
    told = shown(row(line, small_ground), names(small_ground), say)
    back = from_text(to_text(told, say), say)
    assert (back.unit, back.place) == (text, text)
