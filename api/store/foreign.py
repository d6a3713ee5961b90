"""Another catalogue's file, read to be compared: nothing of it is stored."""

from pathlib import Path

from pydantic import ValidationError

from api.errors import Complaint, InvalidContent
from api.library import complaints
from api.library.comparing import ForeignExercise, repeated
from api.store.free_exercise_db import Foreign
from api.store.yaml_text import NotYaml, parse


def exercises(path: Path) -> list[ForeignExercise]:
    """Read a file in the format of free-exercise-db, or say on which lines it is wrong."""
    data, lines = _parsed(path)
    if not isinstance(data, list):
        raise InvalidContent(f"{path}:1: This format is an array of exercises.")
    found: list[ForeignExercise] = []
    wrong: list[Complaint] = []
    for n, content in enumerate(data):
        try:
            found.append(_read(content))
        except ValidationError as error:
            wrong += [
                Complaint(f"{path}:{lines.get((n, *at), lines.get((n,), 1))}: {one.field}", one.message, one.allowed, one.did_you_mean)
                for at, one in complaints.of_validation(error, Foreign)
            ]
    twice = repeated(one.id for one in found)
    if twice is not None:
        wrong.append(Complaint(str(path), f"The id '{twice}' is there twice."))
    if wrong:
        raise InvalidContent(
            f"{len(wrong)} thing{'s' if len(wrong) > 1 else ''} to correct; nothing was compared.", complaints=tuple(wrong)
        )
    return found


def _parsed(path: Path) -> tuple[object, dict[tuple[str | int, ...], int]]:
    try:
        return parse(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError:
        raise InvalidContent(f"{path}: This is not text in UTF-8.") from None
    except NotYaml as error:
        raise InvalidContent(f"{path}:{error.line}: It can't be read as JSON: {error}.") from None


def _read(content: object) -> ForeignExercise:
    one = Foreign.model_validate(content)
    return ForeignExercise(id=one.id, name=one.name, steps=[step for step in one.instructions if step.strip()])
