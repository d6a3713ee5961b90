"""`exercise-library`, which is also `python -m api`."""

from api.cli import main

if __name__ == "__main__":
    main()
