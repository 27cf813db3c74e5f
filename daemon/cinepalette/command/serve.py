"""The page and the API: `serve`."""

import importlib.util
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from .. import config as settings
from ..errors import UsageError
from ..install.environment import places
from .output import is_terminal
from .shared import Command, whole_number

_NEEDED = {"starlette": "starlette", "uvicorn": "uvicorn", "multipart": "python-multipart"}
"""What the extra `web` brings: modules, and the packages that hold them."""


def serve(arguments: Namespace) -> int:
    """`serve`."""
    if any(importlib.util.find_spec(name) is None for name in _NEEDED):
        door = places.source_folder() / "install.py"
        ours = Path(sys.prefix).resolve() == places.folder().resolve() and door.exists()
        pip = f"{sys.executable} -m pip install {' '.join(sorted(_NEEDED.values()))}"
        raise UsageError(f"serve needs more packages: {f'python3 {door} --with web' if ours else pip}")
    from ..web import server

    config = settings.load()
    server.serve(config, arguments.port, opens=arguments.open, announce=_announce)
    return 0


def _announce(address: str) -> None:
    """Says where the page is; the address alone goes to standard output, for scripts."""
    print(address, flush=True)
    if is_terminal(sys.stderr):
        print("For the browser; the address is a key, so keep it to yourself. Ctrl+C ends it.", file=sys.stderr)


def _serve_words(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--port", type=whole_number, metavar="N", help="on 127.0.0.1 (default: 8642, or one that is free)"
    )
    parser.add_argument("--open", action="store_true", help="open the page in the browser")


COMMANDS = {"serve": Command(serve, _serve_words)}
