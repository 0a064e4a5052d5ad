"""Fetching a job's files: foreign input, taken from trusted hosts alone, without the token, within bounds."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import urljoin

import requests
from urllib3.exceptions import HTTPError, TimeoutError
from urllib3.util.retry import Retry

from seedream.errors import Code, SeedreamError
from seedream.http_session import TooLargeError, chunks, new_session
from seedream.runcomfy.responses import Output
from seedream.schema.references import MIB

_REDIRECTS = 3
_CONNECTIONS = 32

# Hosts of RunComfy's storage: https://docs.runcomfy.com/model-apis, and its own CLI downloads from no other.
_TRUSTED = (".runcomfy.net", ".runcomfy.com")
# Only what every URL parser reads alike: no user, no backslash, no space or control character.
_PLAIN = re.compile(r"(https?)://([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::(\d{1,5}))?(?:[/?][\x21-\x5b\x5d-\x7e]*)?")


@dataclass(frozen=True)
class Bounds:
    """How much one file may take: bytes on disk, and seconds until it is there."""

    max_bytes: int = 128 * MIB
    seconds: float = 120.0
    connect_seconds: float = 5.0
    read_seconds: float = 20.0


VIDEO_BOUNDS = Bounds(max_bytes=2048 * MIB, seconds=900.0)


class Downloads:
    """Downloads from hosts under .runcomfy.net and .runcomfy.com over HTTPS, and from the APIs' origins.

    Args:
        base_url: of the API, or of its stand-in.
        bounds: of an image. A video has wider ones.
        beyond: the base URL of the API that a stand-in takes the place of; None: the same.
    """

    def __init__(self, base_url: str, bounds: Bounds | None = None, *, beyond: str | None = None) -> None:
        self._own_origins = {_origin(base_url), _origin(beyond or base_url)}
        self._bounds = {"image": bounds or Bounds(), "video": VIDEO_BOUNDS}
        self._session = new_session(Retry(total=0, read=False, redirect=False), _CONNECTIONS)
        self._session.headers["Accept-Encoding"] = "identity"
        # Or requests would look a host up in .netrc: a file host is sent no credentials of any kind.
        self._session.auth = lambda request: request

    def trusts(self, url: str) -> bool:
        """Tell whether a URL may be fetched at all."""
        origin = _origin(url)
        if origin is None:
            return False
        scheme, host, port = origin
        official = scheme == "https" and port == 443 and host.endswith(_TRUSTED)
        return official or origin in self._own_origins

    def save(self, output: Output, to: Path) -> int:
        """Save an output's file, byte for byte, and return its size in bytes.

        Raises:
            SeedreamError: `file_untrusted`, `file_missing`, `file_too_large`, `file_slow` or
                `file_unreachable`. Nothing is left at `to`.
            OSError: the disk's own.
        """
        part, bounds = to.with_name(f"{to.name}.part"), self._bounds[output.kind]
        try:
            with self._open(output.url, bounds) as answer, part.open("wb") as file:
                body = chunks(answer, most=bounds.max_bytes, seconds=bounds.seconds, decode=False)
                size = sum(map(file.write, body))
            part.replace(to)
        except (requests.RequestException, HTTPError) as error:
            raise SeedreamError(_fault(error)) from error
        finally:
            part.unlink(missing_ok=True)
        return size

    def _open(self, url: str, bounds: Bounds) -> requests.Response:
        for _ in range(_REDIRECTS + 1):
            if not self.trusts(url):
                raise SeedreamError("file_untrusted")
            answer = self._answer(url, bounds)
            if not answer.is_redirect:
                if not answer.ok:
                    answer.close()
                    raise SeedreamError("file_missing" if answer.status_code < 500 else "file_unreachable")
                return answer
            answer.close()
            url = _next(url, answer.headers["Location"])
        raise SeedreamError("file_untrusted")

    def _answer(self, url: str, bounds: Bounds) -> requests.Response:
        get = partial(
            self._session.get,
            url,
            stream=True,
            allow_redirects=False,
            timeout=(bounds.connect_seconds, bounds.read_seconds),
        )
        try:
            return get()
        except requests.Timeout:
            raise
        except requests.ConnectionError:
            # A host may drop a kept connection at the very moment at which it is used again.
            return get()


def _next(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError:
        raise SeedreamError("file_untrusted") from None


def _origin(url: str) -> tuple[str, str, int] | None:
    found = _PLAIN.fullmatch(url)
    if not found:
        return None
    scheme, host, port = found.groups()
    return scheme, host.lower(), int(port or {"http": 80, "https": 443}[scheme])


def _fault(error: Exception) -> Code:
    if isinstance(error, TooLargeError):
        return "file_too_large"
    return "file_slow" if isinstance(error, (requests.Timeout, TimeoutError)) else "file_unreachable"
