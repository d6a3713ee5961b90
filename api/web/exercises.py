"""The catalogue: exercises, one or many, and whether they suit."""

from collections.abc import Collection, Sequence
from functools import partial
from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Path, Query, Request, Response

from api.errors import ExerciseLibraryError, InvalidValue, NotFound
from api.formats import FORMATS
from api.library.exercise import AnsweredExercise, PossibleMatch
from api.library.exercise_draft import Judged
from api.library.listing import Avoided, Listed, Listing
from api.library.query import LONGEST_SEARCH, CatalogueQuery
from api.library.record import SLUG
from api.library.screening_items import signs_of_types
from api.library.serialised import SerialisedExercise, SerialisedRecord
from api.library.suitability import SuitabilityAnswer, explain
from api.library.vocabulary import Tag, View
from api.store import catalogue, programs, reference
from api.store.catalogue import avoid
from api.store.exercises import read as exercises
from api.web.answers import answer, choose, refuse_other_formats
from api.web.deps import Store
from api.web.params import (
    DEFAULT_LIMIT,
    Cursor,
    FormatName,
    Limit,
    TypesQuery,
    after,
    next_page,
    once_each,
    understood,
)
from api.web.reading import ReadingRoute
from api.web.shapes import AvoidanceList, ExerciseList, documented

router = APIRouter(tags=["exercises"], route_class=ReadingRoute)

Slug = Annotated[str, Path(description="The exercise's slug.", examples=["cat-cow"])]
Words = Annotated[
    str | None, Query(max_length=LONGEST_SEARCH, description="Words of a name, an alias or a search term; a slip is forgiven.")
]


@router.get("/exercises", operation_id="listExercises", summary="List exercises", response_model=ExerciseList, responses=documented())
def list_exercises(
    request: Request,
    store: Store,
    types: TypesQuery = [],  # noqa: B006  (FastAPI copies it)
    tag: Annotated[Tag | None, Query(description="Recommended for some type that works by this tag.")] = None,
    q: Words = None,
    region: Annotated[str | None, Query(description="Works on this region, such as `low-back`.")] = None,
    equipment: Annotated[str | None, Query(description="Needs this equipment; `none`: needs nothing.")] = None,
    condition: Annotated[str | None, Query(description="Recommended for some type of this condition.")] = None,
    unjudged: Annotated[str | None, Query(description="Has no verdict for this type yet; not together with `type`.")] = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
    view: Annotated[View, Query(description="How much of each exercise: `full`, or `summary` for a first screen.")] = View.FULL,
    format_: FormatName = None,
) -> Response:
    """The catalogue by slug, or with `type` what is recommended for every type given, in the source's order, and what to avoid."""
    with store.reading() as connection:
        query = CatalogueQuery(
            types=_slugs_of_types(connection, types),
            tag=tag,
            q=q,
            region=_word(connection, "region", region),
            equipment=_word(connection, "equipment", equipment),
            condition=_known(connection, "condition", "condition", condition),
            unjudged=_unjudged(connection, unjudged, types),
            limit=limit,
            after=after(request, cursor),
        )
        listing = _listing(request, connection, query)
    return answer(request, listing._replace(view=view), next_page(request, listing.page.last))


@router.get(
    "/exercises/{slug}",
    operation_id="getExercise",
    summary="Get one exercise, whole",
    response_model=AnsweredExercise,
    responses=documented(404),
)
def get_exercise(request: Request, store: Store, slug: Slug, format_: FormatName = None) -> Response:
    """One exercise with everything known of it, for every type."""
    with store.reading() as connection:
        document = _document(request, connection, slug, SerialisedExercise)
    return answer(request, SerialisedExercise(AnsweredExercise, Listed(document, None).json))


@router.get(
    "/exercises/{slug}/suitability",
    operation_id="getSuitability",
    summary="Say whether an exercise suits",
    response_model=SuitabilityAnswer,
    responses=documented(404),
)
def get_suitability(request: Request, store: Store, slug: Slug, types: TypesQuery, format_: FormatName = None) -> Response:
    """Avoid if any type avoids it, recommended if all recommend it, else unknown, with every reason and its source."""
    with store.reading() as connection:
        asked = known_types(connection, types)
        document = _document(request, connection, slug, SerialisedRecord)
    decided = explain(Judged.of(document), asked, PossibleMatch.all_in(document))
    return answer(request, SerialisedRecord(SuitabilityAnswer, decided.model_dump_json()))


@router.get(
    "/contraindications",
    operation_id="listContraindications",
    summary="List what to avoid",
    response_model=AvoidanceList,
    responses=documented(),
)
def list_contraindications(
    request: Request,
    store: Store,
    types: TypesQuery = [],  # noqa: B006
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
    format_: FormatName = None,
) -> Response:
    """All that the given types should avoid, or any type where none is given: movement patterns first, then exercises."""
    with store.reading() as connection:
        asked = known_types(connection, types)
        page = avoid.page(connection, asked or tuple(reference.slugs(connection, "type")), limit, after(request, cursor))
    return answer(request, Avoided(page, asked), next_page(request, page.last))


def _document(request: Request, connection: sa.Connection, slug: str, kind: type[SerialisedRecord]) -> str:
    document = exercises.get(connection, slug)
    if document is None:
        refuse_other_formats(request, kind)
        raise NotFound("There is no exercise of this name; '/exercises' lists them all.")
    return document


def _listing(request: Request, connection: sa.Connection, query: CatalogueQuery) -> Listing:
    """Answer a query; formats that people read also say which groups are signs of a type."""
    check = partial(_among, connection, query.types)
    if not query.types or _is_json(request):
        return catalogue.find(connection, query, check, alone=True)
    return catalogue.find(connection, query, check)._replace(signs=signs_of_types(programs.groups_of(connection)))


def _is_json(request: Request) -> bool:
    try:
        return choose(request, Listing).writers is FORMATS["json"].writers
    except ExerciseLibraryError:
        return False  # `answer` says so, in its turn


def known_types(connection: sa.Connection, types: Sequence[str]) -> tuple[str, ...]:
    """Give the types asked, each once, or refuse one that doesn't exist."""
    return _among(connection, once_each(types), reference.slugs(connection, "type") if types else ())


def _among(connection: sa.Connection, types: tuple[str, ...], known: Collection[str]) -> tuple[str, ...]:
    return tuple(understood("type", "type", one, known, partial(reference.other_names, connection, "type")) for one in types)


def _slugs_of_types(connection: sa.Connection, types: Sequence[str]) -> tuple[str, ...]:
    """Give the types asked, each once; what is no slug is refused before it is asked for. Whether they exist is asked with the list."""
    return once_each(types) if all(map(SLUG.fullmatch, types)) else known_types(connection, types)


def _known(connection: sa.Connection, field: str, kind: str, given: str | None) -> str | None:
    return (
        given
        if given is None
        else understood(field, kind, given, reference.slugs(connection, kind), partial(reference.other_names, connection, kind))
    )


def _word(connection: sa.Connection, kind: str, given: str | None) -> str | None:
    if given is None:
        return None
    terms = [one.removeprefix(f"{kind}/") for one in reference.slugs(connection, "term") if one.startswith(f"{kind}/")]
    return understood(kind, kind, given, terms, partial(reference.other_names, connection, kind))


def _unjudged(connection: sa.Connection, unjudged: str | None, types: list[str]) -> str | None:
    if unjudged is not None and types:
        raise InvalidValue.at("unjudged", "'unjudged' and 'type' can't be asked together: what has a verdict isn't unjudged.")
    return _known(connection, "unjudged", "type", unjudged)
