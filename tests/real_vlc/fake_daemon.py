"""Answers stills and requests as the daemon does, for tests of the plugin alone."""

import contextlib
import json
import threading
from collections.abc import Mapping
from pathlib import Path

from PIL import Image

from .desktop import give


class FakeDaemon:
    """Watches an inbox and answers every sidecar and request at once; a context manager.

    `answer` is merged into every reply; with `strip` (a picture) each still gets it as its overlay, and each question
    for the status as the last palette. What came in is in `seen`, by file name. Stills stay in the inbox, so that the
    test can look at them.
    """

    def __init__(self, inbox: Path, answer: Mapping[str, object] | None = None, strip: Image.Image | None = None):
        self.inbox = inbox
        self.answer = dict(answer or {})
        self.strip = strip
        self.seen: dict[str, dict] = {}
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "FakeDaemon":
        give(self.inbox).joinpath(".daemon.pid").write_text("1\n")
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()
        self.inbox.joinpath(".daemon.pid").unlink(missing_ok=True)

    def count(self, request: str) -> int:
        """How often this was asked."""
        return sum(one.get("do") == request for one in self.seen.values())

    def _watch(self) -> None:
        while not self._end.wait(0.005):
            for path in sorted(self.inbox.glob("*.json")):
                if path.name not in self.seen:
                    with contextlib.suppress(ValueError, OSError):  # not written to its end yet
                        self.seen[path.name] = json.loads(path.read_text(encoding="utf-8"))
                        self._reply(path.stem)

    def _reply(self, stem: str) -> None:
        reply: dict[str, object] = {"v": 1, "ok": True, "text": f"{len(self.seen)} · answered"}
        asked = self.seen[f"{stem}.json"].get("do")
        if self.strip is not None and (stem.startswith("vlc-") or asked == "status"):
            reply |= {"strip": f"{stem}.png", "strip_size": list(self.strip.size)}
            self._put(f"{stem}.png", lambda path: self.strip.save(path, "PNG"))
        text = json.dumps(reply | self.answer)
        self._put(f"{stem}.json", lambda path: path.write_text(text, encoding="utf-8"))

    def _put(self, name: str, write) -> None:
        whole = self.inbox / "replies" / name
        part = whole.with_name(f".{name}.part")
        write(part)
        give(part).replace(whole)
