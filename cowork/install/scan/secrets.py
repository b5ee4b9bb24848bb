"""Keys and tokens that were left in a pack. Examples and placeholders are not secrets; a report never repeats one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from cowork.install.scan.patterns import compiled
from cowork.install.scan.rule import Hit, Rule, Severity

if TYPE_CHECKING:
    from cowork.install.scan.text import Text

SECRET = Rule("scan.secret", "No keys or tokens in a pack", "revoke it, remove it, and read it from a variable instead")
PRIVATE_KEY = Rule("scan.private_key", "No private keys in a pack", "revoke it and remove it")
RULES = (SECRET, PRIVATE_KEY)


class _Token(NamedTuple):
    """A kind of token: the words without one of which there is none, its whole form, and how sure the form is.

    Where the form has a group, that is the secret part.
    """

    what: str
    words: str
    pattern: str
    severity: Severity = "critical"


_URL_SAFE = "[A-Za-z0-9_-]"
_TOKENS = (
    _Token("an AWS access key id", "AKIA ASIA", r"(?:AKIA|ASIA)[A-Z0-9]{16}"),
    _Token(
        "an AWS secret access key",
        "ecret ECRET",
        r"(?i:\w{0,30}?aws_?secret_?access_?key)[\"']?\s{0,3}[=:]\s{0,3}[\"']?([A-Za-z0-9/+]{40})(?![/+=])",
    ),
    _Token("a GitHub token", "ghp_ gho_ ghu_ ghs_ ghr_", r"gh[pousr]_[A-Za-z0-9]{36,255}"),
    _Token("a GitHub token", "github_pat_", r"github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}"),
    _Token("a GitLab token", "glpat- glptt- gldt- glrt- glsoat-", rf"gl(?:pat|ptt|dt|rt|soat)-{_URL_SAFE}{{20,64}}"),
    _Token("a Slack token", "xox", r"xox[abeoprs]-(?:\d{8,15}-){1,3}[A-Za-z0-9]{16,64}"),
    _Token("a Slack app token", "xapp-", r"xapp-\d-[A-Z0-9]{8,15}-\d{8,15}-[a-f0-9]{64}"),
    _Token("a Slack webhook", "hooks.slack.com", r"hooks\.slack\.com/services/T[A-Z0-9]{8,12}/B[A-Z0-9]{8,12}/[A-Za-z0-9]{24}"),
    _Token("an Anthropic key", "sk-ant-", rf"sk-ant-[a-z]{{3,6}}\d{{2}}-{_URL_SAFE}{{80,120}}"),
    _Token("an OpenAI key", "sk-proj- sk-svcacct- sk-admin-", rf"sk-(?:proj|svcacct|admin)-{_URL_SAFE}{{40,200}}"),
    _Token("an OpenAI key", "sk-", r"sk-[A-Za-z0-9]{48}"),
    _Token("an OpenRouter key", "sk-or-", r"sk-or-v1-[a-f0-9]{64}"),
    _Token("a Google API key", "AIza", rf"AIza{_URL_SAFE}{{35}}"),
    _Token("a Google client secret", "GOCSPX-", rf"GOCSPX-{_URL_SAFE}{{28}}"),
    _Token("a Stripe key", "_live_", r"[rs]k_live_[A-Za-z0-9]{24,120}"),
    _Token("a SendGrid key", "SG.", rf"SG\.{_URL_SAFE}{{22}}\.{_URL_SAFE}{{43}}"),
    _Token("a Hugging Face token", "hf_", r"hf_[A-Za-z0-9]{34,40}"),
    _Token("an npm token", "npm_", r"npm_[A-Za-z0-9]{36}"),
    _Token("a PyPI token", "pypi-", rf"pypi-AgEI{_URL_SAFE}{{50,250}}"),
    _Token("a DigitalOcean token", "_v1_", r"do[opr]_v1_[a-f0-9]{64}"),
    _Token("a Telegram bot token", ":AA", rf"\d{{8,10}}:AA{_URL_SAFE}{{33}}"),
    _Token(
        "a signed token (JWT)",
        "eyJ",
        rf"eyJ{_URL_SAFE}{{10,1000}}\.eyJ{_URL_SAFE}{{10,3000}}\.{_URL_SAFE}{{20,700}}",
        "warning",
    ),
    _Token(
        "a password in an address",
        "://",
        r"[a-z][a-z+]{2,14}://[\w.%+-]{1,60}:([^\s:@/\"'<>{}$*]{6,100})@[\w-][\w.-]{2,100}",
        "warning",
    ),
)
_HEADER_WORDS = "PRIVATE KEY"
_KEY_HEADER = r"-----BEGIN (?:[A-Z]{2,10} ){0,2}PRIVATE KEY(?: BLOCK)?-----"
_KEY_BODY = r"[A-Za-z0-9+/]{40}"
_PLACEHOLDER = (
    r"(?i)example|placeholder|your|dummy|fake|sample|redacted|changeme|replace|insert|secret|password|passwd|token"
    r"|xxxx|\.\.\.|0000|1234567|abcdefg|deadbeef"
)
_SHOWN = 8
_SHORTEST = 18
"""Every token is at least as long, without a blank; of the secret key of AWS that is true of its name."""
_WORDS = tuple(dict.fromkeys(word for kind in _TOKENS for word in kind.words.split() if word != "://"))


def may_find(text: str, pieces: Iterable[str]) -> bool:
    """Whether `find` may find something in a text, which is in these pieces between its blanks."""
    if any(word in piece for piece in pieces if len(piece) >= _SHORTEST for word in _WORDS):
        return True
    return ("://" in text and "@" in text) or _HEADER_WORDS in text


def find(text: Text) -> Iterator[Hit]:
    """Every key and token in a text."""
    view = text.view
    for kind in _TOKENS:
        for match in _matches(kind, view.text):
            if not _is_placeholder(match[match.lastindex or 0]):
                start, end = view.source(match.start()), view.source(match.end() - 1) + 1
                yield Hit(SECRET, kind.severity, start, end, f"this looks like {kind.what}", _masked(match.group()))
    for match in compiled(_KEY_HEADER).finditer(view.text) if _HEADER_WORDS in view.text else ():
        if compiled(_KEY_BODY).search(view.text, match.end(), match.end() + 600):
            start, end = view.source(match.start()), view.source(match.end() - 1) + 1
            yield Hit(PRIVATE_KEY, "critical", start, end, "this is a private key")


def _matches(kind: _Token, text: str) -> Iterable[re.Match[str]]:
    """The pattern as a word of its own, so that a long run of letters and dashes is looked at once."""
    if not any(word in text for word in kind.words.split()):
        return ()
    return compiled(rf"(?<![\w-])(?:{kind.pattern})(?![\w-])").finditer(text)


def _is_placeholder(token: str) -> bool:
    """Whether a token is an example: it says so, or is the same few characters again and again."""
    return bool(compiled(_PLACEHOLDER).search(token)) or len(set(token[-24:])) <= 6


def _masked(token: str) -> str:
    return f"{token[:_SHOWN]}… ({len(token)} characters)"
