"""FHIR R5: what an electronic record reads is what the library says."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import pytest
from fhir.resources import get_fhir_model_class

from api.app import create_app
from api.settings import Settings
from tests.engines import Databases
from tests.in_process import asking

pytestmark = pytest.mark.any_engine

R5 = {"Accept": "application/fhir+json"}
PROGRAMS = ["type=stiff", "type=unstable", "type=stiff&type=unstable", "type=stiff&group=pregnant", "type=unstable&group=knee-pain"]
# From the value sets that the specification binds as required.
REQUIRED = {
    "status": {"draft", "active", "retired", "unknown"},
    "kind": {"ServiceRequest"},
    "intent": {"proposal", "plan", "directive", "order", "original-order", "reflex-order", "filler-order", "instance-order", "option"},
    "groupingBehavior": {"visual-group", "logical-group", "sentence-group"},
    "selectionBehavior": {"any", "all", "all-or-none", "exactly-one", "at-most-one", "one-or-more"},
    "answerConstraint": {"optionsOnly", "optionsOrType", "optionsOrString"},
    "enableBehavior": {"all", "any"},
    "operator": {"exists", "=", "!=", ">", "<", ">=", "<="},
}
ITEM_TYPES = {"group", "display", "boolean", "decimal", "integer", "date", "coding", "string", "text"}
USES = {"indication", "contraindication", "interaction", "undesirable-effect", "warning"}


def resource(ask: httpx.Client, address: str) -> dict[str, Any]:
    answer = ask.get(address, headers=R5)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/fhir+json; fhirVersion=5.0"
    found: dict[str, Any] = answer.json()
    return found


def every(ask: httpx.Client) -> Iterator[dict[str, Any]]:
    """Give every resource of the real data, from every path that answers FHIR."""
    slugs = [one["slug"] for one in ask.get("/exercises").json()["items"]]
    yield from (resource(ask, f"/exercises/{slug}") for slug in slugs)
    yield from (resource(ask, f"/programs?{asked}") for asked in PROGRAMS)
    yield resource(ask, "/screenings/form")
    for bundle in ("/sources", "/library"):
        yield from (entry["resource"] for entry in resource(ask, bundle)["entry"])


def within(value: object, name: str = "") -> Iterator[tuple[str, object]]:
    if isinstance(value, dict):
        for key, part in value.items():
            yield key, part
            yield from within(part, key)
    elif isinstance(value, list):
        for part in value:
            yield from within(part, name)


def test_every_resource_is_one_of_r5_and_draft_until_somebody_has_reviewed_it(ask: httpx.Client) -> None:
    kinds = set()
    for one in every(ask):
        kinds.add(one["resourceType"])
        get_fhir_model_class(one["resourceType"]).model_validate(one)
        assert re.fullmatch(r"[A-Za-z0-9\-.]{1,64}", one["id"])
        if one["resourceType"] != "ClinicalUseDefinition":
            assert (one["status"], one["experimental"]) == ("draft", True)
        assert all(value not in (None, [], {}, "") for _, value in within(one))
    assert kinds == {"ActivityDefinition", "ClinicalUseDefinition", "PlanDefinition", "Questionnaire", "Citation"}


def test_required_codes_are_those_of_the_specification(ask: httpx.Client) -> None:
    seen = set()
    for one in every(ask):
        for name, value in within(one):
            if name in REQUIRED and value != "generated":  # that is the status of a narrative
                assert value in REQUIRED[name], (name, value)
                seen.add(name)
        if one["resourceType"] == "ClinicalUseDefinition":
            assert one["type"] in USES
            assert one["subject"], one["id"]
            assert len(USES & one.keys()) == 1
        if one["resourceType"] == "Questionnaire":
            assert {item["type"] for item in one["item"]} <= ITEM_TYPES
    assert seen == REQUIRED.keys()


def read(bundle: Mapping[str, Any]) -> tuple[dict[str, list[tuple[str, str | None]]], dict[str, set[str]]]:
    """Read a Bundle as somebody who knows FHIR alone: whom each exercise is recommended and contraindicated for, in order."""
    resources = {entry["fullUrl"]: entry["resource"] for entry in bundle["entry"]}
    recommended = {}
    for plan in (one for one in resources.values() if one["resourceType"] == "PlanDefinition"):
        focus = plan["useContext"][0]["valueCodeableConcept"]["coding"][0]["code"]
        choices = [action for place in plan["action"] for action in place["action"]]
        recommended[focus] = [
            (resources[one["definitionCanonical"]]["id"], one["code"]["coding"][0]["code"] if "code" in one else None) for one in choices
        ]
    avoided: dict[str, set[str]] = {}
    for use in (one for one in resources.values() if one.get("type") == "contraindication"):
        type_ = use["contraindication"]["diseaseSymptomProcedure"]["concept"]["coding"][0]["code"]
        subject = resources[use["subject"][0]["reference"]]
        avoided.setdefault(type_, set()).add(
            subject["id"] if subject["resourceType"] == "ActivityDefinition" else use["identifier"][0]["value"]
        )
    return recommended, avoided


def test_a_reader_of_fhir_alone_learns_what_the_library_says(ask: httpx.Client) -> None:
    recommended, avoided = read(resource(ask, "/library"))
    types = [one["slug"] for one in ask.get("/types").json()["items"]]
    assert recommended.keys() == set(types)
    for type_ in types:
        listed = ask.get("/exercises", params={"type": type_}).json()
        assert recommended[type_] == [(one["slug"], one["suitability"]["intensity"]) for one in listed["items"]]
        assert avoided.get(type_, set()) == {one["slug"] for one in listed["avoid"]}


@pytest.mark.parametrize("asked", PROGRAMS)
def test_a_program_has_its_places_in_order_and_what_to_avoid(ask: httpx.Client, asked: str) -> None:
    plan, made = resource(ask, f"/programs?{asked}"), ask.get(f"/programs?{asked}").json()
    places = [[action["definitionCanonical"].removeprefix("#") for action in place["action"]] for place in plan["action"]]
    assert places == [[one["slug"] for one in slot["choices"]] for slot in made["slots"]]
    assert [place["prefix"] for place in plan["action"]] == [str(slot["position"]) for slot in made["slots"]]
    gentle = {one["linkId"] for place in plan["action"] for one in place["action"] if "code" in one}
    assert gentle == {one["slug"] for slot in made["slots"] for one in slot["choices"] if one["suitability"]["intensity"]}
    contained = {one["id"]: one for one in plan["contained"]}
    assert {one for place in places for one in place} <= contained.keys()
    uses = [contained[one["valueReference"]["reference"].removeprefix("#")] for one in plan.get("extension", [])]
    assert len(uses) == len(made["avoid"])
    for use, why in zip(uses, made["avoid"], strict=True):
        assert why["name"] in use["text"]["div"]
    for one in made["withheld"]:
        assert one["name"] in plan["description"]


@pytest.mark.parametrize("asked", [*PROGRAMS, "type=unstable&group=pregnant&group=knee-pain", "type=stiff&group=none"])
def test_a_program_tells_only_what_fits_how_each_exercise_is_done(ask: httpx.Client, asked: str) -> None:
    plan, made = resource(ask, f"/programs?{asked}"), ask.get(f"/programs?{asked}").json()
    contained = {one["id"]: one.get("description", "") for one in plan["contained"]}
    how = {one["linkId"]: one for place in plan["action"] for one in place["action"]}
    for one in (choice for slot in made["slots"] for choice in slot["choices"]):
        told = re.findall(r"^- (?!Avoid|Printed)(.*)", contained[one["slug"]], re.MULTILINE)
        assert len(told) == len(one["heed"])
        assert all(caution["text"] in line for caution, line in zip(one["heed"], told, strict=True))
        assert "Do the variant" not in contained[one["slug"]], "it is done already"
        quotes = [f"“{why['source']['quote']}”" for why in one["recommendations"] if why["type"] in made["types"]]
        assert [source["citation"] for source in how[one["slug"]]["documentation"] if source["citation"] not in quotes] == []


def test_an_exercise_names_the_variants_that_its_cautions_and_doses_are_about(ask: httpx.Client) -> None:
    told = resource(ask, "/exercises/pelvic-tilts")["description"]
    assert "- Pregnant: Do the variant: On all fours. Do it in this position" in told
    assert "- Knee pain: Do the variant: Standing at a wall. Instead of «On all fours»: This way you don't kneel." in told
    assert "- Printed for Pregnancy, pelvic tilt standing against a wall (here: Standing at a wall): Hold 4 s." in told


def test_an_exercise_contains_its_verdicts_and_tells_its_cautions(ask: httpx.Client) -> None:
    told, one = resource(ask, "/exercises/figure-4-stretch"), ask.get("/exercises/figure-4-stretch").json()
    assert [use["type"] for use in told["contained"]] == ["indication", "contraindication"]
    assert all(use["subject"] == [{"reference": "#"}] for use in told["contained"])
    assert all(caution["text"] in told["description"] for caution in one["cautions"])
    assert all(step in told["description"] for step in one["steps"])


def test_questions_follow_the_answers_that_they_depend_on(ask: httpx.Client) -> None:
    asked, form = resource(ask, "/screenings/form"), ask.get("/screenings/form").json()
    assert [item["linkId"] for item in asked["item"]] == [f"{one['kind']}.{one['slug']}" for one in form["questions"]]
    for item, question in zip(asked["item"], form["questions"], strict=True):
        slugs = {when["question"].partition(".")[2] for when in item.get("enableWhen", [])}
        assert slugs == set(question["asked_if"])


def test_another_release_of_fhir_is_refused_and_ours_revalidates(ask: httpx.Client) -> None:
    refused = ask.get("/library", headers={"Accept": "application/fhir+json; fhirVersion=4.0"})
    assert refused.status_code == 406
    assert "R5" in refused.json()["detail"]
    for address in ("/library", "/exercises/cat-cow", "/sources", "/screenings/form", "/programs?type=stiff"):
        first = ask.get(address, params={"format": "fhir"} if "?" not in address else None, headers=R5)
        assert first.headers["etag"] != ask.get(address).headers["etag"]
        assert ask.get(address, headers=R5 | {"If-None-Match": first.headers["etag"]}).status_code == 304
    assert ask.get("/exercises?format=fhir").status_code == 422


@pytest.mark.parametrize("base", ["https://example.org/fhir", "https://example.org/fhir/"])
def test_a_service_has_a_base_of_its_own(databases: Databases, base: str) -> None:
    url = databases.seeded()
    with asking(create_app(Settings(database_url=url, fhir_base=base))) as client:
        bundle = resource(client, "/library")
        assert all(re.match("https://example.org/fhir/[A-Z]", entry["fullUrl"]) for entry in bundle["entry"])
        assert "urn:exercise-library" not in client.get("/exercises/cat-cow", headers=R5).text
        assert read(bundle)[0].keys() == {"stiff", "unstable"}
    databases.drop(url)
