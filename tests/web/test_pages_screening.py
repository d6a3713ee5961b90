"""The screening as a person meets it: without JavaScript, with nothing in an address, and with nothing kept."""

import logging
from collections.abc import Mapping
from io import BytesIO
from itertools import combinations, cycle
from urllib.parse import urlencode

import httpx
import pytest
import sqlalchemy as sa
from pypdf import PdfReader

from api.app import create_app
from api.library.screening import Screening
from api.settings import Settings
from api.store.engine import Database
from tests.in_process import asking
from tests.made_up import FROZEN_SHOULDER
from tests.markup import Element, read
from tests.writing import load

pytestmark = pytest.mark.any_engine

PATH = "/browse/screening"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
NO_PROGRAM = "Your exercises"
LATE_FLAG = """\
red_flags:
  - slug: late-sign
    condition: si-joint-dysfunction
    group: after-16-weeks
    level: urgent
    question: Is there a late sign?
    what_to_do: See a clinician.
    source: {slug: common-knowledge}
"""


def send(ask: httpx.Client, fields: Mapping[str, str], status: int = 200, path: str = PATH) -> Element:
    """Send a form, and read the page that comes back."""
    answer = ask.post(path, data=dict(fields))
    assert answer.status_code == status, answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert "etag" not in answer.headers
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    page = read(answer.text)
    for form in page.every("form"):
        assert (form.attributes["method"], form.attributes["action"]) == ("post", path)
    assert not [link for link in page.links if "?" in link], "an answer could be in an address"
    return page


def first(ask: httpx.Client, **changes: str) -> dict[str, str]:
    """Answer every question of the first page with no, but for some."""
    answers = dict.fromkeys(read(ask.get(PATH).text).questions, "no") | {"symptoms.symptoms": "yes"}
    return answers | {name.replace("__", ".", 1).replace("_", "-"): value for name, value in changes.items()}


def test_red_flags_are_asked_first_and_nothing_is_chosen_for_anybody(ask: httpx.Client) -> None:
    page = read(ask.get(PATH).text)
    kinds = [name.partition(".")[0] for name in page.questions]
    assert kinds == sorted(kinds, key=["red-flag", "symptoms", "indicator", "group"].index)
    flags = [one for one in ask.get("/red-flags").json()["items"] if one["group"] is None]
    assert [name.partition(".")[2] for name in page.questions if name.startswith("red-flag.")] == [one["slug"] for one in flags]
    assert {tuple(values) for name, values in page.questions.items() if name != "symptoms.symptoms"} == {("yes", "no", "unsure")}
    assert page.questions["symptoms.symptoms"] == ["yes", "no"]
    assert page.fields == {"step": "1"}
    groups = {one["slug"] for one in ask.get("/groups").json()["items"]}
    asked = {name.partition(".")[2] for name in page.questions if name.startswith("group.")}
    assert groups - asked == {"hypermobile", "pregnant", "recently-pregnant", "after-16-weeks"}, "indicators find these out"
    for question in page.every("fieldset"):
        assert question.one("legend").text.count("?")


def test_the_questions_have_their_criteria(ask: httpx.Client) -> None:
    page = read(ask.get(PATH).text)
    for flag in ask.get("/red-flags").json()["items"]:
        if flag["group"] is None:
            asked = page.one("fieldset", id=f"red-flag.{flag['slug']}")
            assert [one.text for one in asked.every("li")] == flag["criteria"]
            assert (f"{flag['at_least']} or more of these" in asked.text) == bool(flag["criteria"])


def test_one_red_flag_is_enough_however_much_is_unanswered(ask: httpx.Client) -> None:
    for fields in ({"red-flag.fever": "yes"}, {"red-flag.fever": "unsure"}, first(ask, red_flag__fever="unsure")):
        page = send(ask, fields)
        assert page.one("h1").text == "Please get checked first"
        assert "See a clinician today, to get checked." in page.text
        assert "Do you have a fever or a high temperature?" in page.text
        assert "No exercises yet." in page.text
        assert NO_PROGRAM not in page.text
        assert [one for one in page.every("button") if one.attributes.get("name") == "print"] == []
    worst = send(ask, {"red-flag.fever": "yes", "red-flag.chest-pain": "unsure"})
    assert "Call your emergency number now" in worst.text
    assert "proves nothing" not in worst.text


def test_silence_is_not_a_no(ask: httpx.Client) -> None:
    everything = first(ask)
    for name in everything:
        page = send(ask, {one: value for one, value in everything.items() if one != name}, 422)
        told = page.one("div", role="alert")
        assert told.text.startswith("One answer is still to give or to change")
        assert told.links == [f"#{name}"]
        assert page.one("title").text.startswith("Error: ")
        question = page.one("fieldset", id=name)
        assert page.one(id=question.attributes["aria-describedby"]).text.startswith("Please choose an answer")
        assert {one: value for one, value in page.fields.items() if one != "step"} == {
            one: value for one, value in everything.items() if one != name
        }
    nothing = send(ask, {"step": "1"}, 422).one("div", role="alert")
    assert nothing.text.startswith(f"{len(everything)} answers are still")
    assert f"And {len(everything) - len(nothing.links)} more" in nothing.text


def test_what_is_not_an_answer_is_none(ask: httpx.Client) -> None:
    page = send(ask, first(ask, red_flag__fever="maybe") | {"surprise": "yes", "red-flag.no-such": "yes"}, 422)
    assert page.one("div", role="alert").links == ["#red-flag.fever"]
    assert "surprise" not in page.fields


def test_pregnancy_brings_a_second_page(ask: httpx.Client) -> None:
    second = send(ask, first(ask, indicator__pregnant="yes"))
    flags = [one["slug"] for one in ask.get("/red-flags").json()["items"] if one["group"] == "pregnant"]
    assert list(second.questions) == [*(f"red-flag.{slug}" for slug in flags), "group.after-16-weeks"]
    assert second.every("div", role="alert") == []
    assert NO_PROGRAM not in second.text
    kept = second.fields
    again = send(ask, kept | dict.fromkeys(list(second.questions)[1:], "no"), 422)
    assert again.one("div", role="alert").links == [f"#{next(iter(second.questions))}"]
    assert {**kept, **dict.fromkeys(list(second.questions)[1:], "no")} == again.fields
    page = send(ask, again.fields | dict.fromkeys(second.questions, "no"))
    assert page.one("h1").text == "Likely too loose"
    assert "GENTLE" in page.text
    referred = send(ask, again.fields | dict.fromkeys(second.questions, "no") | {"red-flag.waters-breaking": "yes"})
    assert "Call your midwife or maternity unit now" in referred.text


def test_being_unsure_brings_its_questions_too(ask: httpx.Client) -> None:
    assert "Warning signs: pregnant" in send(ask, first(ask, indicator__pregnant="unsure")).text


def test_a_second_page_may_bring_a_third_whose_questions_are_no_mistakes(database: Database, client: httpx.Client) -> None:
    load(database, LATE_FLAG)
    second = send(client, first(client, indicator__pregnant="yes"))
    answers = second.fields | dict.fromkeys(second.questions, "no") | {"group.after-16-weeks": "yes"}
    third = send(client, answers)
    assert third.every("div", role="alert") == []
    assert "red-flag.late-sign" in third.questions
    again = send(client, third.fields | dict.fromkeys(second.questions, "no") | {"group.after-16-weeks": "yes"}, 422)
    assert again.one("div", role="alert").links == ["#red-flag.late-sign"]
    page = send(client, again.fields | dict.fromkeys(again.questions, "no") | {"group.after-16-weeks": "yes"})
    assert "On all fours" in page.text


def test_contradictions_are_pointed_at(ask: httpx.Client) -> None:
    page = send(ask, first(ask, symptoms__symptoms="no", indicator__persistent_low_back_pain="yes"), 422)
    assert page.one("div", role="alert").links == ["#symptoms.symptoms"]
    assert "Please change one of the two." in page.text


def test_without_symptoms_there_is_nothing_to_treat_and_nobody_is_called_fine(ask: httpx.Client) -> None:
    page = send(ask, first(ask, symptoms__symptoms="no"))
    assert page.one("h1").text == "These exercises are for people with symptoms"
    assert NO_PROGRAM not in page.text
    assert "fine" not in page.text


def test_answers_can_be_changed(ask: httpx.Client) -> None:
    answers = first(ask, indicator__very_sedentary="yes")
    result = send(ask, answers)
    form = result.every("form")[-1]
    page = send(ask, form.fields | {"step": "edit"})
    assert {name: value for name, value in page.fields.items() if name != "step"} == answers
    assert page.every("div", role="alert") == []


def changed(ask: httpx.Client, page: Element, **changes: str) -> Element:
    """Go back to the first page, change answers there, and send it."""
    form = page.every("form")[-1]
    return send(ask, send(ask, form.fields | {"step": "edit"}).fields | {f"indicator.{name}": value for name, value in changes.items()})


def test_answers_of_the_second_page_can_be_changed(ask: httpx.Client) -> None:
    second = send(ask, first(ask, indicator__pregnant="yes"))
    told = dict.fromkeys(second.questions, "no") | {"red-flag.waters-breaking": "yes", "group.after-16-weeks": "unsure"}
    referred = send(ask, second.fields | told)
    assert referred.one("h1").text == "Please get checked first"
    again = changed(ask, referred)
    assert again.every("div", role="alert") == []
    assert {name: again.fields[name] for name in again.questions} == told
    for back in (again, send(ask, second.fields | told | {"red-flag.waters-breaking": "no"})):
        assert {name: changed(ask, back).fields[name] for name in told if name != "red-flag.waters-breaking"} == {
            name: value for name, value in told.items() if name != "red-flag.waters-breaking"
        }
    assert send(ask, again.fields | {"red-flag.waters-breaking": "no"}).one("h1").text == "Likely too loose"
    assert send(ask, again.fields).one("h1").text == "Please get checked first"


def test_what_was_answered_as_pregnant_is_gone_with_the_pregnancy(ask: httpx.Client) -> None:
    second = send(ask, first(ask, indicator__pregnant="yes"))
    told = second.fields | dict.fromkeys(second.questions, "no") | {"red-flag.waters-breaking": "yes", "group.after-16-weeks": "yes"}
    for answered in (told, told | {"red-flag.waters-breaking": "no"}):
        page = changed(ask, send(ask, answered), **{"pregnant": "no", "very-sedentary": "yes"})
        assert page.one("h1").text == "Likely too stiff"
        assert [name for name in page.fields if "waters" in name or "weeks" in name] == []
    after_birth = changed(ask, send(ask, told), **{"pregnant": "no", "recently-pregnant": "yes"})
    assert {name.partition(".")[2] for name in after_birth.questions} == {
        one["slug"] for one in ask.get("/red-flags").json()["items"] if one["group"] == "recently-pregnant"
    }
    page = send(ask, after_birth.fields | dict.fromkeys(after_birth.questions, "no"))
    assert page.one("h1").text == "Likely too loose"
    assert "weeks" not in str(page.fields)


def complete(ask: httpx.Client, answers: Mapping[str, str]) -> Element:
    """Answer the second page, where there is one, with no."""
    page = send(ask, answers)
    return send(ask, page.fields | dict.fromkeys(page.questions, "no")) if page.questions else page


def judged(ask: httpx.Client, answers: Mapping[str, str]) -> Screening:
    """Ask the API with the same answers."""

    def those(kind: str, *values: str) -> list[str]:
        return [name.partition(".")[2] for name, value in answers.items() if name.startswith(f"{kind}.") and value in values]

    kinds = ("red-flag", "indicator", "group")
    body = {
        "asked": [one["slug"] for one in ask.get("/red-flags").json()["items"]],
        "red_flags": those("red-flag", "yes"),
        "symptoms": answers["symptoms.symptoms"] == "yes",
        "indicators": those("indicator", "yes"),
        "groups": those("group", "yes"),
        "unsure": sorted({slug for kind in kinds for slug in those(kind, "unsure")}),
    }
    return Screening.model_validate_json(ask.post("/screenings", json=body).content)


def pairs(ask: httpx.Client) -> list[dict[str, str]]:
    """Answer an indicator and any other question about the person with yes or “I don't know”: each pair comes up once."""
    about = [name for name in first(ask) if name.split(".")[0] in ("indicator", "group")]
    by_sign = [name for name in about if name.startswith("indicator.")]
    both = [(one, other) for one, other in combinations(about, 2) if one in by_sign or other in by_sign]
    answers = cycle([("yes", "yes"), ("yes", "unsure"), ("unsure", "yes"), ("unsure", "unsure")])
    return [dict(zip(names, given, strict=True)) for names, given in zip(both, answers, strict=False)]


@pytest.mark.parametrize("part", range(4))
def test_the_page_says_what_the_api_says(ask: httpx.Client, part: int) -> None:
    everything = first(ask)
    for changed in pairs(ask)[part::4]:
        says_what_the_api_says(ask, everything | changed)


def says_what_the_api_says(ask: httpx.Client, answers: dict[str, str]) -> None:
    page, told = complete(ask, answers), judged(ask, answers)
    program = told.program
    assert program is not None
    choices = [one for slot in program.slots for one in slot.choices]
    assert [one.links[-1].removeprefix("/browse/") for one in page.every("article")] == [one.slug for one in choices]
    for type_, name in [("stiff", "stiff"), ("unstable", "loose")]:
        assert (f"ikely too {name}" in page.one("h1").text) == (type_ in told.types)
    said = [
        told.advice,
        *(one.reason for one in program.avoid),
        *(one.reason for one in program.withheld),
        *(caution.text for one in choices for caution in one.heed),
        *(one.suitability.intensity_note or "" for one in choices if one.suitability),
        *(one.variant_name or "" for one in choices),
        *(step for one in choices for step in one.steps),
        *(rule.text for rule in program.stop_rules),
        *(one.name for one in program.undecided),
    ]
    seen = page.text
    assert [one for one in said if one not in seen] == []
    assert seen.count("rule of this project") == (program.basis == "project-rule")


def test_the_program_comes_in_answer_to_the_form_so_that_no_address_tells(ask: httpx.Client) -> None:
    second = send(ask, first(ask, indicator__pregnant="yes"))
    page = send(ask, second.fields | dict.fromkeys(second.questions, "no") | {"group.after-16-weeks": "yes"})
    form = next(one for one in page.every("form") if one.every("button", name="print"))
    assert [one.attributes["value"] for one in form.every("button")] == ["html", "pdf"]
    sheet = ask.post(PATH, data=form.fields | {"print": "html"})
    assert sheet.text == ask.get("/programs?type=unstable&group=pregnant&group=after-16-weeks&format=html").text
    pdf = ask.post(PATH, data=form.fields | {"print": "pdf"})
    assert "GENTLE" in "".join(one.extract_text() for one in PdfReader(BytesIO(pdf.content)).pages)
    assert pdf.headers["content-disposition"] == 'attachment; filename="exercise-program.pdf"'
    assert {one.headers["cache-control"] for one in (sheet, pdf)} == {"no-store"}
    assert send(ask, form.fields | {"print": "docx"}).text == page.text
    assert "Please get checked first" in send(ask, form.fields | {"print": "pdf", "red-flag.fever": "yes"}).text


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"{}", "application/json", 415),
        (b"", "", 415),
        (b"a=" + b"%", "application/x-www-form-urlencoded", 422),
        (b"\xff=1", "application/x-www-form-urlencoded", 400),
        (b"a&" * 2000, "application/x-www-form-urlencoded", 400),
        (b"a" * (1024 * 1024 + 1), "application/x-www-form-urlencoded", 413),
    ],
)
def test_what_is_no_form_is_refused(ask: httpx.Client, content: bytes, kind: str, status: int) -> None:
    assert ask.post(PATH, content=content, headers={"Content-Type": kind}).status_code == status


@pytest.mark.parametrize("name", ["red-flag.fever", "indicator.pregnant", "group.osteoporosis", "symptoms.symptoms"])
@pytest.mark.parametrize("values", [("yes", "no"), ("no", "yes"), ("unsure", "no"), ("yes", "unsure", "no")])
def test_two_answers_to_one_question_are_refused(ask: httpx.Client, name: str, values: tuple[str, ...]) -> None:
    answers = [(one, value) for one, value in first(ask, indicator__very_sedentary="yes").items() if one != name]
    told = ask.post(PATH, content=urlencode([*answers, *((name, value) for value in values)]), headers=FORM)
    assert (told.status_code, "two answers to one question" in told.text, NO_PROGRAM in told.text) == (400, True, False)


@pytest.mark.parametrize("answer", ["yes", "unsure"])
@pytest.mark.parametrize("group", ["pregnant", "after-16-weeks", "recently-pregnant", "hypermobile"])
def test_a_group_counts_although_the_form_asks_for_it_by_another_question(ask: httpx.Client, group: str, answer: str) -> None:
    told = first(ask, indicator__very_sedentary="yes") | {f"group.{group}": answer}
    further = read(ask.post(PATH, data=told).text)
    page = send(ask, told | further.fields | dict.fromkeys((one for one in further.questions if one not in told), "no"))
    assert page.one("h1").text == ("Likely too stiff · Likely too loose" if answer == "yes" else "Likely too stiff")
    assert "GENTLE" in page.text
    assert "Figure 4 stretch" not in [one.text for one in page.every("h3")]


def test_yes_to_one_of_two_questions_for_one_fact_is_a_yes(ask: httpx.Client) -> None:
    told = first(ask, indicator__recently_pregnant="unsure") | {"group.recently-pregnant": "yes"}
    second = send(ask, told)
    assert send(ask, second.fields | dict.fromkeys(second.questions, "no")).one("h1").text == "Likely too loose"


def test_a_red_flag_of_another_condition_refers_on_the_page(database: Database, client: httpx.Client) -> None:
    load(database, FROZEN_SHOULDER)
    path = f"{PATH}?condition=si-joint-dysfunction"
    answers = dict.fromkeys(read(client.get(path).text).questions, "no") | {"symptoms.symptoms": "yes"}
    for answer in ("yes", "unsure"):
        told = send(client, answers | {"indicator.very-sedentary": "yes", "red-flag.numb-arm": answer}, path=path)
        assert told.one("h1").text == "Please get checked first"


def test_nothing_of_the_answers_is_kept_or_logged(database: Database, url: str, caplog: pytest.LogCaptureFixture) -> None:
    def rows() -> dict[str, int]:
        with database.reading() as connection:
            names = [one for one in sa.inspect(connection).get_table_names() if not one.startswith("exercise_search_")]
            return {name: connection.execute(sa.select(sa.func.count()).select_from(sa.table(name))).scalar_one() for name in names}

    with asking(create_app(Settings(database_url=url, log_requests="all"))) as client, caplog.at_level(logging.DEBUG):
        before = rows()
        caplog.clear()
        complete(client, first(client, indicator__connective_tissue_disorder="yes", group__hip_replacement="unsure"))
        send(client, {"red-flag.history-of-cancer": "yes"})
        assert rows() == before
    logged = [str(vars(record)) for record in caplog.records if record.name == "exercise-library"]
    assert logged
    words = ("connective", "hip-replacement", "cancer", "unsure", "red-flag", "indicator")
    assert [line for line in logged if any(word in line for word in words)] == []
    assert all("'route': '/browse/screening'" in line for line in logged)


def test_with_two_conditions_a_person_chooses(database: Database, client: httpx.Client) -> None:
    load(database, FROZEN_SHOULDER)
    home = read(client.get("/", headers={"Accept": "text/html"}).text)
    assert {f"{PATH}?condition=frozen-shoulder", "/browse?type=freezing"} <= set(home.links)
    chooser = read(client.get(PATH).text)
    assert {f"{PATH}?condition=frozen-shoulder", f"{PATH}?condition=si-joint-dysfunction"} <= set(chooser.links)
    assert read(client.post(PATH, data={"a": "b"}).text).text == chooser.text
    path = f"{PATH}?condition=frozen-shoulder"
    page = read(client.get(path).text)
    assert [name for name in page.questions if not name.startswith("group.")] == [
        "red-flag.numb-arm",
        "symptoms.symptoms",
        "indicator.worse-at-night",
    ]
    answers = dict.fromkeys(page.questions, "no") | {"symptoms.symptoms": "yes", "indicator.worse-at-night": "yes"}
    result = send(client, answers, path=path)
    assert result.one("h1").text == "Likely freezing"
    assert "Lifting the arm overhead" in result.text
    shown = read(client.get("/browse?type=freezing").text)
    assert "Is your arm numb?" in shown.text
    assert "chest pain" not in shown.text
