"""Whether anything was committed since: the state of the library, read anew for every question.

A state means nothing but itself: as long as it is the same, nothing was committed. A reader that learns it *before* it asks the
library may keep the answer together with it; a commit in between costs it an answer that is never used, not a stale one.
"""

from collections.abc import Hashable
from typing import Protocol

State = Hashable


class Freshness(Protocol):
    """Tells the state of the library."""

    just_read: State | None
    """A state read after every request that is being answered in this turn of the event loop had arrived."""

    async def state(self) -> State | None:
        """Give a state read after this was called; None where it can't be read now."""

    def close(self) -> None:
        """Close what it watches through."""
