"""A PDF typeset by typst in a process of its own, so that the tens of megabytes which typst caches for each page go with it."""

import subprocess
import sys
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from json import dumps, loads
from pathlib import Path

SECONDS = 60
_REFUSED = 3


class TypesettingError(Exception):
    """Typst can't set this: what it said."""


def typeset(template: bytes, fonts: Sequence[str], inputs: Mapping[str, str]) -> bytes:
    """Give the PDF/UA of a template, which wants a glyph for each letter, with fonts from these folders and no other."""
    given = {"template": b64encode(template).decode(), "fonts": list(fonts), "inputs": dict(inputs)}
    # As a file and not as a module, which would load this whole program; `-P` keeps this folder's `json` from being the standard one.
    ended = subprocess.run(  # noqa: S603  (our own file)
        [sys.executable, "-P", str(Path(__file__))],
        input=dumps(given).encode(),
        capture_output=True,
        check=False,
        timeout=SECONDS,
    )
    if ended.returncode == _REFUSED:
        raise TypesettingError(ended.stderr.decode())
    if ended.returncode:
        raise RuntimeError(f"typesetting ended with {ended.returncode}")
    return ended.stdout


def _main() -> None:
    """Read one order from standard input, and write its PDF to standard output."""
    import typst  # noqa: PLC0415  (whoever gives the order needn't have it)

    order = loads(sys.stdin.buffer.read())
    fonts = typst.Fonts(include_system_fonts=False, font_paths=order["fonts"])
    try:
        written = typst.compile(
            b64decode(order["template"]), format="pdf", font_paths=fonts, sys_inputs=order["inputs"], pdf_standards="ua-1"
        )
    except typst.TypstError as error:
        sys.stderr.write(f"{error} {getattr(error, 'diagnostic', '')}")
        sys.exit(_REFUSED)
    sys.stdout.buffer.write(written)


if __name__ == "__main__":
    _main()
