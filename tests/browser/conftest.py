"""The running atlas and a headless Chromium that may talk to this machine only."""

import datetime as dt
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Frame, Page, Request, sync_playwright
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from atlas.io import geojson, store
from atlas.io.catalogue import read_info
from atlas.operations.folder import PROJECT

CHROMIUM = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--proxy-server=http://127.0.0.1:9", "--proxy-bypass-list=localhost",
]  # fmt: skip
"""A proxy that nobody serves: what is not on this machine cannot be reached. (Refusing each
request by a route would pass all of them through Python and switch the browser's cache off.)"""
LOCAL = ("http://localhost:", "ws://localhost:", "data:", "blob:", "about:", "file:")
HARMLESS = (
    "Unrecognized feature:", "allow-scripts and allow-same-origin", '"useWorker" is true',
    "Received component message for unregistered ComponentInstance!",
)  # fmt: skip
"""Warnings of Chromium and Graphviz about Streamlit's own frames, and of Streamlit when a frame
that it took down while loading still says that it is ready; errors are never harmless."""
PATIENCE_S = 30
SUB_PATH = re.compile(r"/[a-z-]+/_stcore/(health|host-config)$")
"""Where Streamlit looks for its server first when a page below / is opened, and gets a 404."""
ATTACK = '<img src=x onerror="window.attacked=1"></script><script>window.attacked=1</script>'
"""What a text field of a hostile file may hold."""
DRAWN = "() => Number(document.body && document.body.dataset.atlasDrawn || 0)"


@dataclass
class Visit:
    """A page in Chromium, with what it asked for and what it complained about."""

    page: Page
    outside: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def open(self, address: str) -> "Visit":
        self.page.goto(address)
        self.drawn_after(0)
        return self

    def read(self, address: str, heading: str) -> "Visit":
        """Open a page without a map, and wait for one of its headings."""
        self.page.goto(address)
        self.page.get_by_role("heading", name=heading).first.wait_for()
        return self

    @property
    def frame(self) -> Frame:
        for _ in range(300):
            for frame in self.page.frames:
                if "st_folium" in frame.url:
                    return frame
            self.page.wait_for_timeout(50)
        raise AssertionError("no map on the page")

    def drawn_after(self, ticket: int) -> int:
        """Wait until the map was drawn again, and return the number of that drawing.

        Streamlit may load the map's frame twice on a first visit; the one that stays counts.
        """
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            try:
                self.frame.wait_for_function(
                    f"() => Number(document.body?.dataset.atlasDrawn || 0) > {ticket}",
                    timeout=PATIENCE_S * 1000,
                )
                return self.ticket()
            except PlaywrightTimeout:
                raise
            except PlaywrightError:
                self.page.wait_for_timeout(50)
        raise AssertionError("the map's frame did not stay")

    def address_says(self, *parts: str) -> None:
        """Wait for parts of the address: it may come a moment after the map."""
        self.page.wait_for_function(
            "parts => parts.every(part => location.href.includes(part))", arg=list(parts)
        )

    def ticket(self) -> int:
        return int(self.frame.evaluate(DRAWN))

    def view(self) -> list[float]:
        return self.frame.evaluate(
            "() => { const m = atlas.state.map; const c = m.getCenter();"
            " return [c.lat, c.lng, m.getZoom()]; }"
        )

    def move_to(self, lat: float, lon: float, zoom: float) -> None:
        """Show another part of the map at once; the map itself is not handed back."""
        self.frame.evaluate(
            "([at, zoom]) => { atlas.state.map.setView(at, zoom, {animate: false}); }",
            [[lat, lon], zoom],
        )

    def features(self, layer: str) -> list[str]:
        """Names (English) of the features drawn of a layer."""
        return self.frame.evaluate(
            "id => { const d = atlas.state.drawn.get(id);"
            " return d ? d.data.features.map(f => f.properties.t.en.join(' | ')) : []; }",
            layer,
        )

    def covered(self, layer: str, lon: float, lat: float, feature: str = "") -> bool:
        """Whether a layer's shape (or a feature's) is drawn over a place."""
        return self.frame.evaluate(
            """([id, lon, lat, feature]) => {
                const d = atlas.state.drawn.get(id);
                if (!d) { return false; }
                const point = atlas.state.map.latLngToLayerPoint([lat, lon]);
                return d.group.getLayers().some(s => s.feature.properties.i.startsWith(feature)
                    && s._containsPoint && s._containsPoint(point));
            }""",
            [layer, lon, lat, feature],
        )


@pytest.fixture(scope="session")
def chromium() -> str:
    found = next((path for name in CHROMIUM if (path := shutil.which(name))), None)
    assert found, "no Chromium: run tools/ensure-chromium"
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        return int(probe.getsockname()[1])


def launch_atlas(layers: Path, script: Path | None = None) -> tuple["subprocess.Popen[bytes]", str]:
    """Start the atlas as `make app` does, over a folder of layers, and wait until it answers.

    A script is run by Streamlit in place of the atlas; ``static`` lies beside it.
    """
    port = free_port()
    command = ["atlas.app.serve", "--port", str(port)]
    if script:
        command = ["streamlit", "run", str(script), "--server.port", str(port)]
    process = subprocess.Popen(
        [sys.executable, "-m", *command],
        cwd=PROJECT,
        env=os.environ | {"ATLAS_LAYERS": str(layers), "PYTHONPATH": str(PROJECT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://localhost:{port}"
    for _ in range(600):
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=1):
                return process, address
        except OSError:
            time.sleep(0.05)
    process.kill()
    raise AssertionError("the atlas did not start")


@pytest.fixture(scope="session")
def start_atlas() -> Iterator[Callable[[Path], str]]:
    """Start an atlas over a folder of layers; returns its address."""
    running: list[subprocess.Popen[bytes]] = []

    def start(layers: Path) -> str:
        process, address = launch_atlas(layers)
        running.append(process)
        return address

    yield start
    for process in running:
        process.terminate()
        process.wait(10)


@pytest.fixture(scope="session")
def atlas_address(start_atlas: Callable[[Path], str]) -> str:
    return start_atlas(PROJECT / "layers")


@pytest.fixture(scope="session")
def feature_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of feature_page.py, served with the atlas's own static files."""
    folder = tmp_path_factory.mktemp("features")
    (folder / "static").symlink_to(PROJECT / "static")
    script = Path(shutil.copy(Path(__file__).with_name("feature_page.py"), folder))
    process, address = launch_atlas(PROJECT / "layers", script)
    yield address
    process.terminate()
    process.wait(10)


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    """A headless Chromium that reaches nothing but this machine."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield started
        started.close()


@pytest.fixture(scope="session")
def contexts(browser: Browser) -> Callable[[str, int, int], BrowserContext]:
    """Contexts that tests share, one a language and size: scripts are compiled once in each."""

    @cache
    def context(locale: str, width: int, height: int) -> BrowserContext:
        return browser.new_context(locale=locale, viewport={"width": width, "height": height})

    return context


@pytest.fixture
def visit_with(
    browser: Browser, contexts: Callable[[str, int, int], BrowserContext]
) -> Iterator[Callable[..., Visit]]:
    """Open pages; they are closed with the test. ``fresh``: in a context of their own."""
    opened: list[Page | BrowserContext] = []

    def make(
        *, locale: str = "zh-CN", width: int = 1400, height: int = 1000, fresh: bool = False
    ) -> Visit:
        if fresh:
            size = {"width": width, "height": height}
            context = browser.new_context(locale=locale, viewport=size)
        else:
            context = contexts(locale, width, height)
        visit = watched_visit(context)
        opened.append(context if fresh else visit.page)
        return visit

    yield make
    for one in opened:
        one.close()


def watched_visit(context: BrowserContext) -> Visit:
    """Open a page of which all that it asks for outside this machine, and says, is kept."""
    visit = Visit(context.new_page())

    def note(request: Request) -> None:
        if not request.url.startswith(LOCAL):
            visit.outside.append(request.url)

    visit.page.on("request", note)
    visit.page.on("pageerror", lambda error: visit.complaints.append(str(error)))
    visit.page.on("console", lambda message: _listen(visit, message))
    return visit


def _listen(visit: Visit, message) -> None:
    if SUB_PATH.search(message.location.get("url", "")):
        return
    if message.type == "error" or (
        message.type == "warning" and not any(word in message.text for word in HARMLESS)
    ):
        visit.complaints.append(message.text)


@pytest.fixture
def visit(visit_with: Callable[..., Visit]) -> Iterator[Visit]:
    """One visit in Chinese on a desk; it may not leave the machine nor complain."""
    made = visit_with()
    yield made
    assert made.outside == []
    assert made.complaints == []


@pytest.fixture(scope="session")
def hostile_address(
    tmp_path_factory: pytest.TempPathFactory, start_atlas: Callable[[Path], str]
) -> str:
    """An atlas whose one layer has markup in every text field, and two look-alike versions."""
    layers = tmp_path_factory.mktemp("hostile") / "layers"
    folder = layers / "ecological-belts"
    folder.mkdir(parents=True)
    source = PROJECT / "layers" / "ecological-belts"
    (folder / "layer.toml").write_bytes((source / "layer.toml").read_bytes())
    info = read_info(layers, "ecological-belts")
    content = store.edition_path(source, 1).read_bytes()
    rows = geojson.read_features(
        content, "source", layer=info.id, kind=info.kind, columns=info.columns
    )
    one = rows[rows.geometry.notna()].head(2).copy()
    for name in (
        "name_zh",
        "name_en",
        "document",
        "issuer",
        "description_zh",
        "description_en",
        "notes_zh",
        "notes_en",
        "method_zh",
        "method_en",
        "source_url",
    ):
        one[name] = ATTACK
    one["id"] = "belt"
    one["part"] = "whole"
    one["plan_version"] = ["belt_2023", "belt_2035"]
    one["status"] = "in-force"
    one["unsourced"] = [[], []]
    one["valid_from"] = ["2023-01-01", "2025-01-01"]
    one["valid_from_precision"] = "day"
    one["valid_to"] = ["2025-01-01", None]
    one["valid_to_precision"] = ["day", None]
    content = geojson.to_bytes(one, info.columns)
    store.publish(folder, content, features=2, note="attack", published=dt.date(2026, 1, 1))
    return start_atlas(layers)
