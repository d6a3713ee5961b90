"""The pages for people: a home, lists, one exercise. They ask the same library as the API, and ignore parameters that they don't know."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import sqlalchemy as sa
from fastapi import APIRouter, Request, Response
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from api.errors import ExerciseLibraryError, InvalidValue, NotFound
from api.formats import Format, pages
from api.formats.pages import Around, Site
from api.library.condition import Condition, DysfunctionType
from api.library.exercise import Exercise
from api.library.query import LONGEST_SEARCH, CatalogueQuery
from api.library.screening_items import Group, RedFlag
from api.library.source import Source
from api.library.term import Term
from api.store import catalogue, reference
from api.store import history as changes
from api.store.exercises import read as exercises
from api.web import problems
from api.web.answers import fresh
from api.web.deps import Store
from api.web.exercises import known_types
from api.web.params import after, next_page, understood
from api.web.paths import asked, match

PAGE = Format("text/html", {})
_FOREVER = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
_POLICY = {
    "default-src": "'none'",
    "style-src": "'self'",
    "img-src": "'self'",
    "script-src": pages.SCRIPT_HASHES,
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
POLICY = {"Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in _POLICY.items())}
_CHANGES = 50


class PageRoute(APIRoute):
    """A route whose errors are pages, too."""

    def get_route_handler(self) -> Callable[[Request], Any]:
        """Answer an error of ours with a page."""
        handle = super().get_route_handler()

        async def friendly(request: Request) -> Response:
            try:
                return await handle(request)
            except ExerciseLibraryError as error:
                return failure(request, error)

        return friendly


router = APIRouter(route_class=PageRoute, include_in_schema=False)


def home(request: Request, store: Store) -> Response:
    """Answer `/` to a browser."""
    try:
        with store.reading() as connection:
            return page(request, pages.home(around(request, connection)))
    except ExerciseLibraryError as error:
        return failure(request, error)


@router.get(pages.STYLE_PATH)
def get_style(request: Request) -> Response:
    """How pages look."""
    return fresh(request, Format("text/css", {}), pages.STYLE, _FOREVER)


@router.get(pages.ICON_PATH)
def get_icon(request: Request) -> Response:
    """The sign of this site."""
    return fresh(request, Format("image/svg+xml", {}), pages.ICON, _FOREVER)


@router.get("/browse")
def browse(request: Request, store: Store) -> Response:
    """The catalogue, or what is recommended for every type chosen, and what to avoid."""
    with store.reading() as connection:
        known = around(request, connection)
        query = CatalogueQuery(
            types=known_types(connection, _given(request, "type")),
            q=_words(request),
            region=_term(request, known, "region"),
            equipment=_term(request, known, "equipment"),
            after=after(request, value(request, "cursor")),
        )
        listing = catalogue.find(connection, query)
    return page(request, pages.browse(known, listing, query, next_page(request, listing.page.last)))


@router.get("/browse/{slug}")
def show(request: Request, store: Store, slug: str) -> Response:
    """One exercise, with everything known of it for every type."""
    with store.reading() as connection:
        document = exercises.get(connection, slug)
        if document is None:
            raise NotFound("There is no exercise of this name. It may have been taken out of the catalogue.")
        return page(request, pages.exercise(around(request, connection), Exercise.model_validate_json(document)))


@router.get("/browse/{slug}/history")
def history(request: Request, store: Store, slug: str) -> Response:
    """What changed of one exercise, newest first."""
    with store.reading() as connection:
        found = changes.of_exercise(connection, slug, _CHANGES, after(request, value(request, "cursor")), with_names=False)
    if found is None:
        raise NotFound("There never was an exercise of this name.")
    return page(request, pages.history(site(request), slug, found.items, next_page(request, found.last)))


def site(request: Request) -> Site:
    """Say where the pages are, and which there are."""
    return Site(request.scope.get("root_path", ""), match(request.app.state.paths, "/screenings") is not None)


def around(request: Request, connection: sa.Connection) -> Around:
    """Read the records that a page needs to name things."""
    return Around(
        site(request),
        reference.records_as(connection, "condition", Condition),
        reference.records_as(connection, "type", DysfunctionType),
        reference.records_as(connection, "group", Group),
        reference.records_as(connection, "term", Term),
        reference.records_as(connection, "source", Source),
        reference.records_as(connection, "red-flag", RedFlag),
    )


def page(request: Request, body: bytes) -> Response:
    """Answer with a page, or say that the caller has it already."""
    return fresh(request, PAGE, body, POLICY)


def unstored(body: bytes, status: HTTPStatus = HTTPStatus.OK) -> Response:
    """Answer with a page that concerns one person: nobody may keep it."""
    return Response(body, status, {"Cache-Control": "no-store"} | POLICY, PAGE.media_type)


_HEADINGS = {
    HTTPStatus.NOT_FOUND: "There is nothing here",
    HTTPStatus.UNPROCESSABLE_ENTITY: "That was not understood",
    HTTPStatus.SERVICE_UNAVAILABLE: "Not now",
}


def failure(request: Request, error: ExerciseLibraryError) -> Response:
    """Answer an error with a page of the same status and headers as the API's problem."""
    told = problems.problem(request, error)
    headers = {name: value for name, value in told.headers.items() if not name.startswith("content-")}
    heading = _HEADINGS.get(HTTPStatus(told.status_code), error.title)
    return Response(pages.failure(site(request), heading, error.detail), told.status_code, headers | POLICY, PAGE.media_type)


async def of_framework(request: Request, error: Exception) -> Response:
    """Answer a path that doesn't exist: below the pages with a page, elsewhere like the API."""
    if isinstance(error, HTTPException) and asked(request.scope).startswith("/browse/"):
        return failure(request, problems.NoSuchPath("There is no page at this address."))
    return await problems.of_framework(request, error)


def _given(request: Request, name: str) -> list[str]:
    """Give the values of a parameter; a form field left empty doesn't count."""
    return [value for value in request.query_params.getlist(name) if value.strip()]


def value(request: Request, name: str) -> str | None:
    """Give the value of a parameter; None where it has none."""
    return next(iter(_given(request, name)), None)


def _words(request: Request) -> str | None:
    words = value(request, "q")
    if words is not None and len(words) > LONGEST_SEARCH:
        raise InvalidValue.at("q", f"Words to look for have at most {LONGEST_SEARCH} characters.")
    return words


def _term(request: Request, known: Around, kind: str) -> str | None:
    given = value(request, kind)
    terms = {term.slug: term for term in known.terms.values() if term.kind == kind}
    return given if given is None else understood(kind, kind, given, terms)
