"""Signals while it serves: Ctrl-C is remembered, and a single worker ends well when its terminal goes."""

import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def hearing_signals(workers: int) -> Iterator[Callable[[], bool]]:
    """Tell whether Ctrl-C was pressed, and have a single worker end well when its terminal goes.

    A supervisor has handlers of its own (SIGHUP has it start its workers anew, one after another), so there the interpreter itself
    writes each signal down.
    """
    heard, told = socket.socketpair()
    with heard, told:
        for end in (heard, told):
            end.setblocking(False)  # noqa: FBT003  (it takes nothing by name)

        def note(number: int, _: object) -> None:
            told.send(bytes([number]))
            raise KeyboardInterrupt

        before = signal.signal(signal.SIGINT, note)
        if workers > 1:
            signal.set_wakeup_fd(told.fileno(), warn_on_full_buffer=False)
        elif signal.getsignal(signal.SIGHUP) is signal.SIG_DFL:
            signal.signal(signal.SIGHUP, lambda *_: signal.raise_signal(signal.SIGTERM))
        try:
            yield lambda: signal.SIGINT in _received(heard)
        finally:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGINT, before)


def _received(heard: socket.socket) -> bytes:
    try:
        return heard.recv(4096)
    except BlockingIOError:
        return b""
