"""A body is read in one way only, or refused with 400 before anything of it counts."""

import codecs
import json

import httpx
import pytest

from tests.operations import Operation
from tests.web.conftest import Trusted
from tests.web.test_refusals import problem
from tests.web.test_screenings import answers

pytestmark = pytest.mark.any_engine

JSON = {"Content-Type": "application/json"}


def writes(every_operation: list[Operation]) -> list[Operation]:
    return [one for one in every_operation if "requestBody" in one.description]


def send(trusted: Trusted, one: Operation, body: bytes) -> httpx.Response:
    headers = {**JSON, **trusted.headers(one), "If-Match": "*"}
    return trusted.client.request(one.method, one.address, params=one.query, content=body, headers=headers)


TWICE = [
    b'{"slug":"x","slug":"x"}',
    b'{"slug":"x","sl\\u0075g":"y"}',
    b'{"\\u0061":1,"a":1}',
    b'{"contraindications":[],"name":"x","contraindications":[]}',
    b'{"recommendations":[{"type":"stiff","source":{"slug":"a","slug":"b"}}]}',
    b'{"tags":[[[{"deep":{"er":1,"er":1}}]]]}',
    b'{"\\ud800":1,"\\ud800":2}',
    b'\xef\xbb\xbf{"a":1,"a":2}',
]


@pytest.mark.parametrize("body", TWICE)
def test_a_key_given_twice_is_malformed_for_every_operation(trusted: Trusted, every_operation: list[Operation], body: bytes) -> None:
    asked = writes(every_operation)
    assert len(asked) >= 4
    for one in asked:
        assert "twice" in str(problem(send(trusted, one, body), 400, "malformed-body")["detail"]), one


def test_a_red_flag_is_not_taken_back_by_a_second_list(ask: httpx.Client) -> None:
    sent = json.dumps(answers(ask))
    flag = json.loads(sent)["asked"][0]
    twice = sent.replace('"red_flags": []', f'"red_flags": ["{flag}"], "red_flags": []')
    assert twice != sent
    assert ask.post("/screenings", content=sent, headers=JSON).status_code == 200
    told = problem(ask.post("/screenings", content=twice, headers=JSON), 400, "malformed-body")
    assert told["detail"] == "The body is not JSON: the key 'red_flags' is given twice in the same object."


@pytest.mark.parametrize("number", [b"NaN", b"Infinity", b"-Infinity"])
@pytest.mark.parametrize("field", [b"name", b"tags", b"suitability", b"nothing-of-ours"])
def test_what_is_no_number_in_json_is_malformed(trusted: Trusted, every_operation: list[Operation], number: bytes, field: bytes) -> None:
    for one in writes(every_operation):
        problem(send(trusted, one, b'{"%s":%s}' % (field, number)), 400, "malformed-body")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le"])
def test_another_encoding_is_named_in_the_refusal(trusted: Trusted, every_operation: list[Operation], encoding: str) -> None:
    for one in writes(every_operation):
        told = problem(send(trusted, one, '{"slug": "x", "name": "é"}'.encode(encoding)), 400, "malformed-body")
        assert f"encoded as {encoding[:6].upper()}; send it as UTF-8" in str(told["detail"])


@pytest.mark.parametrize(
    "body", [b'{"name":"\xff"}', b'{"name":"caf\xe9"}', b'{"name":"\xed\xa0\x80"}', b"\xc0\xaf", b'{"name":"\\ud800"}']
)
def test_what_is_not_utf_8_or_half_a_letter_is_malformed(trusted: Trusted, every_operation: list[Operation], body: bytes) -> None:
    for one in writes(every_operation):
        problem(send(trusted, one, body), 400, "malformed-body")


def test_a_byte_order_mark_before_utf_8_is_skipped(ask: httpx.Client) -> None:
    sent = json.dumps(answers(ask)).encode()
    with_mark = ask.post("/screenings", content=codecs.BOM_UTF8 + sent, headers=JSON)
    assert (with_mark.status_code, with_mark.json()) == (200, ask.post("/screenings", content=sent, headers=JSON).json())
