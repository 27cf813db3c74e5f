"""An installation that is stopped: by Ctrl+C, by `kill`, by a terminal that is closed."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[1]

HEAD = f"""
import signal, subprocess, sys, time
sys.path.insert(0, {str(TOP / "daemon")!r})
signal.signal(signal.SIGINT, signal.default_int_handler)  # tests may run where it is ignored
from cinepalette.install.environment import ending, terminal
# Says that it works; tidies up when it is stopped; a second stop would keep it from that.
PIP = [sys.executable, "-c", '''
import sys, time
try:
    print("works", flush=True)
    time.sleep(60)
except KeyboardInterrupt:
    time.sleep(0.2)
    open("tidy", "w").close()
    sys.exit(1)
''']
APT = [sys.executable, "-c", '''
import sys, time
print("works", flush=True)
sys.stdin.readline()
print("x" * 200_000)
open("tidy", "w").close()
''']
"""


@contextmanager
def running(folder: Path, work: str, before: str = "") -> Iterator[subprocess.Popen[str]]:
    """An installer that does this work, once it has said that it works."""
    script = f"{HEAD}\n{before}\nsys.exit(ending.in_order(lambda: {work}))"
    process = subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        for line in process.stdout:
            if "works" in line:
                break
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_however_it_is_stopped_one_line_is_said_and_what_it_has_started_ends_in_order(tmp_path, number):
    relay = "with ending.child(PIP, stdout=subprocess.PIPE) as child:"
    work = f"def work():\n    {relay}\n        print(child.stdout.readline(), flush=True)\n        return child.wait()"
    with running(tmp_path, "work()", work) as process:
        # A terminal sends its signals to all programs in the foreground.
        os.killpg(process.pid, number)
        _, said = process.communicate(timeout=30)
    assert process.returncode == 130
    assert said == "Stopped. Run the same again to go on.\n"
    assert (tmp_path / "tidy").exists()


def test_system_packages_are_waited_for(tmp_path):
    relay = "with ending.child(APT, stdout=subprocess.PIPE, to_its_end=True) as child:"
    work = f"def work():\n    {relay}\n        print(child.stdout.readline(), flush=True)\n        return child.wait()"
    with running(tmp_path, "work()", work) as process:
        process.terminate()
        assert not (tmp_path / "tidy").exists()
        _, said = process.communicate("go on\n", timeout=30)
    assert process.returncode == 130
    assert said == "Stopped. Run the same again to go on.\n"
    assert (tmp_path / "tidy").exists()


def test_under_nohup_a_closed_terminal_stops_nothing(tmp_path):
    before = "signal.signal(signal.SIGHUP, signal.SIG_IGN)"
    with running(tmp_path, "print('works', flush=True) or int(sys.stdin.readline())", before) as process:
        process.send_signal(signal.SIGHUP)
        _, said = process.communicate("7\n", timeout=30)
    assert (process.returncode, said) == (7, "")


def test_what_must_not_be_half_done_is_done_first(tmp_path):
    before = """
def work():
    with ending.undisturbed():
        print("works", flush=True)
        sys.stdin.readline()
        open("tidy", "w").close()
    open("more", "w").close()
"""
    with running(tmp_path, "work()", before) as process:
        process.terminate()
        process.communicate("go on\n", timeout=30)
    assert process.returncode == 130
    assert [path.name for path in tmp_path.iterdir()] == ["tidy"]
