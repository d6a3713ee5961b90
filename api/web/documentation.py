"""The documentation: the OpenAPI document, and a page that tries it out. Nothing is loaded from elsewhere."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from html import escape
from importlib import resources
from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, Path, Request, Response
from fastapi.responses import JSONResponse

from api.errors import NotFound
from api.library import wording
from api.web.answers import Prepared, prepared
from api.web.openapi import FORMATS_DOCUMENT, of_json
from api.web.params import refuse_the_unknown

DOCS, DOCUMENT = "/docs", "/openapi.json"
ASSETS = {
    "swagger-ui.css": "text/css",
    "swagger-ui-bundle.js": "text/javascript",
    "favicon-32x32.png": "image/png",
    "start.js": "text/javascript",
}
"""What the page loads, by its name."""
LINKS = {
    DOCS: "Documentation to try out",
    DOCUMENT: "The OpenAPI document of the answers in JSON",
    FORMATS_DOCUMENT: "The OpenAPI document with every format",
    "/llms.txt": "What an assistant should know before it answers from here",
}
"""What there is to read about the service."""
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}: documentation</title>
<link rel="icon" href="{root}/docs/favicon-32x32.png">
<link rel="stylesheet" href="{root}/docs/swagger-ui.css">
</head>
<body>
<div id="documentation" data-url="{root}/openapi.json"></div>
<noscript>This page needs scripts; the document itself is at <a href="{root}/openapi.json">{root}/openapi.json</a>.</noscript>
<script src="{root}/docs/swagger-ui-bundle.js"></script>
<script src="{root}/docs/start.js"></script>
</body>
</html>
"""
_FOR_ASSISTANTS = f"""# Exercise library

> {wording.INTENDED_USE}

A verdict belongs to a pair of exercise and type of dysfunction: `recommended`, `avoid` or, where no source says anything, `unknown`.
Unknown never means safe. What is not listed is not safe either. Treat a verdict that you don't know as `avoid`. Never turn an answer
for one type into advice for another, never add doses of your own, and pass on what to avoid together with what is recommended.

## Asking

- `GET /types`: the types; `GET /screenings/form` and `POST /screenings`: from answers to a likely type, red flags first. Nothing is stored.
- `GET /exercises?type=TYPE&view=summary`: what is recommended for the type in the source's order, and what to avoid (`avoid`).
- `GET /exercises?type=TYPE&type=OTHER`: only what is recommended for every type given.
- `GET /exercises/SLUG/suitability?type=TYPE`: whether one exercise suits, with reasons and sources.
- `GET /programs?type=TYPE&group=GROUP`: a program to print, with what was withheld and why; `GET /groups`: people whom cautions concern.
- `GET /contraindications?type=TYPE`: everything to avoid. `GET /red-flags`: what wants a clinician before any exercise.
- `GET /sources`: where every statement comes from. Quote it with its source.

`format=markdown` is readable as it is. Misspelt parameters are refused with 422 and the nearest right word. Lists go on at `next`.

## More

- [Documentation]({{root}}/docs)
- [OpenAPI document]({{root}}/openapi.json)
- [Index]({{root}}/)
"""
_ROBOTS = b"User-agent: *\nDisallow: /browse/screening\n"
_START = b"""const place = document.getElementById("documentation");
SwaggerUIBundle({
  url: place.dataset.url,
  domNode: place,
  deepLinking: true,
  displayRequestDuration: true,
  filter: true,
  tryItOutEnabled: true,
  validatorUrl: null,
});
"""
_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self' 'unsafe-inline'",  # the page's own script sets styles
    "img-src": "'self' data:",
    "connect-src": "'self'",
    "form-action": "'none'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
_TEXT = "text/plain; charset=utf-8"
POLICY = {"Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in _POLICY.items())}

router = APIRouter(include_in_schema=False)

_UNDERSTOOD = [Depends(refuse_the_unknown)]


@router.get(DOCUMENT, dependencies=_UNDERSTOOD)
def get_document(request: Request) -> Response:
    """The OpenAPI document, of answers in JSON: what clients are generated from."""
    return prepared(request, _document(request.app, _root(request), every_format=False), {})


@router.get(FORMATS_DOCUMENT, dependencies=_UNDERSTOOD)
def get_formats_document(request: Request) -> Response:
    """The OpenAPI document with every format."""
    return prepared(request, _document(request.app, _root(request), every_format=True), {})


@router.get(DOCS)
def get_docs(request: Request) -> Response:
    """The page that shows the document and tries it out."""
    page = _PAGE.format(title=escape(request.app.title), root=escape(_root(request)))
    return prepared(request, Prepared("text/html", page.encode()), POLICY)


@router.get(DOCS + "/{name}")
def get_asset(request: Request, name: Annotated[str, Path()]) -> Response:
    """What the page loads."""
    if name not in ASSETS:
        raise NotFound(f"There is nothing of this name; the documentation is at '{DOCS}'.")
    return prepared(request, _asset(name), {})


@router.get("/llms.txt", dependencies=_UNDERSTOOD)
def get_word_to_assistants(request: Request) -> Response:
    """What an assistant should know."""
    return prepared(request, Prepared(_TEXT, _FOR_ASSISTANTS.format(root=_root(request)).encode()), {})


@router.get("/robots.txt", dependencies=_UNDERSTOOD)
def get_word_to_robots(request: Request) -> Response:
    """Everything may be read; questions about a person are nobody's business."""
    return prepared(request, Prepared(_TEXT, _ROBOTS), {})


@router.get("/.well-known/security.txt", dependencies=_UNDERSTOOD)
def get_security_contact(request: Request) -> Response:
    """Whom to tell of a weakness (RFC 9116), where a setting says so."""
    contact = request.app.state.security_contact
    if not contact:
        raise NotFound("Nobody is named here: the setting 'security_contact' is empty.")
    expires = datetime.now(UTC).replace(microsecond=0, second=0, minute=0, hour=0) + timedelta(days=180)
    return prepared(request, Prepared(_TEXT, f"Contact: {contact}\nExpires: {expires:%Y-%m-%dT%H:%M:%SZ}\n".encode()), {})


@router.get("/favicon.ico", dependencies=_UNDERSTOOD)
def get_icon(request: Request) -> Response:
    """The icon that browsers ask for wherever they are."""
    return prepared(request, _asset("favicon-32x32.png"), {})


def _root(request: Request) -> str:
    root: str = request.scope.get("root_path", "")
    return root


@lru_cache(maxsize=4)
def _document(app: FastAPI, root: str, *, every_format: bool) -> Prepared:
    described = app.openapi() if every_format else of_json(app.openapi())
    servers = {"servers": [{"url": root}]} if root else {}
    return Prepared("application/json", bytes(JSONResponse(described | servers).body) + b"\n")


@lru_cache(maxsize=len(ASSETS))
def _asset(name: str) -> Prepared:
    shipped = resources.files("fastapi_swagger.resources")
    return Prepared(ASSETS[name], _START if name == "start.js" else (shipped / name).read_bytes())
