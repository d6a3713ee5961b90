"""Clients that are generated from the OpenAPI document compile as strictly as their languages can, and do what an app does.

Generators come from the package registries, exactly in the versions written here; `-m clients` runs this.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engines import Databases
from tests.processes import Running, command, running

pytestmark = pytest.mark.clients

HERE = Path(__file__).parent
PATIENCE = 240
PYTHON = ["openapi-python-client==0.29.1", "mypy==1.18.2"]
# The generator's jar, and the run-time library of Kotlin's serialization, which comes with the kernel; the compiler is npm's.
KOTLIN = ["openapi-generator-cli==7.26.0", "kotlin-jupyter-kernel==0.19.0.944"]
KOTLIN_COMPILER = "kotlin-compiler@2.4.20"
DONE = {"listed": 5, "avoid": 2, "code": "not-found", "outcome": "likely", "dosed": "number", "changed": True}


@pytest.fixture(scope="module")
def url(sqlite: Databases) -> str:
    return sqlite.seeded()


@pytest.fixture(scope="module")
def service(url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(url, tmp_path_factory.mktemp("service")) as service:
        yield service


@pytest.fixture(scope="module")
def key(url: str) -> str:
    return command("keys", "create", "app", "--database", url).output.strip()


def run(folder: Path, *words: str) -> str:
    """Run a program in a folder to its good end, and give what it printed."""
    program = shutil.which(words[0], path=f"{folder / 'node_modules' / '.bin'}{os.pathsep}{os.environ['PATH']}")
    assert program, f"this needs {words[0]}"
    ended = subprocess.run([program, *words[1:]], cwd=folder, text=True, capture_output=True, timeout=PATIENCE, check=False)  # noqa: S603  (tools that are tested)
    assert ended.returncode == 0, ended.stdout[-4000:] + ended.stderr[-4000:]
    return ended.stdout


@pytest.fixture(scope="module")
def typescript(service: Running, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with every TypeScript client, generated and compiled."""
    folder = tmp_path_factory.mktemp("typescript")
    shutil.copytree(HERE / "typescript", folder, dirs_exist_ok=True)
    (folder / "openapi.json").write_bytes(service.client.get("/openapi.json").content)
    run(folder, "npm", "install", "--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error")
    run(folder, "openapi-typescript", "openapi.json", "-o", "gen/fetch.ts")
    run(folder, "openapi-ts", "-i", "openapi.json", "-o", "gen/hey")
    run(folder, "orval", "--config", "orval.config.mjs")
    run(folder, "tsc", "-p", ".")
    return folder


@pytest.mark.parametrize(
    ("program", "name"),
    [("with-openapi-fetch", "openapi-fetch"), ("with-hey-api", "hey-api"), ("with-orval", "orval")],
)
def test_a_typescript_client_compiles_strictly_and_runs(typescript: Path, service: Running, key: str, program: str, name: str) -> None:
    run(typescript, "esbuild", f"{program}.ts", "--bundle", "--platform=node", "--format=esm", f"--outfile=built/{program}.mjs")
    told = json.loads(run(typescript, "node", f"built/{program}.mjs", service.base, key))
    assert told == DONE | {"written": f"Pelvic tilts ({name})"}


FHIR = {
    "/library": "Bundle",
    "/sources": "Bundle",
    "/exercises/self-massage": "ActivityDefinition",
    "/programs?type=unstable&group=pregnant": "PlanDefinition",
    "/screenings/form": "Questionnaire",
}


def test_the_types_that_are_published_for_fhir_r5_accept_what_is_answered(typescript: Path, service: Running) -> None:
    told = [(kind, service.client.get(path, headers={"Accept": "application/fhir+json"}).text) for path, kind in FHIR.items()]
    typed = [f"export const one{n}: fhir5.{kind} = {text};\n" for n, (kind, text) in enumerate(told)]
    (typescript / "fhir.ts").write_text('import type * as fhir5 from "fhir/r5";\n' + "".join(typed), encoding="utf-8")
    run(typescript, "tsc", "--noEmit", "--strict", "fhir.ts")


def test_the_linter_of_openapi_documents_finds_no_error(typescript: Path) -> None:
    run(typescript, "redocly", "lint", "--extends", "recommended", "openapi.json")


def test_a_python_client_type_checks_and_runs(service: Running, key: str, tmp_path: Path) -> None:
    (tmp_path / "openapi.json").write_bytes(service.client.get("/openapi.json").content)
    tools = tmp_path / "tools"
    run(tmp_path, "uv", "venv", "--quiet", "--python", sys.executable, str(tools))
    run(tmp_path, "uv", "pip", "install", "--quiet", "--python", str(tools), *PYTHON)
    generate = ["generate", "--path", "openapi.json", "--output-path", "generated", "--meta", "none"]
    run(tmp_path, str(tools / "bin" / "openapi-python-client"), *generate)
    (tmp_path / "generated").rename(tmp_path / "exercise_library_client")
    shutil.copy(HERE / "python" / "app.py", tmp_path)
    # Not the generator's own `client.py`, which isn't written as strictly.
    checked = ["app.py", "exercise_library_client/models", "exercise_library_client/api"]
    run(tmp_path, str(tools / "bin" / "python"), "-m", "mypy", "--strict", "--follow-imports=silent", *checked)
    told = json.loads(run(tmp_path, str(tools / "bin" / "python"), "app.py", service.base, key))
    assert told == DONE | {"written": "Pelvic tilts (Python)"}


def test_kotlin_records_compile_without_a_warning_and_serve_an_app(service: Running, key: str, tmp_path: Path) -> None:
    (tmp_path / "openapi.json").write_bytes(service.client.get("/openapi.json").content)
    run(tmp_path, "uv", "pip", "install", "--quiet", "--no-deps", "--target", "jars", *KOTLIN)
    run(tmp_path, "npm", "install", "--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error", KOTLIN_COMPILER)
    # Records alone: the HTTP libraries that the generated calls want are in none of the registries used here.
    run(
        tmp_path,
        *("java", "-jar", "jars/openapi_generator_cli/openapi-generator.jar", "generate", "-i", "openapi.json", "-o", "gen"),
        *("-g", "kotlin", "--library", "multiplatform", "--global-property", "models,modelDocs=false,modelTests=false"),
        *("--additional-properties", "packageName=exercises,dateLibrary=string"),
        *("--type-mappings", "AnyType=JsonElement", "--import-mappings", "JsonElement=kotlinx.serialization.json.JsonElement"),
    )
    jars = [str(next((tmp_path / "jars").rglob(f"kotlinx-serialization-{name}-jvm-*.jar"))) for name in ("core", "json")]
    compiler = tmp_path / "node_modules" / "kotlin-compiler"
    plugin = f"-Xplugin={compiler / 'lib' / 'kotlinx-serialization-compiler-plugin.jar'}"
    run(
        tmp_path,
        "bash",
        str(compiler / "bin" / "kotlinc"),
        "-Werror",
        "-cp",
        os.pathsep.join(jars),
        plugin,
        "-d",
        "app.jar",
        "gen/src",
        str(HERE / "kotlin" / "App.kt"),
    )
    runtime = os.pathsep.join(["app.jar", str(compiler / "lib" / "kotlin-stdlib.jar"), *jars])
    told = json.loads(run(tmp_path, "java", "-cp", runtime, "AppKt", service.base, key))
    assert told == DONE | {"written": "Pelvic tilts (Kotlin)"}
