"""A bus says what it can: nobody above the ports asks which one it is, so a fourth just works."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import houses
import httpx
import pytest
from conftest import ROOT
from houses import House
from sources import files, nodes, together, tree

from config.ids import AreaId
from config.words import catalogue
from events.door import Door
from events.memory import MemoryBus
from events.ports import BusLost, Journal, Record, Stored

CONCRETE = {"MemoryBus", "SqliteBus", "KafkaBus", "HttpBus"}
ADAPTERS = {"events/memory.py", "events/sqlite.py", "events/kafka.py", "events/http.py"}


DOOR = "events/connect.py"
"""Where an address becomes a bus."""
SCHEMES = {"sqlite", "sqlite:", "kafka:", "kafka://"}


def told() -> Iterator[tuple[str, tuple[ast.AST, ...]]]:
    """Every file outside the adapters, and what it says."""
    for file in files():
        name = file.relative_to(ROOT).as_posix()
        if name not in ADAPTERS:
            yield name, nodes(file)


def uses() -> Iterator[tuple[str, int, bool]]:
    """Where a concrete bus is named outside the adapters: file, line, whether to create one."""
    for name, said in told():
        made = {
            node.func for node in said
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        }  # fmt: skip
        for node in said:
            if isinstance(node, ast.Name) and node.id in CONCRETE:
                yield name, node.lineno, node in made


@together
def test_a_concrete_bus_is_named_only_to_make_one() -> None:
    """Any other use asks what a bus is instead of what it can."""
    found = list(uses())
    assert any(made for *_, made in found), "the search finds nothing at all"
    assert [f"{file}:{line}" for file, line, made in found if not made] == []


@together
def test_one_file_knows_which_address_is_which_bus() -> None:
    """All others ask it: a scheme of an address stands nowhere else, alone or in a text."""
    said = {
        name for name, syntax in told() for node in syntax
        if isinstance(node, ast.Constant) and node.value in SCHEMES
    }  # fmt: skip
    imported = {
        name for name, syntax in told() for node in syntax
        if isinstance(node, ast.ImportFrom)
        and {one.name for one in node.names} & (CONCRETE - {"MemoryBus"})
    }  # fmt: skip
    assert (said, imported) == ({DOOR}, {DOOR})


def test_the_page_names_each_text_that_names_the_schemes() -> None:
    """Whoever adds a bus is told where its scheme is to be said."""
    page = (ROOT / "docs" / "adding.md").read_text(encoding="utf-8")
    told = {key for key, text in catalogue("en").items() if "sqlite:" in text}
    assert told
    assert {key for key in told if f"`{key}`" not in page} == set()


@together
def test_the_conformance_suite_makes_no_bus_by_name() -> None:
    """Its houses do: one of another make would be tested on another's bus."""
    suite = [
        node for node in ast.iter_child_nodes(tree(ROOT / "tests" / "houses.py"))
        if isinstance(node, ast.ClassDef) and not issubclass(getattr(houses, node.name), House)
    ]  # fmt: skip
    assert [one.name for one in suite] == ["Weather"]
    named = {
        node.id
        for part in (*suite, tree(ROOT / "tests" / "test_adapters.py"))
        for node in ast.walk(part)
        if isinstance(node, ast.Name)
    }
    assert named & CONCRETE == set()


class Fourth:
    """A bus of another make; each connection is void after any error, like a broker's."""

    exclusive = False
    one_writer = False
    address = "fourth:"
    opened = 0

    def __init__(self, store: MemoryBus) -> None:
        """Connect to what all connections share."""
        self._store, self._lost = store, False
        Fourth.opened += 1

    def _asked(self) -> MemoryBus:
        if self._lost:
            raise BusLost("void")
        return self._store

    def send(self, name: str, records: Sequence[Record]) -> list[int]:
        """As the port; a poisoned record voids the connection."""
        self._lost = self._lost or any(b"poison" in record.value for record in records)
        return self._asked().send(name, records)

    def read(self, name: str, after: int = -1, limit: int = 500, wait_ms: int = 0) -> list[Stored]:
        """As the port."""
        return self._asked().read(name, after, limit, wait_ms)

    def last(self, name: str, partition: int = 0) -> Stored | None:
        """As the port."""
        return self._asked().last(name, partition)

    def partitions(self, name: str) -> int:
        """As the port."""
        return self._asked().partitions(name)

    def identity(self, name: str) -> str:
        """As the port."""
        return self._asked().identity(name)

    def journal(self, name: str) -> Journal:
        """As the port."""
        return self._asked().journal(name)

    def again(self) -> "Fourth":
        """As the port: another connection."""
        return Fourth(self._store)

    def erase(self, now_ms: int, unread: Mapping[str, int] = {}) -> int:
        """As the port."""
        return self._asked().erase(now_ms, unread)

    def backup(self, path: Path) -> None:
        """As the port."""
        self._asked().backup(path)

    def close(self) -> None:
        """As the port."""
        self._lost = True


@pytest.fixture
def fourth(tmp_path: Path) -> Iterator[tuple[Fourth, str]]:
    """A door before a fourth bus, and its address."""
    Fourth.opened = 0
    bus = Fourth(MemoryBus())
    door = Door(bus, AreaId("hz"), tmp_path, port=0, state=dict)
    yield bus, door.start()
    door.stop()


def post(url: str, value: bytes) -> int:
    """Tell the door an event; the answer's status."""
    headers = {"content-type": "application/cloudevents+json"}
    return httpx.post(f"{url}/events", content=value, headers=headers).status_code


def test_a_fourth_bus_is_served_over_a_connection_of_the_doors_own(
    fourth: tuple[Fourth, str],
) -> None:
    """A visitor who voids the door's connection harms neither the worker nor the next visitor."""
    bus, url = fourth
    sound = (ROOT / "tests" / "golden" / "incident_reported.json").read_bytes()
    assert post(url, sound) == 202
    assert post(url, sound.replace(b'"id":', b'"poison": 1, "id":', 1)) == 503
    assert post(url, sound) == 202
    assert [len(bus.read("hz.inbox")), Fourth.opened] == [2, 3]
