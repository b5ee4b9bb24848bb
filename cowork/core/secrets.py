"""Secrets of the environment: which variables hold some, and keeping their values out of what is stored or handed on."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote, quote_plus, unquote

SHORTEST = 8
"""Values shorter than this are not looked for; hiding them would tear ordinary words apart."""
_NAMES = re.compile(
    r"KEY|TOKEN|SECRET|PASSW(?:OR)?D|PASSPHRASE|CREDENTIAL|AUTH|COOKIE|BEARER|JWT|(?:^|_)(?:PASS|PWD|PAT|DSN|SALT)(?:_|$)"
    r"|^AWS_|^GH_|^GITHUB_TOKEN|^AZURE_CLIENT|^DOCKER_CONFIG$|WEBHOOK|NOTIFY_URL|CONNECTION_?STRING",
    re.IGNORECASE,
)
# Names that look like secrets and are not: where things are and how programs behave.
_HARMLESS = frozenset(
    "PWD OLDPWD XAUTHORITY SSH_AUTH_SOCK KEYBOARD_LAYOUT XKB_DEFAULT_LAYOUT AWS_REGION AWS_DEFAULT_REGION AWS_CA_BUNDLE "
    "SSL_CERT_FILE SSL_CERT_DIR PIP_CERT GIT_AUTHOR_NAME GIT_AUTHOR_EMAIL GIT_AUTHOR_DATE TOKENIZERS_PARALLELISM "
    "GH_HOST GH_REPO GH_PAGER GH_EDITOR".split()
)
# Settings of git, handed over in variables that count on each other: so many, and of each its name and its value.
_GIT_SETTING = re.compile(r"GIT_CONFIG_(?:COUNT|KEY_\d+|VALUE_\d+)")
_SECRET_SETTINGS = re.compile(r"extraheader|credential|password|token|cookie|proxyauth|\.(?:pass|key)$", re.IGNORECASE)
_USERINFO = re.compile(r"://[^\s/?#@:]{0,1000}:([^\s/?#@]{1,1000})@|://([^\s/?#@:]{20,1000})@")
_SHAPES = re.compile(  # values that are secrets whatever they are called
    r"(?:sk-|ghp_|gho_|ghu_|ghs_|ghr_|github_pat_|glpat-|xox[abeoprs]-|AKIA|ASIA|AIza|hf_|npm_|pypi-)[A-Za-z0-9_-]{16,}"
    r"|eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}|-----BEGIN [A-Z ]*PRIVATE KEY"
)


def is_secret(name: str, value: str, names: Iterable[str] = ()) -> bool:
    """Whether a variable holds a secret: by its name, by how its value looks, or because it is among `names`."""
    if name in names:
        return True
    if _USERINFO.search(value) or _SHAPES.search(value):
        return True
    if _GIT_SETTING.fullmatch(name):
        return False  # what its name says is not what it holds: see `secrets_of`
    return name.upper() not in _HARMLESS and _NAMES.search(name) is not None


def child_environment(
    environ: Mapping[str, str], *, secret_names: Iterable[str] = (), keep: Iterable[str] = ()
) -> dict[str, str]:
    """What child processes of an agent are given: everything but secrets.

    `secret_names` are variables known to hold some, such as the keys of every provider; `keep` are names the user allows,
    whatever they hold. Settings of git are given all together or, when one of them is a secret, not at all: git refuses to
    work when one that it was promised is missing.
    """
    kept = frozenset(keep)
    dropped = secrets_of(environ, secret_names) - kept
    if any(_GIT_SETTING.fullmatch(name) for name in dropped):
        dropped |= {name for name in environ if _GIT_SETTING.fullmatch(name)}
    return {name: value for name, value in environ.items() if name not in dropped}


def secrets_of(environ: Mapping[str, str], names: Iterable[str] = ()) -> frozenset[str]:
    """The variables that hold secrets: those that `is_secret` says, and values of git's settings whose names say so."""
    known = frozenset(names)
    found = {name for name, value in environ.items() if is_secret(name, value, known)}
    for name, value in environ.items():
        if name.startswith("GIT_CONFIG_KEY_") and _SECRET_SETTINGS.search(value):
            found.add(name.replace("KEY", "VALUE"))
    return frozenset(found & set(environ))


class Redactor:
    """Puts `[redacted:NAME]` wherever the value of a secret stands, also in base64, in hexadecimal, in a URL or in JSON.

    `extra_values` are secrets from elsewhere: texts, or pairs of a name and a text. `longest` is the length of the longest
    spelling: who cuts a text into pieces has to hold back that much to lose nothing between them.
    """

    def __init__(
        self,
        environ: Mapping[str, str],
        extra_values: Iterable[str | tuple[str, str]] = (),
        *,
        secret_names: Iterable[str] = (),
    ) -> None:
        secret = secrets_of(environ, secret_names)
        found = [(name, value) for name, value in environ.items() if name in secret and not _is_place(name, value)]
        found += [("value", item) if isinstance(item, str) else item for item in extra_values]
        names: dict[str, str] = {}
        for name, value in found:
            for part in _parts(value):
                for form in _forms(part):
                    names.setdefault(form, name)
        self._names = dict(sorted(names.items(), key=lambda item: -len(item[0])))  # the longest first: one may begin another
        self.longest = max(map(len, names), default=0)

    def text(self, text: str) -> str:
        """`text` without secrets."""
        if len(text) < SHORTEST:
            return text
        there = [form for form in self._names if form in text]  # faster by far than one expression for all of them
        if not there:
            return text
        pattern = re.compile("|".join(re.escape(form) for form in there))
        return pattern.sub(lambda match: f"[redacted:{self._names[match[0]]}]", text)

    def plain(self, value: Any) -> Any:
        """A plain JSON value without secrets, also in the names of members; tuples become lists."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {self.text(key) if isinstance(key, str) else key: self.plain(item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.plain(item) for item in value]
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            text = json.dumps(value)
            hidden = self.text(text)
            return value if hidden == text else hidden
        return value


def _is_place(name: str, value: str) -> bool:
    """Whether a value only says where a secret is."""
    return value.startswith(("/", "~/")) and re.search(r"(?:FILE|PATH|DIR|SOCK|CREDENTIALS|CONFIG)$", name, re.I) is not None


def _parts(value: str) -> list[str]:
    """What is looked for of a value: all of it, each long line (a key in several lines is shown line by line), a password in
    an address.
    """
    parts = [value, value.strip()]
    if "\n" in value:
        parts += [line.strip() for line in value.split("\n") if len(line.strip()) >= 2 * SHORTEST]
        parts = [part for part in parts if not re.fullmatch(r"-----[A-Z ]+-----", part)]
    for match in _USERINFO.finditer(value):
        inner = match[1] or match[2]
        parts += [inner, unquote(inner)]
    return [part for part in dict.fromkeys(parts) if len(part) >= SHORTEST]


def _forms(value: str) -> list[str]:
    """How a value may be spelled."""
    raw = value.encode("utf-8", "surrogateescape")
    escaped = json.dumps(value)[1:-1]
    encoded = [base64.b64encode(raw).decode(), *_within_base64(raw)]
    forms = [
        value,
        value.replace("\n", "\r\n"),
        quote(raw, safe=""),
        quote(raw),
        quote_plus(raw),
        re.sub("%[0-9A-F]{2}", lambda match: match[0].lower(), quote(raw, safe="")),
        escaped,
        json.dumps(value, ensure_ascii=False)[1:-1],
        json.dumps(escaped)[1:-1],
        escaped.replace("/", "\\/"),
        *encoded,
        *(text.translate(_URL_SAFE) for text in encoded),
        raw.hex(),
        raw.hex().upper(),
    ]
    return [form for form in dict.fromkeys(forms) if len(form) >= SHORTEST]


_URL_SAFE = str.maketrans("+/", "-_")


def _within_base64(raw: bytes) -> list[str]:
    """What stands of a value in the base64 of a longer text that holds it, such as `user:password`, wherever it begins."""
    found = []
    for before in range(3):
        text = base64.b64encode(bytes(before) + raw).decode()
        found.append(text[-(-8 * before // 6) : 8 * (before + len(raw)) // 6])
    return found
