"""Everything that can go wrong, as one tree. No status codes here: `web/problems.py` gives each leaf its own.

ExerciseLibraryError
├── NotUnderstood            the question has a part we don't know
│   ├── UnknownParameter · UnknownValue · EmptyValue · RepeatedParameter · InvalidValue · StaleCursor
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
from typing import NamedTuple


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
    code = "error"
    title = "Something went wrong"

    def __str__(self) -> str:
        """Print the detail and every complaint, one a line."""
        return "\n".join([self.detail, *(f"  {complaint}" for complaint in self.complaints)])


class NotUnderstood(ExerciseLibraryError):
    """The question has a part that this library doesn't know; answering it would be guessing."""

    code = "not-understood"
    title = "The question was not understood"


class UnknownParameter(NotUnderstood):
    """A parameter that this path doesn't have, `typ` for `type` among them."""

    code = "unknown-parameter"
    title = "Unknown parameter"


class UnknownValue(NotUnderstood):
    """A value that isn't in the list of values that exist."""

    code = "unknown-value"
    title = "Unknown value"


class EmptyValue(NotUnderstood):
    """A parameter given without a value."""

    code = "empty-value"
    title = "Empty value"


class RepeatedParameter(NotUnderstood):
    """A parameter given twice that can be given once."""

    code = "repeated-parameter"
    title = "Repeated parameter"


class InvalidValue(NotUnderstood):
    """A value of the wrong form: not a number, too long, not together with another."""

    code = "invalid-value"
    title = "Invalid value"


class StaleCursor(NotUnderstood):
    """A cursor that isn't ours, or belongs to another question."""

    code = "invalid-cursor"
    title = "Invalid cursor"


class NotFound(ExerciseLibraryError):
    """There is no such record."""

    code = "not-found"
    title = "Not found"


class Resync(ExerciseLibraryError):
    """A revision that this library never was at: who asks has seen another one."""

    code = "resync"
    title = "Begin again"


class Refused(ExerciseLibraryError):
    """The content was understood and can't be accepted."""

    code = "refused"
    title = "Refused"


class InvalidContent(Refused):
    """Content with an unknown key, word, slug or source, or of the wrong form."""

    code = "invalid-content"
    title = "Invalid content"


class Contradiction(Refused):
    """An exercise both recommended and avoided for one type, directly or by inheritance."""

    code = "contradiction"
    title = "Contradiction"


class Duplicate(Refused):
    """Two records that claim the same slug or the same place in a list."""

    code = "duplicate"
    title = "Duplicate"


class InUse(Refused):
    """A record that others name can't go."""

    code = "in-use"
    title = "In use"


class NotEmpty(Refused):
    """A database that has a library already."""

    code = "not-empty"
    title = "The database is not empty"


class Unavailable(ExerciseLibraryError):
    """The database can't answer now; trying again later may help."""

    code = "unavailable"
    title = "Temporarily unavailable"


class Inconsistent(Unavailable):
    """Stored rows and stored records disagree; nothing is offered on a guess."""

    code = "inconsistent"
    title = "The catalogue is inconsistent"


class SchemaMismatch(Unavailable):
    """The database's schema isn't the one this program was built for."""

    code = "schema-mismatch"
    title = "The database schema does not match"


class Unprintable(ExerciseLibraryError):
    """The answer has letters that the format's fonts don't have; an empty box in their place would be read over."""

    code = "unprintable"
    title = "Not printable in this format"


class MissingExtra(ExerciseLibraryError):
    """The answer needs a package that comes with one of our extras; the message names the command that installs it."""

    code = "missing-extra"
    title = "Not installed here"
