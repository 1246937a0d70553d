"""The guard of the approval number: never made up, never in the wrong place."""

import pytest

from atlas.core.approval import check_approval
from atlas.errors import ApprovalMalformed, ApprovalMisplaced, ApprovalMissing


@pytest.mark.parametrize(
    "number",
    ["GS（2024）0650号", "GS(2019)1822号", "GS京(2022)1234号", "浙S（2021）10号",
     "国审字(2003)第123号", "  GS 2016-1234 "],
)  # fmt: skip
def test_a_public_figure_takes_the_number_that_it_is_given(number: str) -> None:
    assert check_approval("public", number) == number.strip()


@pytest.mark.parametrize("number", [None, "", "  \n"])
def test_a_public_figure_without_a_number_is_refused(number: str | None) -> None:
    with pytest.raises(ApprovalMissing, match="invents none"):
        check_approval("public", number)


@pytest.mark.parametrize("number", ["GS（XXXX）XXXX号", "2024", "none", "无", "x" * 41, "GS2024"])
def test_what_cannot_be_a_number_is_refused(number: str) -> None:
    with pytest.raises(ApprovalMalformed):
        check_approval("public", number)


@pytest.mark.parametrize("profile", ["working", "internal"])
def test_other_figures_take_no_number(profile: str) -> None:
    assert check_approval(profile, None) == ""
    with pytest.raises(ApprovalMisplaced, match=profile):
        check_approval(profile, "GS（2024）0650号")
