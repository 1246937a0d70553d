"""Figures look as those that somebody looked at; README.md beside them says how to renew them."""

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from matplotlib.image import imread
from scipy.ndimage import uniform_filter

from atlas.cartography.figure_files import to_png
from tests.golden.figures.cases import CASES, DPI, composed

GOLDEN = Path(__file__).parents[1] / "golden" / "figures"
BLUR = 3
MEAN, FAR, FAR_SHARE = 0.6, 14.0, 0.002
"""Mean difference, and how much of the page may differ plainly, in CIE L*a*b* (1976)."""
TO_XYZ = np.array([[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750],
                   [0.0193339, 0.1191920, 0.9503041]])  # fmt: skip


def seen(png: bytes) -> np.ndarray:
    """Colours of a picture as CIE L*a*b*, slightly blurred."""
    rgb = imread(BytesIO(png))[:, :, :3]
    soft = uniform_filter(rgb, size=(BLUR, BLUR, 1))
    linear = np.where(soft <= 0.04045, soft / 12.92, ((soft + 0.055) / 1.055) ** 2.4)
    xyz = linear @ TO_XYZ.T / np.array([0.95047, 1.0, 1.08883])
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    lightness = 116 * f[..., 1] - 16
    return np.stack(
        [lightness, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])], axis=-1
    )


def difference(one: bytes, other: bytes) -> tuple[float, float]:
    """Mean difference of two pictures, and the share of the page that differs plainly."""
    first, second = seen(one), seen(other)
    assert first.shape == second.shape
    apart = np.linalg.norm(first - second, axis=-1)
    return float(apart.mean()), float((apart > FAR).mean())


@pytest.mark.parametrize("name", CASES)
def test_a_figure_looks_as_before(name: str) -> None:
    drawn = to_png(composed(name).sheet, dpi=DPI)
    mean, far = difference(drawn, (GOLDEN / f"{name}.png").read_bytes())
    assert mean < MEAN
    assert far < FAR_SHARE


def test_the_tolerance_sees_a_name_that_is_missing() -> None:
    kept = (GOLDEN / "corridors-belts.zh.png").read_bytes()
    picture = imread(BytesIO(kept))
    changed = picture.copy()
    high, wide = picture.shape[:2]
    changed[int(high * 0.4) : int(high * 0.4) + 14, int(wide * 0.3) : int(wide * 0.3) + 60] = 1
    from matplotlib.image import imsave

    out = BytesIO()
    imsave(out, changed, format="png")
    mean, far = difference(out.getvalue(), kept)
    assert mean > MEAN or far > FAR_SHARE
