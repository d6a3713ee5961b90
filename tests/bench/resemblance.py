"""How well resemblance is recognised: precision and recall on the labelled records; with a FILE, what is found in it.

`python -m tests.bench.resemblance [FILE]`, FILE being in the format of free-exercise-db.
"""

import sys
from pathlib import Path

import click

from tests.resembling import resembled, scores


def main() -> None:
    """Print the figures."""
    click.echo(f"{'':<18} precision  recall  found  missed  wrong")
    for slug, score in scores().items():
        counts = f"{len(score.right):6} {len(score.missed):7} {len(score.wrong):6}"
        click.echo(f"{slug:<18} {score.precision:9.3f} {score.recall:7.3f} {counts}  {' '.join(sorted(score.missed | score.wrong))}")
    for file in sys.argv[1:]:
        for id_, words in resembled(Path(file)).items():
            for slug, said in words.items():
                click.echo(f"{id_}: {slug}: {'; '.join(said)}")


if __name__ == "__main__":
    main()
