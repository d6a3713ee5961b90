"""Loading files into the library: all or nothing, and nothing that names what doesn't exist."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from api.errors import Complaint, Contradiction, Duplicate, InvalidContent, Refused
from api.library import complaints
from api.library.exercise import ExerciseDraft
from api.library.record import Record
from api.library.reference import TypeDraft
from api.store import exercises, references
from api.store.content import Content, Written, refuse
from api.store.journal import Journal

Progress = Callable[[int], None]
_MOST_COMPLAINTS = 1_000


@dataclass(slots=True)
class _Survey:
    """What the content has, seen in a first reading: the few records around the exercises, and where each exercise stands."""

    others: list[Written] = field(default_factory=list)
    places: dict[tuple[str, str], str] = field(default_factory=dict)
    wrong: list[Complaint] = field(default_factory=list)


def load(journal: Journal, content: Content, progress: Progress = lambda _: None) -> int:
    """Write records of any kind, read twice; refuse all of them if one is wrong. Give how many there were."""
    survey = _survey(content)
    refuse(survey.wrong)
    before = references.known(journal.connection)
    after = _with(before, survey.others)
    by_kind: dict[str, list[Record]] = {}
    for one in survey.others:
        by_kind.setdefault(one.kind, []).append(one.record)
    refuse(_clashes(before, survey.others) + _unknown_references(after, survey.others))
    references.write(journal, by_kind, after)
    try:
        affected = references.affected_exercises(journal.connection, before, after)
        exercises.write(journal, [one for one in affected if ("exercise", one.slug) not in survey.places], after)
        _write_exercises(journal, content, survey, after, progress)
    except (Contradiction, Duplicate, InvalidContent) as error:
        raise _placed(error, survey) from None
    return len(survey.places)


def _survey(content: Content) -> _Survey:
    survey = _Survey()
    for one in content:
        if isinstance(one, Complaint):
            survey.wrong.append(one)
        elif one.key in survey.places:
            there = survey.places[one.key]
            survey.wrong.append(one.placed(("slug",), Complaint("slug", f"'{one.key[1]}' stands already in {there}.")))
        else:
            survey.places[one.key] = one.where(("slug",))
            if one.kind != "exercise":
                survey.others.append(one)
        if len(survey.wrong) >= _MOST_COMPLAINTS:
            break
    return survey


def _with(before: references.Known, content: Sequence[Written]) -> dict[str, dict[str, Record]]:
    """Give what is known once the content is written."""
    after = {kind: dict(records) for kind, records in before.items()}
    for one in content:
        kind, slug = one.key
        after.setdefault(kind, {})[slug] = one.record
    return references.with_terms_apart(after)


def _clashes(before: references.Known, content: Sequence[Written]) -> list[Complaint]:
    """Complain of a type whose slug another condition has: new data never changes what a type means."""
    return [
        one.placed(("slug",), Complaint("slug", f"The type '{new.slug}' belongs to the condition '{old.condition}' already."))
        for one in content
        if isinstance(new := one.record, TypeDraft)
        and isinstance(old := before["type"].get(new.slug), TypeDraft)
        and old.condition != new.condition
    ]


def _unknown_references(known: Mapping[str, Collection[str]], content: Sequence[Written]) -> list[Complaint]:
    return [one.placed(location, wrong) for one in content for location, wrong in complaints.of_references(one.record, known)]


def _write_exercises(journal: Journal, content: Content, survey: _Survey, known: references.Known, progress: Progress) -> None:
    """Write the exercises batch by batch in a second reading; what is wrong with any is said of all before anything is refused."""
    wrong: list[Complaint] = []
    for batch in _in_batches(content, survey):
        parents = {one.variant_of for one in _drafts(batch) if one.variant_of}
        there = exercises.exist(journal.connection, sorted(parents))
        there |= {slug for kind, slug in survey.places if kind == "exercise"} if parents else set()
        if parents - there:
            there |= set(exercises.some_slugs(journal.connection))  # one of these was meant
        wrong += _unknown_references({**known, "exercise": there}, batch)
        if len(wrong) >= _MOST_COMPLAINTS:
            break
        if not wrong:
            exercises.write(journal, _drafts(batch), known)
        progress(len(batch))
    refuse(wrong)


def _in_batches(content: Content, survey: _Survey) -> Iterator[list[Written]]:
    """Yield the exercises, those that are variants of others of the content last, so that these are there."""
    batch: list[Written] = []
    waiting: list[Written] = []
    for one in content:
        if not isinstance(one, Written) or not isinstance(one.record, ExerciseDraft):
            continue
        (waiting if ("exercise", one.record.variant_of) in survey.places else batch).append(one)
        if len(batch) == exercises.BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
    if waiting:
        yield waiting


def _drafts(batch: Sequence[Written]) -> list[ExerciseDraft]:
    return [one.record for one in batch if isinstance(one.record, ExerciseDraft)]


def _placed(error: Refused, survey: _Survey) -> Refused:
    """Say which file a refused exercise stands in, where it is one of the content's."""
    if isinstance(error, InvalidContent) and error.detail.endswith("nothing was written."):
        return error
    named = (place for (kind, slug), place in survey.places.items() if kind == "exercise" and f"'{slug}'" in error.detail)
    place = next(named, None)
    return type(error)(f"{place}: {error.detail}" if place else error.detail, complaints=error.complaints)
