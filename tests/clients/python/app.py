"""The natural code of an app that uses the client that openapi-python-client generates."""

import json
import sys
from urllib.parse import parse_qs, urlsplit

from exercise_library_client import AuthenticatedClient
from exercise_library_client.api.curation import put_exercise
from exercise_library_client.api.exercises import get_exercise, list_exercises
from exercise_library_client.api.screenings import create_screening, get_screening_form
from exercise_library_client.api.sync import list_changes
from exercise_library_client.models import (
    AnsweredExercise,
    Answers,
    Changes,
    ExerciseChange,
    ExerciseEdit,
    ExerciseList,
    NumberRange,
    Problem,
    Program,
    QuestionKind,
    Screening,
    ScreeningForm,
    View,
)
from exercise_library_client.types import UNSET, Unset

base, key = sys.argv[1:3]
client = AuthenticatedClient(base_url=base, token=key)


def cursor_of(next_: str | None) -> str | Unset:
    return parse_qs(urlsplit(next_).query)["cursor"][0] if next_ else UNSET


names: list[str] = []
avoid = 0
cursor: str | Unset = UNSET
while True:
    page = list_exercises.sync(client=client, type_=["unstable"], limit=2, view=View.SUMMARY, cursor=cursor)
    assert isinstance(page, ExerciseList)
    names += [one.name for one in page.items]
    avoid = len(page.avoid or [])
    cursor = cursor_of(page.next_)
    if isinstance(cursor, Unset):
        break

wrong = get_exercise.sync("no-such-exercise", client=client)
code = wrong.code.value if isinstance(wrong, Problem) else None

form = get_screening_form.sync(client=client)
assert isinstance(form, ScreeningForm)
asked = [one.slug for one in form.questions if one.kind is QuestionKind.RED_FLAG]
screened = create_screening.sync(client=client, body=Answers(asked=asked, red_flags=[], symptoms=True, indicators=["very-flexible"]))
assert isinstance(screened, Screening)
assert isinstance(screened.program, Program)
read = get_exercise.sync_detailed("pelvic-tilts", client=client)
assert isinstance(read.parsed, AnsweredExercise)
reps = read.parsed.dosages[0].reps
dosed = "number" if isinstance(reps, NumberRange) and isinstance(reps.min_, float | int) else "undefined"
edited = ExerciseEdit.from_dict(read.parsed.to_dict())
edited.name = "Pelvic tilts (Python)"
written = put_exercise.sync("pelvic-tilts", client=client, body=edited, if_match=read.headers["ETag"])
assert isinstance(written, AnsweredExercise | Problem), written

changed = False
while True:
    changes = list_changes.sync(client=client, since=0, cursor=cursor)
    assert isinstance(changes, Changes)
    for change in changes.items:
        if isinstance(change, ExerciseChange) and change.record is not None:
            changed = changed or change.record.name == "Pelvic tilts (Python)"
    cursor = cursor_of(changes.next_)
    if isinstance(cursor, Unset):
        break

name = written.name if not isinstance(written, Problem) else written.detail
told = {"listed": len(names), "avoid": avoid, "code": code, "outcome": screened.outcome.value, "dosed": dosed}
sys.stdout.write(json.dumps({**told, "written": name, "changed": changed}))
