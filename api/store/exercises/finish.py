"""What follows from what a curator wrote and from what surrounds it: the finished exercise."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

import sqlalchemy as sa

from api.errors import ExerciseLibraryError, InvalidContent
from api.library import derivation, places
from api.library.exercise import Exercise, PossibleMatch
from api.library.exercise_draft import ExerciseDraft
from api.library.history import BOOKKEEPING
from api.library.matching import Suspects, possible_matches
from api.library.pattern import MovementPattern
from api.library.vocabulary import Tag
from api.store import images, reference
from api.store.comparisons import suspects
from api.store.exercises import read
from api.store.exercises.read import Stored


class Standing(NamedTuple):
    """What is there before exercises are written."""

    stored: Mapping[str, Stored]
    """Those of them that exist."""
    parents: Mapping[str, Stored]
    """What they are variants of, all the way up."""


@dataclass
class Batch:
    """Exercises that are finished together, and what surrounds them."""

    connection: sa.Connection
    at: datetime
    stored: Mapping[str, Stored]
    parents: Mapping[str, Stored]
    tag_of: Mapping[str, Tag]
    avoid_wins: bool
    """Whether an exercise loses a recommendation that meets an avoid, instead of being refused."""
    anew: bool
    """Whether what was found when an exercise was written is looked for again."""
    made_way: bool
    """Whether some may have been taken off their places for others: an import does that."""
    finished: dict[str, Exercise] = field(default_factory=dict)
    mates: dict[str, tuple[Stored, Exercise]] = field(default_factory=dict)
    """Others whose alternatives change, as they were and as they are."""

    @cached_property
    def patterns(self) -> Mapping[str, MovementPattern]:
        """Every movement pattern: few exercises list any."""
        return reference.patterns(self.connection)

    @cached_property
    def suspects(self) -> Suspects:
        """What an exercise might turn out to be: nobody looks where every type has a verdict."""
        return suspects(self.connection)


def finished(
    connection: sa.Connection,
    drafts: Sequence[ExerciseDraft],
    at: datetime,
    *,
    avoid_wins: bool,
    anew: bool = False,
    before: Standing | None = None,
) -> Batch:
    """Finish exercises, each after what it is a variant of. Raises as `write` does.

    A caller that gives what is there `before` has taken no exercise off its place.
    """
    stored, parents = before or (read.load(connection, [draft.slug for draft in drafts]), refuse_circles(connection, drafts))
    batch = Batch(connection, at, stored, parents, reference.tags(connection), avoid_wins, anew, made_way=before is None)
    for draft in drafts:
        batch.finished[draft.slug] = _finish(batch, draft)
    _settle_places(batch)
    return batch


def circle(slugs: Sequence[str]) -> ExerciseLibraryError:
    """Refuse exercises that are variants of each other."""
    way = " → ".join(f"'{slug}'" for slug in slugs)
    return InvalidContent.at("variant_of", f"An exercise can't be a variant of itself: {way}.")


def refuse_circles(connection: sa.Connection, drafts: Sequence[ExerciseDraft]) -> dict[str, Stored]:
    """Refuse an exercise that would be a variant of itself; give what the drafts are variants of, all the way up."""
    found: dict[str, Stored] = {}
    missing = {draft.variant_of for draft in drafts if draft.variant_of}
    while missing:
        found |= read.load(connection, sorted(missing))
        missing = {parent.exercise.variant_of for parent in found.values() if parent.exercise.variant_of} - found.keys()
    above = {slug: parent.exercise.variant_of for slug, parent in found.items()} | {draft.slug: draft.variant_of for draft in drafts}
    for draft in drafts:
        chain = [draft.slug]
        while parent := above.get(chain[-1]):
            if parent in chain:
                raise circle([*chain, parent])
            chain.append(parent)
    return found


def _finish(batch: Batch, draft: ExerciseDraft) -> Exercise:
    """Add all that follows, but for the alternatives; what the library notes on it stays as it was."""
    stored = batch.stored.get(draft.slug)
    before = stored.exercise if stored else None
    if before and batch.avoid_wins:
        draft = derivation.with_what_was_avoided(draft, before)
    patterns = batch.patterns if draft.patterns else {}
    avoided = derivation.own(draft.contraindications) + derivation.inherited(draft, patterns, _parent(batch, draft))
    if batch.avoid_wins:
        draft = derivation.without_contradiction(draft, avoided)
    derivation.refuse_contradiction(draft.slug, draft.recommendations, avoided)
    if stored and not batch.avoid_wins:
        derivation.refuse_turned(draft, stored.exercise, was_retired=stored.is_retired)
    after = Exercise.model_construct(
        **derivation.fields(draft)
        | {"recommendations": derivation.with_purpose(draft.recommendations, batch.tag_of), "contraindications": avoided}
        | {"tags": derivation.tags(draft.recommendations, batch.tag_of), "images": images.of(draft.slug)}
        | {"possible_match": _resembling(batch, draft), "review": None}
        | (derivation.fields(before, BOOKKEEPING) if before else {"revision": 0, "created_at": batch.at, "updated_at": batch.at})
    )
    if before and before.review and read.live(stored) and derivation.says_the_same(before, after):
        return after.model_copy(update={"review": before.review})
    return after


def _resembling(batch: Batch, draft: ExerciseDraft) -> list[PossibleMatch]:
    """Look for what an exercise resembles; writing back what was read changes nothing, whatever else was written meanwhile."""
    if batch.tag_of.keys() <= derivation.judged(draft):
        return []  # a verdict for every type: nothing is left to be pointed out
    before = read.live(batch.stored.get(draft.slug))
    if before and not batch.anew and derivation.authored(draft) == derivation.authored(before.exercise):
        return before.exercise.possible_match
    return possible_matches(draft, batch.suspects)


def _parent(batch: Batch, draft: ExerciseDraft) -> Exercise | None:
    if draft.variant_of is None:
        return None
    return batch.finished.get(draft.variant_of) or batch.parents[draft.variant_of].exercise


def _settle_places(batch: Batch) -> None:
    """Fill in the others at each place; where no exercise moves, they stay the same."""
    if not batch.anew and all(_stays(batch, exercise) for exercise in batch.finished.values()):
        batch.finished = {slug: places.as_before(after, batch.stored[slug].exercise) for slug, after in batch.finished.items()}
        return
    before = [stored.exercise for stored in batch.stored.values() if not stored.is_retired]
    touched = {place for exercise in (*before, *batch.finished.values()) for place in map(places.place, exercise.recommendations)}
    outside = read.at_places(batch.connection, touched, besides=batch.stored) if touched else {}
    settled = places.with_alternatives({slug: mate.exercise for slug, mate in outside.items()} | batch.finished, touched)
    batch.finished = {slug: settled[slug] for slug in batch.finished}
    batch.mates = {slug: (mate, settled[slug]) for slug, mate in outside.items() if settled[slug] != mate.exercise}


def _stays(batch: Batch, exercise: Exercise) -> bool:
    """Say whether an exercise claims what it claimed already, and still holds it: an import takes it off what others claim."""
    before, claimed = read.live(batch.stored.get(exercise.slug)), places.claims([exercise])
    if before is None or places.claims([before.exercise]) != claimed:
        return False
    if not batch.made_way:
        return True
    held = read.holders(batch.connection, {(type_, position) for type_, position, _ in claimed})
    return claimed.items() <= held.items()
