"""Everything that can go wrong, as one tree and a table. No status codes here: `web/problems.py` gives each kind its own.

ExerciseLibraryError
├── NotUnderstood            the question has a part we don't know
│   ├── UnknownParameter · UnknownValue · EmptyValue · RepeatedParameter · InvalidValue · InvalidCursor
├── NotFound                 a well-formed address of nothing
├── Resync                   a revision that isn't ours
├── Refused                  the content can't be accepted
│   ├── InvalidContent · Contradiction · Duplicate · InUse · NotEmpty
├── Unavailable              the database can't answer now
│   ├── Inconsistent · SchemaMismatch
├── Unprintable              the answer has letters that the format's fonts don't have
└── MissingExtra             the answer needs a package that is not installed
"""

from dataclasses import dataclass, field
from typing import ClassVar, NamedTuple, Self, cast


class Complaint(NamedTuple):
    """One thing that is wrong with one field, and the nearest right one where there is one."""

    field: str
    message: str
    allowed: tuple[str, ...] = ()
    did_you_mean: str | None = None

    def __str__(self) -> str:
        """Read as one line of a terminal."""
        hint = f" Did you mean '{self.did_you_mean}'?" if self.did_you_mean else ""
        return f"{self.field}: {self.message}{hint}"


@dataclass
class ExerciseLibraryError(Exception):
    """The root: `code` is stable and public, `detail` says what happened to whom it concerns."""

    detail: str
    complaints: tuple[Complaint, ...] = field(default=(), kw_only=True)
    retry_after: int | None = field(default=None, kw_only=True)
    """In how many seconds to try again, where that is known."""
    code: ClassVar[str] = "error"
    title: ClassVar[str] = "Something went wrong"

    @classmethod
    def at(cls, field: str, message: str) -> Self:
        """Make an error that says one thing of one field."""
        return cls(message, complaints=(Complaint(field, message),))

    def __str__(self) -> str:
        """Print the detail and every complaint, one a line."""
        return "\n".join([self.detail, *(f"  {complaint}" for complaint in self.complaints)])


Kind = type[ExerciseLibraryError]


def kind(code: str, meaning: str, of: Kind = ExerciseLibraryError, *, title: str | None = None) -> Kind:
    """Make a row of the table below: a kind of error, to be raised and caught as a class; its title is its code in words, unless given."""
    name = "".join(word.title() for word in code.split("-"))
    told = {"code": code, "title": title or code.replace("-", " ").capitalize(), "__doc__": meaning, "__module__": __name__}
    return cast("Kind", type(name, (of,), told))


# Answering a question with a part that this library doesn't know would be guessing.
NotUnderstood = kind("not-understood", "any other request that isn't understood", title="The question was not understood")
UnknownParameter = kind("unknown-parameter", "the path doesn't have this parameter", NotUnderstood)
UnknownValue = kind("unknown-value", "there is no such value", NotUnderstood)
EmptyValue = kind("empty-value", "a parameter without a value that can be seen, or a needed one left out", NotUnderstood)
RepeatedParameter = kind("repeated-parameter", "given twice, can be given once", NotUnderstood)
InvalidValue = kind("invalid-value", "of the wrong form, no text, or not together with another", NotUnderstood)
InvalidCursor = kind("invalid-cursor", "not a cursor of ours, or one of other filters", NotUnderstood)

NotFound = kind("not-found", "there is no such record")
Resync = kind("resync", "the library was never at that revision: begin again with `/library`", title="Begin again")

# The content was understood and can't be accepted.
Refused = kind("refused", "any other change that is refused")
InvalidContent = kind("invalid-content", "a body with something unknown or wrong in it", Refused)
Contradiction = kind("contradiction", "recommended and to be avoided for one type, directly or by inheritance", Refused)
Duplicate = kind("duplicate", "two exercises at one place", Refused)
InUse = kind("in-use", "a source that a statement names", Refused)
NotEmpty = kind("not-empty", "restoring over a library", Refused, title="The database is not empty")

# Trying again later may help.
Unavailable = kind("unavailable", "the database can't answer now; `Retry-After` says when", title="Temporarily unavailable")
Inconsistent = kind(
    "inconsistent", "rows and records disagree; nothing is offered on a guess", Unavailable, title="The catalogue is inconsistent"
)
SchemaMismatch = kind(
    "schema-mismatch", "the database's schema is another version's", Unavailable, title="The database schema does not match"
)

# An empty box in the place of a letter would be read over.
Unprintable = kind(
    "unprintable",
    "the PDF's fonts don't have letters that the answer has; the message names them, HTML shows them",
    title="Not printable in this format",
)
MissingExtra = kind("missing-extra", "the format needs a package; the message names it", title="Not installed here")
