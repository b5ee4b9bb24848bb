"""What a file is for its readers: the kind of text that its name promises, and its bytes as text."""

from __future__ import annotations

from typing import Literal

Kind = Literal["prose", "json", "yaml", "data", "script"]
_KINDS: dict[str, Kind] = {
    **dict.fromkeys(".md .markdown .mdx .txt .rst .adoc .org .html .htm .tex .j2 .hbs .prompt".split(), "prose"),
    **dict.fromkeys(".json .jsonc .json5 .jsonl .ndjson .ipynb".split(), "json"),
    **dict.fromkeys(".yaml .yml .toml".split(), "yaml"),
    **dict.fromkeys(".csv .tsv .xml .svg .css .ini .cfg .conf .lock .map .po .xsd .dtd".split(), "data"),
}
_PROSE_NAMES = ("license", "licence", "notice", "readme", "changelog", "authors", "contributing", "copying", "copyright")
_SCRIPTS = frozenset(
    ".py .pyi .sh .bash .zsh .fish .ps1 .psm1 .bat .cmd .js .mjs .cjs .ts .tsx .jsx .rb .pl .php .lua .go .rs .c .h .cc .cpp"
    " .java .kt .swift .scala .r .jl .sql .awk .gradle .groovy .tf .mk .vbs .applescript".split()
)
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


def name_of(path: str) -> str:
    """A file's name in lower case."""
    return path.rpartition("/")[2].lower()


def suffix_of(path: str) -> str:
    """The ending of a file's name in lower case, with its dot; empty without one."""
    name = name_of(path)
    at = name.rfind(".")
    return name[at:] if 0 < at < len(name) - 1 else ""


def kind_of(path: str) -> Kind:
    """What a file's name says about its text. A file without a known ending counts as a script, the strictest kind."""
    suffix = suffix_of(path)
    if name_of(path).partition(".")[0] in _PROSE_NAMES and suffix not in _SCRIPTS:
        return _KINDS.get(suffix, "prose")
    return _KINDS.get(suffix, "script")


def names_text(path: str) -> bool:
    """Whether a file's name promises text."""
    suffix = suffix_of(path)
    return suffix in _KINDS or suffix in _SCRIPTS or kind_of(path) == "prose"


def is_text(data: bytes) -> bool:
    """Whether bytes are text in some encoding: no NUL, or the mark of UTF-16 at the start."""
    return data.startswith(_UTF_16) or b"\0" not in data


def decoded(data: bytes) -> str:
    """A file's text without a byte order mark; a byte that is no UTF-8 becomes one lone surrogate."""
    if data.startswith(_UTF_16):
        return data.decode("utf-16", "replace")
    return data.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "surrogateescape")
