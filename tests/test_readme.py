"""The README is true: its answers are real, and every parameter, setting, code, command and format is in it."""

import json
import re
from dataclasses import fields
from pathlib import Path

import click
import httpx
import pytest

from api import errors, formats
from api.cli import main
from api.errors import ExerciseLibraryError
from api.settings import ENVIRONMENT, Settings
from api.web import problems

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
ROOT = "http://localhost:8000"


def test_every_answer_in_it_is_the_real_one(ask: httpx.Client) -> None:
    shown = re.findall(r"^\$ curl '(?:http://)?localhost:8000([^']*)'\n(.*)$", README, re.MULTILINE)
    assert shown
    for path, answer in shown:
        assert ask.get(path).json() == json.loads(answer), path


def test_every_path_and_parameter_is_in_it(ask: httpx.Client) -> None:
    for path, item in ask.get("/openapi.json").json()["paths"].items():
        assert f"{path}" in README or path.rpartition("/")[0] in README, path
        for operation in item.values():
            for parameter in operation.get("parameters", []):
                if parameter["in"] == "query":
                    assert f"`{parameter['name']}`" in README, parameter["name"]


@pytest.mark.parametrize("name", [one.name for one in fields(Settings)])
def test_every_setting_is_in_it_with_its_default(name: str) -> None:
    default = getattr(Settings(), name)
    shown = {True: "on", False: "off"}[default] if isinstance(default, bool) else str(default)
    settings = README.partition("\n## Settings\n")[2]
    row = next(line for line in settings.splitlines() if line.startswith(f"| `{name}` |"))
    assert shown in row
    assert ENVIRONMENT in README


def every(kind: type[ExerciseLibraryError]) -> list[type[ExerciseLibraryError]]:
    return [one for child in kind.__subclasses__() for one in (child, *every(child))]


@pytest.mark.parametrize("error", every(ExerciseLibraryError), ids=lambda one: one.code)
def test_every_error_has_a_code_of_its_own_a_status_and_a_row(error: type[ExerciseLibraryError]) -> None:
    assert error.__module__ in (errors.__name__, problems.__name__)
    assert [one.code for one in every(ExerciseLibraryError)].count(error.code) == 1
    assert f"| `{error.code}` | {int(problems.status_of(error))} |" in README


def commands(group: click.Group, before: str = "") -> list[str]:
    found = []
    for name, command in group.commands.items():
        found += commands(command, f"{before}{name} ") if isinstance(command, click.Group) else [f"{before}{name}"]
    return found


@pytest.mark.parametrize("command", commands(main))
def test_every_command_is_in_it(command: str) -> None:
    assert f"`{command}" in README


@pytest.mark.parametrize("name", formats.FORMATS)
def test_every_format_is_in_it(name: str) -> None:
    assert f"`{name}`" in README


def test_ci_runs_the_command_that_it_names() -> None:
    ci = (Path(__file__).parents[1] / ".ci" / "run").read_text(encoding="utf-8")
    assert "pip install uv && uv run pytest" in README
    assert "\nuv run pytest\n" in ci
