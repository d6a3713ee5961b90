"""No text, whoever wrote it, changes what a page is made of."""

from datetime import UTC, datetime
from functools import cache

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from api.formats import pages
from api.formats.pages import Around, Site
from api.library.condition import Condition, DysfunctionType
from api.library.exercise import Exercise, Image, ImageFile, PossibleMatch, Review
from api.library.exercise_draft import Caution, Contraindication, Dosage, Recommendation, Variant, Via
from api.library.listing import Listed, Listing, Page
from api.library.pattern import Avoidance
from api.library.query import CatalogueQuery
from api.library.record import Attribution, Statement
from api.library.screening_items import Group, RedFlag
from api.library.source import Source
from api.library.suitability import suitability
from api.library.term import Term
from api.library.vocabulary import Action, Certainty, Intensity, Level, SourceKind, SubjectKind, Tag, TermKind, ViaKind
from tests.markup import read, shape

pytestmark = pytest.mark.any_engine

AT = datetime(2026, 1, 1, tzinfo=UTC)
HOSTILE = [
    "</title></script><script>alert(1)</script>",
    '" onmouseover="alert(1)" x="',
    "' onfocus='alert(1)' autofocus='",
    "<img src=x onerror=alert(1)>",
    "{{ 7 * 7 }}{% raw %}",
    "<!-- --> ]]> &lt;b&gt; &#0;",
    "javascript:alert(1)",
    "<q>not a quote</q>",
]


def around(text: str) -> Around:
    """Make records of which every text is this one."""
    source = Attribution(slug="book", quote=text)
    said = Statement(text=text, source=source)
    words = {"summary": text, "source": source}
    types = {
        slug: DysfunctionType(
            slug=slug,
            condition="condition",
            name=text,
            plain_name=text,
            patient_text=text,
            tag=Tag.MOBILIZE,
            conclusion=said,
            goals=[said],
            avoid_rule=said,
            source=source,
            indicators=[],
        )
        for slug in ("one", "other", "third")
    }
    flag = RedFlag(
        slug="flag",
        condition="condition",
        level=Level.URGENT,
        group="group",
        question=text,
        criteria=[text],
        at_least=1,
        what_to_do=text,
        source=source,
    )
    return Around(
        Site("", screening=True),
        {"condition": Condition.model_validate({"slug": "condition", "name": text, **words})},
        types,
        {"group": Group(slug="group", name=text, question=text, source=source)},
        {"region/region": Term(kind=TermKind.REGION, slug="region", label=text)},
        {"book": Source(slug="book", citation=text, kind=SourceKind.LEAFLET, url=text, certainty=Certainty.UNVERIFIED)},
        {"flag": flag, "other": flag.model_copy(update={"level": Level.EMERGENCY, "group": None})},
    )


def exercise(text: str) -> Exercise:
    """Make an exercise of which every text is this one."""
    source = Attribution(slug="book", quote=text)
    return Exercise(
        slug="exercise",
        name=text,
        aliases=[text],
        summary=text,
        regions=["region"],
        equipment=["thing"],
        start=text,
        steps=[text],
        common_errors=[text],
        easier=[text],
        harder=[text],
        recommendations=[
            Recommendation(
                type="one", position=1, alternatives=["another"], intensity=Intensity.GENTLE, intensity_note=text, note=text, source=source
            )
        ],
        contraindications=[Contraindication(type="other", reason=text, via=Via(kind=ViaKind.VARIANT_OF, slug="another"), source=source)],
        cautions=[Caution(group="group", action=Action.MODIFY, variant="variant", text=text, source=source)],
        variants=[Variant(slug="variant", name=text, start=text, steps=[text], equipment=["thing"], source=source)],
        dosages=[Dosage(printed_for=text, note=text, source=source)],
        evidence=[Statement(text=text, source=source)],
        images=[
            Image(
                role="exercise",
                alt=text,
                licence=text,
                credit=text,
                files=[ImageFile(url="/images/a.svg", media_type="image/svg+xml", width=1, height=1, sha256="a")],
            )
        ],
        possible_match=[PossibleMatch(kind=SubjectKind.EXERCISE, slug="another", words=[text])],
        review=Review(by=text, at=AT, note=text),
        created_at=AT,
        updated_at=AT,
    )


def everything(text: str) -> list[str]:
    """Write every page that shows what others wrote."""
    known, one = around(text), exercise(text)
    listed = Listed(one.model_dump_json(), suitability(one, ["one"]))
    avoid = Avoidance(
        kind=SubjectKind.EXERCISE, slug="a", name=text, type="one", reason=text, via=None, source=Attribution(slug="book", quote=text)
    )
    asked = CatalogueQuery(types=("one",), q=text)
    listing = Listing(Page([listed], 1, None), ("one",), Page([avoid], 2, None), Page([listed], 1, None))
    whole = Listing(Page([Listed(one.model_dump_json(), None)], None, None), (), None, None)
    written = [
        pages.home(known),
        pages.browse(known, listing, asked, "/next?a=1&b=2"),
        pages.browse(known, whole, CatalogueQuery(), None),
        pages.exercise(known, one),
        pages.failure(known.site, "Heading", text),
    ]
    return [page.decode() for page in written]


@cache
def harmless() -> list[list[tuple[str, tuple[str, ...]]]]:
    return [shape(page) for page in everything("harmless")]


@given(text=st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1, max_size=80).filter(str.strip))
@example(text=HOSTILE[0])
@example(text=HOSTILE[1])
@example(text=HOSTILE[5])
def test_no_text_changes_a_page(text: str) -> None:
    assert [shape(page) for page in everything(text)] == harmless()


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_is_read_as_it_was_written(text: str) -> None:
    written = everything(text)
    assert [shape(page) for page in written] == harmless()
    for page in written:
        seen = read(page)
        assert " ".join(text.split()) in seen.text.replace(". ", ". ")
        assert not any(name.startswith("on") for one in seen.every() for name in one.attributes)
        assert all(link.startswith(("/", "#")) for link in seen.links)


def test_behind_a_proxy_every_address_begins_with_its_path() -> None:
    known = around("text")
    moved = Around(
        Site("/library", screening=True),
        *(getattr(known, name) for name in ("conditions", "types", "groups", "terms", "sources", "red_flags")),
    )
    for page in (pages.home(moved), pages.exercise(moved, exercise("text"))):
        seen = read(page.decode())
        wanted = [one.attributes[name] for one in seen.every() for name in ("href", "src", "action") if name in one.attributes]
        assert [one for one in wanted if not one.startswith(("#", "/library/"))] == []
