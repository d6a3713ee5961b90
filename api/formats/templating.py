"""How templates are rendered: every value is escaped, and an undefined name is an error."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Environment

FOLDER = Path(__file__).parent / "templates"


def environment(
    filters: Mapping[str, Callable[..., object]], names: Mapping[str, object], contextual: Mapping[str, Callable[..., object]]
) -> "Environment":
    """Make an environment with these filters and names; what is `contextual` is both, and is called with the template's context first."""
    import jinja2  # noqa: PLC0415  (a start needn't wait for it)

    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(FOLDER), autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    bound = {name: jinja2.pass_context(function) for name, function in contextual.items()}
    made.filters |= {**filters, **bound}
    made.globals |= {**names, **bound}
    return made
