"""Changing the catalogue: whole records, with a key, and never over somebody else's change."""

from functools import partial
from http import HTTPStatus
from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Path, Request, Response

from api.errors import Complaint, InUse, InvalidContent
from api.library import complaints, derivation
from api.library.exercise import AnsweredExercise, ExerciseEdit, Review, SignOff
from api.library.exercise_draft import ExerciseDraft
from api.library.listing import Listed
from api.library.record import SLUG, mentions
from api.library.serialised import SerialisedExercise, SerialisedRecord
from api.library.source import Source
from api.store import reference
from api.store.exercises import finish, read, write
from api.store.exercises.read import Stored
from api.store.reference import citations, edits
from api.web.answers import stored
from api.web.body import body_of, described
from api.web.deps import Store
from api.web.keys import Editor, Reviewer, editing, reviewing
from api.web.params import refuse_the_unknown
from api.web.places import WritingRoute
from api.web.shapes import writing as documented
from api.web.writing import Writer, replacing, writing

router = APIRouter(tags=["curation"], route_class=WritingRoute)
_EDITS = [Depends(editing), Depends(refuse_the_unknown)]
_REVIEWS = [Depends(reviewing), Depends(refuse_the_unknown)]

Slug = Annotated[str, Path(description="The record's slug.")]


@router.put(
    "/exercises/{slug}",
    operation_id="putExercise",
    summary="Write an exercise",
    response_model=AnsweredExercise,
    responses=documented(AnsweredExercise, 201),
    dependencies=_EDITS,
    openapi_extra=described(ExerciseEdit, "The whole exercise: what `GET` returned, edited."),
)
def put_exercise(
    request: Request, store: Store, key: Editor, slug: Slug, edit: Annotated[ExerciseEdit, Depends(body_of(ExerciseEdit))]
) -> Response:
    """Create with `If-None-Match: *`, replace with `If-Match`. What is derived is recomputed; what names nothing known is refused."""
    _refuse_other_slug(slug, edit.slug)
    draft = ExerciseDraft.model_construct(**derivation.fields(edit))
    with writing(Writer(request, store, key), partial(_standing, draft=draft), _content_of, _NO_EXERCISE) as (journal, before):
        after = write.write_one(journal, draft, before)
    return stored(request, _exercise(after), HTTPStatus.OK if _unless_retired(before.stored.get(slug)) else HTTPStatus.CREATED)


@router.delete(
    "/exercises/{slug}",
    operation_id="retireExercise",
    summary="Retire an exercise",
    status_code=204,
    response_class=Response,
    responses=documented(None, 204),
    dependencies=_EDITS,
)
def retire_exercise(request: Request, store: Store, key: Editor, slug: Slug) -> Response:
    """Take it out of the catalogue. Its history stays, and its variants go on inheriting what it is to be avoided for."""
    with replacing(Writer(request, store, key), partial(_live, slug=slug), _as_answered, _NO_EXERCISE) as (journal, before):
        write.retire(journal, before)
    return Response(status_code=HTTPStatus.NO_CONTENT)


@router.put(
    "/exercises/{slug}/review",
    operation_id="signExercise",
    summary="Sign an exercise off",
    response_model=AnsweredExercise,
    responses=documented(AnsweredExercise),
    dependencies=_REVIEWS,
    openapi_extra=described(SignOff, "Who signs, and a note."),
)
def sign_exercise(
    request: Request, store: Store, key: Reviewer, slug: Slug, signature: Annotated[SignOff, Depends(body_of(SignOff))]
) -> Response:
    """A clinician's signature under the exercise as it stands; a later clinical edit takes it away."""
    with replacing(Writer(request, store, key), partial(_live, slug=slug), _as_answered, _NO_EXERCISE) as (journal, before):
        review = Review(by=signature.by or key.name, role=signature.role, at=journal.at, note=signature.note)
        after = write.sign(journal, before, review)
    return stored(request, _exercise(after), HTTPStatus.OK)


@router.put(
    "/sources/{slug}",
    operation_id="putSource",
    summary="Write a source",
    response_model=Source,
    responses=documented(Source, 201),
    dependencies=_EDITS,
    openapi_extra=described(Source, "The whole source."),
)
def put_source(request: Request, store: Store, key: Editor, slug: Slug, source: Annotated[Source, Depends(body_of(Source))]) -> Response:
    """Create with `If-None-Match: *`, replace with `If-Match`."""
    _refuse_other_slug(slug, source.slug)
    with writing(Writer(request, store, key), partial(_source, slug=slug), lambda found: found, _NO_SOURCE) as (journal, before):
        edits.write(journal, {"source": [source]})
    return stored(request, SerialisedRecord(Source, source.model_dump_json()), HTTPStatus.OK if before else HTTPStatus.CREATED)


@router.delete(
    "/sources/{slug}",
    operation_id="retireSource",
    summary="Retire a source",
    status_code=204,
    response_class=Response,
    responses=documented(None, 204),
    dependencies=_EDITS,
)
def retire_source(request: Request, store: Store, key: Editor, slug: Slug) -> Response:
    """Take it out of the catalogue; a source that a statement names stays."""
    with replacing(Writer(request, store, key), partial(_source, slug=slug), lambda found: found, _NO_SOURCE) as (journal, before):
        _refuse_in_use(journal.connection, slug)
        edits.retire_source(journal, slug, before.document)
    return Response(status_code=HTTPStatus.NO_CONTENT)


_NO_EXERCISE = "There is no exercise of this name; '/exercises' lists them all."
_NO_SOURCE = "There is no source of this name; '/sources' lists them all."


def _live(connection: sa.Connection, slug: str) -> Stored | None:
    return _unless_retired(read.as_it_stands(connection, slug)) if SLUG.fullmatch(slug) else None


def _unless_retired(one: Stored | None) -> Stored | None:
    return None if one is None or one.is_retired else one


def _standing(connection: sa.Connection, draft: ExerciseDraft) -> finish.Standing:
    """Look up what is there before an exercise is written; refuse names of nothing known, and a variant of itself."""
    found = read.as_it_stands(connection, draft.slug)
    _refuse_unknown(connection, draft, _unless_retired(found))
    return finish.Standing({draft.slug: found} if found else {}, finish.refuse_circles(connection, [draft]))


def _content_of(before: finish.Standing) -> SerialisedRecord | None:
    return next((_as_answered(one) for one in before.stored.values() if not one.is_retired), None)


def _as_answered(one: Stored) -> SerialisedRecord:
    return _exercise(one.document)


def _exercise(document: str) -> SerialisedRecord:
    return SerialisedExercise(AnsweredExercise, Listed(document, None).json)


def _source(connection: sa.Connection, slug: str) -> SerialisedRecord | None:
    document = reference.document(connection, "source", slug) if SLUG.fullmatch(slug) else None
    return None if document is None else SerialisedRecord(Source, document)


def _refuse_other_slug(path: str, body: str) -> None:
    if path != body:
        message = f"The body's slug is '{body}', the path's is '{path}'; a slug never changes."
        raise InvalidContent(message, complaints=(Complaint("slug", message),))


def _refuse_unknown(connection: sa.Connection, record: ExerciseDraft, before: Stored | None) -> None:
    """Refuse what names nothing known. What a live one names is there: nothing that it names can go (`tests/web/test_nothing_goes.py`)."""
    there = {(one.kind, one.slug) for one in mentions(before.exercise)} if before else set()
    if there.issuperset([(one.kind, one.slug) for one in mentions(record)]):
        return
    known = reference.KnownSlugs(connection, exercise=read.parents(connection, {record.variant_of} if record.variant_of else ()))
    if any(complaints.of_mentions(record, known)):
        # A refusal alone needs to know what things are called besides their slugs.
        named = {**reference.known(connection), "exercise": known["exercise"]}
        wrong = tuple(complaint for _, complaint in complaints.of_mentions(record, named))
        raise InvalidContent(" ".join(one.message for one in wrong[:5]), complaints=wrong)


def _refuse_in_use(connection: sa.Connection, slug: str) -> None:
    users = citations.citing(connection, slug)
    if users:
        raise InUse(f"'{slug}' is in use: {', '.join(users)} name it.")
