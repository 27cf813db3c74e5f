"""What packagers and stores read: one version everywhere, files that their own checkers accept."""

import configparser
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import cinepalette
import pytest
from cinepalette.install.environment.source import Source

TOP = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TOP / "daemon/docs"))

import wheels  # noqa: E402

PACKAGING = TOP / "daemon/packaging"
ID = "io.github.cinepalette.Cinepalette"


def test_one_version_stands_everywhere():
    version = cinepalette.__version__
    assert Source(TOP).version() == version
    assert f"\n## {version} (" in (TOP / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"\npkgver={version}\n" in (PACKAGING / "PKGBUILD").read_text(encoding="utf-8")
    releases = ElementTree.parse(PACKAGING / f"{ID}.metainfo.xml").getroot().find("releases")
    assert releases is not None
    assert releases[0].get("version") == version
    dialog = (TOP / "plugin/lua/extensions/cinepalette.lua").read_text(encoding="utf-8")
    assert re.findall(r'version = "([0-9.]+)"', dialog) == [version]


def test_an_update_says_what_is_new_since_the_version_before():
    news = Source(TOP).news("0.1.0")
    assert any("doctor" in line for line in news)
    assert Source(TOP).news(cinepalette.__version__) == []
    assert Source(TOP).news("0.0.0-unheard-of") == []


def test_every_package_that_is_imported_is_named_for_packagers():
    setup = configparser.ConfigParser()
    setup.read(TOP / "setup.cfg")
    recipe = (PACKAGING / "PKGBUILD").read_text(encoding="utf-8")
    other = {"opencv-python": "python-opencv", "python-vlc": "python-vlc", "pyvips-binary": "python-pyvips"}
    for name in setup["options"]["install_requires"].lower().split():
        wanted = other.get(name, f"python-{name}")
        assert re.search(rf"\b{re.escape(wanted)}\b", recipe), f"{wanted} is missing in PKGBUILD"


def test_the_desktop_file_and_the_recipe_are_what_they_say():
    for words in (
        ("desktop-file-validate", str(PACKAGING / f"{ID}.desktop")),
        ("appstreamcli", "validate", "--no-net", "--pedantic", str(PACKAGING / f"{ID}.metainfo.xml")),
        ("bash", "-n", str(PACKAGING / "PKGBUILD")),
    ):
        if shutil.which(words[0]):
            done = subprocess.run(words, capture_output=True, text=True, timeout=60)
            assert done.returncode == 0, done.stdout + done.stderr
    entry = configparser.ConfigParser(interpolation=None)
    entry.read(PACKAGING / f"{ID}.desktop")
    assert entry["Desktop Entry"]["Exec"] == "cinepalette open"
    tree = ElementTree.parse(PACKAGING / f"{ID}.metainfo.xml")
    assert tree.findtext("launchable") == f"{ID}.desktop"


def test_most_people_need_no_compiler():
    """What pip has said of each locked package; only what is new in the lock is asked again, of pip's own resolver."""
    page = (TOP / "daemon/docs/wheels.md").read_text(encoding="utf-8")
    rows = {line.split(" | ")[0].strip("| "): line for line in page.splitlines() if line.startswith("| ")}
    usual = [system for system in wheels.SYSTEMS if "Intel" not in system and "ARM64" not in system]
    for system in usual:
        assert set(rows[system].strip("| ").split(" | ")[1:]) == {"all"}
    new = [line for line in wheels.wanted() if line not in page]
    for system in usual if new else ():
        assert wheels.missing(new, wheels.SYSTEMS[system], wheels.PYTHONS[0]) == []


@pytest.fixture(scope="module")
def sdist(tmp_path_factory) -> Path:
    """The source distribution, built from a copy."""
    folder = tmp_path_factory.mktemp("sdist")
    ignored = shutil.ignore_patterns(".git", "__pycache__", "*.egg-info", ".*_cache", ".hypothesis", "build", "dist")
    shutil.copytree(TOP, folder / "source", ignore=ignored)
    backend = f"import setuptools.build_meta as b; print(b.build_sdist({str(folder)!r}))"
    done = subprocess.run([sys.executable, "-c", backend], cwd=folder / "source", capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr.decode()
    return next(folder.glob("*.tar.gz"))


def test_the_source_distribution_is_complete(sdist):
    with tarfile.open(sdist) as archive:
        carried = {name.partition("/")[2] for name in archive.getnames()}
    listed = subprocess.run(["git", "ls-files"], cwd=TOP, capture_output=True, text=True, timeout=60)
    if listed.returncode != 0:
        return  # a source distribution itself, which was complete
    left_out = {".gitignore", ".ci/run"}
    wanted = {name for name in listed.stdout.splitlines() if (TOP / name).exists()} - left_out
    assert sorted(wanted - carried) == []


def test_types_are_promised_and_the_back_end_is_named():
    assert (TOP / "daemon/cinepalette/py.typed").exists()
    project = tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["build-system"]["build-backend"] == "setuptools.build_meta"
