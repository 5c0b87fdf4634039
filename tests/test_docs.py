"""The documents, carried out: command blocks work, commands are told, links lead somewhere."""

import fcntl
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, TYPE_CHECKING

import pytest
from conftest import ROOT, absent

import qinwu

if TYPE_CHECKING:
    from broker import Broker

PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
CHINESE = ROOT / "README.zh-CN.md"
EXEMPT = ("make demo", "make test")
"""What `.ci/run` carries out."""
COMMANDS = ("qinwu ", "kcat ", "curl ", "java ")
"""Whoever types one of these wants to know that it works."""
PRINTED = {
    ("README.md", "$ qinwu order why demo-2026-11-26 D194.2"),
    ("README.zh-CN.md", "$ qinwu order why demo-2026-11-26 D194.2"),
}
"""Commands above what they printed on one date: samples, whose folder no page makes."""
SYNOPSIS = re.compile(r"\b(DIR|SRC)\b")
"""How to call a command, not a call: nobody has a folder of that name."""
BROKER = "localhost:9092"
"""What the pages write where a reader puts the address of their own broker."""
PRINT = "printed.txt"
"""Where a page's output goes."""
PAGE_S = 480
RUN_S = 60
SOLVE_S, SEARCH_S = 2, 1
"""In place of a minute, for a plan and for each search of prices, which may end with any roster;
the machine that runs this has other work."""
OPENING = (
    "qinwu init town --today 2026-11-26",
    f"qinwu plan town --week 2026-W49 --time {SOLVE_S} --out w49",
    "qinwu publish town --week 2026-W49 --from w49",
    """PERSON=$(awk -F, '$6 == "2026-12-01" && $9 == "patrol" {print $11; exit}' w49/roster.csv)
qinwu roster absent town "$PERSON" 2026-12-01""",
)
"""How pages begin: carried out once, and what came of it copied to all that begin so."""
LOOKING = re.compile(
    r"qinwu check |qinwu roster (check|why|why-not|candidates|missing|prices|rules|fairness) "
    r"|qinwu roster absent .* --dry-run$|[A-Z]+=|#|$"
)
"""What may stand in between: it changes nothing."""
ALIKE = re.compile(OPENING[0].replace(" town ", r" (\w+) ") + "$")
"""The first of them for another folder, whose files are the same."""
FENCE = re.compile(r"^```(\S*)[ ]?(.*)\n((?:.*\n)*?)```$", re.MULTILINE)
RUN = re.compile(r"^qinwu run (\S+).*&$")


@dataclass(frozen=True)
class Block:
    """A fenced block; `info` is what follows its language."""

    language: str
    info: str
    text: str

    @property
    def commands(self) -> list[str]:
        """Its lines, without comments and blanks."""
        lines = (line.strip() for line in self.text.splitlines())
        return [line for line in lines if line and not line.startswith("#")]

    @property
    def exempt(self) -> bool:
        """Whether nothing in it is for this test to carry out."""
        return all(line in EXEMPT for line in self.commands)


def blocks(page: Path) -> list[Block]:
    """The fenced blocks of a page, in order."""
    return [Block(*found) for found in FENCE.findall(page.read_text(encoding="utf-8"))]


def orders(page: Path) -> list[Block]:
    """The command blocks of a page that are to be carried out."""
    return [one for one in blocks(page) if one.language == "bash" and not one.exempt]


def shorter(line: str) -> str:
    """A command with less time for solving."""
    time_s = SEARCH_S if line.startswith("qinwu roster prices ") else SOLVE_S
    return re.sub(r"--time \d+", f"--time {time_s}", line)


def script(told: list[Block], broker: str) -> str:
    """The blocks as one shell, so that `kill %1` finds what an earlier block began.

    What a reader does by eye is added: to wait until a program has ended, and before the next block
    until it is up. Within a block, which is pasted as it stands, the page has to wait itself.
    """
    lines = ["set -euo pipefail", "PS4='+ ${SECONDS} s: '"]
    for one in told:
        starting: list[str] = []
        for line in one.text.splitlines():
            lines.append(shorter(line).replace(BROKER, broker))
            starting += RUN.findall(line)
            if line.startswith("kill "):
                starting.clear()
                lines.append(f"wait {line.removeprefix('kill ')} || true")
        for folder in starting:
            up = f"until test -e {folder}/.qinwu/run.json; do sleep 0.1; done"
            lines.append(f"timeout {RUN_S} sh -c '{up}'")
    return "\n".join(lines) + "\n"


def begun(told: list[Block], home: Path) -> tuple[int, list[Block]]:
    """How many commands of the opening a page begins with; in their place, what came of them."""
    count, whole, rest, before = 0, True, [], set[str]()
    for one in told:
        lines = one.text.splitlines()
        for n, line in enumerate(lines):
            *first, last = OPENING[count].splitlines() if count < len(OPENING) else ("",)
            if whole and line and shorter(line) == last and before.issuperset(first):
                count += 1
                lines[n] = f"cp -a {home}/opened-{count}/. ."
            elif count and (found := ALIKE.match(line)):
                lines[n] = f"cp -a {home}/opened-1/town {found[1]}"
            else:
                whole = whole and LOOKING.match(line) is not None
            before.add(line)
        rest.append(replace(one, text="\n".join(lines) + "\n"))
    return count, rest


def opened(count: int, home: Path) -> Path:
    """A folder in which so many commands of the opening were carried out.

    Made by whichever test process asks first; the others wait.
    """
    folder = home / f"opened-{count}"
    with (home / f"opened-{count}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            fresh = home / f"opening-{count}"
            if count == 1:
                fresh.mkdir()
            else:
                shutil.copytree(opened(count - 1, home), fresh)
            command = Block("bash", "", OPENING[count - 1])
            code, printed = carried_out(script([command], BROKER), fresh)
            assert code == 0, printed[-6000:]
            (fresh / PRINT).unlink()
            fresh.rename(folder)
    return folder


def prepared(folder: Path) -> None:
    """The files that a reader brings along: a year's accidents, and what they mean."""
    (folder / "city.yaml").write_text(
        next(one.text for one in blocks(ROOT / "docs" / "import.md") if one.language == "yaml"),
        encoding="utf-8",
    )
    chance = random.Random(7)  # noqa: S311 - nothing secret
    rows = [
        f"{n};{chance.randint(1, 28):02}.{chance.randint(1, 9):02}.2026;"
        f"{chance.randint(0, 23):02}:{chance.randint(0, 59):02};"
        f"{13.4 + chance.gauss(0, 0.01):.5f};{52.5 + chance.gauss(0, 0.006):.5f};{n % 3 + 1}"
        for n in range(600)
    ]
    (folder / "records").mkdir()
    text = "\n".join(["Nr;Datum;Uhrzeit;Laenge;Breite;Schwere", *rows])
    whole = re.sub(r"(\d\d)\.(\d{5})", r"\1,\2", text)
    (folder / "records" / "2026.csv").write_text(whole, encoding="utf-8")


def environment(home: Path) -> dict[str, str]:
    """A reader's shell: the program on the path, English, nothing of this test's own."""
    mine = {"PATH", "LANG", "LC_ALL", "TMPDIR", "JAVA_HOME"}
    told = {name: value for name, value in os.environ.items() if name in mine}
    python = Path(os.environ.get("VIRTUAL_ENV", sys.prefix)) / "bin"
    told["PATH"] = os.pathsep.join((str(python), str(home / "bin"), told["PATH"]))
    return {**told, "HOME": str(home), "QINWU_LANG": "en", "PS4": "+ ${SECONDS} s: "}


@contextmanager
def shell(text: str, folder: Path, printed: IO[str]) -> Iterator[subprocess.Popen[str]]:
    """Run a script in a session of its own; whatever it has left running ends with the block."""
    bash = shutil.which("bash") or absent("no bash here")
    process = subprocess.Popen(  # noqa: S603 - the repository's own pages
        [bash, "-x", "-c", text], cwd=folder, env=environment(folder), stdin=subprocess.DEVNULL,
        stdout=printed, stderr=subprocess.STDOUT, text=True, start_new_session=True,
    )  # fmt: skip
    try:
        yield process
    finally:
        for deadly in (signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError):
                os.killpg(process.pid, deadly)
                time.sleep(0.5)
        process.wait()


def carried_out(text: str, folder: Path) -> tuple[int, str]:
    """Exit code and output of a script."""
    path = folder / PRINT
    with path.open("w", encoding="utf-8") as printed, shell(text, folder, printed) as page:
        try:
            code = page.wait(PAGE_S)
        except subprocess.TimeoutExpired:
            code = -1
    return code, path.read_text(encoding="utf-8", errors="replace")


def needs(told: list[Block], *names: str) -> None:
    """Pass over a page whose foreign programs are not on this machine."""
    text = "\n".join(one.text for one in told)
    for name in names:
        if re.search(rf"(^|[|&;(] *){name} ", text, re.MULTILINE) and shutil.which(name) is None:
            absent(f"{name} is not installed")


@pytest.mark.timeout(PAGE_S + 60)
@pytest.mark.parametrize(
    "page", [page for page in PAGES if orders(page)], ids=lambda page: page.name
)
def test_every_command_block_of_a_page_works(
    page: Path, tmp_path: Path, shared_folder: Path, request: pytest.FixtureRequest
) -> None:
    """The blocks of a page, in their order, in one fresh folder; with a broker if it needs one."""
    told = orders(page)
    needs(told, "curl", "kcat", "java")
    broker = BROKER
    if any(one.info == "kafka" for one in told):
        private: Broker = request.getfixturevalue("private_kafka")
        broker = private.address
        (tmp_path / ".kafka").mkdir()
        (tmp_path / ".kafka" / "jars").symlink_to(private.jars)  # as `make kafka` leaves them
    prepared(tmp_path)
    count, told = begun(told, shared_folder)
    if count:
        opened(count, shared_folder)
    code, printed = carried_out(script(told, broker), tmp_path)
    assert code == 0, printed[-6000:]


def typed(line: str) -> bool:
    """Whether a line is a command, indented or behind a prompt too."""
    return line.strip().removeprefix("$").lstrip().startswith(COMMANDS)


@pytest.mark.parametrize("line", ["qinwu run d", "$ qinwu run d", "  curl x", "\t$ kcat -b b"])
def test_a_command_is_known_however_it_is_set(line: str) -> None:
    """A prompt or an indent hides nothing."""
    assert typed(line)
    assert not typed(f"# {line}")


def test_every_exception_still_stands_on_its_page() -> None:
    """One that is gone would excuse the next."""
    pages = {page.name: page for page in (*PAGES, CHINESE)}
    for name, line in PRINTED:
        assert [o.language for o in blocks(pages[name]) if line in o.text.splitlines()] == ["text"]


def test_no_command_block_escapes() -> None:
    """A block under another name than bash would be carried out by nobody."""
    for page in (*PAGES, CHINESE):
        told = blocks(page)
        assert {one.language for one in told} <= {"bash", "text", "json", "yaml", "python", "toml"}
        assert {one.info for one in told if one.language == "bash"} <= {"", "kafka"}
        assert page.read_text(encoding="utf-8").count("```") == 2 * len(told), page.name
        hidden = [line for one in told if one.language != "bash"
                  for line in one.text.splitlines()
                  if typed(line) and (page.name, line) not in PRINTED]  # fmt: skip
        assert hidden == [], page.name
        unfenced = FENCE.sub("", page.read_text(encoding="utf-8"))
        bare = [line for line in re.findall(r"^(?: {4}|\t).+$", unfenced, re.MULTILINE)
                if typed(line) and not SYNOPSIS.search(line)]  # fmt: skip
        assert bare == [], page.name
        mixed = [o.text for o in told if o.language == "bash" and not o.exempt
                 if any(line in EXEMPT for line in o.commands)]  # fmt: skip
        assert mixed == []


def test_both_readmes_say_the_same_commands() -> None:
    """So one of them is enough to carry out."""
    english, chinese = (
        [one for one in blocks(page) if one.language == "bash"]
        for page in (ROOT / "README.md", CHINESE)
    )
    assert [one.commands for one in english] == [one.commands for one in chinese]


@pytest.mark.parametrize("name", sorted(qinwu.COMMANDS))
def test_every_command_is_told(name: str) -> None:
    """What nobody can read of is used by nobody."""
    text = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    assert re.search(rf"\bqinwu {name}\b", text)


@pytest.mark.parametrize("page", [*PAGES, CHINESE], ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    """To a file of the tree; and, where it names one, to a heading in it."""
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if "://" in target:
            continue
        name, _, anchor = target.partition("#")
        path = page if not name else page.parent / name
        assert path.exists(), f"{page.name}: {target}"
        assert not anchor or anchor in anchors(path), f"{page.name}: {target}"


def anchors(page: Path) -> set[str]:
    """The names by which a page's headings are linked to."""
    heads = re.findall(r"^#+ +(.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_module_that_is_named_is_there(page: Path) -> None:
    """A page that points at yesterday's files sends its reader astray."""
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    houses = ("config", "events", "scheduler", "dispatch", "tests", "benchmarks", "deploy")
    modules = {file for house in houses for file in (ROOT / house).rglob("*.py")}
    there = {file.relative_to(ROOT).as_posix() for file in {*modules, *ROOT.glob("*.py")}}
    named = set(re.findall(r"`([a-z_/]+\.py)`", text))
    lost = {name for name in named if not any(f"/{file}".endswith(f"/{name}") for file in there)}
    assert lost == set()
