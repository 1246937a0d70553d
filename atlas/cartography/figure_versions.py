"""Versions of everything that draws: same recipe and same versions, same bytes."""

from __future__ import annotations

import hashlib
import platform
import zlib
from functools import cache
from importlib import metadata, resources
from pathlib import Path

import matplotlib as mpl
import pyproj
import shapely
from matplotlib import ft2font
from matplotlib.font_manager import get_font

from atlas import __version__
from atlas.cartography.figure_text import face_of

CODE = ("core", "analysis", "io", "cartography", "operations", "locale")
"""Folders of the atlas whose files decide what a figure looks like."""
ENDINGS = (".py", ".toml", ".js", ".css", ".html")
SHORT = 12
PACKAGES = (
    "numpy", "pandas", "geopandas", "fonttools", "brotli", "pillow", "pypdf", "python-docx",
)  # fmt: skip


@cache
def versions_of(font: Path) -> tuple[tuple[str, str], ...]:
    """Names and versions, sorted by name: atlas, style, Matplotlib, FreeType, font and others."""
    root = Path(str(resources.files("atlas")))
    styles = sorted((root / "cartography" / "styles").glob("*.toml"))
    code = [
        path
        for folder in CODE
        for path in sorted((root / folder).rglob("*"))
        if path.suffix in ENDINGS and path not in styles
    ]
    face = get_font(face_of(font))
    found = {name: metadata.version(name) for name in PACKAGES}
    found |= {
        "atlas": f"{__version__}+{_digest([*code, root / 'i18n.py'])}",
        "style": _digest(styles),
        "matplotlib": mpl.__version__,
        "freetype": ft2font.__freetype_version__,
        "font": f"{face.postscript_name}+{_digest([font])}",
        "geos": shapely.geos_version_string,
        "proj": pyproj.proj_version_str,
        "zlib": zlib.ZLIB_RUNTIME_VERSION,
        "python": platform.python_version(),
        "machine": platform.machine(),
    }
    return tuple(sorted(found.items()))


def _digest(paths: list[Path]) -> str:
    """Hash of files in their order, cut to what a reader can compare."""
    total = hashlib.sha256()
    for path in paths:
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()[:SHORT]
