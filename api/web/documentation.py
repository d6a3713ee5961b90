"""The documentation: the OpenAPI document, and a page that tries it out. Nothing is loaded from elsewhere."""

from functools import lru_cache
from html import escape
from importlib import resources
from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, Path, Request, Response
from fastapi.responses import JSONResponse

from api.errors import NotFound
from api.web.answers import Prepared, prepared
from api.web.openapi import FORMATS_DOCUMENT, of_json
from api.web.params import refuse_the_unknown
from api.web.routes import Route

DOCS, DOCUMENT = "/docs", "/openapi.json"
ASSETS = {
    "swagger-ui.css": "text/css",
    "swagger-ui-bundle.js": "text/javascript",
    "favicon-32x32.png": "image/png",
    "start.js": "text/javascript",
}
"""What the page loads, by its name."""
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
POLICY = {"Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in _POLICY.items())}

router = APIRouter(route_class=Route, include_in_schema=False)


@router.get(DOCUMENT, dependencies=[Depends(refuse_the_unknown)])
def get_document(request: Request) -> Response:
    """The OpenAPI document, of answers in JSON: what clients are generated from."""
    return prepared(request, _document(request.app, _root(request), every_format=False), {})


@router.get(FORMATS_DOCUMENT, dependencies=[Depends(refuse_the_unknown)])
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
