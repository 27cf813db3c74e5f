"""Films whose every frame is known, made with PyAV."""

import contextlib
import struct
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

RGB = tuple[int, int, int]
BITS = 16
"""Squares in the frame counter along the top edge."""


def counter(frame: np.ndarray, number: int) -> np.ndarray:
    """Draws the frame's number along the top edge as 16 black and white squares, the highest bit first."""
    side = frame.shape[1] // BITS
    for bit in range(BITS):
        level = 235 if number >> (BITS - 1 - bit) & 1 else 16
        frame[:side, bit * side : (bit + 1) * side] = level
    return frame


def read_counter(rgb: np.ndarray) -> int:
    """The number that `counter` drew, from a still of any size, shape (height, width, 3)."""
    side = rgb.shape[1] / BITS
    levels = [rgb[int(side / 2), int((bit + 0.5) * side)].mean() for bit in range(BITS)]
    return sum(1 << (BITS - 1 - bit) for bit, level in enumerate(levels) if level > 127)


def bars(size: tuple[int, int], colors: Sequence[RGB]) -> np.ndarray:
    """Upright bars of equal width, left to right; uint8 (height, width, 3)."""
    width, height = size
    row = np.array([colors[x * len(colors) // width] for x in range(width)], np.uint8)
    return np.repeat(row[None], height, axis=0)


def coded(rgb: np.ndarray, matrix: str = "bt709") -> np.ndarray:
    """R'G'B' to limited-range Y'CbCr 4:2:0, 8 bits, as one plane of shape (height * 3 / 2, width); sides even.

    Rec. ITU-R BT.709-6, BT.601-7 and BT.2020-2; the chroma of the upper left pixel of each four.
    """
    kr, kb = {"bt709": (0.2126, 0.0722), "bt601": (0.299, 0.114), "bt2020": (0.2627, 0.0593)}[matrix]
    red, green, blue = (rgb[..., channel] / 255.0 for channel in range(3))
    luma = kr * red + (1 - kr - kb) * green + kb * blue
    planes = [16 + 219 * luma]
    for color, k in ((blue, kb), (red, kr)):
        planes.append((128 + 224 * (color - luma) / (2 * (1 - k)))[::2, ::2])
    height, width = luma.shape
    flat = np.concatenate([np.rint(plane).astype(np.uint8).ravel() for plane in planes])
    return flat.reshape(height * 3 // 2, width)


def write_film(
    path: Path,
    *,
    seconds: float = 30,
    size: tuple[int, int] = (640, 360),
    colors: Sequence[RGB] = ((200, 60, 40), (40, 160, 60), (30, 60, 180), (230, 220, 200), (20, 20, 24)),
    rate: int = 25,
    codec: str = "libx264",
    pix_fmt: str = "yuv420p",
    numbered: bool = True,
    matrix: str = "bt709",
    tags: tuple[int, int, int] | None = None,
    options: dict[str, str] | None = None,
    metadata: dict[str, str] | None = None,
    chapters: Sequence[str] = (),
    aspect: Fraction | None = None,
) -> Path:
    """Writes a film of bars of known colors, its frames numbered along the top edge; the suffix says which container.

    The video is coded and tagged with `matrix`, limited range. `tags` are other codes for matrix, primaries and
    transfer (Rec. ITU-T H.273, e.g. 9, 9, 16 for HDR10), which the colors do not follow. A 30 s film at 640x360 takes
    about a second. `chapters` are titles of equal length, `aspect` is that of a pixel.
    """
    still = bars(size, colors)
    fast = {"preset": "ultrafast", "crf": "4", "g": str(rate)} if codec == "libx264" else {}
    tag = {"bt709": 1, "bt601": 6}[matrix]
    tags = tags or (tag, tag, tag)
    with av.open(str(path), "w") as container:
        container.metadata.update(metadata or {})
        stream = container.add_stream(codec, rate=rate, options={**fast, **(options or {})})
        stream.width, stream.height = size
        stream.pix_fmt = pix_fmt
        context = stream.codec_context
        context.colorspace, context.color_primaries, context.color_trc = tags
        context.color_range = 1
        if aspect:
            context.sample_aspect_ratio = aspect
        if chapters:
            each_ms = round(seconds * 1000 / len(chapters))
            container.set_chapters(
                [
                    {
                        "id": number,
                        "start": number * each_ms,
                        "end": (number + 1) * each_ms,
                        "time_base": Fraction(1, 1000),
                        "metadata": {"title": title},
                    }
                    for number, title in enumerate(chapters)
                ]
            )
        plane = coded(still, matrix)
        for number in range(round(seconds * rate)):
            if numbered:
                # Gray squares: only luma changes, their chroma is neutral.
                side = size[0] // BITS
                plane[:side] = coded(counter(still.copy(), number)[: side // 2 * 2 + 2], matrix)[:side]
            frame = av.VideoFrame.from_ndarray(plane, format="yuv420p")
            container.mux(stream.encode(frame if pix_fmt == "yuv420p" else frame.reformat(format=pix_fmt)))
        container.mux(stream.encode(None))
    return path


def write_bitmap_subtitle(path: Path, *, size: tuple[int, int], start_s: float, end_s: float) -> Path:
    """Writes a white bar low in the picture as a Blu-ray's bitmap subtitle (PGS, suffix .sup)."""
    width, height = size
    bar_width, bar_height = width // 2 // 2 * 2, max(8, height // 12)
    left, top = (width - bar_width) // 2, height - 2 * bar_height

    def segment(kind: int, at_s: float, body: bytes) -> bytes:
        return b"PG" + struct.pack(">IIBH", round(at_s * 90000), 0, kind, len(body)) + body

    def composition(number: int, state: int, objects: bytes) -> bytes:
        return struct.pack(">HHBHBBBB", width, height, 0x10, number, state, 0, 0, len(objects) // 8) + objects

    # A run of one color: 00, 11LLLLLL LLLLLLLL, color; a row ends with 00 00.
    row = struct.pack(">BHB", 0, 0xC000 | bar_width, 1) + b"\0\0"
    pixels = struct.pack(">HH", bar_width, bar_height) + row * bar_height
    window = struct.pack(">BBHHHH", 1, 0, left, top, bar_width, bar_height)
    shown = [
        (0x16, composition(0, 0x80, struct.pack(">HBBHH", 0, 0, 0, left, top))),
        (0x17, window),
        (0x14, bytes([0, 0, 1, 235, 128, 128, 255])),
        (0x15, struct.pack(">HBB", 0, 0, 0xC0) + len(pixels).to_bytes(3, "big") + pixels),
        (0x80, b""),
    ]
    gone = [(0x16, composition(1, 0x00, b"")), (0x17, window), (0x80, b"")]
    path.write_bytes(
        b"".join(segment(kind, start_s, body) for kind, body in shown)
        + b"".join(segment(kind, end_s, body) for kind, body in gone)
    )
    return path


def mux(path: Path, *sources: Path) -> Path:
    """Copies all streams of several files into one, without coding them again."""
    with contextlib.ExitStack() as stack:
        target = stack.enter_context(av.open(str(path), "w"))
        inputs = [stack.enter_context(av.open(str(source))) for source in sources]
        streams = {stream: target.add_stream_from_template(stream) for source in inputs for stream in source.streams}
        packets = (packet for source in inputs for packet in source.demux() if packet.dts is not None)
        for packet in sorted(packets, key=lambda packet: packet.dts * packet.time_base):
            packet.stream = streams[packet.stream]
            target.mux(packet)
    return path
