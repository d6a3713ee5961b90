"""The web speaks HTTP, and decides nothing."""

import sys

from pydantic import BaseModel

# Said before FastAPI is imported, each for 20 ms of a start: its models, of OpenAPI documents, are built when they are first used,
# and it doesn't import pydantic.v1 only to see that nothing here is one of its models.
BaseModel.model_config["defer_build"] = True
sys.modules.setdefault("pydantic.v1", None)  # type: ignore[arg-type]
