"""Commands that run what nobody has seen: downloaded, decoded, or unpacked on the way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from cowork.install.scan.patterns import compiled
from cowork.install.scan.rule import Hit, Rule
from cowork.install.scan.signs import Sign, one_of, search

if TYPE_CHECKING:
    from cowork.install.scan.text import Text

DOWNLOAD = Rule(
    "scan.download_and_run",
    "Nothing is downloaded and run in one go",
    "ship the script in the pack, or name a package with a pinned version",
)
SAVED = Rule(
    "scan.download_then_run", "What is downloaded is not run unseen", "ship the script in the pack, or check its digest first"
)
ENCODED = Rule("scan.encoded_shell", "Commands are written out, not decoded and run", "write the command out")
EXTRACTS = Rule("scan.self_extracting", "A script holds no archive of its own", "ship the files as files")
PACKAGES = Rule("scan.foreign_packages", "Packages come from the usual place", "name the package and its version")
RULES = (DOWNLOAD, SAVED, ENCODED, EXTRACTS, PACKAGES)

_SHELL = (
    r"(?:(?:sudo|doas|env|exec|command)\s{1,4}(?:-\S{1,20}\s{1,4}){0,3}){0,2}(?:[\w.$~/-]{0,60}/)?"
    r"(?:ba|z|da|k|fi|tc)?sh(?![\w/-]|\.\w)"
)
_INTERPRETER = r"(?:sudo\s{1,4})?(?:python[\d.]{0,4}|perl|ruby|node|php|bun)(?:\s{1,4}-u?)?\s{0,4}(?=$|[\n;&|\"'`)])"
_INTO_SHELL = rf"\|(?<!\|\|)(?!\|)&?\s{{0,20}}(?:{_SHELL}|{_INTERPRETER})"
_SUBSTITUTED = r"(?:<<<\s{0,3}|<\s)?[\"']?(?:<\(|\$\(|`)"
_GET = r"(?:curl|wget|aria2c|fetch)"
_GET_PS = r"(?:iwr|irm|curl|wget|invoke-webrequest|invoke-restmethod|downloadstring|net\.webclient)\b"
_RUN_PS = r"\b(?:iex|invoke-expression)"
_DECODE = one_of(
    r"base(?:64|32)\s{1,4}(?:-d|-di|-id|--d\w{0,5})\b",
    r"openssl\s[^\n|]{0,60}\s-d\b",
    r"xxd\s{1,4}-\S{0,6}r",
    r"\b(?:uudecode|gunzip|zcat|rev)\b",
    r"\b(?:gzip|bzip2|xz)\s{1,4}-\S{0,6}d",
    r"\btr\s[^\n|]{3,60}",
)
_CODE = r"(?:base64|b64decode|codecs|zlib|marshal|bytes\.fromhex|bytearray\.fromhex|lzma|bz2|gzip|binascii)\b"
_NUMBERS = r"(?:\\x[0-9a-f]{2}|\\[0-7]{3}){4}"

SIGNS = (
    Sign(
        DOWNLOAD,
        "curl wget aria2c fetch",
        rf"\b{_GET}\s{{1,9}}[^\s|][^\n]{{2,400}}{_INTO_SHELL}",
        "a download is piped into an interpreter",
        read="critical",
        also="|",
    ),
    Sign(
        DOWNLOAD,
        "curl wget fetch",
        r"(?:\b(?:(?:ba|z|da|k)?sh|python[\d.]{0,4}|perl|ruby|node|source|eval|exec)|(?:^|[\s;&|])\.)"
        rf"\s{{1,9}}(?:-\S{{1,10}}\s{{1,9}}){{0,3}}{_SUBSTITUTED}\s{{0,9}}{_GET}\b",
        "an interpreter runs what a download brings",
        read="critical",
        also="<( $( `",
    ),
    Sign(
        DOWNLOAD,
        "iex invoke-expression",
        one_of(
            rf"\b{_GET_PS}[^\n]{{0,300}}\|\s{{0,9}}(?:iex|invoke-expression)\b",
            rf"{_RUN_PS}\s{{0,4}}[\"'(&$][^\n]{{0,120}}{_GET_PS}",
        ),
        "PowerShell runs what a download brings",
        read="critical",
    ),
    Sign(
        DOWNLOAD,
        "exec eval function",
        r"\b(?:exec|eval|new function)\s{0,3}\(\s{0,3}(?:compile\s{0,3}\(\s{0,3})?(?:await\s{0,3}\(?\s{0,3}){0,3}"
        r"(?:urllib|urlopen|requests\.|httpx\.|fetch\s{0,3}\(|__import__\(.urllib)",
        "code runs what a download brings",
        read="critical",
        also="urllib urlopen requests. httpx. fetch & exec eval new",
    ),
    Sign(
        DOWNLOAD,
        "mshta regsvr32 rundll32 certutil bitsadmin",
        r"\b"
        + one_of(
            r"(?:mshta|regsvr32|rundll32)\b[^\n]{0,120}https?:",
            r"certutil\b[^\n]{0,80}-urlcache",
            r"bitsadmin\b[^\n]{0,80}/transfer",
        ),
        "a Windows tool fetches and runs",
        read="critical",
    ),
    Sign(
        ENCODED,
        "base64 base32 openssl xxd uudecode gunzip zcat rev gzip bzip2 xz tr",
        rf"{_DECODE}[^\n]{{0,200}}{_INTO_SHELL}",
        "decoded text is piped into an interpreter",
        read="critical",
        also="|",
    ),
    Sign(
        ENCODED,
        "base64 base32 xxd gunzip zcat",
        r"(?:\b(?:eval|exec|source|(?:ba|z|da)?sh\s{1,4}-\w{0,4}c|(?:ba|z|da)?sh)|(?:^|[\s;&|])\.)"
        rf"\s{{1,4}}{_SUBSTITUTED}[^\n`)]{{0,400}}{_DECODE}",
        "a shell runs decoded text",
        read="critical",
        also="<( $( `",
    ),
    Sign(
        ENCODED,
        "printf echo $'",
        one_of(
            rf"\b(?:printf|echo\s{{1,3}}-\w{{0,3}}e\w{{0,3}})\s{{1,4}}[\"'$]{{0,2}}{_NUMBERS}[^\n]{{0,400}}{_INTO_SHELL}",
            rf"\$'{_NUMBERS}",
        ),
        "a command is spelled in character codes",
        read="critical",
        also=r"\x \0 \1 \2 \3 \4 \5 \6 \7",
    ),
    Sign(
        ENCODED,
        "atob unescape fromcharcode buffer.from decodeuricomponent",
        r"\b(?:eval|function|settimeout)\s{0,3}\(\s{0,3}(?:window\.|globalthis\.)?"
        r"(?:atob|unescape|decodeuricomponent|buffer\.from|string\.fromcharcode)\s{0,3}\(",
        "code is decoded and run",
        read="critical",
    ),
    Sign(
        ENCODED,
        "b64decode base64 codecs zlib marshal fromhex lzma bz2 gzip binascii",
        one_of(
            r"\b(?:exec|eval)\s{0,3}\(\s{0,3}(?:compile\s{0,3}\(\s{0,3})?(?:__import__\s{0,3}\(\s{0,3}.)?" + _CODE,
            r"\b(?:os\.system|os\.popen|subprocess\.\w{1,12})\s{0,3}\([^\n]{0,120}(?:b64decode|fromhex)",
        ),
        "code is decoded and run",
        read="critical",
    ),
    Sign(
        ENCODED,
        "powershell pwsh frombase64string",
        one_of(
            r"\b(?:powershell|pwsh)(?:\.exe)?\b[^\n]{0,120}\s-e(?:c|nc\w{0,14})?\s{1,4}[\"']?[a-z0-9+/=]{20}",
            rf"\bfrombase64string\b[^\n]{{0,200}}{_RUN_PS}\b",
            rf"{_RUN_PS}\b[^\n]{{0,200}}\bfrombase64string",
        ),
        "PowerShell runs encoded text",
        read="critical",
    ),
    Sign(
        EXTRACTS,
        "$0 ${0 __archive_below__",
        one_of(
            r"\b(?:tail|sed|awk|head|dd)\b[^\n]{0,120}\$\{?0\}?[^\n]{0,120}"
            r"\|\s{0,4}(?:tar|gunzip|gzip|base64|xz|bzip2|openssl|cpio|sh|bash)\b",
            r"^__archive_below__",
        ),
        "the script unpacks something from itself",
    ),
    Sign(
        PACKAGES,
        "--index-url --extra-index-url --registry http: https:",
        r"\b(?:pip3?|uv|uvx|npm|pnpm|yarn|npx|bunx)(?:\s{1,4}[\w.=<>@/\[\]:-]{1,60}){0,6}?\s{1,4}"
        r"(?:--(?:extra-)?index-url[\s=]|--registry[\s=]|[\"']?(?:git\+)?http:|[\"']?https://(?!github\.com/))",
        "a package is fetched from another place than its registry",
        "warning",
        "note",
        also="pip uv npm pnpm yarn npx bunx",
    ),
)

FETCH = Sign(
    SAVED,
    "curl wget invoke iwr",
    r"\b(?:curl|wget|invoke-webrequest|iwr)\s[^\n]{1,300}",
    "a download is run, or made executable, right after",
    "warning",
)
_SAVED_AS = (
    r"(?:\s-\w{0,6}o|\s--?out\w{0,4}(?:-document)?|>)[\s=]{1,4}[\"']?(?!https?:)([\w./$~{}\\-]{3,80})"
    r"|https?://[^\s\"']{1,200}/([\w.-]{3,80})"
)
_RUNS = (
    r"(?:\b(?:(?:ba|z|da)?sh|python[\d.]{0,4}|perl|node|source|chmod\s{1,4}\S{1,10}|start-process)|[\n;&|]\s{0,4}\.?)"
    r"\s{0,4}[\"']?(?:\./)?$"
)
_SOON = 400


def find(text: Text) -> Iterator[Hit]:
    """Every command of the table in a text, and every download that is run right after."""
    yield from search(SIGNS, text, text.commands)
    yield from _saved_and_run(text)


def _saved_and_run(text: Text) -> Iterator[Hit]:
    """Downloads whose file is run, or made executable, in the lines that follow."""
    view = text.commands
    if view.words.isdisjoint(FETCH.words.split()):
        return
    for match in compiled(FETCH.pattern).finditer(view.text):
        names = {name for found in compiled(_SAVED_AS).finditer(match.group()) if (name := found[1] or found[2])}
        around = view.text[match.start() : match.end() + _SOON]
        if any(compiled(_RUNS).search(around, max(0, at - 60), at) for name in names for at in _places(around, name)):
            start, end = view.source(match.start()), view.source(match.end() - 1) + 1
            yield Hit(SAVED, "warning", start, end, FETCH.message)


def _places(text: str, name: str) -> Iterator[int]:
    at = text.find(name)
    for _ in range(6):
        if at < 0:
            return
        yield at
        at = text.find(name, at + 1)
