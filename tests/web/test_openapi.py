"""The OpenAPI document is what answers look like, and good enough to generate a client from.

After a change that is meant, `UPDATE=1 uv run pytest tests/web/test_openapi.py` writes `openapi.json` anew; read its diff
before you commit it.
"""

import os
import re
from collections.abc import Collection, Iterator, Mapping
from json import dumps, loads
from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator

from api.app import create_app
from api.settings import Settings
from api.store.engine import Database
from tests.made_up import FROZEN_SHOULDER
from tests.operations import METHODS, operations, resolved
from tests.walking import addresses
from tests.writing import load

pytestmark = pytest.mark.any_engine

COMMITTED = Path(__file__).with_name("openapi.json")
Schema = dict[str, Any]


@pytest.fixture(scope="module")
def served(ask: httpx.Client) -> Schema:
    found: Schema = ask.get("/openapi-formats.json").json()
    return found


@pytest.fixture(scope="module")
def document(served: Schema) -> Schema:
    return resolved(served)


def schemas_in(part: object, at: str = "") -> Iterator[tuple[str, Schema]]:
    """Give every object in a part of the document, and where it is."""
    if isinstance(part, dict):
        yield at, part
        for name, inner in part.items():
            yield from schemas_in(inner, f"{at}/{name}")
    elif isinstance(part, list):
        for n, inner in enumerate(part):
            yield from schemas_in(inner, f"{at}/{n}")


def answered(document: Schema) -> set[str]:
    """Give the names of the schemas that answers are made of."""
    found: set[str] = set()
    waiting = [one.description["responses"] for one in operations(document)]
    while waiting:
        for _, part in schemas_in(waiting.pop()):
            reference = str(part.get("$ref", ""))
            name = reference.removeprefix("#/components/schemas/")
            if name not in (reference, *found):
                found.add(name)
                waiting.append(document["components"]["schemas"][name])
    return found


def test_what_is_refused_is_what_the_document_has_not(document: Schema, url: str) -> None:
    app = create_app(Settings(database_url=url))
    described = {(one.path, one.method): {name: name in one.repeatable for name in one.parameters} for one in operations(document)}
    known = {(path.template, method): dict(path.methods[method]) for path in app.state.paths for method in path.methods}
    assert {where: known[where] for where in described} == described
    assert {template.split("/")[1] for template, _ in known.keys() - described.keys()} == {
        "browse",
        "docs",
        "openapi.json",
        "openapi-formats.json",
        "llms.txt",
        "robots.txt",
        "favicon.ico",
        ".well-known",
    }


def test_the_document_is_the_committed_one(served: Schema) -> None:
    text = dumps(served | {"info": served["info"] | {"version": "0"}}, indent=2, ensure_ascii=False) + "\n"
    if os.environ.get("UPDATE"):
        COMMITTED.write_text(text, encoding="utf-8")
    committed = COMMITTED.read_text(encoding="utf-8") if COMMITTED.exists() else ""
    differs = "The OpenAPI document differs from tests/web/openapi.json. If that is meant: UPDATE=1 uv run pytest tests/web/test_openapi.py"
    assert loads(text) == loads(committed or "{}"), differs
    assert text == committed, differs


def test_every_json_answer_is_as_the_document_says(ask: httpx.Client, document: Schema) -> None:
    readable = [one for one in operations(document) if one.method == "GET" and _is_json(one.description)]
    validators = {one.path: _validator(document, one.description["responses"]["200"]) for one in readable}
    assert len(validators) > 15
    checked = set()
    for address in addresses(ask):
        path = _path_of(address, validators)
        validators[path].validate(ask.get(address).json())
        checked.add(path)
    assert validators.keys() - checked <= {"/health/live", "/health/ready"}


def _path_of(address: str, paths: Collection[str]) -> str:
    asked = address.partition("?")[0]
    fitting = [path for path in paths if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", path), asked)]
    return min(fitting, key=lambda path: path.count("{"))


def test_answers_about_other_libraries_are_as_the_document_says(client: httpx.Client, database: Database) -> None:
    load(database, FROZEN_SHOULDER)
    document = client.get("/openapi.json").json()
    about = ["", "?type=freezing", "?type=freezing&type=stiff"]
    for address in [*(f"/exercises{asked}" for asked in about), "/conditions", "/types", "/vocabulary", "/contraindications"]:
        described = document["paths"][address.partition("?")[0]]["get"]["responses"]["200"]
        _validator(document, described).validate(client.get(address).json())


def _is_json(description: Mapping[str, Any]) -> bool:
    return "application/json" in description["responses"].get("200", {}).get("content", {})


def _validator(document: Schema, response: Mapping[str, Any], media_type: str = "application/json") -> Draft202012Validator:
    schema = response["content"][media_type]["schema"] | {"components": document["components"]}
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def test_every_problem_is_as_the_document_says(ask: httpx.Client, document: Schema) -> None:
    described = document["paths"]["/exercises/{slug}"]["get"]["responses"]
    for address, status in [("/exercises/x", 404), ("/exercises/cat-cow?x=1", 422), ("/exercises/cat-cow?format=x", 422)]:
        answer = ask.get(address)
        assert answer.status_code == status
        _validator(document, described[str(status)], "application/problem+json").validate(answer.json())
    answer = ask.get("/exercises/cat-cow", headers={"Accept": "image/png"})
    _validator(document, described["406"], "application/problem+json").validate(answer.json())


def test_the_version_is_3_1_and_the_framework_s_own_errors_are_gone(document: Schema) -> None:
    assert document["openapi"].startswith("3.1.")
    text = dumps(document)
    assert "HTTPValidationError" not in text
    assert '"ValidationError"' not in text
    assert document["info"]["description"]


def test_every_operation_has_a_name_a_tag_a_summary_and_its_problems(document: Schema) -> None:
    found = operations(document)
    names = [one.description["operationId"] for one in found]
    assert len(set(names)) == len(names)
    assert [name for name in names if not re.fullmatch(r"[a-z]+([A-Z][a-z]+)+", name)] == []
    tags = {one["name"] for one in document["tags"]}
    for one in found:
        assert set(one.description["tags"]) <= tags, one
        assert one.description["summary"], one
        assert one.description["description"], one
        for status, response in one.description["responses"].items():
            assert response["description"], f"{one} {status}"
            if status.startswith(("4", "5")):
                assert list(response["content"]) == ["application/problem+json"], f"{one} {status}"
                assert response["content"]["application/problem+json"]["schema"] == {"$ref": "#/components/schemas/Problem"}
        if not one.path.startswith(("/health", "/metrics")):
            assert "422" in one.description["responses"], one


def test_every_parameter_says_what_it_is_and_has_an_example(document: Schema) -> None:
    for path, item in document["paths"].items():
        for method in [method for method in METHODS if method in item]:
            for parameter in item[method].get("parameters", []):
                assert parameter.get("description"), f"{method} {path} {parameter['name']}"
                assert "example" in parameter, f"{method} {path} {parameter['name']}: one belongs into api/web/openapi.py"


def test_every_field_says_what_it_is(document: Schema) -> None:
    for name, schema in document["components"]["schemas"].items():
        assert schema.get("description") or name == "JsonValue", name  # anything goes
        for field, one in schema.get("properties", {}).items():
            assert one.get("description"), f"{name}.{field}"


def test_every_field_of_an_answer_is_always_there(document: Schema) -> None:
    found = answered(document)
    assert {"AnsweredExercise", "ExerciseList", "Problem"} <= found
    for name in found - {"ListedExercise", "ListedCaution"}:  # which have the fields of one view or the other
        schema = document["components"]["schemas"][name]
        assert sorted(schema.get("required", [])) == sorted(schema.get("properties", {})), name


def test_every_reference_leads_somewhere_and_nothing_is_left_over(served: Schema) -> None:
    schemas = served["components"]["schemas"]
    named = {str(part["$ref"]) for _, part in schemas_in(served) if isinstance(part.get("$ref"), str)}
    assert named == {
        f"#/components/{kind}/{name}" for kind, all_ in served["components"].items() if kind != "securitySchemes" for name in all_
    }
    assert [name for name in schemas if not re.fullmatch(r"[A-Z][A-Za-z0-9]*", name)] == []


def test_words_are_enums_and_slugs_of_data_are_strings(document: Schema) -> None:
    schemas = document["components"]["schemas"]
    assert schemas["Verdict"]["enum"] == ["recommended", "avoid", "unknown"]
    assert schemas["Action"]["enum"] == ["avoid", "modify", "ask-first", "note"]
    for schema, field in [("Recommendation", "type"), ("Caution", "group"), ("Cause", "type")]:
        assert "enum" not in dumps(schemas[schema]["properties"][field]), f"{schema}.{field}"
    types = next(one for one in document["paths"]["/exercises"]["get"]["parameters"] if one["name"] == "type")
    assert "enum" not in dumps(types)


def test_the_document_is_packed_named_and_sent_once(ask: httpx.Client) -> None:
    plain = ask.get("/openapi.json")
    packed = ask.get("/openapi.json", headers={"Accept-Encoding": "gzip"})
    assert plain.content == packed.content
    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) < len(plain.content) / 5
    assert plain.headers["cache-control"] == packed.headers["cache-control"] == "public, max-age=0, must-revalidate"
    assert plain.headers["etag"] != packed.headers["etag"]
    unchanged = ask.get("/openapi.json", headers={"If-None-Match": plain.headers["etag"]})
    assert (unchanged.status_code, unchanged.content) == (304, b"")


def test_the_docs_show_the_document_and_load_nothing_from_elsewhere(ask: httpx.Client) -> None:
    answer = ask.get("/docs", headers={"Accept": "text/html", "Host": "evil.example"})
    assert answer.status_code == 200
    assert "evil" not in answer.text
    assert answer.headers["cache-control"] == "public, max-age=0, must-revalidate"
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; ")
    addresses = re.findall(r' (?:href|src|data-url)="([^"]+)"', answer.text)
    assert len(addresses) >= 5
    assert "/openapi.json" in addresses
    for address in addresses:
        found = ask.get(address, headers={"Accept-Encoding": "gzip"})
        assert (found.status_code, found.headers["content-encoding"]) == (200, "gzip"), address
        assert ask.get(address, headers={"If-None-Match": found.headers["etag"], "Accept-Encoding": "gzip"}).status_code == 304
    assert "<script>" not in answer.text
    assert ask.get("/docs/main.py").status_code == 404


@pytest.mark.parametrize("path", ["/programs?type=stiff&format=html", "/docs", "/browse", "/browse/nothing"])
def test_every_page_says_what_a_browser_may_do_with_it(ask: httpx.Client, path: str) -> None:
    policy = ask.get(path).headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "base-uri 'none'" in policy


@pytest.mark.parametrize("if_match", ['"another"', "no list of ETags", "*"])
def test_what_a_read_answers_to_if_match_is_described(ask: httpx.Client, document: Schema, if_match: str) -> None:
    for one in operations(document):
        if one.method == "GET":
            answer = ask.get(one.address, params=one.query, headers={"If-Match": if_match})
            assert str(answer.status_code) in one.description["responses"], (str(one), answer.status_code)
