"""The state of a library, waited for."""

import asyncio

from api.store.freshness import Freshness, State


async def state(freshness: Freshness) -> State | None:
    """Have the state told."""
    told: asyncio.Future[State | None] = asyncio.get_running_loop().create_future()
    freshness.tell(told.set_result)
    return await told
