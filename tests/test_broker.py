"""The local broker of `make kafka`: found again, stopped, and open to clients of others."""

import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from broker import Broker, fetch_jars, free_port
from conftest import ROOT
from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition
from ready_made import CLASSES


def make_kafka(what: str, home: Path, *more: str) -> str:
    """What the command behind `make kafka` prints."""
    command = [sys.executable, str(ROOT / "deploy/kafka/broker.py"), what, "--home", str(home)]
    return subprocess.run(  # noqa: S603
        [*command, *more], check=True, capture_output=True, text=True
    ).stdout.strip()


def values(address: str, topic: str, count: int) -> list[bytes]:
    """The first records of a topic's one partition, read by the client that qinwu uses."""
    reader = KafkaConsumer(
        bootstrap_servers=address, auto_offset_reset="earliest", consumer_timeout_ms=15_000
    )
    reader.assign([TopicPartition(topic, 0)])
    try:
        return [next(reader).value for _ in range(count)]
    finally:
        reader.close()


def make_topic(address: str, name: str) -> None:
    """One partition: the broker makes no topics by itself."""
    admin = KafkaAdminClient(bootstrap_servers=address)
    try:
        admin.create_topics({name: {"num_partitions": 1, "replication_factor": 1}})
    finally:
        admin.close()


def test_start_waits_until_clients_are_answered_and_stop_ends_it(
    kafka_jars: Path, tmp_path: Path
) -> None:
    """A second start finds the first; a taken port is left to its owner."""
    (tmp_path / "jars").symlink_to(kafka_jars)
    with_port = ("--port", str(free_port()))
    address = make_kafka("start", tmp_path, *with_port)
    try:
        assert address == f"kafka://127.0.0.1:{with_port[1]}"
        make_topic(address.removeprefix("kafka://"), "t")
        assert make_kafka("start", tmp_path) == address
        other = tmp_path / "other"
        other.mkdir()
        (other / "jars").symlink_to(kafka_jars)
        try:
            assert make_kafka("start", other, *with_port) != address
        finally:
            make_kafka("stop", other)
    finally:
        make_kafka("stop", tmp_path)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", int(with_port[1])), timeout=5)


def test_a_node_finds_its_classes_ready_made(kafka_jars: Path, tmp_path: Path) -> None:
    """By whatever path it comes to its jars; nothing is said of those that are not there."""
    (tmp_path / "jars").symlink_to(kafka_jars)
    assert (kafka_jars / CLASSES).exists()
    assert ready_made(tmp_path) > 100


def ready_made(home: Path) -> int:
    """How many classes of Kafka a node with its jars in `home` need not make."""
    told = Broker(home, home / "jars").java("-Xlog:class+load", "kafka.Kafka", "--version")
    loaded = subprocess.run(told, check=True, capture_output=True, text=True).stdout  # noqa: S603
    return loaded.count("shared objects file (top)")


def test_classes_of_other_jars_are_made_anew(kafka_jars: Path, tmp_path: Path) -> None:
    """A clone that was moved has them of another path; Java passes over them without a word."""
    shutil.copytree(kafka_jars, tmp_path / "jars")
    assert ready_made(tmp_path) == 0
    fetch_jars(tmp_path)
    assert ready_made(tmp_path) > 100


def test_classes_that_are_of_use_stay(kafka_jars: Path) -> None:
    """They cost a node's start."""
    before = (kafka_jars / CLASSES).stat().st_mtime_ns
    fetch_jars()
    assert (kafka_jars / CLASSES).stat().st_mtime_ns == before


def test_stop_spares_a_process_that_got_the_brokers_number(tmp_path: Path) -> None:
    """After a reboot the noted number belongs to anybody."""
    (tmp_path / "local").mkdir()
    note = tmp_path / "local" / "running.json"
    note.write_text(json.dumps({"pid": os.getpid(), "port": 1}))  # this very test
    make_kafka("stop", tmp_path)
    assert not note.exists()


def test_a_killed_broker_comes_back_on_its_port_with_its_records(
    private_kafka: Broker, kcat: str
) -> None:
    """Acknowledged by the first life, read from the second."""
    make_topic(private_kafka.address, "t")
    subprocess.run(  # noqa: S603
        [kcat, "-b", private_kafka.address, "-P", "-t", "t", "-X", "acks=all"],
        input=b"before\n", check=True,
    )  # fmt: skip
    private_kafka.kill()
    private_kafka.start()
    assert values(private_kafka.address, "t", 1) == [b"before"]


def test_kafkas_own_console_clients_are_there(kafka: str, kafka_jars: Path, tmp_path: Path) -> None:
    """They need `kafka-tools` among the jars."""
    make_topic(kafka, "console")
    tools = Broker(tmp_path, kafka_jars)
    producer = "org.apache.kafka.tools.ConsoleProducer"
    subprocess.run(  # noqa: S603
        tools.java(producer, "--bootstrap-server", kafka, "--topic", "console"),
        input="勤务\n".encode(), check=True, capture_output=True,
    )  # fmt: skip
    assert values(kafka, "console", 1) == ["勤务".encode()]
    consumer = "org.apache.kafka.tools.consumer.ConsoleConsumer"
    read = subprocess.run(  # noqa: S603
        tools.java(consumer, "--bootstrap-server", kafka, "--topic", "console",
                   "--from-beginning", "--max-messages", "1"),
        check=True, capture_output=True, timeout=60,
    )  # fmt: skip
    assert read.stdout.decode().splitlines()[-1] == "勤务"  # log4j may complain before
