"""Pictures: named by their content, so whoever has one may keep it for good."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response

from api.errors import NotFound
from api.store import images
from api.web.answers import listed
from api.web.etags import has_it, if_match, refuse_others
from api.web.params import refuse_the_unknown
from api.web.shapes import documented

router = APIRouter(tags=["exercises"], dependencies=[Depends(refuse_the_unknown)])
_MEDIA_TYPES = {"svg": "image/svg+xml", "png": "image/png"}
_FOR_GOOD = {"Cache-Control": "public, max-age=31536000, immutable"}


@router.get(
    "/images/{name}",
    operation_id="getImage",
    summary="Get a picture",
    response_class=Response,
    responses={
        **documented(400, 404, 412),
        200: {"description": "The picture.", "content": {type_: {} for type_ in _MEDIA_TYPES.values()}},
        304: {"description": "It is as the caller has it."},
    },
)
def get_image(request: Request, name: Annotated[str, Path(description="The SHA-256 of the picture and its kind.")]) -> Response:
    """A picture of an exercise, as its `images` name it."""
    found = images.content(name)
    if found is None:
        raise NotFound("There is no picture of this name; an exercise's 'images' name its own.")
    digest, _, kind = name.partition(".")
    headers = {**_FOR_GOOD, "ETag": f'"{digest}"', "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}
    expected = if_match(request)
    if expected is not None:
        refuse_others(expected, [headers["ETag"]])
    if has_it(listed(request, "if-none-match"), headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return Response(found, headers=headers, media_type=_MEDIA_TYPES[kind])
