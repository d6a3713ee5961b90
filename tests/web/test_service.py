"""What programs look for at fixed addresses, and the index of everything."""

import re

import httpx
import pytest

from api.app import create_app
from api.cli.serve import say_where
from api.errors import InvalidValue
from api.settings import Settings
from tests.engines import Databases
from tests.in_process import asking


def test_the_index_lists_every_path_with_a_title(ask: httpx.Client) -> None:
    links = {one["href"].partition("?")[0]: one["title"] for one in ask.get("/").json()["links"]}
    assert ask.get("/openapi.json").json()["paths"].keys() <= links.keys()
    assert {"/docs", "/openapi.json", "/openapi-formats.json", "/llms.txt"} <= links.keys()
    assert all(links.values())


def test_the_index_shows_how_to_ask_for_each_type(ask: httpx.Client) -> None:
    links = [one["href"] for one in ask.get("/").json()["links"]]
    assert {f"/exercises?type={one['slug']}" for one in ask.get("/types").json()["items"]} <= set(links)
    for href in links:
        if "{" not in href and href != "/comparisons":
            assert ask.get(href).status_code in (200, 405), href


def test_assistants_are_told_what_is_answered_and_that_not_listed_is_not_safe(ask: httpx.Client) -> None:
    answer = ask.get("/llms.txt")
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.text.startswith("# Exercise library\n\n> General information")
    assert "'Not listed' never means 'safe'." in answer.text
    paths = ask.get("/openapi.json").json()["paths"]
    for named in re.findall(r"`(?:GET|POST) (/[a-z-]*)", answer.text):
        assert named in paths, named


@pytest.mark.parametrize(("path", "kind"), [("/robots.txt", "text/plain"), ("/favicon.ico", "image/png")])
def test_robots_and_browsers_find_what_they_look_for(ask: httpx.Client, path: str, kind: str) -> None:
    answer = ask.get(path)
    assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (200, kind)
    assert ask.get(path, headers={"If-None-Match": answer.headers["etag"]}).status_code == 304


def test_a_security_contact_is_there_where_a_setting_names_it(ask: httpx.Client, url: str) -> None:
    assert ask.get("/.well-known/security.txt").status_code == 404
    settings = Settings(database_url=url, security_contact="mailto:security@library.example")
    with asking(create_app(settings)) as client:
        text = client.get("/.well-known/security.txt").text
    assert re.fullmatch(r"Contact: mailto:security@library\.example\nExpires: \d{4}-\d\d-\d\dT00:00:00Z\n", text)


def test_the_library_has_what_a_client_shows_without_the_service(ask: httpx.Client) -> None:
    library, form = ask.get("/library").json(), ask.get("/screenings/form").json()
    assert library["symptoms_question"] in [one["question"] for one in form["questions"] if one["kind"] == "symptoms"]
    assert library["disclaimer"] == ask.get("/exercises").json()["disclaimer"]
    assert library["intended_use"] == ask.get("/").json()["intended_use"]
    assert library["licence"] == "MIT"


UNUSABLE = [
    *(("root_path", path) for path in ("a b", "/library?x", "http://library.example", "/a//b", "/\u00e9", "/a#b", "/a" * 9_999 + " ")),
    *(
        ("fhir_base", base)
        for base in ("", "not an address", "example.org/fhir", "https://example.org/a b", "urn:", "https://example.org/<a>")
    ),
    *(("security_contact", contact) for contact in ("somebody", "a@b.example", "mailto:a@b.example\nExpires: never", "mailto:")),
    *((name, number) for name in ("connections", "statement_seconds") for number in ("0", "-1")),
    *(("statement_seconds", number) for number in ("2147484", "99999999999")),
]


@pytest.mark.parametrize(("name", "value"), UNUSABLE)
def test_a_setting_that_cannot_be_used_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(InvalidValue, match=f"The setting '{name}' is "):
        Settings.from_environment({f"EXERCISE_LIBRARY_{name.upper()}": value or " "})


def test_the_longest_time_for_a_statement_is_one_that_the_engine_takes(databases: Databases) -> None:
    settings = Settings(database_url=databases.seeded(), statement_seconds=2_147_483)
    with asking(create_app(settings)) as client:
        assert client.get("/health/ready").status_code == 200


@pytest.mark.parametrize(("host", "shown"), [("127.0.0.1", "127.0.0.1"), ("localhost", "localhost"), ("::1", "[::1]"), ("::", "[::]")])
def test_the_address_told_at_the_start_can_be_asked(capsys: pytest.CaptureFixture[str], host: str, shown: str) -> None:
    say_where(Settings(host=host, port=8001, root_path="/library"))
    assert f"http://{shown}:8001/library/docs." in capsys.readouterr().err


@pytest.mark.parametrize("path", ["", "/", "/library", "library/", "/clinic/library/", "/a.b/~c/%20"])
@pytest.mark.parametrize("base", ["urn:exercise-library", "https://example.org/fhir", "http://127.0.0.1:8000"])
def test_settings_that_can_be_used_are_taken(path: str, base: str) -> None:
    assert Settings.from_environment(Settings(root_path=path, fhir_base=base).to_environment()) == Settings(root_path=path, fhir_base=base)
