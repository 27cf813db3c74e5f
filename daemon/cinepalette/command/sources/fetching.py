"""A picture from an address on the web, for the command line: bounded in bytes and time, and nothing but a picture."""

import time
from typing import IO, TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from ... import __version__
from ...errors import UnreadableImage

if TYPE_CHECKING:
    from http.client import HTTPMessage, HTTPResponse
    from urllib.request import OpenerDirector

MAX_BYTES = 256 << 20
_MAX_SECONDS = 60.0
_SILENCE_S = 15.0
_CHUNK = 1 << 16
_SCHEMES = ("http://", "https://")
# What servers call a picture that they know nothing about.
_KINDS = ("image/", "application/octet-stream", "binary/octet-stream")


def is_address(name: str) -> bool:
    """Whether a name is an address on the web and no file."""
    return name.lower().startswith(_SCHEMES)


def file_name(address: str) -> str:
    """What the picture would be called as a file; empty where the address does not say."""
    return unquote(urlsplit(address).path).rpartition("/")[2]


def fetch(address: str, most_bytes: int = MAX_BYTES, most_s: float = _MAX_SECONDS) -> bytes:
    """The bytes of the picture there, whole or not at all; raises `UnreadableImage`."""
    # A quarter of the time that a command takes to start, and few need them.
    import urllib.error
    import urllib.request
    from http.client import HTTPException

    begun = time.monotonic()
    headers = {"User-Agent": f"cinepalette/{__version__}", "Accept": "image/*"}
    request = urllib.request.Request(address, headers=headers)  # noqa: S310 (an address of http or https only)
    try:
        with _opener().open(request, timeout=min(_SILENCE_S, most_s)) as answer:
            _check_kind(answer)
            declared = answer.headers.get("Content-Length", "")
            if declared.isdecimal() and int(declared) > most_bytes:
                raise _too_large(most_bytes)
            data = bytearray()
            while chunk := answer.read1(_CHUNK):
                data += chunk
                if len(data) > most_bytes:
                    raise _too_large(most_bytes)
                if time.monotonic() - begun > most_s:
                    raise UnreadableImage(f"has not come within {most_s:.0f} s")
    except urllib.error.HTTPError as error:
        raise UnreadableImage(f"cannot be fetched: {error.code} {error.reason}") from error
    except TimeoutError as error:
        raise UnreadableImage("cannot be fetched: the server is silent") from error
    except (OSError, HTTPException, ValueError) as error:
        reason = getattr(error, "reason", error)
        raise UnreadableImage(f"cannot be fetched: {getattr(reason, 'strerror', None) or reason}") from error
    if declared.isdecimal() and len(data) < int(declared):
        raise UnreadableImage("was cut off on its way")
    return bytes(data)


def _opener() -> "OpenerDirector":
    from urllib.error import URLError
    from urllib.request import HTTPRedirectHandler, Request, build_opener

    class OnlyWeb(HTTPRedirectHandler):
        """Follows addresses on the web and no others: urllib would go on to ftp as well."""

        def redirect_request(
            self, req: Request, fp: IO[bytes], code: int, msg: str, headers: "HTTPMessage", newurl: str
        ) -> Request | None:
            if not is_address(newurl):
                raise URLError("it leads to something that is not on the web")
            return super().redirect_request(req, fp, code, msg, headers, newurl)

    return build_opener(OnlyWeb)


def _check_kind(answer: "HTTPResponse") -> None:
    kind = answer.headers.get("Content-Type", _KINDS[1]).partition(";")[0].strip().lower()
    if not kind.startswith(_KINDS):
        what = "a web page" if kind == "text/html" else f"of the kind {kind}"
        raise UnreadableImage(f"is {what}, not a picture; copy the address of the picture itself")


def _too_large(most_bytes: int) -> UnreadableImage:
    return UnreadableImage(f"is too large; at most {most_bytes >> 20} MB are fetched")
