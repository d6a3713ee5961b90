"""The document of a whole library: what stands in it, in the order in which it can be read back, one record per line."""

import re

from api.library import wording
from api.library.questionnaire import SYMPTOMS

RETIRED = "retired"
"""The kind of an exercise that is there for its variants alone, which inherit from it."""
SECTIONS = {
    "sources": "source",
    "groups": "group",
    "terms": "term",
    "conditions": "condition",
    "types": "type",
    "indicators": "indicator",
    "red_flags": "red-flag",
    "patterns": "movement-pattern",
    "exercises": "exercise",
    "retired": RETIRED,
}
"""Each section, and the kind of the records in it."""
STANDING_TEXTS = {
    "intended_use": wording.INTENDED_USE,
    "disclaimer": wording.DISCLAIMER,
    "licence": "MIT",
    "symptoms_question": SYMPTOMS,
}
"""What a client that works without this service has to show."""
ENVELOPE = ("library_id", "revision", "schema", *STANDING_TEXTS, "sha256")
"""What an export says of itself; the sections stand before its SHA-256."""
_SECTION_LINE = re.compile(r'"(\w+)":\[\]?,?')


def section_of(line: str) -> str | None:
    """Give the section that a line opens; None where it opens none."""
    found = _SECTION_LINE.fullmatch(line)
    return found[1] if found else None
