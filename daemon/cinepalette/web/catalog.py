"""The sessions as the server shows them: found by the identity of their folder, never by a path from a request."""

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from ..config import Config
from ..daemon import page, results
from ..drawing import pages
from ..export import gallery
from ..export.data import session_data, still_data
from ..export.formats import FORMATS, SESSION_FORMATS, group_of
from ..export.gallery import live
from ..model import Session, Still
from ..session.folder import Folder
from ..session.store import Store
from .problems import Problem

Result = TypeVar("Result")


@dataclass(frozen=True)
class OnServer:
    """Addresses of the API."""

    follow: Mapping[str, str] = field(default_factory=lambda: {"events": "/api/events"}, hash=False)
    links: Mapping[str, str] = field(default_factory=lambda: {"Try a picture": "/try", "API": "/api"}, hash=False)

    def base(self, folder: str, session: Session) -> str:
        return f"/api/sessions/{gallery.identity(folder, session)}"

    def still(self, base: str, still: Still) -> str:
        return f"{base}/stills/{still.n}/picture"

    def small(self, base: str, still: Still) -> str | None:
        return None if pages.small(still) is None else f"{base}/stills/{still.n}/small"

    def collage(self, base: str) -> str:
        return f"{base}/collage/small"

    def file(self, base: str, name: str) -> str:
        for form in SESSION_FORMATS:
            if name == f"palette{FORMATS[form].extension}":
                return f"{base}/palette?format={form}"
        return f"{base}/collage"


class Catalog:
    """Reads sessions in a thread of its own, so that the store has one reader here and the server goes on."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._store = Store(config.output)
        self._places = OnServer()
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="library")

    def close(self) -> None:
        self._reader.shutdown(wait=False, cancel_futures=True)

    async def page(self) -> tuple[str, str]:
        """The gallery, and the content security policy that it needs."""
        text = await self._read(lambda: gallery.of_sections(self._sections(), self._places))
        return text, gallery.policy(self._places)

    async def live(self, before: Mapping[str, str]) -> tuple[dict[str, str], dict[str, Any]]:
        """When each session was changed last, and what an open page needs of those that were changed since."""
        return await self._read(partial(self._live, before))

    async def section(self, identity: str) -> dict[str, Any]:
        """A session as a part of the gallery."""

        def read() -> dict[str, Any]:
            _, session = self._found(identity)
            section = next(one for one in self._sections() if one.id == identity)
            return live.whole(section, [still.n for still in session.stills])

        return await self._read(read)

    async def sessions(self) -> list[dict[str, Any]]:
        """All sessions, the latest last, as `cinepalette sessions --json` prints them."""
        return await self._read(lambda: [_session_data(*pair) for pair in self._store.sessions()])

    async def session(self, identity: str) -> dict[str, Any]:
        return await self._read(lambda: _session_data(*self._found(identity)))

    async def stills(self, identity: str) -> list[dict[str, Any]]:
        """The stills of a session as `cinepalette stills --json` prints them, with the address of the picture."""

        def read() -> list[dict[str, Any]]:
            folder, session = self._found(identity)
            return [self._still_data(folder, session, still) for still in session.stills]

        return await self._read(read)

    async def still(self, identity: str, n: int) -> tuple[Folder, Still]:
        return await self._read(partial(self._still, identity, n))

    async def newest(self) -> dict[str, Any]:
        """The still that was taken last."""

        def read() -> dict[str, Any]:
            taken = [(*pair, still) for pair in self._store.sessions() for still in pair[1].stills]
            if not taken:
                raise Problem(404, "There is no still yet.")
            return self._still_data(*max(taken, key=lambda one: one[2].taken_at))

        return await self._read(read)

    async def still_at(self, path: str) -> Path:
        """The picture of a still that is named by its path below the output folder, as sessions have it."""

        def read() -> Path:
            for folder, session in self._store.sessions():
                for still in session.stills:
                    if path == f"{folder.name}/{still.still}":
                        return self.inside(folder.path / still.still)
            raise Problem(404, "There is no such still below the output folder, such as FILM DAY/stills/0001.png.")

        return await self._read(read)

    async def swatches(self, identity: str, form: str, n: int | None = None) -> tuple[bytes, str]:
        """The swatch file of a session or of one of its stills, and the title for its name."""

        def read() -> tuple[bytes, str]:
            _, session = self._found(identity)
            if n is not None:
                group = group_of(self._still(identity, n)[1])
                return FORMATS[form].encode([group], session.title), f"{session.title} {n}"
            return FORMATS[form].encode(results.groups(session, self._config), session.title), session.title

        return await self._read(read)

    async def folder(self, identity: str) -> Folder:
        return await self._read(lambda: self._found(identity)[0])

    async def identity(self, folder: Folder) -> str:
        return await self._read(lambda: gallery.identity(folder.name, self._store.load(folder)))

    def inside(self, path: Path) -> Path:
        """A file that is there and really lies below the output folder, whatever links lie in between."""
        try:
            real = path.resolve(strict=True)
            if real.is_relative_to(self._config.output.resolve()) and real.is_file():
                return real
        except OSError:
            pass
        raise Problem(404, "This picture is not there any more, or not yet.")

    async def _read(self, work: Callable[[], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._reader, work)

    def _found(self, identity: str) -> tuple[Folder, Session]:
        for folder, session in self._store.sessions():
            if gallery.identity(folder.name, session) == identity:
                return folder, session
        raise Problem(404, "There is no such session any more; /api/sessions lists them.")

    def _still(self, identity: str, n: int) -> tuple[Folder, Still]:
        folder, session = self._found(identity)
        for still in session.stills:
            if still.n == n:
                return folder, still
        raise Problem(404, f"There is no still {n} in this session; its /stills lists them.")

    def _still_data(self, folder: Folder, session: Session, still: Still) -> dict[str, Any]:
        address = f"{self._places.base(folder.name, session)}/stills/{still.n}"
        return {**still_data(folder.path, still), "picture": f"{address}/picture", "palette": f"{address}/palette"}

    def _stamps(self) -> dict[str, str]:
        # A collage that was drawn meanwhile is a new picture for the page, too.
        return {
            folder.name: max(page.stamp(folder.file), page.stamp(folder.path / pages.COLLAGE))
            for folder in self._store.folders()
        }

    def _sections(self) -> list[gallery.Section]:
        at = self._stamps()
        return gallery.sections([(folder.name, one) for folder, one in self._store.sessions()], self._places, at)

    def _live(self, before: Mapping[str, str]) -> tuple[dict[str, str], dict[str, Any]]:
        begun = page.now()
        stamps = self._stamps()
        shown = self._sections()
        changed = [one for one in shown if before and stamps.get(one.folder, "") != before.get(one.folder)]
        calls = {"touched": live.touched(max(changed, key=lambda one: one.at))} if changed else {}
        addresses = [f"/api/sessions/{one.id}/section" for one in shown]
        return stamps, {**calls, "listing": live.listing(shown, addresses, begun)}


def _session_data(folder: Folder, session: Session) -> dict[str, Any]:
    return {"id": gallery.identity(folder.name, session), **session_data(folder.path, session)}
