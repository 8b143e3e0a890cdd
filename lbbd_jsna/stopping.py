"""Ctrl-C and a polite stop: one message once all is cleared up, and moments that hold them off."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from lbbd_jsna.errors import RunError

UNCHANGED = "Nothing was published; the last good pack is as it was."


class Stopped(RunError):
    """Ctrl-C, or a polite stop from the system."""

    exit_code = 130


@contextmanager
def stoppable(unchanged: str = UNCHANGED) -> Iterator[None]:
    """Turn Ctrl-C and a polite stop (SIGTERM) into one message, once all is cleared up.

    `unchanged` says what stands as it was.
    """
    main = threading.current_thread() is threading.main_thread()
    # Set for Ctrl-C too: a script that starts the command in the background switches it off.
    wanted = (signal.SIGINT, signal.SIGTERM) if main else ()
    previous = {number: signal.signal(number, _interrupt) for number in wanted}
    try:
        yield
    except KeyboardInterrupt as error:
        raise Stopped(f"Stopped. {unchanged}") from error
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler or signal.SIG_DFL)


def _interrupt(number: int, frame: object) -> None:
    raise KeyboardInterrupt


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Hold off Ctrl-C and a polite stop for the moment a swap of folders takes."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    previous = {
        number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler or signal.SIG_DFL)
