"""What is known of a film's colors: the samples as arrays, kept in one file and known again by the film's content."""

import hashlib
import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np

from ..model import Palette, Swatch
from ..picture.writing import write_whole

VERSION = 1
"""Of the record; one of another version is made anew."""

Way = Literal["key frames", "exact", "player"]
"""Where the samples come from: the key frames nearest to their moments, the very frames, or VLC's own library."""


@dataclass(frozen=True)
class Sampling:
    """How a film is sampled."""

    samples: int = 1000
    """Spread evenly over the film."""
    swatches: int = 6
    """The most swatches in the palette of a sample."""
    exact: bool = False
    """The very frame of each moment, where the nearest key frame would do."""


@dataclass(frozen=True)
class Facts:
    """What it takes to cite a record."""

    title: str
    key: str
    """The film's fingerprint: `session.films.fingerprint`."""
    duration_s: float
    width: int
    height: int
    codec: str
    sampling: Sampling
    way: Way
    conversion: tuple[str, ...]
    """What was done to the colors, in words."""
    program: str
    """Name and version of what made it."""
    failed: int = 0
    """Moments that gave no frame."""


@dataclass(frozen=True)
class Sample:
    """One frame of a film, as colors."""

    time_s: float
    palette: Palette
    """As a still of it would get."""
    mean: np.ndarray
    """(3,) float32: the mean of its light, as sRGB 0-255."""
    rgb: np.ndarray
    """(count, 3) uint8: all its colors, those that look alike put together."""
    share: np.ndarray
    """(count,) float32: the part of the frame that each of these fills; they sum to 1."""
    conversion: tuple[str, ...] = ()


@dataclass(frozen=True)
class Record:
    """The samples of a film in the order of their time, as arrays."""

    facts: Facts
    time_s: np.ndarray
    """(n,) float64."""
    swatch_rgb: np.ndarray
    """(n, swatches, 3) uint8, dark to light."""
    swatch_share: np.ndarray
    """(n, swatches) float32, 0 where a sample has fewer."""
    mean_rgb: np.ndarray
    """(n, 3) float32: the mean of a frame's light, as sRGB 0-255."""
    start: np.ndarray
    """(n + 1,) int64: sample i has the rows `start[i]` to `start[i + 1]` of the colors."""
    color_rgb: np.ndarray
    """(m, 3) uint8: the colors of all frames."""
    color_share: np.ndarray
    """(m,) float32: the part of its frame that each fills."""

    def __len__(self) -> int:
        return len(self.time_s)

    def palettes(self) -> list[Palette]:
        """The palette of each sample."""
        return [
            tuple(
                Swatch((int(rgb[0]), int(rgb[1]), int(rgb[2])), float(share))
                for rgb, share in zip(row, shares, strict=True)
                if share > 0
            )
            for row, shares in zip(self.swatch_rgb, self.swatch_share, strict=True)
        ]

    def owner(self) -> np.ndarray:
        """(m,) int64: the sample that each color is of."""
        return np.repeat(np.arange(len(self)), np.diff(self.start))

    def only(self, kept: np.ndarray) -> "Record":
        """The samples of a mask (n,)."""
        colors = kept[self.owner()]
        counts = np.diff(self.start)[kept]
        return replace(
            self,
            time_s=self.time_s[kept],
            swatch_rgb=self.swatch_rgb[kept],
            swatch_share=self.swatch_share[kept],
            mean_rgb=self.mean_rgb[kept],
            start=np.concatenate([[0], np.cumsum(counts)]),
            color_rgb=self.color_rgb[colors],
            color_share=self.color_share[colors],
        )


def of(facts: Facts, samples: Sequence[Sample]) -> Record:
    """The record of at least one sample."""
    ordered = sorted(samples, key=lambda one: one.time_s)
    rgb = np.zeros((len(ordered), facts.sampling.swatches, 3), np.uint8)
    share = np.zeros(rgb.shape[:2], np.float32)
    for i, sample in enumerate(ordered):
        for j, swatch in enumerate(sample.palette):
            rgb[i, j], share[i, j] = swatch.rgb, swatch.share
    return Record(
        facts,
        np.array([one.time_s for one in ordered]),
        rgb,
        share,
        np.stack([one.mean for one in ordered]).astype(np.float32),
        np.cumsum([0, *(len(one.share) for one in ordered)]),
        np.concatenate([one.rgb for one in ordered]),
        np.concatenate([one.share for one in ordered]).astype(np.float32),
    )


def packed(record: Record) -> bytes:
    """The record as one NPZ file."""
    arrays = {one.name: getattr(record, one.name) for one in fields(record) if one.name != "facts"}
    facts = json.dumps({"v": VERSION, **asdict(record.facts)}, ensure_ascii=False)
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, facts=np.array(facts), **arrays)
    return buffer.getvalue()


def save(record: Record, path: Path) -> None:
    """Writes the record whole."""
    save_packed(packed(record), path)


def save_packed(data: bytes, path: Path) -> None:
    """Writes a packed record whole."""
    write_whole(path, data)


def load(path: Path) -> Record | None:
    """The record in a file; None where there is none, or one that cannot be used."""
    try:
        with np.load(path, allow_pickle=False) as file:
            facts = _facts(json.loads(str(file["facts"])))
            arrays = {one.name: file[one.name] for one in fields(Record) if one.name != "facts"}
            return None if facts is None else Record(facts, **arrays)
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile):
        return None


def file_name(key: str, sampling: Sampling) -> str:
    """Under which a record is kept: the film's content and the settings in one name."""
    settings = hashlib.sha256(json.dumps([VERSION, asdict(sampling)]).encode()).hexdigest()[:12]
    return f"{key}-{settings}.npz"


def _facts(entry: dict[str, Any]) -> Facts | None:
    if entry.pop("v") != VERSION:
        return None
    sampling = Sampling(**entry.pop("sampling"))
    return Facts(sampling=sampling, conversion=tuple(entry.pop("conversion")), **entry)
