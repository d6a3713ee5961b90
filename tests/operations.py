"""Every operation that the OpenAPI document describes, and how to ask it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from api.store import images

METHODS = ("get", "put", "post", "patch", "delete")
FREE = ("/health/live", "/health/ready", "/metrics")
"""Here probes and campaigns may add parameters of their own."""
SLUGS = {
    "/exercises": "cat-cow",
    "/conditions": "si-joint-dysfunction",
    "/types": "unstable",
    "/sources": "source-text",
}
"""A record that exists, for each path that has records."""
NEEDED = {"type": "unstable", "since": "0"}
"""A right value for each parameter without which a path doesn't answer."""


@dataclass(frozen=True)
class Operation:
    """One method of one path."""

    path: str
    method: str
    parameters: Mapping[str, Mapping[str, Any]]
    description: Mapping[str, Any]

    @property
    def address(self) -> str:
        """An address that is answered, as far as the path goes."""
        address = self.path.replace("{slug}", SLUGS.get(self.path.partition("/{slug}")[0], "cat-cow"))
        address = address.replace("/images/{name}", images.of("cat-cow")[0].files[0].url)
        assert "{" not in address, f"tests/operations.py has to know what to put into {self.path}"
        return address

    @property
    def query(self) -> dict[str, str]:
        """The parameters that it needs."""
        needed = [name for name, one in self.parameters.items() if one.get("required")]
        assert set(needed) <= set(NEEDED), f"tests/operations.py has to know a value for one of {needed}"
        return {name: NEEDED[name] for name in needed}

    @property
    def needs_key(self) -> bool:
        return "403" in self.description["responses"]

    @property
    def repeatable(self) -> set[str]:
        return {name for name, one in self.parameters.items() if "array" in str(one["schema"])}

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def resolved(document: Mapping[str, Any]) -> dict[str, Any]:
    """Give a document with each answer's description where it is referred to."""
    shared = document["components"]["responses"]
    paths = {
        path: {
            method: one | {"responses": {status: shared[name] if (name := _name(it)) else it for status, it in one["responses"].items()}}
            for method, one in item.items()
        }
        for path, item in document["paths"].items()
    }
    return {**document, "paths": paths}


def _name(described: Mapping[str, Any]) -> str:
    return str(described.get("$ref", "")).removeprefix("#/components/responses/")


def operations(document: Mapping[str, Any]) -> list[Operation]:
    """Read every operation out of an OpenAPI document."""
    return [
        Operation(path, method.upper(), {one["name"]: one for one in described.get("parameters", []) if one["in"] == "query"}, described)
        for path, item in resolved(document)["paths"].items()
        for method, described in item.items()
        if method in METHODS
    ]
