"""Palettes as the usual programs make them, straight from scikit-learn: to compare, by `--method`.

K-means and agglomerative clustering, in RGB or HSV, of a picture's counted colors. scikit-learn takes a second and
100 MB to import, so it is imported when one of these is asked for.
"""

import cv2
import numpy as np

from .colors import Colors, means

# Agglomerative clustering knows no weights and compares every color with every other: it gets at most this many.
AGGLOMERATIVE_COLORS = 1000
# k-means of a fixed seed gives the same palette every time.
SEED = 0


def swatch_colors(colors: Colors, n: int, method: str) -> np.ndarray:
    """At most n cluster means, (m, 3) float64 sRGB 0-255; `method` as in `palette.Options`."""
    from sklearn.cluster import AgglomerativeClustering, KMeans

    algorithm, space = method.split("-")
    rows, share = _coordinates(colors.rgb, space), colors.share
    n = min(n, len(np.unique(rows, axis=0)))
    if algorithm == "kmeans":
        label = KMeans(n, random_state=SEED).fit(rows, sample_weight=share).labels_
    else:
        largest = np.sort(np.argsort(-share, kind="stable")[:AGGLOMERATIVE_COLORS])
        rows, share = rows[largest], share[largest]
        label = AgglomerativeClustering(n).fit(rows).labels_ if n > 1 else np.zeros(len(rows), int)
    _, label = np.unique(label, return_inverse=True)
    return _rgb(means(label, share, rows), space)


def _coordinates(rgb: np.ndarray, space: str) -> np.ndarray:
    """Rows 0-1. Hue is a plain number from red to red, as in the programs that this compares with."""
    rows = rgb.astype(np.float32) / 255
    return rows if space == "rgb" else cv2.cvtColor(rows[None], cv2.COLOR_RGB2HSV)[0] / (360, 1, 1)


def _rgb(rows: np.ndarray, space: str) -> np.ndarray:
    if space == "hsv":
        rows = cv2.cvtColor((rows * (360, 1, 1)).astype(np.float32)[None], cv2.COLOR_HSV2RGB)[0]
    return rows.astype(float) * 255
