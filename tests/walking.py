"""Walking through answers: from page to page, and from field to field."""

from collections.abc import Iterator

import httpx

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]


def every_page(ask: httpx.Client, address: str) -> list[dict[str, Json]]:
    """Follow `next` from a first page to the last."""
    pages: list[dict[str, Json]] = []
    while address:
        answer = ask.get(address)
        assert answer.status_code == 200, f"{address}: {answer.text}"
        pages.append(answer.json())
        link = f'<{pages[-1]["next"]}>; rel="next"' if pages[-1]["next"] else None
        assert answer.headers.get("link") == link, address
        assert len(pages) <= 200, f"{address}: the pages have no end"
        address = str(pages[-1]["next"] or "")
    return pages


def objects(answer: Json) -> Iterator[dict[str, Json]]:
    """Give every object in an answer, however deep."""
    if isinstance(answer, dict):
        yield answer
    if isinstance(answer, dict | list):
        for part in answer.values() if isinstance(answer, dict) else answer:
            yield from objects(part)


def attributions(answer: Json) -> Iterator[dict[str, Json]]:
    """Give every `source` in an answer: who says it, and in which words."""
    for one in objects(answer):
        source = one.get("source")
        if isinstance(source, dict):
            yield source


def texts(answer: Json, besides: tuple[str, ...] = ()) -> Iterator[str]:
    """Give every text in an answer, but for what stands in some fields."""
    if isinstance(answer, str):
        yield answer
    elif isinstance(answer, dict):
        for name, part in answer.items():
            if name not in besides:
                yield from texts(part, besides)
    elif isinstance(answer, list):
        for part in answer:
            yield from texts(part, besides)


NEEDED = {"type": ["stiff", "unstable", "stiff&type=unstable"], "since": ["0"]}
"""What to give for a parameter without which a path doesn't answer; and `type` wherever there is one."""


def addresses(ask: httpx.Client) -> list[str]:
    """Give an address for every JSON answer that can be read: each path, each record, and each way of asking for types."""
    document = ask.get("/openapi.json").json()
    found: list[str] = []
    for path, item in document["paths"].items():
        if "application/json" not in item.get("get", {}).get("responses", {}).get("200", {}).get("content", {}):
            continue
        if "get" in item and not path.startswith("/health"):
            parameters = {one["name"]: one.get("required", False) for one in item["get"].get("parameters", []) if one["in"] == "query"}
            for address in _with_slugs(ask, path):
                given = [name for name in parameters if name in NEEDED and (parameters[name] or name == "type")]
                found += [] if any(parameters[name] for name in given) else [address]
                found += [f"{address}?{name}={value}" for name in given for value in NEEDED[name]]
    return found


def _with_slugs(ask: httpx.Client, path: str) -> list[str]:
    if "{slug}" not in path:
        return [path]
    folder = path.partition("/{slug}")[0]
    return [
        path.replace("{slug}", str(one["slug"]))
        for one in ask.get(f"{folder}?limit=100" if folder == "/exercises" else folder).json()["items"]
    ]


def everything(ask: httpx.Client) -> dict[str, Json]:
    """Give every JSON answer that can be read, by its address."""
    found: dict[str, Json] = {}
    for address in addresses(ask):
        answer = ask.get(address)
        assert answer.status_code == 200, f"{address}: {answer.text}"
        found[address] = answer.json()
    return found
