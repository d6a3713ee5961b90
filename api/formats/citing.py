"""Numbers the publications on a page in the order in which they are first cited."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from api.formats import phrases
from api.formats.sheet import UNVERIFIED, Cited
from api.library.exercise_draft import Provenance
from api.library.record import Attribution
from api.library.source import Source
from api.library.vocabulary import Certainty


@dataclass(slots=True)
class Sources:
    """Numbers publications as they are first cited."""

    known: Mapping[str, Source]
    are_listed: bool = True
    """Whether the page lists its publications. A handout doesn't: it has no numbers and no clauses, for a patient reads what to do."""
    met: list[Cited] = field(default_factory=list)
    _marks: dict[str, str] = field(default_factory=dict)

    def mark(self, of: Attribution) -> str:
        """Give the number of a publication, with a dagger where nobody verified it; nothing where there is no list to refer to."""
        if not self.are_listed:
            return ""
        if of.slug not in self._marks:
            source = self.known.get(of.slug)
            cited = _cited(len(self.met) + 1, of.slug, source)
            self.met.append(cited)
            self._marks[of.slug] = f"{cited.number}{UNVERIFIED if cited.unverified else ''}"
        return self._marks[of.slug]

    def quote(self, of: Attribution) -> str | None:
        """Give the clause to the letter, its misprints marked as the publication's own; on a handout, nothing."""
        quote, source = of.quote if self.are_listed else None, self.known.get(of.slug)
        if not quote or not source or not source.misprints:
            return quote
        return re.sub("|".join(rf"\b{re.escape(misprint)}\b" for misprint in source.misprints), r"\g<0> [sic]", quote)

    def name(self, of: Attribution) -> str:
        """Name a publication in a few words."""
        source = self.known.get(of.slug)
        return phrases.short(source.citation) if source else of.slug

    def name_and_kind(self, of: Attribution) -> str:
        """Name a publication in a few words, and say what kind it is."""
        source = self.known.get(of.slug)
        return f"“{self.name(of)}” ({source.kind.label.lower()})" if source else of.slug

    def behind(self, provenance: Iterable[Provenance], *fields: str) -> list[str]:
        """Give the numbers of the publications that these fields rest on, each once."""
        return list(dict.fromkeys(self.mark(part.source) for part in provenance if set(fields) & set(part.fields)))


def _cited(number: int, slug: str, source: Source | None) -> Cited:
    if source is None:
        return Cited(number, slug, None, unverified=True)
    address = f"doi:{source.doi}" if source.doi else source.url
    return Cited(number, source.citation, address, unverified=source.certainty is Certainty.UNVERIFIED)
