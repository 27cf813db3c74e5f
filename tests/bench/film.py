"""How fast a whole film is sampled, over ffmpeg's own `fps` filter.

    python3 tests tests/bench/film.py CLIP... [--peer CMD]

Each clip is looped to ninety minutes by stream copy, so that what is decoded is real. ffmpeg, which decodes every
frame, is timed on a tenth of that (its time grows evenly) and ours on all of it: 1,000 samples with their palettes,
from an empty cache. Only the ratios say something about another machine: by the clock, and by the processor's time,
which other programs disturb less. A tenth of the samples of a tenth of the film shows that memory does not grow with
the film. `--peer` is the command line of a barcode program with {film} and {folder} in it, timed on a thirtieth.
`--cuts` compares scenes with PySceneDetect, where that is installed for the Python named.
"""

import argparse
import os
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import av
from cinepalette.film.sampling import Crew
from cinepalette.film.scenes import scenes

SAMPLES = 1000
LENGTH_S = 90 * 60
PART, PEER_PART = 10, 30
NEAR_S = 0.2

DETECT = """
import sys, time
from scenedetect import ContentDetector, detect
begun = time.perf_counter()
found = detect(sys.argv[1], ContentDetector())
print(time.perf_counter() - begun, *(float(start.get_seconds()) for start, _ in found[1:]))
"""


def main() -> None:
    """Prints the ratios."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("clips", nargs="+", type=Path)
    words.add_argument("--peer", action="append", default=[])
    words.add_argument("--cuts", nargs=3, metavar=("FILM", "TIMES", "PYTHON"))
    chosen = words.parse_args()
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR")) as place:
        for clip in chosen.clips:
            compare(clip, Path(place), chosen.peer)
        if chosen.cuts:
            compare_cuts(*chosen.cuts)


def compare(clip: Path, place: Path, peers: list[str]) -> None:
    """Our time for a film over ffmpeg's and that of others."""
    film = looped(clip, place / f"film{clip.suffix}", LENGTH_S)
    short = looped(clip, place / f"short{clip.suffix}", LENGTH_S / PART)
    ours = sampling(film, place)
    again = sampling(film, place, "--draw", "river")
    part = sampling(short, place, "--samples", SAMPLES // PART)
    words = ["ffmpeg", "-v", "error", "-i", short, "-an", "-vf", f"fps={SAMPLES}/{LENGTH_S}", "-f", "null", "-"]
    ffmpeg = timed(words, place)
    print(
        f"{described(clip)}: {SAMPLES} samples of 90 min in {ours.wall_s:.1f} s, ffmpeg {ffmpeg.wall_s * PART:.0f} s: "
        f"{ffmpeg.wall_s * PART / ours.wall_s:.0f} times faster; "
        f"of the processor {ours.cpu_s:.1f} s, ffmpeg {ffmpeg.cpu_s * PART:.0f} s: "
        f"{ffmpeg.cpu_s * PART / ours.cpu_s:.0f} times less; "
        f"another drawing {again.wall_s:.1f} s; at most {ours.most_mb:.0f} MB a process, "
        f"{part.most_mb:.0f} MB for a film of {LENGTH_S / PART / 60:.0f} min",
        flush=True,
    )
    short = looped(clip, place / f"short{clip.suffix}", LENGTH_S / PEER_PART)
    for peer in peers:
        words = shlex.split(peer.format(film=short, folder=place))
        peer = timed(words, place)
        print(
            f"  {Path(words[0]).name} {peer.wall_s * PEER_PART:.0f} s: "
            f"{peer.wall_s * PEER_PART / ours.wall_s:.0f} times faster, by the processor's time "
            f"{peer.cpu_s * PEER_PART / ours.cpu_s:.0f}",
            flush=True,
        )
    film.unlink()


def compare_cuts(film: str, times: str, python: str) -> None:
    """Our scenes and PySceneDetect's, in time and in F1 against the film's known cuts."""
    true_s = [float(line) for line in Path(times).read_text().split()]
    begun = time.perf_counter()
    with Crew() as crew:
        ours = [start for start, _ in scenes(Path(film), crew)][1:]
    ours_s = time.perf_counter() - begun
    printed = subprocess.run([python, "-W", "ignore", "-c", DETECT, film], check=True, capture_output=True, text=True)
    theirs_s, *theirs = map(float, printed.stdout.split())
    print(f"scenes: F1 {f1(ours, true_s):.3f} in {ours_s:.1f} s, PySceneDetect {f1(theirs, true_s):.3f} in "
          f"{theirs_s:.1f} s: {theirs_s / ours_s:.0f} times faster")  # fmt: skip


def f1(found_s: list[float], true_s: list[float]) -> float:
    """Of cuts found, against cuts known."""
    right = sum(any(abs(one - other) <= NEAR_S for other in true_s) for one in found_s)
    known = sum(any(abs(one - other) <= NEAR_S for other in found_s) for one in true_s)
    precision, recall = right / max(1, len(found_s)), known / max(1, len(true_s))
    return 2 * precision * recall / max(1e-9, precision + recall)


def looped(clip: Path, target: Path, length_s: float) -> Path:
    """The clip again and again, without coding it anew."""
    words = ["ffmpeg", "-v", "error", "-y", "-stream_loop", "-1", "-i", clip, "-map", "0:v:0", "-c", "copy"]
    subprocess.run([*words, "-t", str(length_s), target], check=True)
    return target


def described(clip: Path) -> str:
    """Codec and size."""
    with av.open(str(clip)) as container:
        stream = container.streams.video[0]
        keys = sorted(packet.pts for packet in container.demux(stream) if packet.is_keyframe and packet.pts is not None)
        between = [(b - a) * stream.time_base for a, b in pairwise(keys)] or [container.duration / 1e6]
        apart = float(sum(between) / len(between))
        name = stream.codec_context.name
        return f"{name} {stream.width}x{stream.height} {stream.pix_fmt}, key frames {apart:.1f} s apart"


@dataclass(frozen=True)
class Cost:
    """What a command took, with all its processes."""

    wall_s: float
    cpu_s: float
    most_mb: float
    """The most memory of one of them."""


def sampling(film: Path, place: Path, *words: object) -> Cost:
    """What ours takes to sample a film, or where that is done, to draw it."""
    command = [sys.executable, "-m", "cinepalette", "film", film, "--samples", SAMPLES, "-o", place / "out.png"]
    return timed([*command, "--force", "--records", place / "records", *words], place)


def timed(words: Sequence[object], place: Path) -> Cost:
    """What a command takes."""
    begun = time.perf_counter()
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen([str(word) for word in words], cwd=place, **quiet)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, process.args)
    return Cost(time.perf_counter() - begun, used.ru_utime + used.ru_stime, used.ru_maxrss / 1000)


if __name__ == "__main__":
    main()
