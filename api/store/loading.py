"""Loading files into the library: all or nothing, and nothing that names what doesn't exist."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import sqlalchemy as sa

from api.errors import Complaint, Contradiction, Duplicate, ExerciseLibraryError, InvalidContent
from api.library import complaints, derivation, places, upgrading
from api.library.condition import Condition, TypeDraft, defaults
from api.library.exercise_draft import ExerciseDraft
from api.library.export import RETIRED
from api.library.places import Claim
from api.library.record import Record
from api.library.screening_items import IndicatorDraft, RedFlag
from api.store import documents, reference
from api.store.content import Content, FiledRecord, refuse
from api.store.exercises import read, write
from api.store.journal import Journal
from api.store.reference import edits
from api.store.reference.kinds import Known

Progress = Callable[[int], None]
_MOST_COMPLAINTS = 1_000


@dataclass(slots=True)
class _Survey:
    """What the content has, seen in a first reading: the few records around the exercises, and where each exercise stands."""

    others: list[FiledRecord] = field(default_factory=list)
    places: dict[tuple[str, str], str] = field(default_factory=dict)
    slugs: set[str] = field(default_factory=set)
    """The exercises."""
    claims: dict[Claim, str] = field(default_factory=dict)
    """Which exercise claims which place in a type's list."""
    retired: list[str] = field(default_factory=list)
    """Those of the exercises that are there for their variants alone."""
    wrong: list[Complaint] = field(default_factory=list)


def load(journal: Journal, content: Content, progress: Progress = lambda _: None, *, avoid_wins: bool = False) -> int:
    """Write records of any kind, read twice; refuse all of them if one is wrong. Give how many there were.

    Where avoid wins, what is both recommended and to be avoided loses the recommendation instead of being refused.
    """
    survey = _survey(content)
    refuse(survey.wrong)
    before = reference.known(journal.connection)
    survey.others = [_with_what_it_does_not_know(filed, before.get(filed.kind, {}).get(filed.key[1])) for filed in survey.others]
    after = _with(before, survey.others)
    by_kind: dict[str, list[Record]] = {}
    for filed in survey.others:
        by_kind.setdefault(filed.kind, []).append(filed.record)
    refuse(_clashes(before, after, survey.others) + _defaults(before, after, survey.others) + _unknown_mentions(after, survey.others))
    edits.write(journal, by_kind)
    try:
        affected = edits.affected_exercises(journal.connection, before, after)
        keep = partial(write.write, journal, besides=survey.slugs, avoid_wins=avoid_wins)
        keep([draft for draft in affected if draft.slug not in survey.slugs])
        write.make_way(journal.connection, survey.claims, survey.slugs)
        for batch in _checked(journal.connection, content, survey, after):
            keep(batch)
            progress(len(batch))
        _retire(journal, survey.retired)
    except (Contradiction, Duplicate, InvalidContent) as error:
        raise _placed(error, survey) from None
    return len(survey.places)


def _survey(content: Content) -> _Survey:
    survey = _Survey()
    for filed in content:
        if isinstance(filed, Complaint):
            survey.wrong.append(filed)
        elif filed.key in survey.places:
            there = survey.places[filed.key]
            survey.wrong.append(filed.placed(("slug",), Complaint("slug", f"'{filed.key[1]}' stands already in {there}.")))
        else:
            survey.places[filed.key] = filed.where(("slug",))
            if isinstance(filed.record, ExerciseDraft):
                survey.slugs.add(filed.record.slug)
                for claim, slug in places.claims([filed.record]).items():
                    survey.claims.setdefault(claim, slug)
                survey.retired += [filed.record.slug] if filed.kind == RETIRED else []
            else:
                survey.others.append(filed)
        if len(survey.wrong) >= _MOST_COMPLAINTS:
            break
    return survey


def _with(before: Known, content: Sequence[FiledRecord]) -> dict[str, dict[str, Record]]:
    """Give what is known once the content is written."""
    after = {kind: dict(records) for kind, records in before.items()}
    for filed in content:
        kind, slug = filed.key
        after.setdefault(kind, {})[slug] = filed.record
    return reference.with_terms_apart(after)


def _clashes(before: Known, after: Known, content: Sequence[FiledRecord]) -> list[Complaint]:
    """Complain of what another condition has under its slug: new data never changes what a type, an indicator or a red flag means."""
    return [
        filed.placed(("slug",), Complaint("slug", f"The {kind.replace('-', ' ')} '{slug}' belongs to the condition '{old}' already."))
        for filed in content
        for kind, slug in [filed.key]
        if (old := _condition_of(before, kind, slug)) and _condition_of(after, kind, slug) not in (old, None)
    ]


def _condition_of(known: Known, kind: str, slug: str) -> str | None:
    """Give the condition that a record belongs to; None where it belongs to all of them, or names a type that isn't there."""
    match known.get(kind, {}).get(slug):
        case IndicatorDraft(type=of):
            return _condition_of(known, "type", of)
        case TypeDraft(condition=condition) | RedFlag(condition=condition):
            return condition
    return None


def _defaults(before: Known, after: Known, content: Sequence[FiledRecord]) -> list[Complaint]:
    """Complain of conditions after which there would be two defaults, or none any more."""
    left = _default_conditions(after)
    if len(left) == 1 or (not left and not _default_conditions(before)):
        return []
    message = f"Exactly one condition is the default; this would leave {' and '.join(left) or 'none'}."
    return [filed.placed(("default",), Complaint("default", message)) for filed in content if isinstance(filed.record, Condition)][:1]


def _default_conditions(known: Known) -> list[str]:
    return [f"'{slug}'" for slug in defaults(record for record in known["condition"].values() if isinstance(record, Condition))]


def _with_what_it_does_not_know(filed: FiledRecord, stored: Record | None) -> FiledRecord:
    """Leave alone what is stored in fields that the version which exported the record hadn't got."""
    return filed if stored is None or not filed.is_exported else filed._replace(record=upgrading.kept(stored, filed.record))


def _unknown_mentions(known: Mapping[str, Collection[str]], content: Sequence[FiledRecord]) -> list[Complaint]:
    return [filed.placed(location, wrong) for filed in content for location, wrong in complaints.of_mentions(filed.record, known)]


def _checked(connection: sa.Connection, content: Content, survey: _Survey, known: Known) -> Iterator[list[ExerciseDraft]]:
    """Yield the exercises batch by batch in a second reading, until one is wrong; what is wrong with any is said of all."""
    wrong: list[Complaint] = []
    for batch in _in_batches(content, survey):
        parents = read.parents(connection, {draft.variant_of for draft in _drafts(batch) if draft.variant_of}, coming=survey.slugs)
        wrong += _unknown_mentions({**known, "exercise": parents}, batch)
        if len(wrong) >= _MOST_COMPLAINTS:
            break
        if not wrong:
            yield [
                draft
                for draft in _drafts(_as_known(connection, batch))
                if draft.slug not in survey.retired or not _is_gone(connection, draft)
            ]
    refuse(wrong)


def _as_known(connection: sa.Connection, batch: Sequence[FiledRecord]) -> list[FiledRecord]:
    stored = read.load(connection, [filed.key[1] for filed in batch if filed.is_exported])
    return [_with_what_it_does_not_know(filed, stored[filed.key[1]].exercise if filed.key[1] in stored else None) for filed in batch]


def _is_gone(connection: sa.Connection, parent: ExerciseDraft) -> bool:
    """Say whether an exercise that lives on in its variants alone is retired here, too, and bequeaths the same."""
    there = read.load(connection, [parent.slug]).get(parent.slug)
    return there is not None and there.is_retired and derivation.bequest(there.exercise) == derivation.bequest(parent)


def _retire(journal: Journal, slugs: Sequence[str]) -> None:
    for stored in read.load(journal.connection, slugs).values():
        if not stored.is_retired:
            write.retire(journal, stored)


def _in_batches(content: Content, survey: _Survey) -> Iterator[list[FiledRecord]]:
    """Yield the exercises, those that are variants of others of the content last, so that these are there."""
    batch: list[FiledRecord] = []
    waiting: list[FiledRecord] = []
    for filed in content:
        if not isinstance(filed, FiledRecord) or not isinstance(filed.record, ExerciseDraft):
            continue
        (waiting if filed.record.variant_of in survey.slugs else batch).append(filed)
        if len(batch) == documents.BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
    if waiting:
        yield waiting


def _drafts(batch: Sequence[FiledRecord]) -> list[ExerciseDraft]:
    return [filed.record for filed in batch if isinstance(filed.record, ExerciseDraft)]


def _placed(error: ExerciseLibraryError, survey: _Survey) -> ExerciseLibraryError:
    """Say which file a refused exercise stands in, where it is one of the content's."""
    if isinstance(error, InvalidContent) and error.detail.endswith("nothing was written."):
        return error
    # What is wrong is said of the exercise that is named first; after it come those that it meets or inherits from.
    named = {error.detail.find(f"'{slug}'"): place for (kind, slug), place in survey.places.items() if kind == "exercise"}
    place = named[min(at)] if (at := named.keys() - {-1}) else None
    return type(error)(f"{place}: {error.detail}" if place else error.detail, complaints=error.complaints)
