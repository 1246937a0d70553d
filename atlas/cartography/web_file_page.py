"""The page of a map in one file: HTML that holds its data, scripts, styles and font.

A strict Content-Security-Policy allows only the scripts and the style whose hash it names, so
that nothing can be fetched from anywhere.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import dataclass
from importlib import resources
from typing import Any

from atlas.cartography.web import script_safe
from atlas.core.text import escape

BROWSER = resources.files("atlas.cartography") / "browser"
OWN_SCRIPTS = ("atlas-dom.js", "web-period.js", "web-file.js")
OWN_STYLES = ("atlas.css", "web-file.css")
POLICY = (
    "default-src 'none'; script-src {scripts}; style-src {styles}; img-src data:; "
    "font-src data:; base-uri 'none'; form-action 'none'"
)


@dataclass(frozen=True)
class Parts:
    """What is not the atlas's own: Leaflet, its style, and the WOFF2 bytes of a font."""

    leaflet_js: str
    leaflet_css: str
    font: bytes


def signs_of(content: dict[str, Any]) -> list[str]:
    """Every printable character that the page can show, sorted."""
    text = json.dumps(content, ensure_ascii=False) + _body()
    return sorted({sign for sign in text if sign.isprintable()} | set(map(chr, range(0x20, 0x7F))))


def _body() -> str:
    return (BROWSER / "web-file.html").read_text("utf-8").strip()


def to_html(content: dict[str, Any], recipe: str, parts: Parts, *, generator: str) -> bytes:
    """The page.

    Parameters
    ----------
    content
        From :func:`to_content`.
    recipe
        JSON of what the file was made from; stands in ``<script id="recipe">``, before all data.
    parts
        Leaflet and the font.
    generator
        Name and version of the program.
    """
    own = "\n".join((BROWSER / name).read_text("utf-8") for name in OWN_SCRIPTS)
    scripts = [_inert(_without_map(parts.leaflet_js)), _inert(own)]
    style = _inert("\n".join([_without_images(parts.leaflet_css), _own_style(parts.font)]))
    policy = POLICY.format(
        scripts=" ".join(f"'{_hash(script)}'" for script in scripts), styles=f"'{_hash(style)}'"
    )
    words = content["words"][content["lang"]]
    head = [
        "<!DOCTYPE html>", f'<html lang="{escape(content["lang"])}">', "<head>",
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="referrer" content="no-referrer">',
        f'<meta name="generator" content="{escape(generator)}">', '<link rel="icon" href="data:,">',
        f"<title>{escape(words['title'])}</title>", f"<style>{style}</style>", "</head>",
    ]  # fmt: skip
    held = {"recipe": json.loads(recipe), "data": content}
    data = [
        f'<script type="application/json" id="{name}">{script_safe(value)}</script>'
        for name, value in held.items()
    ]
    body = _body().replace("@title", escape(words["title"]))
    body = body.replace("@noscript", escape(words["noscript"]))
    code = [f"<script>{script}</script>" for script in scripts]
    return "\n".join([*head, "<body>", body, *data, *code, "</body>", "</html>", ""]).encode()


def _own_style(font: bytes) -> str:
    style = "\n".join((BROWSER / name).read_text("utf-8") for name in OWN_STYLES)
    address = "data:font/woff2;base64," + base64.b64encode(font).decode("ascii")
    return style.replace('url("atlas-sans.woff2")', f'url("{address}")')


def _without_map(script: str) -> str:
    """A script without the address of its source map, which a browser's tools would fetch."""
    return re.sub(r"(?m)^//# sourceMappingURL=.*$", "", script)


def _without_images(style: str) -> str:
    """Leaflet's style without its images: of controls and markers that the page does not have."""
    return re.sub(r"url\((?!data:)[^)]*\)", "none", style)


def _hash(code: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(code.encode()).digest()).decode("ascii")


def _inert(code: str) -> str:
    """Code that cannot end the element it stands in, and whose bytes a browser keeps.

    A parser of HTML makes one line break of two signs; the hash must be that of what it reads.

    Raises
    ------
    ValueError
        If it could end the element; a programmer's error.
    """
    if re.search(r"</(script|style)|<!--", code, re.IGNORECASE):
        raise ValueError("code that would end its own element")
    return code.replace("\r\n", "\n").replace("\r", "\n")
