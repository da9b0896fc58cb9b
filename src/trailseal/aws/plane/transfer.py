"""
One HTTP request of the object plane, and its answer, on one of libcurl's handles.

What libcurl would add of its own is taken away, so that what is sent is what was signed. Proxies are those
of the environment (`HTTPS_PROXY`, `NO_PROXY`), as for every AWS client.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property, lru_cache

import pycurl
from msgspec import Struct

from trailseal import __version__

NOT_ADDED = {"Accept:": "accept", "Content-Type:": "content-type", "Expect:": "expect"}


class Connecting(Struct, frozen=True, kw_only=True):
    """How to connect. `trusted` is a file of certificate authorities, `timeout` in seconds of silence."""

    trusted: str
    timeout: float


class Received:
    """The bytes of all answers that are being received, so that many large ones do not fill the memory."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.size = 0


class Headers(Mapping[str, str]):
    """An answer's headers by lower-case names, read when asked for; one that came twice has both values."""

    def __init__(self, lines: list[bytes]) -> None:
        self._lines = lines

    def __getitem__(self, name: str) -> str:
        if "_found" not in self.__dict__ and not self._may_have(name):
            raise KeyError(name)
        return self._found[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)

    def _may_have(self, name: str) -> bool:
        """Whether a line begins with the name; mostly one is asked for, which is not there."""
        return f"\n{name}:".encode("latin-1") in b"".join(self._lines).lower()

    @cached_property
    def _found(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for line in self._lines:
            name, colon, rest = line.partition(b":")
            if not colon:
                if line.startswith(b"HTTP/"):  # what came before was `100 Continue`, or a proxy's
                    found.clear()
                continue
            key, value = name.decode("latin-1").lower(), rest.strip().decode(errors="surrogateescape")
            found[key] = f"{found[key]},{value}" if key in found else value
        return found


class Transfer:
    """A handle of libcurl, used for one request after the other."""

    def __init__(self, connecting: Connecting, held: Received) -> None:
        self.curl = pycurl.Curl()
        self._held = held
        self._most = self._size = 0
        self.is_too_large = self.is_crowded_out = False
        self._lines: list[bytes] = []
        self._parts: list[bytes] = []
        self._kind = ("", b"")
        for option, value in (
            (pycurl.NOSIGNAL, 1),
            (pycurl.HTTP_VERSION, pycurl.CURL_HTTP_VERSION_1_1),
            (pycurl.PATH_AS_IS, 1),  # a key may have `..` for a folder
            (pycurl.USERAGENT, f"trailseal/{__version__}"),
            (pycurl.CAINFO, connecting.trusted),
            (pycurl.CONNECTTIMEOUT_MS, int(connecting.timeout * 1000)),
            (pycurl.LOW_SPEED_LIMIT, 1),
            (pycurl.LOW_SPEED_TIME, max(1, int(connecting.timeout))),
        ):
            self.curl.setopt(option, value)

    def prepare(self, method: str, url: str, headers: Mapping[str, str], body: bytes, *, most: int) -> None:
        """
        Make the handle ready to be sent; of an answer that has more than `most` bytes the rest is not taken.

        Raises:
            ValueError: a header holds a line break.
        """
        curl = self.curl
        curl.setopt(pycurl.HTTPHEADER, _lines(headers))
        curl.setopt(pycurl.URL, url)
        if (method, body) != self._kind:
            self._become(method, body)
        self._lines, self._parts = [], []
        self._most, self._size = most, 0
        self.is_too_large = self.is_crowded_out = False
        curl.setopt(pycurl.HEADERFUNCTION, self._lines.append)
        curl.setopt(pycurl.WRITEFUNCTION, self._take)

    def _take(self, part: bytes) -> int | None:
        """Keep a part of the body; 0 ends the transfer."""
        self._size += len(part)
        self._held.size += len(part)
        self.is_too_large = self._size > self._most
        self.is_crowded_out = not self.is_too_large and self._size < self._held.size > self._held.most
        if self.is_too_large or self.is_crowded_out:
            return 0
        self._parts.append(part)
        return None

    def let_go(self) -> None:
        """Forget what was received."""
        self._held.size -= self._size
        self._size, self._lines, self._parts = 0, [], []

    def _become(self, method: str, body: bytes) -> None:
        curl, self._kind = self.curl, (method, body)
        curl.setopt(pycurl.HTTPGET, 1)  # forgets the method, and the body, of the request before
        curl.unsetopt(pycurl.CUSTOMREQUEST)
        if method == "HEAD":
            curl.setopt(pycurl.NOBODY, 1)
        elif method != "GET":
            curl.setopt(pycurl.CUSTOMREQUEST, method)
            curl.setopt(pycurl.POSTFIELDS, body)

    @property
    def status(self) -> int:
        """The HTTP status that came back."""
        return int(self.curl.getinfo(pycurl.RESPONSE_CODE))

    @property
    def headers(self) -> Headers:
        """What came back."""
        return Headers(self._lines)

    @property
    def body(self) -> bytes:
        """What came back, as it was sent: nothing is decompressed."""
        return b"".join(self._parts)


@lru_cache(maxsize=256)
def _not_added(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the lines that take away what libcurl would add to headers of these names."""
    given = {name.lower() for name in names}
    return tuple(line for line, name in NOT_ADDED.items() if name not in given)


def _lines(headers: Mapping[str, str]) -> list[str] | list[bytes]:
    """Return header lines as libcurl takes them: `name;` is an empty value, `name:` takes one away."""
    lines = [*_not_added(tuple(headers))]
    lines += [f"{name}: {value}" if value else f"{name};" for name, value in headers.items()]
    together = "".join(lines)
    if "\r" in together or "\n" in together:
        raise ValueError(next(name for name, value in headers.items() if "\r" in value or "\n" in value))
    return lines if together.isascii() else [line.encode(errors="surrogateescape") for line in lines]
