"""The READMEs are true: their answers are real, what they name exists, and every parameter, setting, code, command and format is in one."""

import json
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import click
import httpx
import pytest

from api import errors, formats
from api.cli import main
from api.errors import ExerciseLibraryError
from api.settings import ENVIRONMENT, URL_FILE, Settings
from api.web import problems

ROOT = Path(__file__).parents[1]
NAMES = ["README.md", "CONTRIBUTING.md", "api/README.md", "migrations/README.md", "seed_data/README.md", "tests/README.md"]
PAGES = {name: (ROOT / name).read_text(encoding="utf-8") for name in NAMES}
README = PAGES["README.md"]
ALL = "\n".join(PAGES.values())
MOST_WORDS = 1_000


def test_the_first_page_is_one_page() -> None:
    assert len(README.split()) <= MOST_WORDS


# Examples.


def test_every_answer_is_the_real_one(ask: httpx.Client) -> None:
    shown = re.findall(r"^\$ curl '(?:http://)?localhost:8000([^']*)'\n(.*)$", ALL, re.MULTILINE)
    assert shown
    for path, answer in shown:
        assert ask.get(path).json() == json.loads(answer), path


def test_every_question_is_answered(ask: httpx.Client) -> None:
    asked = re.findall(r"^\$? ?curl (.*?)'localhost:8000([^']*)'$", ALL, re.MULTILINE)
    assert asked
    for options, path in asked:
        accept = re.search(r"-H 'Accept: ([^']*)'", options)
        answer = ask.get(path, headers={"Accept": accept[1]} if accept else {})
        assert answer.status_code == httpx.codes.OK, path
        assert not accept or answer.headers["Content-Type"].startswith(accept[1])


def subcommands(group: click.Group, before: str = "") -> dict[str, click.Command]:
    found: dict[str, click.Command] = {}
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command, name
        found |= subcommands(command, f"{before}{name} ") if isinstance(command, click.Group) else {f"{before}{name}": command}
    return found


COMMANDS = subcommands(main)
OURS = sorted({(name, rest.strip()) for name, rest in re.findall(r"\bexercise-library ((?:keys )?[a-z]+)\b([^`\n#]*)", ALL)})


@pytest.mark.parametrize(("name", "rest"), OURS, ids=[f"{name} {rest}" for name, rest in OURS])
def test_every_command_that_is_shown_is_one_with_these_options(name: str, rest: str) -> None:
    known = {option for one in COMMANDS[name].params for option in (*one.opts, *one.secondary_opts)}
    assert set(re.findall(r"(?<!\S)--[a-z-]+", rest)) <= known


def test_ci_runs_the_command_that_it_names() -> None:
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "pip install uv && uv run pytest" in README
    assert "\nuv run pytest\n" in ci


# What is named exists.


@pytest.mark.parametrize("name", [*NAMES, "CHANGELOG.md"])
def test_every_link_leads_somewhere(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    for file, anchor in re.findall(r"\]\((?!https?://)([^)#\s]*)(?:#([^)\s]*))?\)", text):
        target = ((ROOT / name).parent / file) if file else ROOT / name
        assert target.exists(), file
        assert not anchor or anchor in anchors(target.read_text(encoding="utf-8")), anchor


def anchors(text: str) -> set[str]:
    """Give the names by which headings can be linked to."""
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in re.findall(r"^#+ (.*)$", text, re.MULTILINE)}


def named_files() -> Iterator[tuple[str, str]]:
    for name, text in PAGES.items():
        for file in re.findall(r"`([\w*][\w.*/-]*\.(?:py|md|yaml|json|toml)|(?:[\w.-]+/)+)`", text):
            yield name, file
        for module in re.findall(r"python -m ([\w.]+)", text):
            yield name, module.replace(".", "/")


@pytest.mark.parametrize(("page", "file"), sorted(set(named_files())))
def test_every_file_that_is_named_is_there(page: str, file: str) -> None:
    folders = (ROOT, (ROOT / page).parent)
    assert any([*folder.glob(f"{file.rstrip('/')}{end}")] for folder in folders for end in ("", ".py")), file


INSTALLS = re.compile(r"pip install[^|&\n]*exercise-library")


@pytest.mark.parametrize("folder", [".", "api", "migrations", "seed_data", ".ci"])
def test_nobody_is_told_to_install_a_package_of_this_name_from_an_index(folder: str) -> None:
    texts = [ROOT.glob("*.*")] if folder == "." else [(ROOT / folder).rglob("*")]
    written = {
        one
        for some in texts
        for one in some
        if one.suffix in {"", ".md", ".py", ".toml", ".html", ".typ", ".yaml", ".json"} and one.is_file()
    }
    assert written
    assert [one.name for one in written if INSTALLS.search(one.read_text(encoding="utf-8"))] == []


# Nothing is missing.


def missing(document: dict[str, Any], text: str) -> list[str]:
    """Give the paths and the parameters of queries that a text doesn't name."""
    paths = [path for path in document["paths"] if not re.search(rf"(?<![\w/}}-]){re.escape(path)}(?![\w/{{-])", text)]
    given = [one for item in document["paths"].values() for operation in item.values() for one in operation.get("parameters", [])]
    names = sorted({one["name"] for one in given if one["in"] == "query"})
    return paths + [name for name in names if f"`{name}`" not in text]


def test_every_path_and_parameter_is_in_one(ask: httpx.Client) -> None:
    document = ask.get("/openapi.json").json()
    assert missing(document, ALL) == []


def test_a_path_or_parameter_that_is_in_none_is_noticed() -> None:
    parameters = [{"name": "kind", "in": "query"}]
    document = {"paths": {path: {"get": {"parameters": parameters}} for path in ("/", "/tools", "/types/{slug}/tools")}}
    assert missing(document, "`GET /types/{slug}`, `/toolsets`, kind") == [*document["paths"], "kind"]
    assert missing(document, "`GET /`, `/tools` and `/types/{slug}/tools` take `kind`") == []


@pytest.mark.parametrize("name", [one.name for one in fields(Settings)])
def test_every_setting_is_in_one_with_its_default(name: str) -> None:
    default = getattr(Settings(), name)
    shown = {True: "on", False: "off"}[default] if isinstance(default, bool) else str(default)
    settings = PAGES["migrations/README.md"].partition("\n## Settings\n")[2]
    row = next(line for line in settings.splitlines() if line.startswith(f"| `{name}` |"))
    assert row.split("|")[2].strip() == (f"`{shown}`" if shown else "")
    assert ENVIRONMENT in settings
    assert URL_FILE in settings


def every(kind: type[ExerciseLibraryError]) -> list[type[ExerciseLibraryError]]:
    return [one for child in kind.__subclasses__() for one in (child, *every(child))]


@pytest.mark.parametrize("error", every(ExerciseLibraryError), ids=lambda one: one.code)
def test_every_error_has_a_code_of_its_own_a_status_and_a_row(error: type[ExerciseLibraryError]) -> None:
    assert error.__module__ in (errors.__name__, problems.__name__)
    assert [one.code for one in every(ExerciseLibraryError)].count(error.code) == 1
    assert f"| `{error.code}` | {int(problems.status_of(error))} | {str(error.__doc__).removesuffix('.')} |\n" in PAGES["api/README.md"]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_in_one(command: str) -> None:
    assert f"`{command}" in PAGES["migrations/README.md"]


@pytest.mark.parametrize("name", formats.FORMATS)
def test_every_format_is_in_one(name: str) -> None:
    assert f"| `{name}` |" in PAGES["api/README.md"]
