"""The house stands: every room has its floor, imports go down, the second floor is pure, the wheel carries it all."""

import ast
import configparser
import subprocess
import sys
import zipfile
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[1]
SOURCE = TOP / "daemon" / "cinepalette"

FLOORS = {
    1: "errors model",
    2: """
        choose collage color edit frame gallery hdr layout names palette planes seeds strip swatchfile truth typeset
        vlcrc
    """,
    3: "config decode films fonts images inbox paths plugin session tiles",
    4: "changes drawing pipeline watch",
    5: "cli commands daemon desktop process proof service setup __main__",
}
"""A package is one room. Rooms of the same floor may know each other, in one direction."""

FLOOR_OF = {room: floor for floor, rooms in FLOORS.items() for room in rooms.split()}

WORLD = set(
    """
    glob http logging os random secrets shutil signal socket subprocess sys tempfile threading time
    """.split()  # noqa: SIM905
)
"""What a pure room does not import: disk, clock, log, environment, chance."""

DEEDS = set(
    """
    chmod exists is_dir is_file iterdir mkdir now open read_bytes read_text rglob rmdir stat today touch unlink utcnow
    write_bytes write_text
    """.split()  # noqa: SIM905
)
"""What a pure room does not call: methods that touch the disk or the clock, and `open`."""

READS_ITS_OWN_PARTS = {("gallery", "read_text"), ("typeset", "read_bytes")}
"""Files of the package itself are part of the code."""


def modules(room: str) -> list[Path]:
    return sorted((SOURCE / room).rglob("*.py")) or [SOURCE / f"{room}.py"]


def rooms() -> list[str]:
    files = {path.stem for path in SOURCE.glob("*.py")} - {"__init__"}
    return sorted(files | {path.parent.name for path in SOURCE.glob("*/__init__.py")})


def imports(room: str) -> tuple[set[str], set[str]]:
    """The other rooms that a room imports, anywhere in it, and what it imports from outside."""
    ours, others = set(), set()
    for path in modules(room):
        here = path.relative_to(SOURCE).with_suffix("").parts
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                others |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                others.add(node.module.split(".")[0])
            elif isinstance(node, ast.ImportFrom):
                folder = here[: len(here) - node.level]
                names = [node.module] if node.module else [alias.name for alias in node.names]
                ours |= {(*folder, *name.split("."))[0] for name in names}
    return {name for name in ours if name != room and name in rooms()}, others


def test_every_room_has_its_floor():
    assert sorted(FLOOR_OF) == rooms()


@pytest.mark.parametrize("room", FLOOR_OF)
def test_imports_go_down(room):
    ours, _ = imports(room)
    upwards = [
        f"{other} (floor {FLOOR_OF[other]})" for other in sorted(ours) if FLOOR_OF.get(other, 0) > FLOOR_OF[room]
    ]
    assert upwards == [], f"{room} is on floor {FLOOR_OF[room]}"


def test_no_two_rooms_need_each_other():
    # `prepare` raises CycleError, which names the rooms.
    TopologicalSorter({room: imports(room)[0] for room in rooms()}).prepare()


@pytest.mark.parametrize("room", [room for room, floor in FLOOR_OF.items() if floor <= 2])
def test_the_lower_floors_are_pure(room):
    _, others = imports(room)
    assert sorted(others & WORLD) == []
    for path in modules(room):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                allowed = name not in DEEDS or (room, name) in READS_ITS_OWN_PARTS
                assert allowed, f"{path.name}:{node.lineno} calls {name}"


def test_setup_cfg_names_what_is_locked_and_nothing_is_imported_that_it_does_not_name():
    setup = configparser.ConfigParser()
    setup.read(TOP / "setup.cfg")
    named = {line.lower() for line in setup["options"]["install_requires"].split()}
    lines = (TOP / "daemon" / "requirements.txt").read_text().splitlines()
    locked = {line.split("==")[0].lower() for line in lines if line and not line.startswith("#")}
    assert named <= locked
    packages = {"cv2": "opencv-python", "sklearn": "scikit-learn", "PIL": "pillow", "vlc": "python-vlc"}
    outside = {name for room in rooms() for name in imports(room)[1]} - sys.stdlib_module_names - {"winreg"}
    assert {packages.get(name, name).lower() for name in outside} <= named


def test_the_wheel_carries_the_whole_program(tmp_path):
    import install

    source = tmp_path / "source"
    for path in install.wheel_files():
        target = source / path.relative_to(TOP)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    build = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "-w",
        tmp_path,
        source,
    ]
    subprocess.run(build, check=True, timeout=120)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        carried = {name for name in archive.namelist() if not name.startswith("cinepalette-")}
    parts = {("daemon/cinepalette", "cinepalette"), ("plugin/lua", "cinepalette/lua")}
    wanted = {
        f"{there}/{path.relative_to(TOP / here).as_posix()}"
        for here, there in parts
        for path in install.wheel_files()
        if path.is_relative_to(TOP / here)
    }
    assert carried == wanted
