"""The service with its cache believing that nothing is ever committed: what shows that the test of freshness can fail."""

from api.app import create_app
from api.settings import Settings
from api.store.freshness import State
from api.web.cache import Cache


class _NeverLooks:
    just_read: State | None = "the beginning"

    async def state(self) -> State | None:
        return self.just_read

    def close(self) -> None:
        pass


def app() -> Cache:
    return Cache(create_app(Settings.from_environment()), _NeverLooks())
