"""Rail reach: all pairs, sixteen yearly networks, a peer on the same graph, the slider.

The peer is networkx (Dijkstra in Python) on the very same states and minutes; it must give the
same answer. r5py and OpenTripPlanner are no peers: they need GTFS and streets, which a network of
stations of any year does not have.
"""

from __future__ import annotations

import datetime as dt
import shutil
import statistics
import time
from collections.abc import Callable
from urllib.parse import urlencode

import networkx as nx
import numpy as np
from playwright.sync_api import sync_playwright

from atlas.analysis.journeys import all_pairs
from atlas.analysis.rail_measures import ways_over
from atlas.operations.folder import PROJECT
from atlas.operations.rail import Model, Rail, model_on, read_rail
from atlas.operations.rail_places import find_origin
from atlas.operations.reach import live_within, reach_from, read_residents
from atlas.operations.reach_matrix import city_matrix
from atlas.operations.reach_what_if import what_if
from tests.browser.conftest import ARGUMENTS, CHROMIUM, launch_atlas, watched_visit
from tests.browser.test_reach import MOVES, NANJING, SLIDE

DAY = dt.date(2026, 11, 25)
YEARS = range(2011, 2027)
RUNS = 5
HEFEI = "cities:340100"
PEER_ORIGINS = 20
"""Stations that the slow peer starts from; its time for all is told from them."""


def report() -> None:
    """Print a plain table."""
    print("rail reach")
    for name, value in (measure() | slider()).items():
        print(f"  {name}: {value}")


def seconds(work: Callable[[], object]) -> float:
    """Median of some runs."""
    taken = []
    for _ in range(RUNS):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)


def measure() -> dict[str, str]:
    """Everything without a browser."""
    layers = PROJECT / "layers"
    rail = read_rail(layers, known_by=DAY)
    model = model_on(rail, DAY)
    residents = read_residents(layers, day=DAY, known_by=DAY)
    origin = find_origin(model, "cities:320100")
    reach = reach_from(model, origin)
    matrix = city_matrix(model)
    return {
        "stations, states, edges": f"{model.graph.count}, {model.graph.minutes.shape[0]}, "
        f"{model.graph.minutes.nnz}",
        "read and measure the record, s": _text(seconds(lambda: read_rail(layers, known_by=DAY))),
        "network and states of a day, s": _text(seconds(lambda: model_on(rail, DAY))),
        "all pairs over all stations, s": _text(seconds(lambda: _day(rail, DAY))),
        f"{len(YEARS)} yearly networks with all pairs, s": _text(seconds(lambda: _years(rail))),
        "reach of a city with areas and residents, s": _text(seconds(
            lambda: live_within(reach_from(model, origin), residents, 60)
        )),
        "city by city with changes and kilometres, s": _text(seconds(lambda: city_matrix(model))),
        "ways over each station, s": _text(seconds(
            lambda: ways_over(matrix.table, matrix.table.origins)
        )),
        "what a planned line changes, s": _text(seconds(lambda: what_if(
            rail, "nantong-ningbo-hsr", DAY, include=(), assumed=model.assumed,
            residents=residents,
        ))),
        "one shape of an hour, s": _text(seconds(lambda: reach.shape(60))),
        **peer(model),
    }  # fmt: skip


def _text(value: float) -> str:
    return f"{value:.3f}"


def _day(rail: Rail, day: dt.date) -> np.ndarray:
    return all_pairs(model_on(rail, day).graph)


def _years(rail: Rail) -> None:
    for year in YEARS:
        _day(rail, dt.date(year, 12, 31))


def peer(model: Model) -> dict[str, str]:
    """Networkx on the same states: seconds for all pairs, and the largest difference."""
    graph = model.graph
    held = graph.minutes.tocoo()
    peer_graph = nx.DiGraph()
    peer_graph.add_weighted_edges_from(
        zip(held.row.tolist(), held.col.tolist(), held.data.tolist(), strict=True)
    )
    ours = all_pairs(graph)
    origins = np.linspace(0, graph.count - 1, PEER_ORIGINS).astype(int).tolist()
    began = time.perf_counter()
    largest = 0.0
    for origin in origins:
        found = nx.single_source_dijkstra_path_length(peer_graph, origin)
        theirs = [found.get(end + graph.count, np.inf) for end in range(graph.count)]
        theirs[origin] = 0.0
        both = np.isfinite(ours[origin]) & np.isfinite(theirs)
        largest = max(largest, float(np.abs(ours[origin][both] - np.array(theirs)[both]).max()))
    taken = (time.perf_counter() - began) / len(origins) * graph.count
    alone = seconds(lambda: all_pairs(graph))
    return {
        "all pairs alone, SciPy, s": _text(alone),
        f"all pairs alone, networkx, s (from {PEER_ORIGINS} stations)": _text(taken),
        "networkx takes so many times as long": f"{taken / alone:.0f}",
        "largest difference, minutes": f"{largest:.1e}",
    }


def slider() -> dict[str, str]:
    """The page in Chromium: first answer, another place, a move of the slider."""
    process, address = launch_atlas(PROJECT / "layers")
    try:
        with sync_playwright() as playwright:
            path = next(found for name in CHROMIUM if (found := shutil.which(name)))
            browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
            visit = watched_visit(browser.new_context(viewport={"width": 1400, "height": 1000}))
            figures = {}
            visits = {"first visit": NANJING, "another city": NANJING | {"origin": HEFEI}}
            for name, query in visits.items():
                began = time.perf_counter()
                visit.page.goto(f"{address}/reach?{urlencode(query)}")
                visit.page.get_by_text("Link to share").wait_for(timeout=120_000)
                visit.drawn_after(0)
                figures[f"page, {name}, s"] = f"{time.perf_counter() - began:.1f}"
            years = [str(year) for year in range(2009, 2026)]
            for year in years:
                visit.frame.evaluate(SLIDE, year)
            taken = [
                visit.frame.evaluate(SLIDE, years[7 * move % len(years)]) for move in range(MOVES)
            ]
            browser.close()
    finally:
        process.terminate()
        process.wait(10)
    return figures | {
        f"slider move to drawn, median of {MOVES}, ms": f"{statistics.median(taken):.0f}",
        "slider move to drawn, worst, ms": f"{max(taken):.0f}",
    }


if __name__ == "__main__":
    report()
