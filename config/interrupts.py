"""Ctrl-C ends the program with 130 and without a traceback, whenever it comes.

Raised inside an import an interrupt comes out as all kinds of things: a broken module, a lock's
complaint. So while Python imports, and again once all is done, nothing is raised. The command
imports this module before all others. Only the program itself minds signals: a test that calls
it, or a program that imports it, has its own ways. Only Python's own start is out of our reach.
"""

import os
import sys
from types import FrameType

CODE = 130
try:
    import signal  # brings enum and more, so that an interrupt is likely even here
except KeyboardInterrupt:
    os._exit(CODE)

_PROGRAM = sys.argv[0].rpartition("/")[2].removesuffix(".py") == "qinwu"
_IMPORTS = "<frozen importlib"


def begin() -> None:
    """End at once, until `ready`: nothing is begun. Not where whoever started us ignores it."""
    if _PROGRAM and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _leave)


def ready() -> None:
    """From now on an interrupt is raised, as everywhere, save within an import."""
    if signal.getsignal(signal.SIGINT) is _leave:
        signal.signal(signal.SIGINT, _raise)


def over() -> None:
    """Nothing is left to be interrupted but Python's own tidying up."""
    if _PROGRAM:
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def _leave(number: int, frame: FrameType | None) -> None:
    del number, frame
    os._exit(CODE)


def _raise(number: int, frame: FrameType | None) -> None:
    while frame is not None:
        if frame.f_code.co_filename.startswith(_IMPORTS):
            _leave(number, None)
        frame = frame.f_back
    raise KeyboardInterrupt


begin()
