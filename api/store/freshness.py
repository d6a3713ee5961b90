"""Whether anything was committed since: the state of the library, read anew for every question.

A state means nothing but itself: as long as it is the same, nothing was committed. A reader that learns it *before* it asks the
library may keep the answer together with it; a commit in between costs it an answer that is never used, not a stale one.
"""

import asyncio
from collections.abc import Callable, Hashable, Iterable
from typing import Protocol

State = Hashable
Listener = Callable[[State | None], None]


class Freshness(Protocol):
    """Tells the state of the library."""

    def tell(self, listener: Listener) -> None:
        """Call `listener` with a state read after this was called, but not before it returned; with None where it can't be read."""

    def close(self) -> None:
        """Close what it watches through."""


def tell_all(listeners: Iterable[Listener], state: State | None) -> None:
    """Tell a state; a listener that fails with it is told None, and keeps it from no other."""
    for listener in listeners:
        try:
            listener(state)
        except Exception as error:  # noqa: BLE001  (the event loop reports it)
            loop = asyncio.get_running_loop()
            loop.call_exception_handler({"message": "A listener failed with the state that it was told.", "exception": error})
            loop.call_soon(listener, None)
