"""Records whose header names are no text, from clients that the broker lets through.

The client library refuses the whole batch of such a record, and so would every reader after it,
for as long as the broker keeps it. Names that are no UTF-8 are no names of ours: they are made
readable in the batch, after its checksum was compared, and the client reads on.
"""

from typing import Any

from kafka.errors import CorruptRecordError
from kafka.record.default_records import DefaultRecordBatch
from kafka.record.util import decode_varint

_UNREADABLE = ord("?")  # one for each byte, so that nothing moves
_read = DefaultRecordBatch._read_msg  # noqa: SLF001 - the client has no other place for this


def tolerate() -> None:
    """Let the client read such records; may be called again."""
    DefaultRecordBatch._read_msg = _tolerant  # noqa: SLF001 - as above


def _tolerant(batch: Any) -> Any:  # noqa: ANN401 - the client is untyped
    """The batch's next record; the client's own reading moves on only when it succeeds."""
    try:
        return _read(batch)
    except (ValueError, IndexError, CorruptRecordError):
        _make_readable(batch._buffer, batch._pos)  # noqa: SLF001 - as above
        return _read(batch)


def _make_readable(buffer: bytearray, at: int) -> None:
    """Change a record so that the client can read it.

    Args:
        buffer: The uncompressed batch.
        at: Where the record begins: its length, attributes, time, offset, key, value, headers.
    """
    _, at = decode_varint(buffer, at)
    buffer[at] = 0  # no attribute is in use; the client takes the byte for part of a number
    at += 1
    for _ in ("time", "offset"):
        _, at = decode_varint(buffer, at)
    for _ in ("key", "value"):
        at = _behind(buffer, at)[1]
    count, at = decode_varint(buffer, at)
    for _ in range(count):
        begin, end = _behind(buffer, at)
        buffer[begin:end] = _text(buffer[begin:end])
        at = _behind(buffer, end)[1]


def _behind(buffer: bytearray, at: int) -> tuple[int, int]:
    """Where the bytes of a field begin and end; absent ones have the size -1."""
    size, begin = decode_varint(buffer, at)
    return begin, begin + max(size, 0)


def _text(name: bytearray) -> bytes:
    try:
        name.decode()
    except UnicodeDecodeError:
        return bytes(one if one < 128 else _UNREADABLE for one in name)
    return bytes(name)
