"""A local single-node Apache Kafka from Maven's jars: `python broker.py start | stop | jars`.

For trials and tests, on loopback only. Its jars and data stand in one folder (default `.kafka`
beside the project file). Tests use `Broker` directly, `make kafka` uses the command.
"""

import argparse
import fcntl
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

from ready_made import CLASSES, of_use, take

HERE = Path(__file__).resolve().parent
HOME = HERE.parent.parent / ".kafka"
FLAGS = ("-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
LOGGING = """\
rootLogger.level=warn
rootLogger.appenderRefs=c
rootLogger.appenderRef.c.ref=C
appender.c.type=Console
appender.c.name=C
appender.c.target=SYSTEM_ERR
appender.c.layout.type=PatternLayout
appender.c.layout.pattern=%d %p %m%n
"""
PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=PLAINTEXT
log.dirs={data}
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
broker.session.timeout.ms=3000
auto.create.topics.enable=false
"""
READY_S = 60.0
STOP_S = 30.0
DICE = random.SystemRandom()  # test processes may share a seed, never a port


class NoBroker(RuntimeError):
    """The broker cannot be had here; the message says what to install or where to look."""


def fetch_jars(home: Path = HOME) -> Path:
    """The folder with Kafka's jars, fetched once by Maven, whichever process comes first."""
    home.mkdir(parents=True, exist_ok=True)
    with (home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        jars = home / "jars"
        if not jars.exists():
            _fetch(jars)
        if not of_use(jars, FLAGS):
            _note_classes(jars)
        return jars


def _fetch(jars: Path) -> None:
    """Copy them by Maven: the whole folder or none of it."""
    for program in ("java", "mvn"):
        if shutil.which(program) is None:
            message = f"{program} is not installed; install a JDK 17 and Maven"
            raise NoBroker(message)
    print(f"fetching Apache Kafka with Maven into {jars}: 100 MB, once; it may take minutes",
          file=sys.stderr, flush=True)  # fmt: skip
    fresh = jars.with_name("jars.part")
    shutil.rmtree(fresh, ignore_errors=True)
    told = ["mvn", "-q", "-B", "-f", str(HERE / "pom.xml"), "dependency:copy-dependencies"]
    done = subprocess.run(  # noqa: S603 - fixed arguments
        [*told, f"-DoutputDirectory={fresh}"], capture_output=True, text=True, check=False
    )
    if done.returncode:
        message = f"Maven could not fetch Kafka's jars:\n{done.stdout[-2000:]}{done.stderr[-2000:]}"
        raise NoBroker(message)
    fresh.rename(jars)


def _note_classes(jars: Path) -> None:
    """Let a node write down what it has loaded; where that fails, nodes start as ever."""
    part = jars / "classes.part"
    with tempfile.TemporaryDirectory() as folder, suppress(NoBroker, OSError):
        node = Broker(Path(folder), jars, noted=part)
        node.start()
        if node.ends_well():
            take(part, jars, FLAGS)
    part.unlink(missing_ok=True)


def free_port() -> int:
    """A port of loopback that nobody listens on now.

    Below the range that systems give to clients: a client that calls a dead broker on a port of
    that range can take the port itself, and then the broker cannot come back.
    """
    while not _is_free(port := DICE.randint(12_000, 30_000)):
        pass
    return port


def _is_free(port: int) -> bool:
    with closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


@dataclass(slots=True)
class Broker:
    """One node with its data in `folder`. The port stays the same over restarts."""

    folder: Path
    jars: Path
    port: int = field(default_factory=free_port)
    controller: int = field(default_factory=free_port)
    pid: int | None = None
    formatted: Path | None = None
    """Where a freshly formatted data folder is kept for others; None: nowhere."""
    noted: Path | None = None
    """Where the classes that it has loaded are written at its end; None: nowhere."""

    @property
    def address(self) -> str:
        """host:port for clients."""
        return f"127.0.0.1:{self.port}"

    def java(self, *arguments: str) -> list[str]:
        """A command line of one of Kafka's own programs."""
        logging = f"-Dlog4j2.configurationFile={self.folder / 'log4j2.properties'}"
        jars = self.jars.resolve()  # another path to them, and no class counts as known
        return ["java", *FLAGS, *self._sharing(jars), logging, "-cp", f"{jars}/*", *arguments]

    def _sharing(self, jars: Path) -> list[str]:
        if self.noted is not None:
            return [f"-XX:ArchiveClassesAtExit={self.noted}"]
        ready = jars / CLASSES
        quiet = ("-Xlog:disable", "-Xlog:all=error:stderr")  # of another Java it is passed over
        return [f"-XX:SharedArchiveFile={ready}", *quiet] if ready.exists() else []

    def start(self) -> str:
        """Prepare the folder, start the node, wait until it answers."""
        settings = self.prepare()
        with (self.folder / "broker.log").open("ab") as log:
            node = subprocess.Popen(  # noqa: S603
                self.java("kafka.Kafka", str(settings)),
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        self.pid = node.pid
        self._wait(node)
        return self.address

    def prepare(self) -> Path:
        """Write the settings, whose path is given, and format the data folder if it is new."""
        self.folder.mkdir(parents=True, exist_ok=True)
        settings = self.folder / "server.properties"
        data = self.folder / "data"
        (self.folder / "log4j2.properties").write_text(LOGGING, encoding="utf-8")
        settings.write_text(
            PROPERTIES.format(port=self.port, controller=self.controller, data=data),
            encoding="utf-8",
        )
        if not (data / "meta.properties").exists():
            self._format(settings)
        return settings

    def _format(self, settings: Path) -> None:
        """Make the data folder, which is the same for every node: tests keep one to copy."""
        kept = self.formatted
        if kept is not None and kept.exists():
            shutil.copytree(kept, self.folder / "data")
            return
        cluster = "cWlud3UtbG9jYWwta2Fma2E"  # any 22 characters of base64
        told = self.java("kafka.tools.StorageTool", "format", "-t", cluster, "-c", str(settings))
        subprocess.run(told, check=True, capture_output=True)  # noqa: S603
        if kept is not None:
            shutil.copytree(self.folder / "data", kept)

    def _wait(self, node: subprocess.Popen[bytes]) -> None:
        from kafka import KafkaAdminClient  # noqa: PLC0415 - fetching jars needs no client

        give_up_s = time.monotonic() + READY_S
        while time.monotonic() < give_up_s:
            if node.poll() is not None:
                break
            try:
                KafkaAdminClient(
                    bootstrap_servers=self.address,
                    request_timeout_ms=3000,
                    reconnect_backoff_max_ms=200,  # its default looks away for ten seconds
                ).close()
            except Exception:  # noqa: BLE001 - whatever a client says of a node that starts
                time.sleep(0.2)
            else:
                return
        message = f"Kafka did not start; see {self.folder / 'broker.log'}"
        raise NoBroker(message)

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """End it in order."""
        self._end(signal.SIGTERM)

    def ends_well(self) -> bool:
        """End it in order, and whether it had the time for that; only by whoever started it."""
        if self.pid is None:
            return False
        pid, give_up_s = self.pid, time.monotonic() + READY_S
        os.kill(pid, signal.SIGTERM)
        while time.monotonic() < give_up_s:
            done, status = os.waitpid(pid, os.WNOHANG)
            if done:
                return os.waitstatus_to_exitcode(status) == 128 + signal.SIGTERM
            time.sleep(0.1)
        self.kill()
        return False

    def _end(self, how: signal.Signals) -> None:
        if self.pid is not None and _runs(self.pid):
            os.kill(self.pid, how)
            give_up_s = time.monotonic() + STOP_S
            while _runs(self.pid):
                if time.monotonic() > give_up_s:
                    os.kill(self.pid, signal.SIGKILL)
                time.sleep(0.1)
        self.pid = None


def _runs(pid: int) -> bool:
    """Whether this process lives and is a broker: numbers of processes come round again."""
    with suppress(ChildProcessError):  # a child of ours that ended would stay a zombie
        os.waitpid(pid, os.WNOHANG)
    try:
        return b"kafka.Kafka" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def _command() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("start", "stop", "jars"))
    parser.add_argument("--home", type=Path, default=HOME)
    parser.add_argument("--port", type=int, default=9092, help="another when this one is taken")
    told = parser.parse_args()
    local = told.home / "local"
    note = local / "running.json"
    running = json.loads(note.read_text()) if note.exists() else {"pid": None, "port": None}
    try:
        if told.what == "stop":
            Broker(local, told.home / "jars", pid=running["pid"]).stop()
            note.unlink(missing_ok=True)
            return 0
        jars = fetch_jars(told.home)
        if told.what == "jars":
            return 0
        if running["pid"] is None or not _runs(running["pid"]):
            broker = Broker(local, jars, told.port if _is_free(told.port) else free_port())
            broker.start()
            running = {"pid": broker.pid, "port": broker.port}
            note.write_text(json.dumps(running))
    except NoBroker as trouble:
        print(trouble, file=sys.stderr)
        return 1
    print(f"kafka://127.0.0.1:{running['port']}")
    return 0


if __name__ == "__main__":
    sys.exit(_command())
