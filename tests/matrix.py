"""What was tried of setting up: system x flavor of VLC x state before.

    python3 tests tests/matrix.py                                  simulated: homes that are built for the case
    python3 tests tests/matrix.py --in /srv/bookworm --in /srv/sid really run, as root and as a user, in those Debians
    python3 tests tests/matrix.py --in /srv/sid --from ../older    really run over an older version, too
    python3 tests tests/matrix.py --in /srv/sid --user newcomer    as this user alone

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
from collections.abc import Callable, Iterator, Sequence
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
        """The home, without what fontconfig keeps for itself."""
        found = tree(self.home)
        ours = {name: entry for name, entry in found.items() if not name.startswith(".cache/fontconfig")}
        ours.pop(".cache", None)
        return ours


DATA = ".local/share/cinepalette"
ENTRY = ".config/autostart/cinepalette.desktop"
LUA = ".local/share/vlc/lua"
OUTPUT = "Pictures/Cinepalette"
INBOX = f"{OUTPUT}/Inbox"
SESSION = f"{OUTPUT}/'An evening'*/session.json"
UNIT = ".config/systemd/user/cinepalette.service"
SETTINGS = ".config/cinepalette/config.toml"


def moved_inbox(folder: str) -> str:
    """The command that writes the settings of a person who wants the inbox elsewhere."""
    return f"mkdir -p .config/cinepalette; printf '[places]\\ninbox = \"{folder}\"\\n' > {SETTINGS}"


BROKEN = {
    "our word lost": "sed -i /extraintf/d .config/vlc/vlcrc",
    "plugin's files deleted": f"rm -r {LUA}/intf",
    "a stranger in our place": f"echo '-- other' > {LUA}/intf/cinepalette.lua",
    "plugin of another version": f'sed -i \'s/"version": "[^"]*/"version": "0.0.1/\' {LUA}/cinepalette.installed.json',
    "record damaged": f"echo '{{' > {LUA}/cinepalette.installed.json",
    "not started at login": f"rm {ENTRY}",
    "login starts another program": f"sed -i 's,Exec=.*,Exec=/opt/other/cinepalette run,' {ENTRY}",
    "started at login twice": f"mkdir -p $(dirname {UNIT}); sed -n 's/^Exec=/ExecStart=/p' {ENTRY} > {UNIT}",
    "daemon killed": f"kill -9 $(cat {INBOX}/.daemon.pid)",
    "daemon of an older version": f"touch -d '2 days ago' {INBOX}/.daemon.pid",
    "inbox deleted": f"cinepalette stop > /dev/null; rm -r {INBOX}",
    "inbox closed to the user": f"chmod 500 {INBOX}",
    "a session closed to the user": f"chmod 000 {SESSION}",
    "command's link leads to nothing": "ln -sfn /nowhere .local/bin/cinepalette",
    "settings moved the inbox": moved_inbox("~/Stills"),
    "half of the environment deleted": f"rm -r {DATA}/venv/lib/python3*/site-packages/cv2",
    "Python upgraded under it": f"ln -sfn /usr/bin/python3.9-gone {DATA}/venv/bin/python",
}
"""States that `doctor --fix` mends, with how each is made."""

NAMED = {
    "settings with a mistake": (
        f"mkdir -p .config/cinepalette; echo 'nonsense = 1' > {SETTINGS}",
        "nonsense",
        "rm -r .config/cinepalette",
    ),
    "F12 is VLC's own hotkey": (
        "echo 'key-quit=F12' >> .config/vlc/vlcrc",
        "key-quit",
        "sed -i /^key-quit/d .config/vlc/vlcrc",
    ),
    "a session cut short": (f"cp {SESSION} kept; truncate -s 100 {SESSION}", "«An evening", f"mv kept {SESSION}"),
    "Wayland without X": ("export XDG_SESSION_TYPE=wayland", "Wayland", "true"),
    "VLC open since before the plugin came": (
        # The kernel calls a process by its file's name.
        f"ln -s /bin/sleep vlc; ./vlc 60 & sleep 0.1; touch {LUA}/intf/cinepalette.lua",
        "VLC is open, and goes by the plugin that was there when it started",
        "kill $!; rm vlc",
    ),
    "inbox that a flatpak VLC cannot see": (
        f"mkdir -p .var/app/org.videolan.VLC; {moved_inbox('/tmp/Stills')}",
        "VLC (flatpak) has a /tmp of its own",
        "rm -r .var .config/cinepalette",
    ),
    "inbox that a snap VLC may not write to": (
        f"mkdir -p snap/vlc/current; {moved_inbox('~/.stills')}",
        "VLC (snap) may not write into hidden folders",
        "rm -r snap .config/cinepalette",
    ),
    "title in letters of no font": (
        f"cinepalette add {SESSION.replace('session.json', 'stills')} --session 𓂀",
        "No font here has the letters 𓂀",
        f"rm -r {OUTPUT}/𓂀*",
    ),
}
"""States that a person has to mend: how each is made, a word of what is said, and how it goes again."""

NAMED_BY_ROOT = {
    "disk full": (f"mount -t tmpfs -o size=50m none {OUTPUT}", "is full", f"umount -l {OUTPUT}"),
    "VLC without Lua": (
        "cd /usr/lib/*/vlc/plugins && mv lua ../lua-aside",
        "without Lua",
        "cd /usr/lib/*/vlc/plugins && mv ../lua-aside lua",
    ),
}
"""The same, where only root can make the state."""


def really(root: Path, users: Sequence[str], older: Path | None) -> Iterator[Case]:
    """The whole life of an installation, for each user."""
    for user in users:
        yield from Life(Debian(root, user)).cases(older)


class Life:
    """An installation from its beginning to its end."""

    def __init__(self, debian: Debian) -> None:
        self.debian = debian
        self.new = debian.put(TOP, "cinepalette")
        if debian.user != "root":
            # The user may install no packages: root brings them.
            root = Debian(debian.root, "root")
            root.run(f"python3 {self.new}/install.py && python3 {self.new}/install.py --uninstall --purge")
        self.begin()
        self.empty = debian.tree()

    def begin(self) -> None:
        """An account where VLC has run, and nothing of ours has ever been."""
        self.debian.run("cinepalette stop")
        for name in ("Stills", "Pictures", ".config", ".local", ".cache"):
            shutil.rmtree(self.debian.home / name, ignore_errors=True)
        self.debian.run("mkdir -p .config/vlc; touch .config/vlc/vlcrc")
        (self.debian.home / ".config/vlc/vlcrc").write_bytes(VLCRC)

    def case(self, before: str, good: object, said: str = "") -> Case:
        last = said.strip().splitlines()[-1:] or [""]
        if not good:
            print(said, file=sys.stderr, flush=True)
        flavor = f"VLC of the system, {self.debian.user}"
        return Case("run", self.debian.name, flavor, before, "ok" if good else f"FAILED: {last[0]}")

    def gone(self, before: str, code: int, said: str) -> Case:
        """That an account is byte for byte as it was before us."""
        left = _difference(self.debian.tree(), self.empty)
        return self.case(before, code == 0 and not left, f"{said}\n{len(left)} names: {left[:9]}")

    def install(self, *words: str) -> tuple[int, str]:
        return self.debian.run(" ".join(["python3", f"{self.new}/install.py", *words]))

    def cases(self, older: Path | None) -> Iterator[Case]:
        if older is not None:
            yield from self.upgraded(self.debian.put(older, "older"))
        begun = time.monotonic()
        code, said = self.install()
        collage = self.debian.root / said.strip().splitlines()[-1].lstrip("/")
        yield self.case(f"nothing of ours ({time.monotonic() - begun:.0f} s)", code == 0 and collage.is_file(), said)
        code, said = self.install()
        yield self.case("set up already", code == 0 and "private environment" not in said, said)
        yield from self.broken()
        code, said = self.install("--uninstall", "--purge")
        self.debian.run("rm -rf Stills Pictures")
        # One of the states took a setting out of VLC's file, another put a stranger's file in our place: it is back.
        left = [name for name in _difference(self.debian.tree(), self.empty) if (self.debian.home / name).is_file()]
        good = code == 0 and left == [".config/vlc/vlcrc", f"{LUA}/intf/cinepalette.lua"]
        yield self.case("broken and mended, then purged", good, f"{said}\n{left}")
        self.begin()
        self.install()
        yield self.gone("uninstalled", *self.install("--uninstall"))
        self.install()
        self.debian.run(f"cinepalette stop; rm -r {DATA}")
        yield self.gone("program folder deleted by hand, then purged", *self.install("--uninstall", "--purge"))

    def upgraded(self, old: str) -> Iterator[Case]:
        """Over a version of before, with settings and a session of its time."""
        self.debian.run(f"python3 {old}/install.py")
        self.debian.run("mkdir -p .config/cinepalette")
        self.debian.run("printf '[palette]\\nswatches = 6\\n' > .config/cinepalette/config.toml")
        self.debian.run(f"cinepalette add {old}/daemon/docs/collage.jpg --session 'An evening'")
        code, said = self.install()
        kept = self.debian.run("cinepalette sessions")[1], self.debian.run("cinepalette config")[1]
        good = code == 0 and "An evening" in kept[0] and "swatches = 6" in kept[1]
        good = good and "takes the place of" in said and "mended" not in said
        yield self.case("an older version", good, said)
        # The user's own, and what pip kept for itself at that time.
        self.debian.run(f"rm -rf {OUTPUT}/'An evening'* .cache/pip")
        yield self.gone("an older version, then purged", *self.install("--uninstall", "--purge"))

    def broken(self) -> Iterator[Case]:
        self.debian.run("cinepalette add '.cache/cinepalette/Cinepalette test/collage.png' --session 'An evening'")
        for state, (make, word, undo) in (NAMED | (NAMED_BY_ROOT if self.debian.user == "root" else {})).items():
            code, said = self.debian.run(f"{make}; cinepalette doctor; code=$?; {undo}; exit $code")
            yield self.case(f"named: {state}", code == 1 and word in said, said)
        # Where the link leads to nothing there is another way to the command.
        doctor = f"{DATA}/cinepalette doctor"
        for state, make in BROKEN.items():
            if self.debian.user == "root" and "closed" in state:
                continue  # nothing is closed to root
            self.debian.run(make)
            found, (code, said) = self.debian.run(doctor), self.debian.run(f"{doctor} --fix")
            # It ends with a still through the whole chain.
            good = found[0] == 1 and code == 0 and "All is well" in said
            yield self.case(f"broken: {state}", good, f"{found} {said}")


def _difference(after: Tree, before: Tree) -> list[str]:
    """What is not as it was, folders included."""
    return sorted(name for name in {*after, *before} if after.get(name) != before.get(name))


def main() -> int:
    parser = argparse.ArgumentParser(description="What was tried of setting up.")
    parser.add_argument("--in", dest="roots", metavar="ROOT", type=Path, action="append", default=[], help="a Debian")
    parser.add_argument("--from", dest="older", metavar="DIR", type=Path, help="an older checkout to set up over")
    parser.add_argument("--user", dest="users", metavar="NAME", action="append", help="root or newcomer, else both")
    chosen = parser.parse_args()
    failed = 0
    users = chosen.users or ["root", "newcomer"]
    cases = [simulated(), *(really(root, users, chosen.older) for root in chosen.roots)]
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
