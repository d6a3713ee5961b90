"""The pages for people. They show everything that the library decided, and decide nothing."""

from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from hashlib import sha256
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from api.formats import phrases
from api.formats.citing import Sources
from api.formats.html import FOLDER, environment
from api.formats.layout import urgencies
from api.formats.sheet import UNVERIFIED
from api.library import wording
from api.library.condition import Condition, DysfunctionType
from api.library.exercise import Exercise, picture_of
from api.library.history import HistoryEntry
from api.library.listing import Listed, Listing
from api.library.query import COUNTED, LONGEST_SEARCH, CatalogueQuery
from api.library.screening_items import Group, RedFlag, of_conditions
from api.library.source import Source
from api.library.suitability import suitability, verdict
from api.library.term import Term, term_key
from api.library.vocabulary import TermKind, Verdict

if TYPE_CHECKING:
    from jinja2 import Environment

_FOLDER = FOLDER / "pages"
STYLE = (_FOLDER / "page.css").read_bytes()
ICON = (_FOLDER / "icon.svg").read_bytes()
_SCRIPT = (_FOLDER / "search.js").read_text(encoding="utf-8")
STEPS = (_FOLDER / "steps.js").read_text(encoding="utf-8")


def _address(content: bytes, ending: str) -> str:
    return f"/browse/{sha256(content).hexdigest()[:16]}.{ending}"


# What is at these addresses never changes: other content has another address.
STYLE_PATH, ICON_PATH = _address(STYLE, "css"), _address(ICON, "svg")
SCRIPT_HASHES = " ".join(f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'" for script in (_SCRIPT, STEPS))


class Site(NamedTuple):
    """Where the pages are, and which of them there are."""

    root: str
    """The path under which a proxy serves them."""
    screening: bool


class Around(NamedTuple):
    """The records around the exercises, which a page needs to name things."""

    site: Site
    conditions: Mapping[str, Condition]
    types: Mapping[str, DysfunctionType]
    groups: Mapping[str, Group]
    terms: Mapping[str, Term]
    sources: Mapping[str, Source]
    red_flags: Mapping[str, RedFlag]

    @property
    def condition_is_asked(self) -> bool:
        """Whether a person has to choose the condition: a page assumes none."""
        return len(self.conditions) > 1

    def flags_of(self, types: Sequence[str]) -> list[RedFlag]:
        """Give the red flags of the conditions that types are of, or all where no type is given."""
        return of_conditions(self.red_flags.values(), {self.types[type_].condition for type_ in types} or self.conditions)

    def labels(self, kind: str, slugs: Iterable[str]) -> list[str]:
        """Name words of the vocabulary as they stand within a sentence."""
        terms = [(slug, self.terms.get(term_key(kind, slug))) for slug in slugs]
        return [_lower_first(term.label if term else phrases.words(slug)) for slug, term in terms]

    def names(self, groups: Iterable[str]) -> list[str]:
        """Name groups."""
        return [self.groups[slug].name if slug in self.groups else phrases.title(slug) for slug in groups]

    def unjudged(self, shown: Exercise) -> list[str]:
        """Name the types that have no verdict of an exercise."""
        return [_lower_first(type_.plain_name) for slug, type_ in self.types.items() if verdict(shown, [slug]) is Verdict.UNKNOWN]


def home(around: Around) -> bytes:
    """Ask what the joint is like."""
    return write("home", around, flagged=())


_FILTERS = ((TermKind.REGION, "Part of the body"), (TermKind.EQUIPMENT, "What you have"))


def browse(around: Around, listing: Listing, query: CatalogueQuery, next_: str | None) -> bytes:
    """List exercises, what to avoid, and what nobody has decided."""
    return write(
        "browse",
        around,
        flagged=listing.types,
        listing=listing,
        query=query,
        types=[around.types[type_] for type_ in listing.types],
        places=_places(listing),
        found=_found(listing.page.total, query.q),
        filters=[(kind, label, [term for term in around.terms.values() if term.kind is kind]) for kind, label in _FILTERS],
        next=next_,
        script=_SCRIPT,
    )


def exercise(around: Around, shown: Exercise) -> bytes:
    """Show one exercise with everything known of it."""
    return write("exercise", around, flagged=[of.type for of in shown.recommendations] or (), exercise=shown)


def history(site: Site, slug: str, changes: Sequence[HistoryEntry], next_: str | None) -> bytes:
    """Show what changed of an exercise, newest first."""
    newest = changes[0].after or changes[0].before if changes else None
    name = newest.get("name") if isinstance(newest, Mapping) else None
    return _rendered("history", site, slug=slug, name=name or phrases.title(slug), changes=changes, next=next_)


def failure(site: Site, heading: str, detail: str) -> bytes:
    """Say what went wrong, and where to go from there."""
    return _rendered("failure", site, heading=heading, detail=detail)


def write(page: str, around: Around, flagged: Sequence[str] | None = None, **content: object) -> bytes:
    """Write a page; with `flagged`, it begins with the red flags of these types."""
    sources = Sources(around.sources)
    signs = urgencies(around.flags_of(flagged), sources) if flagged is not None else []
    return _rendered(page, around.site, around=around, sources=sources, urgencies=signs, **content)


def _rendered(page: str, site: Site, **content: object) -> bytes:
    return _pages().get_template(f"pages/{page}.html").render(site=site, **content).encode()


def _places(listing: Listing) -> list[list[Listed]]:
    """Group what the source offers as alternatives ('A or B'). Places count from 1; what has none stands alone."""
    placed = [((listed.suitability and listed.suitability.position) or -n, listed) for n, listed in enumerate(listing.page.items)]
    return [[listed for _, listed in same] for _, same in groupby(placed, itemgetter(0))]


def _found(total: int | None, q: str | None) -> str:
    number = f"More than {COUNTED:,} exercises" if total is None else "1 exercise" if total == 1 else f"{total:,} exercises"
    return f"{number} for “{q}”" if q else number


@cache
def _pages() -> "Environment":
    return environment(
        wording=wording,
        longest_search=LONGEST_SEARCH,
        dagger=UNVERIFIED,
        style=STYLE_PATH,
        icon=ICON_PATH,
        words=phrases.words,
        dosage=phrases.dosage,
        intensity=phrases.intensity,
        signed=phrases.signed,
        lower_first=_lower_first,
        suitability=suitability,
        asks=phrases.asks,
        in_place_of=phrases.in_place_of,
        printed_for=phrases.printed_for,
        picture_of=picture_of,
    )


def _lower_first(text: str) -> str:
    """Read a label within a sentence; what begins with an abbreviation stays as it is."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]
