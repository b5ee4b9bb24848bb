"""What each field of a provider may be in the user's config.yaml. No rule quotes a value: it may be a key."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from cowork.core.text import printable
from cowork.models.price import Price

T = TypeVar("T")
_LONGEST = 500
_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]*")
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,60}")


class Wrong(Exception):
    """A field breaks its `rule`; `below` says where in it."""

    def __init__(self, rule: str, below: str = "") -> None:
        super().__init__(rule)
        self.rule = rule
        self.below = below


def text(raw: Any) -> str:
    """One line of text."""
    if not isinstance(raw, str) or not raw.strip() or len(raw) > _LONGEST or "\n" in raw or printable(raw) != raw:
        raise Wrong(f"must be one line of text of at most {_LONGEST} characters")
    return raw.strip()


def note(raw: Any) -> str:
    """Text of several lines."""
    if not isinstance(raw, str) or printable(raw) != raw:
        raise Wrong("must be text")
    return " ".join(raw.split())


def texts(raw: Any) -> tuple[str, ...]:
    """A list of texts, or one."""
    if not isinstance(raw, (str, list)):
        raise Wrong("must be a list of texts")
    return tuple(text(item) for item in ([raw] if isinstance(raw, str) else raw))


def home_paths(raw: Any) -> tuple[str, ...]:
    """Paths below the home directory, or absolute ones."""
    found = texts(raw)
    if not all(path.startswith(("~/", "/")) and ".." not in path.split("/") for path in found):
        raise Wrong("must be paths that begin with ~/ or /, without ..")
    return found


def names(raw: Any) -> tuple[str, ...]:
    """Names that a user may type for a provider."""
    found = texts(raw)
    if not all(_NAME.fullmatch(name) for name in found):
        raise Wrong("must be names in lower case, of letters, digits, '.', '_' and '-'")
    return found


def variable(raw: Any) -> str:
    """The name of an environment variable."""
    if not isinstance(raw, str) or not _VARIABLE.fullmatch(raw):
        raise Wrong("must be the name of an environment variable, in capitals")
    return raw


def variables(raw: Any) -> tuple[str, ...]:
    """Names of environment variables, or one."""
    if not isinstance(raw, (str, list)):
        raise Wrong("must be a list of names of environment variables")
    return tuple(variable(item) for item in ([raw] if isinstance(raw, str) else raw))


def address(raw: Any) -> str:
    """A base URL; {NAME} parts are variables."""
    from urllib.parse import urlsplit

    found = text(raw)
    try:
        parts = urlsplit(re.sub(r"\{\w+\}", "x", found))
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good:
        raise Wrong("must be an http(s) URL")
    if parts.username is not None or parts.password is not None:
        raise Wrong("must not hold a user or a password")
    if re.search(r"[?#\s]", found):
        raise Wrong("must not have a query or a fragment")
    return found.rstrip("/")


def truth(raw: Any) -> bool:
    """True or false."""
    if not isinstance(raw, bool):
        raise Wrong("must be true or false")
    return raw


def seconds(raw: Any) -> float:
    """A duration."""
    found = amount(raw)
    if found < 1:
        raise Wrong("must be at least 1")
    return found


def amount(raw: Any) -> float:
    """A finite number, not below 0."""
    if isinstance(raw, bool) or not isinstance(raw, (int, float)) or not 0 <= raw < 1e9:
        raise Wrong("must be a number, not below 0")
    return float(raw)


def choice(*choices: str) -> Callable[[Any], str]:
    """One of these."""

    def chosen(raw: Any) -> str:
        if raw not in choices:
            raise Wrong(f"must be one of {', '.join(choices)}")
        return str(raw)

    return chosen


def nothing_or(rule: Callable[[Any], T]) -> Callable[[Any], T | None]:
    """What `rule` takes, or null."""
    return lambda raw: None if raw is None else rule(raw)


def prices(raw: Any) -> dict[str, Price]:
    """Prices by model."""
    if not isinstance(raw, dict):
        raise Wrong("must be a mapping of models to prices")
    found = {}
    for model, fields in raw.items():
        if not isinstance(fields, dict) or not {"input", "output"} <= fields.keys():
            raise Wrong("must have input and output, in USD per million tokens", str(model))
        found[text(str(model))] = Price(**checked(fields, _PRICE, str(model)))
    return found


def checked(raw: Mapping[Any, Any], rules: Mapping[str, Callable[[Any], Any]], below: str = "") -> dict[str, Any]:
    """The fields of a mapping, each by its rule. Raises Wrong also for one that has no rule."""
    found = {}
    for key, value in raw.items():
        place = ".".join(filter(None, (below, str(key))))
        if key not in rules:
            raise Wrong(f"is not known here; there are {', '.join(rules)}", place)
        try:
            found[key] = rules[key](value)
        except Wrong as wrong:
            raise Wrong(wrong.rule, ".".join(filter(None, (place, wrong.below)))) from None
    return found


def command(raw: Any) -> dict[str, Any]:
    """Fields of a command line."""
    if not isinstance(raw, dict):
        raise Wrong("must be a mapping")
    return checked(raw, _COMMAND)


_PRICE = {"input": amount, "output": amount, "cached_input": nothing_or(amount), "as_of": text, "source": text}
_COMMAND: dict[str, Callable[[Any], Any]] = {
    "program": text,
    "dialect": choice("claude", "codex", "gemini", "opencode", "text"),
    "flags": texts,
    "work_flags": texts,
    "model_flag": text,
    "prompt": choice("stdin", "argument"),
    "timeout_s": nothing_or(seconds),
    "auth_paths": home_paths,
    "config_paths": home_paths,
}
FIELDS: dict[str, Callable[[Any], Any]] = {
    "name": text,
    "aliases": names,
    "style": choice("anthropic", "openai", "command"),
    "base_url": address,
    "base_url_env": variable,
    "key_env": variables,
    "local": truth,
    "default_model": nothing_or(text),
    "small_model": nothing_or(text),
    "fallback_models": texts,
    "needs": variables,
    "status": choice("active", "beta", "retired", "unconfirmed", "testing"),
    "limits": nothing_or(note),
    "prices": prices,
    "command": command,
    "timeout_s": nothing_or(seconds),
}


def is_name(raw: str) -> bool:
    """Whether a provider may be called so."""
    return _NAME.fullmatch(raw) is not None
