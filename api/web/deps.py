"""What handlers need, as aliases: a handler's signature is its specification."""

from typing import Annotated

from fastapi import Depends, Path, Request

from api.store.engine import Database


async def database(request: Request) -> Database:
    """Give the application's database."""
    found: Database = request.app.state.database
    return found


Store = Annotated[Database, Depends(database)]
Slug = Annotated[str, Path(description="The record's slug.")]
