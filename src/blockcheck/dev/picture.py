"""Terminal output as an SVG: the picture of a finding in the README."""

from __future__ import annotations

import contextlib
import io
import re
from html import escape

from blockcheck.cli import main

COMMAND = ("check", "examples/service", "--select", "BCK202")

_INK = {
    "": "#d8dee9",
    "bold": "#ffffff",
    "dim": "#8b95a5",
    "31": "#ff7b72",
    "34": "#79b8ff",
    "36": "#56d4dd",
    "33": "#e3b341",
    "32": "#7ee787",
}
_SIZE, _WIDTH, _HEIGHT, _MARGIN = 13, 7.83, 19, 16
_ESCAPE = re.compile(r"\033\[([\d;]*)m")


def finding() -> str:
    """Return the picture of what blockcheck says of the example service; to be called in the repository's root."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        main([*COMMAND, "--color", "always", "--no-cache"])
    told, _, _ = err.getvalue().partition("next:\n")
    return svg(f"$ blockcheck {' '.join(COMMAND)}\n{out.getvalue()}{told}")


def svg(text: str) -> str:
    """Return terminal output, with its colours, as a picture."""
    lines = text.rstrip("\n").split("\n")
    columns = max(len(_ESCAPE.sub("", line)) for line in lines)
    width, height = round(columns * _WIDTH + 2 * _MARGIN), len(lines) * _HEIGHT + 2 * _MARGIN
    plain = escape(_ESCAPE.sub("", text).strip())
    rows = "\n".join(
        f'<text x="{_MARGIN}" y="{_MARGIN + _SIZE + number * _HEIGHT}" xml:space="preserve">{_spans(line)}</text>'
        for number, line in enumerate(lines)
        if line
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, \'DejaVu Sans Mono\', monospace" '
        f'font-size="{_SIZE}" fill="{_INK[""]}"><title>blockcheck in a terminal</title><desc>{plain}</desc>\n'
        f'<rect width="{width}" height="{height}" rx="8" fill="#1b1f27"/>\n{rows}\n</svg>\n'
    )


def _spans(line: str) -> str:
    """Return a line with its colours; each piece has its width, so that other fonts keep the columns."""
    first, *parts = _ESCAPE.split(line)
    pieces = [(first, ""), *((text, codes) for codes, text in zip(parts[::2], parts[1::2], strict=True))]
    return "".join(_span(text, codes.split(";")) for text, codes in pieces if text)


def _span(text: str, codes: list[str]) -> str:
    weight = ' font-weight="bold"' if "1" in codes else ""
    colour = next((_INK[code] for code in codes if code in _INK and code), "")
    if not colour and "2" in codes:
        colour = _INK["dim"]
    fill = f' fill="{colour}"' if colour else ""
    length = f' textLength="{len(text) * _WIDTH:.1f}" lengthAdjust="spacingAndGlyphs"'
    return f"<tspan{fill}{weight}{length}>{escape(text)}</tspan>"
