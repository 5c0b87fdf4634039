"""Random numbers by seed and name, so that a change of one part leaves the others as they were."""

import zlib

from numpy.random import PCG64, Generator, SeedSequence


def stream(seed: int, name: str) -> Generator:
    """A generator of its own for each part; the same on every machine."""
    return Generator(PCG64(SeedSequence([seed, zlib.crc32(name.encode())])))
