"""`python -m api` is `exercise-library`."""

from api.cli import main

main()
