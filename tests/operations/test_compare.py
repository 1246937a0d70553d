"""Two states of a layer: days to the exact day, editions by what was known, plan versions."""

import datetime as dt
import math
from typing import Any

import pytest
import shapely

from atlas.core.layer import Layer
from atlas.core.schema import Column
from atlas.core.units import Units
from atlas.errors import (
    EditionNotFound,
    FeatureNotFound,
    LayerNotFound,
    VersionNotFound,
    WrongKind,
)
from atlas.io import catalogue
from atlas.io import raster as cog
from atlas.operations import publish as publishing
from atlas.operations.compare import (
    DAYS,
    EDITIONS,
    VERSIONS,
    Comparison,
    compare,
    compare_days,
    compare_editions,
    compare_versions,
    list_units,
    read_units,
)
from tests.conftest import TODAY, StoreBuilder
from tests.examples import collection, feature, in_force, row, square
from tests.raster_examples import add_raster_layer, land_cover

START, END = "2016-01-01", "2018-06-01"
ONE_DAY = dt.timedelta(days=1)
NO_UNITS = Units()
CITY = Column("city", title={"zh": "市", "en": "City"})


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def publish(
    store: StoreBuilder, *entries: tuple[dict[str, Any], Any], published: str = "2020-01-01",
    layer: str = "belts",
) -> Layer:  # fmt: skip
    """Publish rows with shapes of their own, and read them back."""
    file = store.write(collection([feature(entry, shape) for entry, shape in entries]))
    done = publishing.publish(
        store.folder, layer, file, note="why", published=day(published), today=TODAY
    )
    assert done.edition is not None
    return store.read(done.edition)


@pytest.fixture
def belts(store: StoreBuilder) -> StoreBuilder:
    """Two editions; the second corrects the first version and knows a second feature."""
    first = in_force(START, END, plan_version="1.0")
    second = in_force(END, None, plan_version="2.0")
    publish(store, (first, square()), (second, square(120, 30, 0.6)))
    publish(
        store, (first, square()), (second, square(120, 30, 0.7)),
        (in_force("2019-01-01", None, id="tai"), square(118)), published="2021-01-01",
    )  # fmt: skip
    return store


def asked(store: StoreBuilder, by: str, old: Any, new: Any, **options: Any) -> Comparison:
    given = {"known_by": TODAY} | options
    return compare(store.folder, "belts", by=by, old=old, new=new, **given)


def told(comparison: Comparison) -> list[str]:
    """Kinds of changes with the versions before and after."""
    diff = comparison.diff
    return [
        f"{change.kind} {diff.old['plan_version'].iloc[list(change.old)].tolist()} "
        f"{diff.new['plan_version'].iloc[list(change.new)].tolist()}"
        for change in diff.changes
    ]


class TestDays:
    """The interval is closed at its start and open at its end."""

    @pytest.mark.parametrize(
        ("old", "new", "changes"),
        [
            ("2015-12-30", "2015-12-31", []),
            ("2015-12-31", "2016-01-01", ["inserted [] ['1.0']"]),
            ("2016-01-01", "2018-05-31", []),
            ("2018-05-31", "2018-06-01", ["reshaped ['1.0'] ['2.0']"]),
            ("2018-06-01", "2018-05-31", ["reshaped ['2.0'] ['1.0']"]),
            ("2018-06-01", "2018-12-31", []),
            ("2018-12-31", "2019-01-01", ["inserted [] ['1']"]),
            ("2016-01-01", "2015-12-31", ["removed ['1.0'] []"]),
            ("2018-06-01", "2018-06-01", []),
        ],
    )
    def test_edges(self, belts: StoreBuilder, old: str, new: str, changes: list[str]) -> None:
        assert told(asked(belts, DAYS, old, new)) == changes

    def test_days_may_be_dates_or_texts(self, belts: StoreBuilder) -> None:
        one = asked(belts, DAYS, "2017-01-01", "2020-01-01")
        other = asked(belts, DAYS, day("2017-01-01"), day("2020-01-01"))
        assert told(one) == told(other)
        assert (other.old.day, other.new.day) == (day("2017-01-01"), day("2020-01-01"))
        assert (one.old.label, one.new.label) == ("2017-01-01", "2020-01-01")

    @pytest.mark.parametrize(
        ("known_by", "edition", "gained"), [("2020-12-31", 1, 0.6), ("2021-01-01", 2, 0.7)]
    )
    def test_the_edition_is_the_one_known_by_the_day(
        self, belts: StoreBuilder, known_by: str, edition: int, gained: float
    ) -> None:
        found = asked(belts, DAYS, "2018-05-31", END, known_by=day(known_by))
        assert found.old.edition == found.new.edition
        assert (found.new.edition.edition, found.known_by) == (edition, day(known_by))
        share = found.sizes_of(0)["new"] / found.sizes_of(0)["old"]
        assert share == pytest.approx((gained / 0.5) ** 2, rel=0.01)

    def test_a_withdrawn_edition_counts_until_its_withdrawal(self, belts: StoreBuilder) -> None:
        belts.withdraw(2, "2022-03-01")
        for known_by, edition in (("2022-02-28", 2), ("2022-03-01", 1)):
            found = asked(belts, DAYS, START, END, known_by=day(known_by))
            assert found.new.edition.edition == edition

    def test_rows_that_may_have_counted_are_doubtful(self, store: StoreBuilder) -> None:
        vague = in_force(START, "2018-01-01") | {"valid_to_precision": "year"}
        layer = publish(store, (vague, square()))
        found = compare_days(
            layer, day("2017-12-31"), day("2018-07-01"), known_by=TODAY, units=NO_UNITS
        )
        assert found.old.doubtful == ()
        assert [id_ for id_, *_ in found.new.doubtful] == ["belt"]
        assert found.diff.is_empty


class TestEditions:
    """What the record says, in all periods; an edition by number counts always."""

    def test_what_an_edition_corrects_and_adds(self, belts: StoreBuilder) -> None:
        found = asked(belts, EDITIONS, 1, 2)
        assert told(found) == ["inserted [] ['1']", "reshaped ['2.0'] ['2.0']"]
        assert (found.diff.kept, found.diff.successive) == (1, False)
        assert (found.old.label, found.new.label, found.old.day) == ("1", "2", None)
        assert not found.new.doubtful

    def test_numbers_may_be_texts_and_turned_round(self, belts: StoreBuilder) -> None:
        assert told(asked(belts, EDITIONS, "2", "1")) == [
            "removed ['1'] []", "reshaped ['2.0'] ['2.0']",
        ]  # fmt: skip
        assert told(asked(belts, EDITIONS, "2", "2")) == []

    def test_known_by_hides_no_edition_that_is_named(self, belts: StoreBuilder) -> None:
        found = asked(belts, EDITIONS, 1, 2, known_by=day("2020-01-01"))
        assert (found.old.edition.edition, found.new.edition.edition) == (1, 2)
        belts.withdraw(2, "2022-03-01")
        assert told(asked(belts, EDITIONS, 1, 2)) == told(found)

    def test_a_feature_that_only_one_edition_has(self, belts: StoreBuilder) -> None:
        assert told(asked(belts, EDITIONS, 1, 2, feature="tai")) == ["inserted [] ['1']"]
        assert told(asked(belts, EDITIONS, 2, 1, feature="tai")) == ["removed ['1'] []"]


class TestVersions:
    """Two plan versions of one feature, whenever they were in force."""

    def test_all_rows_of_a_version_count(self, store: StoreBuilder) -> None:
        layer = publish(
            store, (in_force(START, END), square()),
            (in_force(END, None, plan_version="2", part="core"), square(120, 30, 0.3)),
            (in_force(END, None, plan_version="2", part="shore"), square(121, 30, 0.3)),
        )  # fmt: skip
        found = compare_versions(layer, "belt", "1", "2", known_by=TODAY, units=NO_UNITS)
        assert told(found) == ["split ['1'] ['2', '2']"]
        assert (found.old.version, found.new.label, found.feature) == ("1", "2", "belt")
        assert found.diff.successive

    def test_a_version_is_no_other_than_itself(self, belts: StoreBuilder) -> None:
        assert told(asked(belts, VERSIONS, "1.0", "1.0", feature="belt")) == []

    def test_known_by_selects_the_edition(self, belts: StoreBuilder) -> None:
        found = asked(belts, VERSIONS, "1.0", "2.0", feature="belt", known_by=day("2020-06-01"))
        assert found.new.edition.edition == 1

    @pytest.mark.parametrize("version", ["3.0", "", " 1.0", "x" * 10_000])
    def test_a_version_that_is_not_there(self, belts: StoreBuilder, version: str) -> None:
        for pair in (("1.0", version), (version, "1.0")):
            with pytest.raises(VersionNotFound, match=r"it has: 1\.0, 2\.0") as caught:
                asked(belts, VERSIONS, *pair, feature="belt")
            assert len(str(caught.value)) < 300


@pytest.mark.parametrize(
    ("by", "old", "new"),
    [(DAYS, "2016-06-01", "2020-01-01"), (EDITIONS, 1, 2)],
)
def test_one_feature_alone(belts: StoreBuilder, by: str, old: Any, new: Any) -> None:
    found = asked(belts, by, old, new, feature="belt")
    assert found.feature == "belt"
    assert {*found.old.rows["id"], *found.new.rows["id"]} == {"belt"}
    assert [change.kind for change in found.diff.changes] == ["reshaped"]


@pytest.mark.parametrize(
    ("by", "old", "new"),
    [(DAYS, START, END), (EDITIONS, 1, 2), (VERSIONS, "1.0", "2.0")],
)
def test_a_feature_that_is_not_there(belts: StoreBuilder, by: str, old: Any, new: Any) -> None:
    with pytest.raises(FeatureNotFound, match=r"edition 2 has no feature 'belts'; near: belt"):
        asked(belts, by, old, new, feature="belts")


@pytest.mark.parametrize(
    ("by", "old", "new"),
    [(DAYS, START, END), (EDITIONS, 1, 1), (VERSIONS, "1", "1")],
)
def test_a_layer_that_is_not_there_or_has_no_edition(
    empty_store: StoreBuilder, by: str, old: Any, new: Any
) -> None:
    empty_store.add_layer("lakes")
    with pytest.raises(LayerNotFound, match="no layer 'belts'"):
        asked(empty_store, by, old, new, feature="x")
    empty_store.add_layer("belts")
    with pytest.raises(EditionNotFound, match="it has: none"):
        asked(empty_store, by, old, new, feature="x")


def test_an_edition_that_is_not_there_or_not_yet_known(belts: StoreBuilder) -> None:
    for pair in ((1, 3), (3, 1), (0, 1)):
        with pytest.raises(EditionNotFound, match=r"has no edition [03]; it has: 1 \(2020-01-01\)"):
            asked(belts, EDITIONS, *pair)
    with pytest.raises(EditionNotFound, match="published by 2019-12-31"):
        asked(belts, DAYS, START, END, known_by=day("2019-12-31"))


@pytest.mark.parametrize(
    ("by", "old", "new"), [(DAYS, START, END), (EDITIONS, 1, 1), (VERSIONS, "1", "1")]
)
def test_a_raster_has_no_rows_to_compare(
    empty_store: StoreBuilder, by: str, old: Any, new: Any
) -> None:
    add_raster_layer(empty_store.folder, "belts")
    publishing.publish(
        empty_store.folder, "belts", empty_store.write(cog.to_bytes(land_cover()), "cells.tif"),
        note="cells", published=day("2020-01-01"), today=TODAY,
    )  # fmt: skip
    with pytest.raises(WrongKind, match="'belts' is of kind raster"):
        asked(empty_store, by, old, new, feature="x")


@pytest.mark.parametrize(
    ("kind", "shape", "unit", "size"),
    [
        ("polygon", square(), "km²", pytest.approx(2667, abs=1)),
        ("line", shapely.LineString([(120, 30), (120, 31)]), "km", pytest.approx(110.86, abs=0.01)),
        ("point", shapely.Point(120, 30), "", None),
    ],
)
def test_sizes_have_the_unit_of_the_kind(
    empty_store: StoreBuilder, kind: str, shape: Any, unit: str, size: Any
) -> None:
    empty_store.add_layer("belts", kind=kind)
    layer = publish(empty_store, (row(), shape))
    found = compare_editions(layer, layer, known_by=TODAY, units=NO_UNITS)
    assert found.unit == unit
    measured = found.measure(shape)
    assert math.isnan(measured) if size is None else measured == size
    assert math.isnan(found.measure(None))


class TestUnits:
    """Names of units, and which district is whose, from the layers that name them."""

    def test_a_unit_has_its_newest_name_and_city(self, empty_store: StoreBuilder) -> None:
        empty_store.add_layer("districts", theme="base", columns=(CITY,))
        layer = publish(
            empty_store, (in_force(None, "2011-01-01", id="d", name_en="Old", city="a"), square()),
            (in_force("2011-01-01", None, id="d", plan_version="2", name_en="New", city="b"),
             square()),
            (in_force(None, "2011-01-01", id="gone", city="a"), square(118)),
            (in_force(None, None, id="e", city="b"), square(117)), layer="districts",
        )  # fmt: skip
        units = list_units([layer])
        assert units.name("d", "en") == "New"
        assert units.parent == {"d": "b", "gone": "a", "e": "b"}
        assert {city: sorted(held) for city, held in units.children.items()} == {"b": ["d", "e"]}

    def test_they_are_those_known_by_the_day(self, empty_store: StoreBuilder) -> None:
        empty_store.add_layer("cities", theme="base")
        empty_store.publish([row(id="a", name_en="Old")], layer="cities", published="2020-01-01")
        empty_store.publish([row(id="a", name_en="New")], layer="cities", published="2021-01-01")
        for known_by, name in (("2019-12-31", "a"), ("2020-01-01", "Old"), ("2021-01-01", "New")):
            assert read_units(empty_store.folder, known_by=day(known_by)).name("a", "en") == name

    def test_there_may_be_none(self, store: StoreBuilder) -> None:
        assert read_units(store.folder, known_by=TODAY) == NO_UNITS


def test_a_comparison_is_about_the_layers_own_rows(belts: StoreBuilder) -> None:
    layer = catalogue.read_layer(
        belts.folder, catalogue.find_edition(belts.folder, "belts", known_by=TODAY)
    )
    before = layer.features.copy(deep=True)
    compare_days(layer, day(START), day(END), known_by=TODAY, units=NO_UNITS)
    assert layer.features.equals(before)
