"""Who a figure is for, and the number under which the authority approved its map (审图号).

The atlas never makes up a number, has no default one, and gives no legal clearance: it
prints what the user says the authority gave for this extent and this base.
"""

from __future__ import annotations

import re

from atlas.core.report import clean
from atlas.errors import ApprovalMalformed, ApprovalMisplaced, ApprovalMissing

WORKING, INTERNAL, PUBLIC = PROFILES = ("working", "internal", "public")
NUMBER = re.compile(r"(?=.{6,40}$)[A-Za-z\u4e00-\u9fff]{1,8}.{0,4}\d{4}.{0,3}\d{1,6}\s*号?")
"""Letters of the authority, a year, a number: GS（2024）0650号, 浙S（2021）10号."""


def check_approval(profile: str, number: str | None) -> str:
    """The approval number as a figure prints it; empty unless the profile is public.

    Parameters
    ----------
    profile
        One of :data:`PROFILES`.
    number
        What the user was given; never checked against any register.

    Raises
    ------
    ApprovalMissing
        If a public figure has none.
    ApprovalMisplaced
        If a figure that is not public has one.
    ApprovalMalformed
        If it cannot be one: no letters, no year, no number.

    >>> check_approval("public", " GS（2024）0650号 ")
    'GS（2024）0650号'
    """
    given = clean(number or "")
    if profile != PUBLIC and given:
        raise ApprovalMisplaced(profile=profile)
    if profile == PUBLIC and not given:
        raise ApprovalMissing
    if given and not NUMBER.fullmatch(given):
        raise ApprovalMalformed(number=given[:60])
    return given
