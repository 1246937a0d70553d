"""The guard of these tests itself: what a page asks outside this machine is seen, and not got."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.conftest import Visit

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.mark.parametrize("host", ["192.0.2.1", "example.org"])
def test_a_request_that_leaves_the_machine_is_counted_and_fails(
    visit_with: Callable[..., Visit], atlas_address: str, host: str
) -> None:
    visit = visit_with()
    visit.page.goto(f"{atlas_address}/_stcore/health")
    got = visit.page.evaluate(
        "host => fetch(`http://${host}/x`, {mode: 'no-cors'}).then(() => 'got', () => 'refused')",
        host,
    )
    assert got == "refused"
    assert visit.outside == [f"http://{host}/x"]
