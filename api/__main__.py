"""`exercise-library`, which is also `python -m api`."""

import sys

# FastAPI would import it, which takes long, only to see that nothing here is one of its models.
sys.modules.setdefault("pydantic.v1", None)  # type: ignore[arg-type]

from api.cli import main  # noqa: E402  (see above)

if __name__ == "__main__":
    main()
