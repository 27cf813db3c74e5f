"""The house stands: imports go one way between wings, pure rooms are pure, none is too large, the wheel has all."""

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

WINGS = tuple(
    """
    errors model color palette picture drawing export paths config session inbox film daemon web
    install command __main__
    """.split()  # noqa: SIM905
)
"""From the ground up: a wing, or a module beside them, imports only from those before it."""

PURE_WINGS = {"color", "palette", "export"}
PURE_ROOMS = {
    "drawing": "style typesetting paper strip card overlay layout sheet filmstrip collage",
    "picture": "encoding planes truth letterbox wording palettes",
    "session": "history names record wording carried",
    "film": "measure whole follow page bars mount pins ring river wave sheet scatter panel",
    "install": "vlcrc",
}
"""Pure rooms know no disk, clock, log or environment; what they need of these comes in as arguments."""

MOST_LINES = 350

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

READS_ITS_OWN_PARTS = {("export/gallery/__init__.py", "read_text"), ("drawing/typesetting.py", "read_bytes")}
"""Files of the package itself are part of the code."""


def rooms() -> list[Path]:
    return sorted(path for path in SOURCE.rglob("*.py") if path != SOURCE / "__init__.py")


def name_of(room: Path) -> str:
    return room.relative_to(SOURCE).as_posix()


def wing_of(room: Path) -> str:
    return room.relative_to(SOURCE).with_suffix("").parts[0]


def imports(room: Path) -> tuple[set[Path], set[str]]:
    """The other rooms that a room imports, anywhere in it, and what it imports from outside."""
    ours, others = set(), set()
    folder = room.parent
    for node in ast.walk(ast.parse(room.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            others |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            others.add(node.module.split(".")[0])
        elif isinstance(node, ast.ImportFrom):
            base = [folder, *folder.parents][node.level - 1].joinpath(*(node.module or "").split("."))
            for alias in node.names:
                tried = (base / f"{alias.name}.py", base / alias.name / "__init__.py", base.with_suffix(".py"))
                found = next((path for path in tried if path.is_file()), base / "__init__.py")
                ours.add(found)
    return ours - {room, SOURCE / "__init__.py"}, others


def is_pure(room: Path) -> bool:
    wing = wing_of(room)
    return wing in PURE_WINGS or room.stem in PURE_ROOMS.get(wing, "").split()


def test_every_wing_has_its_place():
    assert {wing_of(room) for room in rooms()} == set(WINGS)


@pytest.mark.parametrize("room", rooms(), ids=name_of)
def test_imports_go_down_between_wings(room):
    above = WINGS[WINGS.index(wing_of(room)) + 1 :]
    assert sorted(name_of(other) for other in imports(room)[0] if wing_of(other) in above) == []


def test_the_readmes_map_is_the_folder_listing():
    readme = (TOP / "README.md").read_text(encoding="utf-8")
    for wing in (wing for wing in WINGS if (SOURCE / wing).is_dir()):
        first = (SOURCE / wing / "__init__.py").read_text(encoding="utf-8").splitlines()[0].strip('"')
        assert f"  {wing + '/':10} {first}\n" in readme


def test_no_two_rooms_need_each_other():
    # `prepare` raises CycleError, which names the rooms.
    TopologicalSorter({name_of(room): map(name_of, imports(room)[0]) for room in rooms()}).prepare()


@pytest.mark.parametrize("room", rooms(), ids=name_of)
def test_no_room_is_too_large(room):
    assert len(room.read_text(encoding="utf-8").splitlines()) <= MOST_LINES


@pytest.mark.parametrize("wing", [wing for wing in WINGS if (SOURCE / wing).is_dir()])
def test_a_wing_says_in_one_line_what_lives_there(wing):
    tree = ast.parse((SOURCE / wing / "__init__.py").read_text(encoding="utf-8"))
    assert (ast.get_docstring(tree) or "").splitlines()[:1] != []
    assert len(list((SOURCE / wing).glob("*.py"))) <= 13, "a dozen rooms and the door"


@pytest.mark.parametrize("room", [room for room in rooms() if is_pure(room)], ids=name_of)
def test_pure_rooms_are_pure(room):
    assert sorted(imports(room)[1] & WORLD) == []
    for node in ast.walk(ast.parse(room.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            allowed = name not in DEEDS or (name_of(room), name) in READS_ITS_OWN_PARTS
            assert allowed, f"{name_of(room)}:{node.lineno} calls {name}"


def test_setup_cfg_names_what_is_locked_and_nothing_is_imported_that_it_does_not_name():
    setup = configparser.ConfigParser()
    setup.read(TOP / "setup.cfg")
    needed = setup["options"]["install_requires"] + setup["options.extras_require"]["web"]
    named = {line.lower() for line in needed.split()}
    files = [TOP / "daemon" / name for name in ("requirements.txt", "requirements-web.txt")]
    lines = [line for file in files for line in file.read_text().splitlines()]
    locked = {line.split("==")[0].lower() for line in lines if line and not line.startswith("#")}
    assert named <= locked
    packages = {
        "cv2": "opencv-python",
        "sklearn": "scikit-learn",
        "PIL": "pillow",
        "pillow_heif": "pillow-heif",
        "vlc": "python-vlc",
    }
    not_packages = sys.stdlib_module_names | {"winreg", "_typeshed"}
    outside = {name for room in rooms() for name in imports(room)[1]} - not_packages
    assert {packages.get(name, name).lower() for name in outside} <= named


def test_the_wheel_carries_the_whole_program(tmp_path):
    from cinepalette.install.environment.source import Source

    files = Source(TOP).files()
    source = tmp_path / "source"
    for path in files:
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
        for path in files
        if path.is_relative_to(TOP / here)
    }
    assert carried == wanted
