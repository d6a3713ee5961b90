"""The service with its cache believing that nothing is ever committed: what shows that the test of freshness can fail."""

import asyncio

from api.app import create_app
from api.settings import Settings
from api.store.freshness import Listener
from api.web.paths import kept_at
from api.web.serving.cache import Cache


class _NeverLooks:
    def tell(self, listener: Listener) -> None:
        asyncio.get_running_loop().call_soon(listener, "the beginning")

    def close(self) -> None:
        pass


def app() -> Cache:
    inside = create_app(Settings.from_environment())
    return Cache(inside, _NeverLooks(), kept_at(inside.state.paths))
