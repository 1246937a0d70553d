"""Explore as a reader waits for it: start, first page, toggle to redrawn, memory.

Figures of one machine; run with nothing else going on. The peer of the toggle is the same
change with the layer's data inside the Folium map (streamlit-folium's usual way), measured
in docs/decisions/0003-map-pattern.md's source; here only our own figures are taken.
"""

from __future__ import annotations

import shutil
import statistics
import time

import psutil
from playwright.sync_api import sync_playwright

from atlas.operations.folder import PROJECT
from tests.browser.conftest import ARGUMENTS, CHROMIUM, Visit, launch_atlas, watched_visit

TOGGLES = 20
MIB = 1024 * 1024


def measure() -> dict[str, object]:
    """Start the atlas, open Explore in Chromium, toggle a layer twenty times."""
    began = time.perf_counter()
    process, address = launch_atlas(PROJECT / "layers")
    ready = time.perf_counter() - began
    try:
        with sync_playwright() as playwright:
            path = next(found for name in CHROMIUM if (found := shutil.which(name)))
            browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
            visit = watched_visit(browser.new_context(viewport={"width": 1400, "height": 1000}))
            figures = _first_page(visit, address)
            figures |= _toggles(visit)
            browser.close()
        memory = psutil.Process(process.pid).memory_info().rss / MIB
    finally:
        process.terminate()
        process.wait(10)
    return {"ready to answer, s": round(ready, 2)} | figures | {"server memory, MiB": round(memory)}


def _first_page(visit: Visit, address: str) -> dict[str, object]:
    sizes: list[int] = []
    session = visit.page.context.new_cdp_session(visit.page)
    session.send("Network.enable")
    session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    began = time.perf_counter()
    visit.open(address)
    drawn = time.perf_counter() - began
    visit.page.wait_for_timeout(1500)
    inside = visit.frame.evaluate(
        "() => performance.getEntriesByType('resource').reduce((s, e) => s + e.transferSize, 0)"
    )
    return {
        "first page to drawn map, s": round(drawn, 2),
        "first page, page itself, KiB": round(sum(sizes) / 1024),
        "first page, map's frame, KiB": round(inside / 1024),
        "requests that left the machine": len(visit.outside),
    }


def _toggles(visit: Visit) -> dict[str, object]:
    box = visit.page.get_by_test_id("stCheckbox").nth(2).locator("label")
    times = []
    for _ in range(TOGGLES):
        ticket = visit.ticket()
        began = time.perf_counter()
        box.click()
        visit.drawn_after(ticket)
        times.append((time.perf_counter() - began) * 1000)
    return {
        f"toggle to redrawn, ms (median of {TOGGLES})": round(statistics.median(times)),
        "toggle to redrawn, ms (slowest)": round(max(times)),
    }
