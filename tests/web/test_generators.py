"""The OpenAPI document is one that generators of clients understand: each rule here cost one of them its code."""

import gzip
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from api.web.schemas import CHANGED_RECORDS
from tests.operations import operations
from tests.web.test_openapi import answered, schemas_in

pytestmark = pytest.mark.any_engine

Schema = dict[str, Any]


@pytest.fixture(scope="module")
def document(ask: httpx.Client) -> Schema:
    found: Schema = ask.get("/openapi.json").json()
    return found


@pytest.fixture(scope="module")
def every_format(ask: httpx.Client) -> Schema:
    found: Schema = ask.get("/openapi-formats.json").json()
    return found


def test_it_is_short(ask: httpx.Client) -> None:
    body = ask.get("/openapi.json").content
    assert len(body) <= 250_000
    assert len(gzip.compress(body)) <= 40_000


@pytest.mark.parametrize("path", ["/openapi.json", "/openapi-formats.json"])
def test_it_is_named_and_packed(ask: httpx.Client, path: str) -> None:
    packed = ask.get(path, headers={"Accept-Encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert ask.get(path, headers={"Accept-Encoding": "gzip", "If-None-Match": packed.headers["etag"]}).status_code == 304
    assert ask.get(path, params={"x": "1"}).status_code == 422


def test_it_tells_of_json_alone_and_where_the_other_formats_are(document: Schema, every_format: Schema) -> None:
    assert document["externalDocs"]["url"] == "/openapi-formats.json"
    formats = {one.path: one.parameters["format"]["schema"] for one in operations(document) if "format" in one.parameters}
    assert len(formats) > 15
    assert all(one == {"type": "string", "enum": ["json"]} for one in formats.values())
    for one in operations(document):
        for status, response in one.description["responses"].items():
            assert len(response.get("content", {})) <= 1 or one.path.startswith("/images/"), f"{one} {status}"
    programs = every_format["paths"]["/programs"]["get"]
    assert {"application/json", "text/csv", "text/markdown", "text/html", "application/pdf"} <= set(programs["responses"]["200"]["content"])
    assert every_format["components"] == document["components"]


def test_numbers_are_numbers(document: Schema) -> None:
    for at, part in schemas_in(document["components"]["schemas"]):
        assert not {"ge", "le", "gt", "lt", "const"} & part.keys(), at
    amount = document["components"]["schemas"]["NumberRange"]["properties"]["min"]
    assert {name: amount[name] for name in ("type", "minimum", "maximum")} == {"type": "number", "minimum": 0, "maximum": 100_000}


def test_bodies_are_closed_and_answers_are_open(document: Schema) -> None:
    schemas = document["components"]["schemas"]
    for name in ("Answers", "ExerciseEdit", "ForeignExercises", "SignOff", "CautionInput"):
        assert schemas[name]["additionalProperties"] is False, name
    for name in answered(document):
        assert "additionalProperties" not in schemas[name], name


def enums(part: object) -> Iterator[Schema]:
    yield from (one for _, one in schemas_in(part) if isinstance(one.get("enum"), list))


def test_closed_words_are_typed_enums(document: Schema) -> None:
    schemas = document["components"]["schemas"]
    assert all(one["type"] == "string" for one in enums(document))
    assert {"unknown-parameter", "precondition-failed", "no-such-path"} <= set(schemas["Problem"]["properties"]["code"]["enum"])
    assert schemas["Health"]["properties"]["status"]["enum"] == ["ok"]
    assert schemas["Question"]["properties"]["kind"]["$ref"].endswith("/QuestionKind")
    create = next(one for one in document["paths"]["/exercises/{slug}"]["put"]["parameters"] if one["name"] == "If-None-Match")
    assert create["schema"] == {"type": "string", "enum": ["*"]}


def test_schemas_have_names_that_are_nothing_else(document: Schema) -> None:
    schemas = document["components"]["schemas"]
    assert not {"Index", "Range", "Source", "Link", "Group", "Form", "Error", "Object", "String", "Type"} & set(schemas)
    for name, schema in schemas.items():
        assert schema["title"] == name
    assert [at for at, one in schemas_in(schemas) if isinstance(one.get("title"), str) and at.count("/") > 1] == []


def test_each_kind_of_change_has_a_shape(document: Schema, ask: httpx.Client) -> None:
    schemas = document["components"]["schemas"]
    change = schemas["LibraryChange"]
    assert change["discriminator"]["propertyName"] == "kind"
    assert change["discriminator"]["mapping"].keys() == CHANGED_RECORDS.keys()
    assert {one["kind"] for one in ask.get("/changes?since=0&limit=100").json()["items"]} <= CHANGED_RECORDS.keys()
    for kind, reference in change["discriminator"]["mapping"].items():
        assert {"$ref": reference} in change["oneOf"]
        assert schemas[reference.rpartition("/")[2]]["properties"]["kind"]["enum"] == [kind]


def test_headers_parameters_and_problems_are_described(document: Schema) -> None:
    assert {"ETag", "Link", "Retry-After", "X-Request-ID"} <= document["components"]["headers"].keys()
    assert all(one["description"] for one in document["components"]["headers"].values())
    for path, item in document["paths"].items():
        for method, operation in item.items():
            for one in operation.get("parameters", []):
                assert "example" in one, f"{method} {path} {one['name']}"
            for status, response in operation["responses"].items():
                if re.match("[45]", status):
                    assert response == {"$ref": f"#/components/responses/Problem{status}"}


def test_it_says_who_may_and_where(document: Schema) -> None:
    assert document["security"] == []
    assert document["servers"] == [{"url": "/"}]
    assert document["info"]["license"]["identifier"] == "MIT"
