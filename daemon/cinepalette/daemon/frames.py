"""Frames of a film into a session, as if a viewer had pressed the key at each moment."""

import tempfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from ..model import Progress, Sidecar, timecode
from ..picture import decoding, writing
from ..session.folder import Folder
from .pipeline import Pipeline


def into_session(
    pipeline: Pipeline,
    path: Path,
    duration_s: float,
    moments_s: Sequence[float],
    session: str,
    progress: Progress | None = None,
) -> Folder | None:
    """Takes the frames at these moments into a session of that name; gives its folder, None for no moments."""
    folder = None
    with tempfile.TemporaryDirectory(prefix="cinepalette-") as place:
        for number, moment_s in enumerate(moments_s):
            frame = decoding.frame_at(path, moment_s)
            picture = Path(place) / f"{timecode(frame.time_s).replace(':', '.')} {number}.png"
            writing.write_png(picture, frame.rgb)
            sidecar = Sidecar(
                title=path.name,
                uri=path.resolve().as_uri(),
                time_s=frame.time_s,
                duration_s=duration_s,
                taken_at=datetime.now().astimezone(),
            )
            folder = pipeline.add(picture, session, sidecar).folder
            picture.unlink()
            if progress:
                progress(number + 1, len(moments_s))
    return folder
