"""The command line, run in this process as the shell runs it."""

from click.testing import CliRunner, Result

from api.cli import main


def run(*arguments: str, database: str, code: int = 0) -> Result:
    """Run a command against a database, and expect an exit code."""
    result = CliRunner().invoke(main, [*arguments, "--database", database], catch_exceptions=False)
    assert result.exit_code == code, result.output
    return result
