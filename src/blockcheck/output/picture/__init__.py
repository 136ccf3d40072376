"""A picture of the blocking paths: from what runs on the event loop, call by call, to the primitives."""

from __future__ import annotations

from blockcheck.output.picture.html import render as render_html
from blockcheck.output.picture.model import build
from blockcheck.output.picture.svg import render as render_svg

__all__ = ["build", "render_html", "render_svg"]
