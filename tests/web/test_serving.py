"""`exercise-library serve`, for real: processes, sockets and signals."""

import shutil
import signal
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from api.cli import main
from tests.commands import PATIENCE, PROGRAM, run, serving
from tests.facts import RECOMMENDED


def _answers(client: httpx.Client) -> None:
    assert client.get("/health/ready").json() == {"status": "ok", "revision": 1}
    assert client.get("/health/live").json()["status"] == "ok"
    listing = client.get("/exercises?type=unstable").json()
    assert [one["slug"] for one in listing["items"]] == RECOMMENDED["unstable"]
    assert [one["slug"] for one in listing["avoid"]] == ["wide-legs", "figure-4-stretch"]


def test_in_an_empty_folder_it_makes_a_library_and_serves_it(tmp_path: Path) -> None:
    with serving(folder=tmp_path) as (client, process):
        _answers(client)
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=PATIENCE)
        assert process.returncode in (0, -signal.SIGTERM)
        with pytest.raises(httpx.TransportError):
            client.get("/health/live")
    assert (tmp_path / "exercise-library.db").exists()
    assert f"curl '{client.base_url}/exercises?type=unstable'".replace("//exercises", "/exercises") in said
    assert "/docs" in said
    assert "Traceback" not in said


def test_two_workers_serve_one_library(tmp_path: Path) -> None:
    with serving("--workers", "2", folder=tmp_path) as (client, process):
        for _ in range(20):
            _answers(client)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE)
        with pytest.raises(httpx.TransportError):
            client.get("/health/live")


def test_a_database_url_is_all_it_takes(empty_url: str, tmp_path: Path) -> None:
    with serving("--database", empty_url, folder=tmp_path) as (client, _):
        _answers(client)
    assert list(tmp_path.iterdir()) == []


def test_the_limits_of_the_server_answer_like_everything_else_and_settings_come_from_the_environment(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    with serving(folder=tmp_path, EXERCISE_LIBRARY_DATABASE_URL="sqlite:///mine/library.db") as (client, _):
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
    assert shutil.which(PROGRAM)
    assert run("--version")[1].startswith("exercise-library, version ")
