"""The examples of the OpenAPI document are real answers about the real seed data; only moments and identities are made the same.

`UPDATE=1 uv run pytest tests/web/test_examples.py` writes them again; then read what changed.
"""

import json
import os
from pathlib import Path
from typing import Any

import httpx

FILE = Path(__file__).parents[2] / "api" / "web" / "examples.json"
ASKED = {
    "getIndex": "/",
    "listExercises": "/exercises?type=unstable&limit=1",
    "getExercise": "/exercises/pelvic-list",
    "getSuitability": "/exercises/figure-4-stretch/suitability?type=stiff&type=unstable",
    "listContraindications": "/contraindications?type=unstable",
    "listConditions": "/conditions",
    "getCondition": "/conditions/si-joint-dysfunction",
    "listTypes": "/types",
    "getType": "/types/unstable",
    "listIndicators": "/indicators",
    "listRedFlags": "/red-flags",
    "listGroups": "/groups",
    "listSources": "/sources",
    "getSource": "/sources/source-text",
    "getVocabulary": "/vocabulary",
    "getProgram": "/programs?type=unstable&only=pelvic-list&only=figure-4-stretch",
    "getScreeningForm": "/screenings/form",
    "getHistory": "/exercises/pelvic-list/history",
    "listChanges": "/changes?since=0&limit=1",
    "getLibrary": "/library",
}
ALIKE: dict[str, object] = {
    **dict.fromkeys(["at", "created_at", "updated_at"], "2026-01-01T00:00:00Z"),
    "library_id": "00000000-0000-4000-8000-000000000000",
    "sha256": "0" * 64,
}
# One item shows the shape; the rest is in the answer itself. What somebody could send back refers to variants and stays whole.
WHOLE = {"variants", "recommendations"}


def example(answer: Any, name: str = "") -> Any:  # noqa: ANN401  (any JSON)
    if isinstance(answer, dict):
        return {key: ALIKE.get(key, example(value, key)) for key, value in answer.items()}
    if isinstance(answer, list):
        shown = answer[:1] if name not in WHOLE and answer and isinstance(answer[0], dict) else answer
        return [example(one) for one in shown]
    return answer


def real(ask: httpx.Client) -> dict[str, dict[str, Any]]:
    examples = {operation: {"response": example(ask.get(address).json())} for operation, address in ASKED.items()}
    answers = {
        "asked": [flag["slug"] for flag in ask.get("/red-flags").json()["items"]],
        "red_flags": [],
        "symptoms": True,
        "indicators": ["pregnant", "very-sedentary"],
        "groups": [],
        "unsure": [],
    }
    screened = ask.post("/screenings", json=answers)
    examples["createScreening"] = {"request": answers, "response": example(screened.json())}
    theirs = {
        "exercises": [
            {"id": "17", "name": "Fig. 4 stretch", "aliases": [], "steps": ["Cross your left ankle over your right thigh."]},
            {"id": "18", "name": "Hip hike", "aliases": [], "steps": []},
        ]
    }
    compared = ask.post("/comparisons?type=unstable", json=theirs)
    examples["createComparison"] = {"request": theirs, "response": compared.json()}
    for written, read in (("putExercise", "getExercise"), ("putSource", "getSource")):
        examples[written] = {"request": examples[read]["response"], "response": examples[read]["response"]}
    signed = {"by": "A. Clinician", "role": None, "at": ALIKE["at"], "note": "Read and agreed."}
    examples["signExercise"] = {
        "request": {"by": "A. Clinician", "note": "Read and agreed."},
        "response": examples["getExercise"]["response"] | {"review": signed},
    }
    return examples


def test_the_examples_are_what_is_really_answered(ask: httpx.Client) -> None:
    written = json.dumps(real(ask), ensure_ascii=False, indent=1) + "\n"
    if os.environ.get("UPDATE"):
        FILE.write_text(written, encoding="utf-8")
    assert FILE.read_text(encoding="utf-8") == written, "if that was meant: UPDATE=1 uv run pytest tests/web/test_examples.py"


def test_every_operation_with_json_has_an_example(ask: httpx.Client) -> None:
    for path, item in ask.get("/openapi.json").json()["paths"].items():
        for operation in item.values():
            content = operation["responses"].get("200", {}).get("content", {})
            if "application/json" in content and not path.startswith("/health"):
                assert "example" in content["application/json"], operation["operationId"]
