"""Web addresses, read strictly and written in one way, so that nobody after us can understand them differently."""

from __future__ import annotations

import re
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import NamedTuple
from urllib.parse import SplitResult, quote, urlsplit

from cowork.core.errors import Denied, InvalidInput
from cowork.core.text import one_line

MAX_URL = 8192
_DEFAULT_PORTS = {"http": 80, "https": 443}
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_KEPT = "!$&'()*+,;=:@/?%-._~[]"


class Target(NamedTuple):
    """An address taken apart. `host` is ASCII, in lower case, without brackets and without a final dot."""

    scheme: str
    host: str
    port: int
    path: str
    query: str

    @property
    def url(self) -> str:
        """The whole address, written canonically and without its fragment."""
        return self.origin + self.path + (f"?{self.query}" if self.query else "")

    @property
    def origin(self) -> str:
        """Scheme, host and port; the port only where it is not the usual one."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _DEFAULT_PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}"

    @property
    def shown(self) -> str:
        """The address as messages show it: the query may hold a secret and stays out."""
        return one_line(self.origin + self.path)


def read_url(url: str) -> Target:
    """An http or https address taken apart. Raises `web.bad_url` and `web.credentials_in_url`; nothing is looked up."""
    if len(url) > MAX_URL:
        raise bad_url(url, f"it is longer than {MAX_URL} characters")
    if re.search(r"[\x00-\x20\x7f-\xa0\\]", url) or any(0xD800 <= ord(letter) <= 0xDFFF for letter in url):
        raise bad_url(url, "it holds a space, a control character or a backslash")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise bad_url(url, str(error)) from error
    if parts.scheme not in _DEFAULT_PORTS:
        raise bad_url(url, "it does not start with https://")
    if "@" in parts.netloc:
        raise Denied(
            "web.credentials_in_url",
            f"the address {shown(url)} holds a user name or password",
            cause="what stands before '@' ends up in logs and lock files, and hides the real host",
            hint="leave out what stands before '@'",
        )
    if port == 0:
        raise bad_url(url, "there is no port 0")
    host = read_host(_host_text(url, parts))
    return Target(
        scheme=parts.scheme,
        host=host,
        port=port or _DEFAULT_PORTS[parts.scheme],
        path=quote(parts.path, safe=_KEPT) or "/",
        query=quote(parts.query, safe=_KEPT),
    )


def _host_text(url: str, parts: SplitResult) -> str:
    match = re.fullmatch(r"(\[[^][]*\]|[^][:]*)(:[0-9]*)?", parts.netloc)
    if match is None:
        raise bad_url(url, "its host and port cannot be told apart")
    return match[1]


def read_host(text: str) -> str:
    """A host name or literal address in its one spelling. Raises `web.bad_url`.

    Numbers are IPv4 addresses only as four decimals: `127.1`, `0x7f.1` and `2130706433` mean different things to different
    programs, so they are refused.
    """
    if text.startswith("[") or ":" in text:
        return _read_ipv6(text)
    host = text.removesuffix(".") if text.isascii() else _to_ascii(text)
    host = host.lower()
    labels = host.split(".")
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise bad_url(text, "the host name is not valid")
    if _NUMBER.fullmatch(labels[-1]):
        try:
            return str(IPv4Address(host))
        except AddressValueError as error:
            raise bad_url(text, "numeric hosts are four decimal numbers, such as 192.0.2.1") from error
    return host


def is_literal(host: str) -> bool:
    """Whether a host, as `read_host` gives it, is an address and no name."""
    return ":" in host or host.rpartition(".")[2].isdecimal()


def _read_ipv6(text: str) -> str:
    inner = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    try:
        if "%" in inner:  # a zone names one of this machine's own networks
            raise AddressValueError("zone")
        return str(IPv6Address(inner))
    except AddressValueError as error:
        raise bad_url(text, "it is not an IPv6 address") from error


def _to_ascii(text: str) -> str:
    import idna

    try:
        return idna.encode(text, uts46=True, transitional=False).decode("ascii").removesuffix(".")
    except (idna.IDNAError, UnicodeError) as error:
        raise bad_url(text, "the host name is not a valid international name") from error


def shown(url: str) -> str:
    """Any address as messages may show it: without query, fragment and credentials, on one line."""
    bare = re.split(r"[?#]", url, maxsplit=1)[0]
    scheme, sep, rest = bare.partition("://")
    if not sep:
        return one_line(bare.rpartition("@")[2])
    authority, slash, path = rest.lstrip("/\\").partition("/")
    return one_line(scheme + sep + authority.rpartition("@")[2] + slash + path)


def bad_url(url: str, cause: str) -> InvalidInput:
    """The refusal of an address that cannot be used."""
    text = shown(url)
    return InvalidInput("web.bad_url", f"not a usable address: {text}", cause=cause, hint="write https://host/path")
