"""What was tried of setting up: system x flavor of VLC x state before.

    python3 tests tests/matrix.py                                  simulated: homes that are built for the case
    python3 tests tests/matrix.py --in /srv/bookworm --in /srv/sid really run, as root and as a user, in those Debians
    python3 tests tests/matrix.py --in /srv/sid --from ../older    really run over an older version, too

A Debian is a folder that debootstrap has made (`debootstrap --variant=minbase --include=python3,ca-certificates sid
/srv/sid`), with a user `newcomer`, and with /proc, /dev and /sys mounted in it; it must be able to reach the package
index, and is left with VLC and what that brings. Prints a line a case, and ends with 1 when one has failed.
"""

import argparse
import hashlib
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from cinepalette import config
from cinepalette.errors import CinepaletteError
from cinepalette.install import players, plugin, settings_file, vlcrc
from cinepalette.install.environment.source import Source
from cinepalette.install.players import Machine, Vlc

TOP = Path(__file__).resolve().parents[1]
VLCRC = b"# Extra interface modules (string)\nextraintf=http\nvolume=256\n"

Tree = dict[str, tuple[str, str]]


@dataclass(frozen=True)
class Case:
    """One line of the matrix."""

    how: str
    """`run` or `simulated`."""
    system: str
    flavor: str
    before: str
    """The state of the account before."""
    outcome: str


def tree(folder: Path) -> Tree:
    """Everything below a folder: rights, and what is in it."""
    found: Tree = {}
    for path in sorted(folder.rglob("*")):
        mode = stat.filemode(path.lstat().st_mode)
        if path.is_symlink():
            content = str(path.readlink())
        else:
            content = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
        found[str(path.relative_to(folder))] = (mode, content)
    return found


# Simulated: homes that are built for the case


def _touch(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()


def _windows(machine: Machine) -> Path:
    return Path(machine.environ["ProgramFiles"]) / "VideoLAN/VLC"


PLACE: dict[str, Callable[[Machine], None]] = {
    "_linux_own": lambda machine: _touch(machine.root / "usr/bin/vlc"),
    "_appimage": lambda machine: _touch(machine.home / "Applications/VLC.AppImage"),
    "_flatpak": lambda machine: (machine.root / "var/lib/flatpak/app/org.videolan.VLC").mkdir(parents=True),
    "_snap": lambda machine: (machine.home / "snap/vlc/current").mkdir(parents=True),
    "_windows_installed": lambda machine: _touch(_windows(machine) / "vlc.exe"),
    "_windows_portable": lambda machine: (
        _touch(_windows(machine) / "vlc.exe"),
        (_windows(machine) / "portable").mkdir(),
    )[1],
    "_portableapps": lambda machine: _touch(machine.home / "PortableApps/VLCPortable/App/vlc/vlc.exe"),
    "_windows_store": lambda machine: (machine.home / "AppData/Local/Packages/VideoLAN.VLC_x").mkdir(parents=True),
    "_macos": lambda machine: (machine.root / "Applications/VLC.app").mkdir(parents=True),
}
"""How each flavor shows that it is there."""


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def _link(vlc: Vlc) -> None:
    _write(vlc.vlcrc.with_name("kept elsewhere"), VLCRC)
    vlc.vlcrc.symlink_to("kept elsewhere")


BEFORE: dict[str, Callable[[Vlc], object]] = {
    "never ran": lambda vlc: None,
    "has run": lambda vlc: _write(vlc.vlcrc, VLCRC),
    "settings without a last line end": lambda vlc: _write(vlc.vlcrc, VLCRC.strip()),
    "settings are a link": _link,
    "another add-on there": lambda vlc: _write(vlc.lua / "intf/other.lua", b"-- other\n"),
    "a stranger in our place": lambda vlc: _write(vlc.lua / "intf/cinepalette.lua", b"-- somebody else's\n"),
    "our word left by hand": lambda vlc: _write(vlc.vlcrc, b"extraintf=http:" + vlcrc.TOKEN + b"\n"),
}


def simulated() -> Iterator[Case]:
    """Each flavor in each state: set up twice, then taken away, on a home with a name that needs care."""
    system = {"linux": "Linux", "win32": "Windows", "darwin": "macOS"}
    for flavor in players.FLAVORS:
        for state, make in BEFORE.items():
            with tempfile.TemporaryDirectory() as folder:
                home, root = Path(folder) / "hömé of U", Path(folder) / "root"
                home.mkdir()
                environ = {
                    "PATH": "",
                    "ProgramFiles": str(root / "Program Files"),
                    "APPDATA": f"{home}/AppData/Roaming",
                }
                machine = Machine(home, environ, root)
                PLACE[flavor.find.__name__](machine)
                (vlc,) = flavor.find(machine)
                if vlc.problem:
                    yield Case("simulated", system[flavor.system], flavor.name, state, f"said: {vlc.problem}")
                    break
                make(vlc)
                yield Case(
                    "simulated", system[flavor.system], flavor.name, state, _there_and_back(vlc, Path(folder), state)
                )


def _there_and_back(vlc: Vlc, folder: Path, state: str) -> str:
    before = tree(folder)
    chosen = config.load({"CINEPALETTE_INBOX": str(folder / "Inbox")})
    try:
        for _ in ("once", "twice"):
            plugin.install(vlc.lua)
            plugin.write_settings(vlc.lua, chosen)
            if not settings_file.has_token(vlc):
                settings_file.add_token(vlc)
        if not (plugin.is_current(vlc.lua) and settings_file.has_token(vlc)):
            return "FAILED: is not set up"
        settings_file.remove_token(vlc)
        plugin.remove(vlc.lua)
    except (CinepaletteError, OSError) as error:
        return f"FAILED: {error}"
    after = tree(folder)
    if state == "our word left by hand":
        return "ok, the word is gone" if not settings_file.has_token(vlc) else "FAILED: the word is left"
    return "ok, byte for byte" if after == before else f"FAILED: {sorted(set(after.items()) ^ set(before.items()))[:3]}"


# Really run: in a Debian of its own


class Debian:
    """A Debian in a folder, and one of its users."""

    def __init__(self, root: Path, user: str) -> None:
        self.root, self.user = root, user
        self.home = root / ("root" if user == "root" else f"home/{user}")
        self.inside = f"/{self.home.relative_to(root)}"
        release = (root / "etc/os-release").read_text(encoding="utf-8")
        self.name = next(line for line in release.splitlines() if line.startswith("PRETTY_NAME")).split('"')[1]

    def run(self, command: str) -> tuple[int, str]:
        """Runs a shell command as the user; gives its code and what it said."""
        path = f"{self.inside}/.local/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"
        own = {"HOME": self.inside, "PATH": path, "LANG": "C.UTF-8", "USER": self.user}
        passed = {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "SSL_"))}
        words = ["env", "-i", *(f"{name}={value}" for name, value in (own | passed).items())]
        words += ["bash", "-c", f"cd {self.inside} && {command}"]
        done = subprocess.run(
            ["chroot", str(self.root), "runuser", "-u", self.user, "--", *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=1200,
        )
        return done.returncode, done.stdout

    def put(self, source: Path, name: str) -> str:
        """Copies a checkout into it; gives its path inside."""
        target = self.root / "srv" / name
        shutil.rmtree(target, ignore_errors=True)
        if source == TOP:
            Source(TOP).copy_to(target)
        else:
            shutil.copytree(source, target, ignore=shutil.ignore_patterns(".git", "__pycache__"))
        return f"/srv/{name}"

    def tree(self) -> Tree:
        """The home, without what pip and fontconfig keep for themselves."""
        ours = {name: entry for name, entry in tree(self.home).items() if not name.startswith((".cache/", ".pki"))}
        ours.pop(".cache", None)
        return ours


DATA = ".local/share/cinepalette"
ENTRY = ".config/autostart/cinepalette.desktop"
INBOX = "Pictures/Cinepalette/Inbox"
BROKEN = {
    "our word lost": "sed -i /extraintf/d .config/vlc/vlcrc",
    "plugin's files deleted": "rm -r .local/share/vlc/lua/intf",
    "a stranger in our place": "echo '-- other' > .local/share/vlc/lua/intf/cinepalette.lua",
    "record damaged": "echo '{' > .local/share/vlc/lua/cinepalette.installed.json",
    "not started at login": f"rm {ENTRY}",
    "login starts another program": f"sed -i 's,Exec=.*,Exec=/opt/other/cinepalette run,' {ENTRY}",
    "daemon killed": f"kill -9 $(cat {INBOX}/.daemon.pid)",
    "inbox deleted": "cinepalette stop > /dev/null; rm -r Pictures/Cinepalette/Inbox",
    "inbox closed to the user": f"chmod 500 {INBOX}",
    "command's link leads to nothing": "ln -sfn /nowhere .local/bin/cinepalette; hash -r",
    "settings moved the inbox": "mkdir -p .config/cinepalette; "
    "printf '[places]\\ninbox = \"~/Stills\"\\n' > .config/cinepalette/config.toml",
    "half of the environment deleted": f"rm -r {DATA}/venv/lib/python3*/site-packages/cv2",
    "Python upgraded under it": f"ln -sfn /usr/bin/python3.9-gone {DATA}/venv/bin/python",
}


def really(root: Path, older: Path | None) -> Iterator[Case]:
    """The whole life of an installation, as root and as a user."""
    for user in ("root", "newcomer"):
        yield from _life(Debian(root, user), older)


def _life(debian: Debian, older: Path | None) -> Iterator[Case]:
    flavor = f"VLC of the system, {debian.user}"

    def case(before: str, good: object, said: str = "") -> Case:
        last = said.strip().splitlines()[-1:] or [""]
        return Case("run", debian.name, flavor, before, "ok" if good else f"FAILED: {last[0]}")

    new = debian.put(TOP, "cinepalette")
    if debian.user == "root":
        # The user may install no packages: root has brought them.
        debian.run(f"python3 {new}/install.py > /dev/null && python3 {new}/install.py --uninstall --purge")
    _write(debian.home / ".config/vlc/vlcrc", VLCRC)
    shutil.chown(debian.home / ".config", debian.home.stat().st_uid, debian.home.stat().st_gid)
    debian.run("true")
    empty = debian.tree()
    if older is not None:
        old = debian.put(older, "older")
        code, said = debian.run(f"python3 {old}/install.py")
        debian.run(
            "mkdir -p .config/cinepalette && printf '[palette]\\nswatches = 6\\n' > .config/cinepalette/config.toml"
        )
        debian.run(f"cinepalette add {old}/daemon/docs/collage.jpg --session 'An evening'")
        code, said = debian.run(f"python3 {new}/install.py")
        kept = debian.run("cinepalette sessions")[1], debian.run("cinepalette config")[1]
        good = code == 0 and "An evening" in kept[0] and "swatches = 6" in kept[1] and "takes the place of" in said
        yield case("an older version", good, said)
        code, said = debian.run(f"python3 {new}/install.py --uninstall --purge && rm -r Pictures")
        # It did not write down which folders it made: empty ones of its time stay.
        left = [name for name in _difference(debian.tree(), empty) if not (debian.home / name).is_dir()]
        yield case("an older version, then purged", code == 0 and not left, f"{said}{left}")
    begun = time.monotonic()
    code, said = debian.run(f"python3 {new}/install.py")
    collage = debian.root / said.strip().splitlines()[-1].lstrip("/")
    yield case(f"nothing of ours ({time.monotonic() - begun:.0f} s)", code == 0 and collage.is_file(), said)
    code, said = debian.run(f"python3 {new}/install.py")
    yield case("set up already", code == 0 and "private environment" not in said, said)
    for state, command in BROKEN.items():
        if debian.user == "root" and "closed" in state:
            continue  # nothing is closed to root
        debian.run(command)
        found = debian.run("cinepalette doctor" if "link" not in state else f"{DATA}/cinepalette doctor")
        code, said = debian.run(
            "cinepalette doctor --fix" if "link" not in state else f"{DATA}/cinepalette doctor --fix"
        )
        # It ends with a still through the whole chain.
        yield case(f"broken: {state}", found[0] == 1 and code == 0 and "All is well" in said, f"{found} {said}")
    # What was broken on purpose is not as it was: from the beginning once more.
    code, said = debian.run(f"python3 {new}/install.py --uninstall --purge; rm -rf Stills Pictures .config .local")
    _write(debian.home / ".config/vlc/vlcrc", VLCRC)
    debian.run(f"python3 {new}/install.py")
    code, said = debian.run(f"python3 {new}/install.py --uninstall")
    yield case("uninstalled", code == 0 and _same(debian.tree(), empty), f"{said}{_difference(debian.tree(), empty)}")
    debian.run(f"python3 {new}/install.py; cinepalette stop; rm -r {DATA}")
    code, said = debian.run(f"python3 {new}/install.py --uninstall --purge")
    yield case("program folder deleted by hand, then purged", code == 0 and _same(debian.tree(), empty), said)


def _same(after: Tree, before: Tree) -> bool:
    return not _difference(after, before)


def _difference(after: Tree, before: Tree) -> list[str]:
    """What is not as it was; empty folders of the way to our own ones are told, too."""
    return sorted(name for name in {*after, *before} if after.get(name) != before.get(name))


def main() -> int:
    parser = argparse.ArgumentParser(description="What was tried of setting up.")
    parser.add_argument("--in", dest="roots", metavar="ROOT", type=Path, action="append", default=[], help="a Debian")
    parser.add_argument("--from", dest="older", metavar="DIR", type=Path, help="an older checkout to set up over")
    chosen = parser.parse_args()
    failed = 0
    cases = [simulated(), *(really(root, chosen.older) for root in chosen.roots)]
    for each in cases:
        for case in each:
            print(
                f"{case.how:9} | {case.system:30} | {case.flavor:45.45} | {case.before:38} | {case.outcome}", flush=True
            )
            failed += case.outcome.startswith("FAILED")
    print(f"{failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
