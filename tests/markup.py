"""Reading a page as a browser does, as far as tests need it: elements, their text, and what a form would send."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "link", "img", "input", "br", "hr"}


@dataclass
class Element:
    """An element with what is in it, in order."""

    name: str
    attributes: dict[str, str]
    inside: list["Element | str"] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All text in it, with blanks as one sees them."""
        return " ".join("".join(self.pieces()).replace("\xa0", " ").split())

    def pieces(self) -> Iterator[str]:
        """Give its text piece by piece, with a blank where a line of its own begins or ends."""
        for part in self.inside:
            if isinstance(part, str):
                yield part
            else:
                yield from part.pieces() if part.name in ("a", "b", "em", "q", "span", "strong") else [" ", *part.pieces(), " "]

    def every(self, tag: str | None = None, /, **attributes: str) -> list["Element"]:
        """Give every element in it of a name and with these attributes; `class_` is one of its classes."""
        found = [part for part in self.walk() if tag in (None, part.name)]
        for key, value in attributes.items():
            found = [one for one in found if value in (one.attributes.get(key.rstrip("_").replace("_", "-"), "").split() or [""])]
        return found

    def one(self, tag: str | None = None, /, **attributes: str) -> "Element":
        """Give the only such element."""
        found = self.every(tag, **attributes)
        assert len(found) == 1, f"{len(found)} times {tag} {attributes}"
        return found[0]

    def walk(self) -> Iterator["Element"]:
        """Give every element in it, from top to bottom."""
        for part in self.inside:
            if isinstance(part, Element):
                yield part
                yield from part.walk()

    def section(self, label: str) -> "Element | None":
        """Give the section that is labelled by the heading of this id."""
        return next(iter(self.every("section", aria_labelledby=label)), None)

    @property
    def links(self) -> list[str]:
        return [one.attributes["href"] for one in self.every("a")]

    @property
    def fields(self) -> dict[str, str]:
        """What the form would send as it stands, without a button."""
        chosen = [one.attributes for one in self.every("input") if one.attributes.get("type") == "hidden" or "checked" in one.attributes]
        return {one["name"]: one["value"] for one in chosen}

    @property
    def questions(self) -> dict[str, list[str]]:
        """The questions asked by radio buttons, with their values."""
        found: dict[str, list[str]] = {}
        for one in self.every("input", type="radio"):
            found.setdefault(one.attributes["name"], []).append(one.attributes["value"])
        return found


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open = [Element("document", {})]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _ in attrs}) == len(attrs), f"an attribute twice on {tag}"
        one = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].inside.append(one)
        if tag not in VOID:
            self.open.append(one)

    def handle_endtag(self, tag: str) -> None:
        closed = self.open.pop()
        assert closed.name == tag, f"</{tag}> closes <{closed.name}>"

    def handle_data(self, data: str) -> None:
        self.open[-1].inside.append(data)

    def unknown_decl(self, data: str) -> None:
        raise AssertionError(f"a declaration that pages don't have: {data}")

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")


def read(page: str) -> Element:
    """Read a page; every element has to be closed where it was opened."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    assert [one.name for one in reader.open] == ["document"], "not closed"
    return reader.open[0]


def shape(page: str) -> list[tuple[str, tuple[str, ...]]]:
    """Give every element and the names of its attributes: what no text may change."""
    return [(one.name, tuple(one.attributes)) for one in read(page).every()]
