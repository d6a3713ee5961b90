"""What a fuzzer of this service has to know that no document says, and what it checks besides its own checks.

schemathesis loads it (`SCHEMATHESIS_HOOKS`).
"""

from typing import Any

import schemathesis
from schemathesis.checks import CheckContext
from schemathesis.core.transport import Response
from schemathesis.generation.case import Case
from schemathesis.hooks import HookContext

REFUSALS = {"unknown-value", "invalid-cursor", "invalid-value", "invalid-content", "invalid-reason"}
"""How a question that fits the document may be refused: by what this library has, never as empty, repeated or unknown."""
NOWHERE = ("Traceback", "SELECT ", "INSERT ", "sqlalchemy", "sqlite3", "psycopg", ".py")
ALWAYS = {"x-content-type-options": "nosniff", "referrer-policy": "no-referrer", "x-frame-options": "DENY"}


@schemathesis.hook
def before_call(_: HookContext, case: Case[Any], __: dict[str, Any]) -> None:
    """Let most writes through to the database: nobody guesses an ETag, and a record's slug is in its path and its body."""
    if case.method not in ("PUT", "DELETE") or case.meta is None or not case.meta.generation.mode.is_positive:
        return
    headers = dict(case.headers or {})
    headers.pop("If-None-Match", None)
    create = "citation" in str(case.body) and len(str(case.body)) % 2 == 0
    headers |= {"If-None-Match": "*"} if create else {"If-Match": "*"}
    if create:
        headers.pop("If-Match", None)
    case.headers = headers  # type: ignore[assignment]
    if isinstance(case.body, dict) and "slug" in case.body:
        case.body["slug"] = case.path_parameters["slug"]


@schemathesis.check
def what_fits_is_refused_for_a_reason(_: CheckContext, response: Response, case: Case[Any]) -> None:
    """A question that fits the document is refused by what is in the library alone."""
    if response.status_code == 422 and case.meta is not None and case.meta.generation.mode.is_positive:
        code = response.json()["code"]
        assert code in REFUSALS, f"a question that fits the document was refused as {code}"


@schemathesis.check
def nothing_of_the_inside_is_shown(_: CheckContext, response: Response, case: Case[Any]) -> None:
    """No problem shows SQL, a stack trace or a file, but for what the caller sent: a problem names what it refuses."""
    if response.status_code >= 400:
        sent = str((case.path_parameters, case.query, case.headers, case.cookies, case.body))
        shown = [word for word in NOWHERE if word in response.text and word not in sent]
        assert not shown, f"the answer shows {shown}"


@schemathesis.check
def every_answer_has_the_security_headers(_: CheckContext, response: Response, __: Case[Any]) -> None:
    """Whatever is answered, a browser is told not to guess, embed or tell."""
    for name, value in ALWAYS.items():
        assert response.headers.get(name) == [value], f"{name} is {response.headers.get(name)}"
