"""SIGKILL at random moments and at every step; 300 kills are in benchmarks/store_kills.py."""

from pathlib import Path

import pytest

from benchmarks import store_kills


def test_the_store_survives_kills_at_random_moments(tmp_path: Path) -> None:
    summary = store_kills.run_kills(tmp_path, kills=15)
    assert summary.states.total() == 15
    assert summary.editions >= 15


@pytest.mark.parametrize("leftovers", [False, True])
def test_the_store_survives_a_kill_at_every_step(tmp_path: Path, *, leftovers: bool) -> None:
    states = store_kills.kill_at_every_step(tmp_path / "store", leftovers=leftovers)
    assert {
        "a temporary file",
        "an edition that no line lists",
        "an edition listed, not yet reported",
        "a torn line" if leftovers else "nothing left over",
    } <= set(states)


def test_the_proof_sees_a_lost_edition(tmp_path: Path) -> None:
    folder = store_kills.new_store(tmp_path)
    content = store_kills.template()
    before = store_kills.prove_next(folder, content)
    with pytest.raises(AssertionError, match="lines that were there are gone"):
        store_kills.prove(folder, before + b"{}\n", {})
    with pytest.raises(AssertionError, match="published editions are lost"):
        store_kills.prove(folder, before, {2: "0" * 64})
