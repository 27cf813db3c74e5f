"""How fast a whole film is sampled, over ffmpeg's own `fps` filter.

    python3 tests tests/bench/film.py CLIP... [--peer CMD]

Each clip is looped to ninety minutes by stream copy, so that what is decoded is real. ffmpeg, which decodes every
frame, is timed on a tenth of that (its time grows evenly) and ours on all of it: 1,000 samples with their palettes,
from an empty cache. Only the ratios say something about another machine. `--peer` is the command line of a barcode
program with {film} and {folder} in it, timed on a thirtieth. `--cuts` compares scenes with PySceneDetect, where that
is installed for the Python named.
"""

import argparse
import os
import resource
import shlex
import subprocess
import sys
import tempfile
import time
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
    ours_s, most_mb = timed(
        [sys.executable, "-m", "cinepalette", "film", film, "--samples", str(SAMPLES), "-o", place / "out.png",
         "--force", "--records", place / "records"], place
    )  # fmt: skip
    again_s, _ = timed(
        [sys.executable, "-m", "cinepalette", "film", film, "--draw", "river", "-o", place / "out.png",
         "--force", "--records", place / "records"], place
    )  # fmt: skip
    short = looped(clip, place / f"short{clip.suffix}", LENGTH_S / PART)
    words = ["ffmpeg", "-v", "error", "-i", short, "-an", "-vf", f"fps={SAMPLES}/{LENGTH_S}", "-f", "null", "-"]
    ffmpeg_s = timed(words, place)[0] * PART
    print(
        f"{described(clip)}: {ours_s:.1f} s for {SAMPLES} samples of 90 min, ffmpeg {ffmpeg_s:.0f} s: "
        f"{ffmpeg_s / ours_s:.0f} times faster; another drawing {again_s:.1f} s; at most {most_mb:.0f} MB a process",
        flush=True,
    )
    short = looped(clip, place / f"short{clip.suffix}", LENGTH_S / PEER_PART)
    for peer in peers:
        words = shlex.split(peer.format(film=short, folder=place))
        peer_s = timed(words, place)[0] * PEER_PART
        print(f"  {Path(words[0]).name} {peer_s:.0f} s: {peer_s / ours_s:.0f} times faster", flush=True)
    film.unlink()


def compare_cuts(film: str, times: str, python: str) -> None:
    """Our scenes and PySceneDetect's, in time and in F1 against the film's known cuts."""
    true_s = [float(line) for line in Path(times).read_text().split()]
    begun = time.perf_counter()
    with Crew() as crew:
        ours = [start for start, _ in scenes(Path(film), crew)][1:]
    ours_s = time.perf_counter() - begun
    told = subprocess.run([python, "-W", "ignore", "-c", DETECT, film], check=True, capture_output=True, text=True)
    theirs_s, *theirs = map(float, told.stdout.split())
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


def timed(words: list[object], place: Path) -> tuple[float, float]:
    """(seconds, the most memory of a process in MB) of a command."""
    begun = time.perf_counter()
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run([str(word) for word in words], check=True, cwd=place, **quiet)
    taken_s = time.perf_counter() - begun
    return taken_s, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1000


if __name__ == "__main__":
    main()
