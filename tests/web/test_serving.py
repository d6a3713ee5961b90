"""`exercise-library serve`, for real: processes, sockets and signals."""

import signal
import subprocess
import sys
from pathlib import Path

import click
import httpx
import pytest
from click.testing import CliRunner

from api.cli import main
from tests.facts import RECOMMENDED
from tests.processes import PATIENCE, ROOT, command, running


def _answers(client: httpx.Client) -> None:
    assert client.get("/health/ready").json() == {"status": "ok", "revision": 1}
    assert client.get("/health/live").json()["status"] == "ok"
    listing = client.get("/exercises?type=unstable").json()
    assert [one["slug"] for one in listing["items"]] == RECOMMENDED["unstable"]
    assert [one["slug"] for one in listing["avoid"]] == ["wide-legs", "figure-4-stretch"]


def test_in_an_empty_folder_it_makes_a_library_and_serves_it(tmp_path: Path) -> None:
    with running("", tmp_path) as service:
        _answers(service.client)
        service.process.terminate()
        assert service.process.wait(PATIENCE) in (0, -signal.SIGTERM)
        assert service.status("/health/live") == 0
    assert (tmp_path / "exercise-library.db").exists()
    assert f"curl '{service.base}/exercises?type=unstable'" in service.log
    assert "/docs" in service.log
    assert "Traceback" not in service.log


def test_two_workers_serve_one_library(tmp_path: Path) -> None:
    with running("", tmp_path, "--workers", "2") as service:
        for _ in range(20):
            _answers(service.client)
        service.process.terminate()
        service.process.wait(PATIENCE)
        assert service.status("/health/live") == 0


def test_a_database_url_is_all_it_takes(empty_url: str, tmp_path: Path) -> None:
    with running(empty_url, tmp_path) as service:
        _answers(service.client)
    assert [one.name for one in tmp_path.iterdir()] == [f"log-{service.port}"]


def test_the_limits_of_the_server_answer_like_everything_else_and_settings_come_from_the_environment(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    with running("", tmp_path, EXERCISE_LIBRARY_DATABASE_URL="sqlite:///mine/library.db") as service:
        client = service.client
        assert (tmp_path / "mine" / "library.db").exists()
        assert client.get("/exercises", params={"q": "a" * 9000}).status_code == 414
        answer = client.get("/exercises", headers={"Accept-Encoding": "gzip"})
        assert (answer.headers["content-encoding"], answer.json()["total"]) == ("gzip", 6)
        assert client.head("/exercises").content == b""
        assert client.get("/exercises/%ff").status_code == 404
        assert client.get("/exercises?q=%00").status_code in (200, 422)


@pytest.mark.parametrize("arguments", [["serve", "--port", "many"], ["serve", "--workers", "0"], ["sevre"], ["serve", "--databse", "x"]])
def test_a_command_that_is_not_understood_is_refused_in_a_sentence(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    refused = CliRunner().invoke(main, arguments)
    assert refused.exit_code == 2
    assert refused.stdout == ""
    assert "Error: " in refused.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_program_is_installed() -> None:
    assert command("--version").output.startswith("exercise-library, version ")


def _printed(code: str) -> list[str]:
    """Run code in a process of its own, and give the words that it prints."""
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()  # noqa: S603  (our own)


def test_no_other_command_waits_for_what_serves() -> None:
    others = set(main.list_commands(click.Context(main))) - {"serve"}
    imported = _printed(f"import sys; from api.cli import main; [main.get_command(None, one) for one in {others}]; print(*sys.modules)")
    assert {"api.cli.keys", "api.cli.exchange", "sqlalchemy"} <= set(imported)
    assert not {"api.cli.serve", "uvicorn", "fastapi"} & set(imported)


@pytest.mark.parametrize("first", ["api.cli.serve", "api.web.serving.protocol"])
def test_a_start_builds_no_model_that_nobody_asked_for(first: str) -> None:
    models = "api.library.exercise.Exercise", "api.store.tables.Change", "fastapi.openapi.models.OpenAPI"
    complete = ", ".join(f"{one}.__pydantic_complete__" for one in models)
    assert _printed(f"import {first}, api.app, api.library.exercise; import fastapi; print({complete})") == ["False"] * 3
