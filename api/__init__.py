"""The exercise library: what is safe and useful for this kind of joint problem."""

from pydantic import BaseModel

# Until it is first used: a start needs few of our models, and none of FastAPI's for OpenAPI documents.
BaseModel.model_config["defer_build"] = True
