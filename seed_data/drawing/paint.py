"""Paint: the few colours and strokes of every picture.

The colours are attributes, so that a picture is right where styles are blocked or not understood (a PNG, a PDF, a strict
Content-Security-Policy); the style sheet only exchanges them where the reader's screen is dark.
"""

LINE = 5.0
"""Width of an outline, in units of the sheet."""

_LIGHT = {
    "card": ("fill", "#ffffff"),
    "near": ("fill", "#e4ebf1"),
    "far": ("fill", "#f6f8fa"),
    "hair": ("fill", "#4a5b6a"),
    "tint": ("fill", "#f28c5b"),
    "line": ("stroke", "#1f2d3a"),
    "faint": ("stroke", "#8d9ba8"),
    "prop": ("fill", "#cfd8df"),
    "soft": ("fill", "#b9d3c2"),
    "edge": ("stroke", "#6c7a87"),
    "move": ("stroke", "#0a58a8"),
    "head": ("fill", "#0a58a8"),
    "halo": ("stroke", "#ffffff"),
}
_DARK = {
    "card": "#161d25",
    "near": "#3a4856",
    "far": "#252f3a",
    "hair": "#a9b7c4",
    "tint": "#d96f3e",
    "line": "#eaf0f5",
    "faint": "#7d8b99",
    "prop": "#46535f",
    "soft": "#4c6b58",
    "edge": "#93a1ae",
    "move": "#7cc0ff",
    "head": "#7cc0ff",
    "halo": "#161d25",
}


def ink(*names: str) -> str:
    """Write the class and the attributes of a fill, a stroke or both."""
    colours = " ".join(f'{_LIGHT[name][0]}="{_LIGHT[name][1]}"' for name in names)
    return f'class="{" ".join(f"fig-{name}" for name in names)}" {colours}'


def style() -> str:
    """Write the style sheet for dark screens; paper stays white."""
    rules = "".join(f".fig-{name}{{{_LIGHT[name][0]}:{colour}}}" for name, colour in _DARK.items())
    return f"<style>@media screen and (prefers-color-scheme:dark){{{rules}}}</style>"
