"""PDF. A program typeset for paper by typst, which the extra `pdf` installs; without it, the error says what to install."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path

from api.errors import Complaint, ExerciseLibraryError, MissingExtra, Unprintable
from api.formats.layout import lay_out
from api.formats.typesetting import TypesettingError, typeset
from api.library import wording
from api.library.program import Printout

_TEMPLATE = Path(__file__).parent / "templates" / "program.typ"
_FONTS = ("Source Sans Pro", "Libertinus Serif", "DejaVu Sans Mono")
_PROBE = b"""#set document(title: "Letters")
#set text(font: json(bytes(sys.inputs.fonts)), fallback: false)
#for letter in sys.inputs.letters.split("\\n") [#letter #parbreak()]
"""
_LATIN = frozenset(map(chr, (*range(0x7F), *range(0xA0, 0x180))))
"""Letters that our fonts are known to have."""
_MISSING = re.compile(r'the text `"(.*?)"` could not be displayed', re.DOTALL)
_ESCAPE = re.compile(r"\\u\{([0-9a-f]+)\}|\\(.)")
_NAMED = 20
"""How many letters a refusal names."""


def program(answer: Printout, _: str | None) -> bytes:
    """Write a program. The same program gives the same bytes on every machine: there is no date in them, and no font of the machine.

    Raises Unprintable where a text has letters that our fonts don't: they have Latin, Greek, Cyrillic, Hebrew, Arabic, Armenian, Georgian.
    """
    _refuse_without_typst()
    laid_out = asdict(lay_out(answer)) | {"unasked_heading": wording.UNASKED}
    sheet = json.dumps(laid_out, ensure_ascii=False).replace("\ufeff", "")  # invisible, and forbidden in PDF/UA
    missing = _without_glyph(frozenset(sheet) - _LATIN)
    if missing:
        raise _unprintable(missing)
    try:
        return _set(_TEMPLATE.read_bytes(), {"sheet": sheet, "fonts": json.dumps(_FONTS)})
    except TypesettingError as error:
        missing = _named(error)
        if not missing:
            raise
        raise _unprintable(missing) from None


def _set(template: bytes, given: Mapping[str, str]) -> bytes:
    return typeset(template, [str(files("font_source_sans_pro") / "files")], given)


@lru_cache(maxsize=200)
def _without_glyph(letters: frozenset[str]) -> Sequence[str]:
    """Give the letters that no font of ours has. Each is tried alone: typst overlooks some beside a mark."""
    try:
        _set(_PROBE, {"letters": "\n".join(sorted(letters)), "fonts": json.dumps(_FONTS)})
    except TypesettingError as error:
        return _named(error)
    return ()


def _named(error: TypesettingError) -> Sequence[str]:
    """Give the letters without a glyph that typst's messages name."""
    return list(dict.fromkeys("".join(map(_read, _MISSING.findall(str(error))))))


def _read(quoted: str) -> str:
    r"""Read a text as Rust writes it: `\u{10ffff}` is U+10FFFF."""
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)) if found[1] else found[2], quoted)


def _unprintable(letters: Sequence[str]) -> ExerciseLibraryError:
    shown = ", ".join(f"{letter} (U+{ord(letter):04X})" if letter.isprintable() else f"U+{ord(letter):04X}" for letter in letters[:_NAMED])
    more = f" and {len(letters) - _NAMED} more" if len(letters) > _NAMED else ""
    message = f"The fonts of the PDF don't have {shown}{more}. Ask for 'format=html': a browser shows and prints them."
    return Unprintable(message, complaints=(Complaint("format", message, did_you_mean="html"),))


@cache
def _refuse_without_typst() -> None:
    """Look for typst when it is first needed: everything else works without it."""
    try:
        files("font_source_sans_pro")
        files("typst")
    except ImportError:
        raise MissingExtra("A PDF needs this program's extra 'pdf': uv run --extra pdf exercise-library serve") from None
