"""Rate limits: how often a key may write, and how often an address may try keys that don't fit.

They are counted in each worker's memory. Failed keys never block a valid one, from the same address or another.
"""

from functools import cached_property
from math import ceil
from time import time
from typing import TYPE_CHECKING

from api.web.problems import TooManyRequests

if TYPE_CHECKING:
    from limits import RateLimitItem
    from limits.strategies import MovingWindowRateLimiter

WRITES = "6000/minute"
FAILED_KEYS = "60/minute"


class Limits:
    """Counts, and refuses what is too much."""

    def __init__(self, *, on: bool = True) -> None:
        """Begin to count; off: everything is allowed."""
        self._on = on

    def write(self, key: str) -> None:
        """Count a write with a key."""
        self._count(WRITES, "write", key, "This key has written too often; wait a little.")

    def failed_key(self, address: str) -> None:
        """Count a key that doesn't fit."""
        self._count(FAILED_KEYS, "key", address, "Too many keys from here didn't fit; wait a little.")

    @cached_property
    def _counting(self) -> "tuple[MovingWindowRateLimiter, dict[str, RateLimitItem]]":
        import limits.strategies  # noqa: PLC0415  (readers need none, so a start doesn't wait for it)

        counted = {rate: limits.parse(rate) for rate in (WRITES, FAILED_KEYS)}
        return limits.strategies.MovingWindowRateLimiter(limits.storage.MemoryStorage()), counted

    def _count(self, rate: str, what: str, who: str, refusal: str) -> None:
        if not self._on:
            return
        limiter, counted = self._counting
        if not limiter.hit(counted[rate], what, who):
            reset = limiter.get_window_stats(counted[rate], what, who).reset_time
            raise TooManyRequests(refusal, retry_after=max(1, ceil(reset - time())))
