"""The specification that the browser draws: frames of a map that plays, and its group."""

import datetime as dt
import json

import pytest

from atlas.cartography import web
from atlas.cartography.map_document import MapDocument, map_document, map_layer
from atlas.cartography.web_spec import Frame, specify
from atlas.core.period import as_of
from atlas.i18n import LANGUAGES
from atlas.io import assets, catalogue
from atlas.operations.folder import PROJECT

FOLDER = PROJECT / "layers"
KNOWN_BY = dt.date(2026, 11, 24)
AREAS, LAKES = "metropolitan-areas", "lakes"
URLS = {f"background:{LAKES}": "lakes.json", AREAS: "areas.json"}


def read(layer: str):
    edition = catalogue.find_edition(FOLDER, layer, known_by=KNOWN_BY)
    return catalogue.read_layer(FOLDER, edition)


@pytest.fixture(scope="module")
def ground():
    lakes = read(LAKES)
    return map_layer(lakes, lakes.features, background=True)


@pytest.fixture(scope="module")
def document(ground) -> MapDocument:
    return day_of(2024, ground)


def day_of(year: int, ground) -> MapDocument:
    """The metropolitan areas of a year over the lakes."""
    day = dt.date(year, 7, 1)
    areas = read(AREAS)
    above = map_layer(areas, as_of(areas.features, day))
    return map_document([ground, above], day=day, known_by=KNOWN_BY)


@pytest.fixture(scope="module")
def frames(ground) -> tuple[Frame, ...]:
    return tuple(
        Frame(str(year), f"{year}-07-01", day_of(year, ground), {AREAS: f"{year}.json"})
        for year in (2008, 2024)
    )


def ids(layers: list[dict]) -> list[str]:
    return [layer["id"] for layer in layers]


def test_a_map_without_frames_has_none_and_no_group(document: MapDocument) -> None:
    specification = specify(document, URLS, lang="en")
    assert ids(specification["layers"]) == [f"background:{LAKES}", AREAS]
    assert specification["frames"] is None
    assert specification["sync"] is None
    assert specification["legend"]


def test_frames_bring_the_layers_above_the_background(
    document: MapDocument, frames: tuple[Frame, ...]
) -> None:
    specification = specify(document, URLS, lang="en", frames=frames, frame=1)
    assert ids(specification["layers"]) == [f"background:{LAKES}"]
    assert specification["legend"] == []
    assert specification["frame"] == 1
    first, last = specification["frames"]
    assert (first["label"], first["title"]) == ("2008", "2008-07-01")
    assert [layer["url"] for layer in first["layers"] + last["layers"]] == [
        "2008.json", "2024.json",
    ]  # fmt: skip
    assert ids(first["layers"]) == [AREAS]


def test_a_frame_has_the_legend_and_the_looks_of_its_own_map(
    document: MapDocument, frames: tuple[Frame, ...]
) -> None:
    for frame in frames:
        alone = specify(frame.document, URLS, lang="zh")
        played = specify(document, URLS, lang="zh", frames=(frame,))["frames"][0]
        assert played["legend"] == alone["legend"]
        assert played["layers"][0]["looks"] == alone["layers"][1]["looks"]


def test_every_attribution_and_title_is_there_once(
    document: MapDocument, frames: tuple[Frame, ...]
) -> None:
    specification = specify(document, URLS, lang="en", frames=frames)
    texts = specification["attributions"]
    assert sorted(texts) == sorted({read(name).info.attribution["en"] for name in (LAKES, AREAS)})
    assert specification["label"].count(read(AREAS).info.title["en"]) == 1


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_player_speaks_each_language(
    document: MapDocument, frames: tuple[Frame, ...], lang: str
) -> None:
    words = specify(document, URLS, lang=lang, frames=frames)["player"]
    assert set(words) == {"play", "pause", "slider", "previous", "next"}
    assert len(set(words.values())) == len(words)


@pytest.mark.parametrize("frame", [-1, 2])
def test_a_first_frame_that_is_not_there_is_refused(
    document: MapDocument, frames: tuple[Frame, ...], frame: int
) -> None:
    with pytest.raises(IndexError, match=str(frame)):
        specify(document, URLS, lang="en", frames=frames, frame=frame)


def test_the_group_is_named_and_all_of_it_is_json(
    document: MapDocument, frames: tuple[Frame, ...]
) -> None:
    specification = specify(document, URLS, lang="en", frames=frames, sync="changes")
    assert specification["sync"] == "changes"
    assert json.loads(json.dumps(specification)) == specification


def test_the_map_loads_only_what_is_served() -> None:
    assert set(web.SCRIPTS + web.STYLES) <= set(assets.SERVED)
    assert set(assets.OWN) <= set(web.SCRIPTS + web.STYLES)
    assert web.SCRIPTS[-1] == "atlas.js"
