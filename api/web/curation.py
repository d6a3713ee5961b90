"""Changing the catalogue: whole records, with a key, and never over somebody else's change."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Request, Response

from api.errors import InUse, InvalidContent
from api.library import complaints
from api.library.exercise import AnsweredExercise, ExerciseEdit, Review, SignOff
from api.library.exercise_draft import ExerciseDraft
from api.library.listing import Listed
from api.library.record import SLUG, Record, mentions
from api.library.serialised import SerialisedExercise, SerialisedRecord
from api.library.source import Source
from api.store import reference
from api.store.exercises import bequests, finish, read, write
from api.store.exercises.read import Stored
from api.store.journal import Journal
from api.store.reference import citations, edits
from api.web.answers import stored
from api.web.body import BodyOf
from api.web.deps import Slug, Store
from api.web.keys import Editor, Reviewer, editing, reviewing
from api.web.params import refuse_the_unknown
from api.web.places import Handler, WritingRoute
from api.web.shapes import Responses, documented
from api.web.writing import as_seen, changing, refuse_unseen

router = APIRouter(tags=["curation"], route_class=WritingRoute, responses=documented(400, 401, 403, 404, 409, 412, 413, 415, 428))
_EDITS = [Depends(editing), Depends(refuse_the_unknown)]

WholeExercise = Annotated[ExerciseEdit, Depends(BodyOf(ExerciseEdit, "The whole exercise: what `GET` returned, edited."))]
Signature = Annotated[SignOff, Depends(BodyOf(SignOff, "Who signs, and a note."))]
WholeSource = Annotated[Source, Depends(BodyOf(Source, "The whole source."))]


def _put(path: str, name: str, summary: str, model: type[Record]) -> Callable[[Handler], Handler]:
    """Offer to write a record."""
    new: Responses = {201: {"description": "It is new.", "model": model}}
    return router.put(path, operation_id=name, summary=summary, response_model=model, responses=new, dependencies=_EDITS)


def _delete(path: str, name: str, summary: str) -> Callable[[Handler], Handler]:
    """Offer to retire a record."""
    gone: Responses = {204: {"description": "It is gone."}}
    return router.delete(
        path, operation_id=name, summary=summary, status_code=204, response_class=Response, responses=gone, dependencies=_EDITS
    )


@_put("/exercises/{slug}", "putExercise", "Write an exercise", AnsweredExercise)
def put_exercise(request: Request, store: Store, key: Editor, slug: Slug, edit: WholeExercise) -> Response:
    """Create with `If-None-Match: *`, replace with `If-Match`. What is derived is recomputed; what names nothing known is refused."""
    _refuse_other_slug(slug, edit.slug)
    with changing(request, store, key) as journal:
        found = read.as_it_stands(journal.connection, slug)
        before = read.live(found)
        _refuse_unknown(journal.connection, edit, before)
        standing = finish.Standing({slug: found} if found else {}, finish.refuse_circles(journal.connection, [edit]))
        refuse_unseen(request, _as_answered(before) if before else None, _NO_EXERCISE)
        after = write.write(journal, [edit], before=standing)[slug]
    return stored(request, _exercise(after), HTTPStatus.OK if before else HTTPStatus.CREATED)


@_delete("/exercises/{slug}", "retireExercise", "Retire an exercise")
def retire_exercise(request: Request, store: Store, key: Editor, slug: Slug) -> Response:
    """Take it out of the catalogue. Its history stays, and its variants go on inheriting what it is to be avoided for."""
    with changing(request, store, key) as journal:
        write.retire(journal, _as_seen(request, journal, slug))
    return Response(status_code=HTTPStatus.NO_CONTENT)


@router.put(
    "/exercises/{slug}/review",
    operation_id="signExercise",
    summary="Sign an exercise off",
    response_model=AnsweredExercise,
    dependencies=[Depends(reviewing), Depends(refuse_the_unknown)],
)
def sign_exercise(request: Request, store: Store, key: Reviewer, slug: Slug, signature: Signature) -> Response:
    """A clinician's signature under the exercise as it stands; a later clinical edit takes it away."""
    with changing(request, store, key) as journal:
        before = _as_seen(request, journal, slug)
        review = Review(by=signature.by or key.name, role=signature.role, at=journal.at, note=signature.note)
        after = write.sign(journal, before, review)
    return stored(request, _exercise(after), HTTPStatus.OK)


@_put("/sources/{slug}", "putSource", "Write a source", Source)
def put_source(request: Request, store: Store, key: Editor, slug: Slug, source: WholeSource) -> Response:
    """Create with `If-None-Match: *`, replace with `If-Match`."""
    _refuse_other_slug(slug, source.slug)
    with changing(request, store, key) as journal:
        before = _source(journal.connection, slug)
        refuse_unseen(request, before, _NO_SOURCE)
        edits.write(journal, {"source": [source]})
    return stored(request, SerialisedRecord(Source, source.model_dump_json()), HTTPStatus.OK if before else HTTPStatus.CREATED)


@_delete("/sources/{slug}", "retireSource", "Retire a source")
def retire_source(request: Request, store: Store, key: Editor, slug: Slug) -> Response:
    """Take it out of the catalogue; a source that a statement names stays."""
    with changing(request, store, key) as journal:
        before = as_seen(request, _source(journal.connection, slug), lambda source: source, _NO_SOURCE)
        _refuse_in_use(journal.connection, slug)
        edits.retire_source(journal, slug, before.document)
    return Response(status_code=HTTPStatus.NO_CONTENT)


_NO_EXERCISE = "There is no exercise of this name; '/exercises' lists them all."
_NO_SOURCE = "There is no source of this name; '/sources' lists them all."


def _as_seen(request: Request, journal: Journal, slug: str) -> Stored:
    """Give an exercise of the catalogue that is as the caller saw it. Raises as `writing.as_seen`."""
    return as_seen(request, read.live(read.as_it_stands(journal.connection, slug)), _as_answered, _NO_EXERCISE)


def _as_answered(exercise: Stored) -> SerialisedRecord:
    return _exercise(exercise.document)


def _exercise(document: str) -> SerialisedRecord:
    return SerialisedExercise(AnsweredExercise, Listed(document, None).json)


def _source(connection: sa.Connection, slug: str) -> SerialisedRecord | None:
    document = reference.document(connection, "source", slug) if SLUG.fullmatch(slug) else None
    return None if document is None else SerialisedRecord(Source, document)


def _refuse_other_slug(path: str, body: str) -> None:
    if path != body:
        raise InvalidContent.at("slug", f"The body's slug is '{body}', the path's is '{path}'; a slug never changes.")


def _refuse_unknown(connection: sa.Connection, record: ExerciseDraft, before: Stored | None) -> None:
    """Refuse what names nothing known. What a live one names is there: nothing that it names can go (`tests/web/test_nothing_goes.py`)."""
    there = {(mention.kind, mention.slug) for mention in mentions(before.exercise)} if before else set()
    if there.issuperset([(mention.kind, mention.slug) for mention in mentions(record)]):
        return
    known = reference.KnownSlugs(connection, exercise=read.parents(connection, {record.variant_of} if record.variant_of else ()))
    if any(complaints.of_mentions(record, known)):
        # A refusal alone needs to know what things are called besides their slugs.
        named = {**reference.known(connection), "exercise": known["exercise"]}
        wrong = tuple(complaint for _, complaint in complaints.of_mentions(record, named))
        raise InvalidContent(" ".join(complaint.message for complaint in wrong[:5]), complaints=wrong)


def _refuse_in_use(connection: sa.Connection, slug: str) -> None:
    users = citations.citing(connection, slug)
    users += [f"retired exercise '{retired}'" for retired in bequests.resting_on(connection, slug)]
    if users:
        raise InUse(f"'{slug}' is in use: {', '.join(users)} name it.")
