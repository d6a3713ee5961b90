"""Who gets a database connection next: whoever has waited longest."""

from collections import deque
from threading import Event, Lock

import sqlalchemy as sa

from api.errors import Unavailable


class Lending:
    """Lends at most so many of a pool's connections at once, in the order in which they were asked for.

    The pool alone would give a free one to whoever asks first, and who asks again at once comes before somebody who has to be
    woken: under load a few would never get one. It also takes longer over lending than SQLite over an answer, so what readers
    give back lies at hand for the next of them.
    """

    def __init__(self, limit: int, seconds: float) -> None:
        """Have so many to lend, for which somebody may wait so many seconds."""
        self.limit = limit
        self.lent = 0
        """How many are lent out."""
        self._seconds = seconds
        self._lock = Lock()
        self._at_hand: list[sa.Connection] = []
        self._waiting: deque[Event] = deque()
        self._is_open = True

    def take(self, *, from_pool: bool = False) -> sa.Connection | None:
        """Wait for one's turn; give a connection that is at hand, or None where the pool has one.

        Whoever takes one `from_pool` is given what has to go back to it first. Raises Unavailable where the turn doesn't come.
        """
        with self._lock:
            turn = Event() if self.lent >= self.limit else None
            if turn is None:
                self.lent += 1
                return self._found(from_pool=from_pool)
            self._waiting.append(turn)
        has_come = turn.wait(self._seconds)
        with self._lock:
            if has_come or turn not in self._waiting:
                return self._found(from_pool=from_pool)
            self._waiting.remove(turn)
        raise Unavailable("Too many questions at once: no database connection was free. Try again in a moment.")

    def _found(self, *, from_pool: bool) -> sa.Connection | None:
        """Give one that is at hand, in turn: those lent and those at hand never are more than the pool has."""
        is_wanted = self.lent + len(self._at_hand) > self.limit if from_pool else True
        return self._at_hand.pop() if self._at_hand and is_wanted else None

    def give_back(self, connection: sa.Connection | None) -> None:
        """End one's turn; a connection given back open lies at hand, unless nobody will ask for it."""
        with self._lock:
            if connection is not None and self._is_open:
                self._at_hand.append(connection)
                connection = None
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self.lent -= 1
        if connection is not None:
            connection.close()

    def clear(self) -> None:
        """Give what is at hand back to the pool."""
        with self._lock:
            connections, self._at_hand = self._at_hand, []
        for connection in connections:
            connection.close()

    def close(self) -> None:
        """Keep nothing at hand any more."""
        self._is_open = False
        self.clear()
