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
