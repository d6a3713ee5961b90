"""`uv run python -m seed_data.drawing` draws the pictures again; what looks as before keeps its file and its name."""

import sys
from pathlib import Path

from seed_data.drawing import shipping

folder = Path(*sys.argv[1:]) if sys.argv[1:] else shipping.IMAGES
sys.stdout.write(f"{shipping.redraw(folder)} pictures in {folder}\n")
