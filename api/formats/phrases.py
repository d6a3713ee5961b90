"""How small facts read on paper: ranges, dosages, names. The words are the same in every format that a person reads."""

from collections.abc import Iterable

from api.library.exercise import Exercise, Review, Suitability
from api.library.exercise_draft import Caution, Dosage, Recommendation
from api.library.record import Range
from api.library.vocabulary import Action

_LONGEST_NAME = 48


def words(slug: str) -> str:
    """Read a slug aloud: `after-16-weeks` is 'after 16 weeks'."""
    return slug.replace("-", " ")


def title(slug: str) -> str:
    """Read a slug aloud at the beginning of a line."""
    read = words(slug)
    return read[:1].upper() + read[1:]


def within(sentence: str) -> str:
    """Write a sentence's words so that they can stand within another."""
    return sentence[:1].lower() + sentence[1:].rstrip(".:")


def listed(slugs: Iterable[str]) -> str:
    """Read slugs aloud, with commas between them."""
    return ", ".join(map(words, slugs))


def span(of: Range) -> str:
    """Write a range as it is printed: from, to, or one number where both ends are one."""
    return f"{of.min:g}" if of.min == of.max else f"{of.min:g}\N{EN DASH}{of.max:g}"


def intensity(of: Recommendation | Suitability) -> str:
    """Say how hard, in the source's own word where it has one; nothing where the source doesn't say."""
    return of.intensity_note or (of.intensity.label if of.intensity else "")


def dosage(of: Dosage) -> str:
    """Write how much a source prints, all of it and nothing else."""
    parts = [
        f"{span(of.sets)} {'set' if of.sets.max == 1 else 'sets'}" if of.sets else "",
        f"{span(of.reps)} {'repetition' if of.reps.max == 1 else 'repetitions'}" if of.reps else "",
        f"hold {span(of.hold_seconds)} s" if of.hold_seconds else "",
        _a_day(of.sessions_per_day) if of.sessions_per_day else "",
        "on each side" if of.per_side else "in all, not on each side" if of.per_side is False else "",
    ]
    said = ", ".join(part for part in parts if part)
    said = said[:1].upper() + said[1:]
    return " ".join(part for part in (f"{said}." if said else "", of.note) if part)


def printed_for(of: Dosage, exercise: Exercise) -> str:
    """Say for whom a source printed a dosage, and which variant here it is about."""
    return f"{of.printed_for} (here: {variant(exercise, of.for_variant)})" if of.for_variant else of.printed_for


def variant(exercise: Exercise, slug: str) -> str:
    """Name a variant of an exercise."""
    return next((other.name for other in exercise.variants if other.slug == slug), words(slug))


def asks(of: Caution, exercise: Exercise) -> str:
    """Say what a caution asks for, by the name of the variant where it asks for one."""
    return f"{of.action.label}: {variant(exercise, of.variant)}." if of.variant else f"{of.action.label}."


def in_place_of(of: Caution, exercise: Exercise) -> str:
    """Say which variant a caution is about; nothing where it holds however the exercise is done."""
    if of.for_variant is None:
        return ""
    return f"{'Instead of' if of.action is Action.MODIFY else 'For'} «{variant(exercise, of.for_variant)}»:"


_A_DAY: dict[tuple[float, float], str] = {(1, 1): "once a day", (2, 2): "twice a day"}


def _a_day(times: Range) -> str:
    return _A_DAY.get((times.min, times.max), f"{span(times)} times a day")


def signed(review: Review) -> str:
    """Say who signed an exercise off, as what, and when."""
    role = f" ({review.role})" if review.role else ""
    return f"Reviewed by {review.by}{role}, {review.at:%Y-%m-%d}."


def short(citation: str) -> str:
    """Name a publication in few words; the list of sources has the rest."""
    first = citation.split(". ", maxsplit=1)[0].rstrip(".")
    return first if len(first) <= _LONGEST_NAME else f"{first[:_LONGEST_NAME].rsplit(' ', 1)[0]} …"
