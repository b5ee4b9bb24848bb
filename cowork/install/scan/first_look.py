"""A first look at a file: which rules may find something in it. It compiles nothing, and most files need no second look.

Every condition here follows from what its rule finds: where the condition does not hold, the rule finds nothing.
"""

from __future__ import annotations

from cowork.install.scan import access, autorun, contents, damage, downloads, layout, prompts, secrets
from cowork.install.scan.characters import DRESSED, UNSEEN, among, lowered
from cowork.install.scan.kinds import Kind, decoded, is_text, kind_of
from cowork.install.scan.signs import Clues

_COMMANDS = Clues(
    {"access": access.SIGNS, "damage": damage.SIGNS, "downloads": (*downloads.SIGNS, downloads.FETCH), "prompts": prompts.MARKS}
)
_PHRASES = Clues({"prompts": prompts.SENTENCES})


def _only(characters: bytes) -> bytes:
    """A table that makes a blank of every byte but these."""
    return bytes(byte if byte in characters else 32 for byte in range(256))


_LETTERS = b"abcdefghijklmnopqrstuvwxyz0123456789"
_WORDS, _ENCODED = _only(_LETTERS), _only(_LETTERS + b"+/_-")
_SHORTEST_ENCODED = 24
_CONTROLS = bytes(byte for byte in (*range(32), 127) if byte not in b"\t\n\f\r")
_SELECTORS = frozenset("\ufe0e\ufe0f")
_ATTRIBUTES = ("alt", "title", "aria-label", "data-", "style")
_JSON_LETTERS = (("\\b", "\b"), ("\\f", "\f"), ("\\n", "\n"), ("\\r", "\r"), ("\\t", "\t"), ("\\", ""), ("\0", "\\"))


def suspects(path: str, data: bytes) -> set[str]:
    """The names of the modules whose rules may find something in a file; the rules of the others find nothing."""
    readable = is_text(data)
    kind: Kind = kind_of(path) if readable else "data"
    raw = decoded(data)
    text = as_read(path, raw, kind)
    lower = lowered(text)
    pieces = set(text.split())
    once = lowered("\n".join(pieces))
    plain = once.encode("ascii", "replace")
    words = frozenset(plain.translate(_WORDS).split())
    strange = _strange(text)
    unseen = any(among(character, UNSEEN) for character in strange)

    found = _COMMANDS.tables(lower, once, words)
    if unseen or any(among(character, DRESSED) for character in strange):
        found |= _phrases(path, raw, kind)
    else:
        found |= _PHRASES.tables(_unquoted(lower), _unquoted(once), words)
    if any(contents.find(path, data)):
        found.add("contents")
    if autorun.may_find(path):
        found.add("autorun")
    if secrets.may_find(text, pieces):
        found.add("secrets")
    if "\\x" in once or max(map(len, plain.translate(_ENCODED).split()), default=0) >= _SHORTEST_ENCODED:
        found.add("encoded")
    if kind in ("prose", "json", "yaml") and _has_markup(text, once):
        found.add("markup")
    if readable:
        found |= _in_shown(text, unseen)
    return found


def _strange(text: str) -> list[str]:
    """The characters of a text that are not ASCII, without the selectors that say how an emoji is drawn."""
    if text.isascii():
        return []
    found = set(text)
    bases = [part[-1:] for selector in _SELECTORS if selector in found for part in text.split(selector)[:-1]]
    if all(base > "~" and base not in _SELECTORS for base in bases):
        found -= _SELECTORS
    return [character for character in found if character > "~"]


def _unquoted(text: str) -> str:
    """A text with the apostrophes that sentences are searched for."""
    return text if text.isascii() else text.replace("\u2018", "'").replace("\u2019", "'").replace("\u02bc", "'")


def as_read(path: str, raw: str, kind: Kind) -> str:
    """The text of `Text.view`, without a view where its escapes are as simple as nearly always."""
    if "\\" not in raw or kind in ("data", "script") or (kind == "prose" and not raw.startswith("---")):
        return raw
    if "\\u" not in raw and kind == "json" and "\0" not in raw and not raw.endswith("\\"):
        text = raw.replace("\\\\", "\0")
        for escape, character in _JSON_LETTERS:
            text = text.replace(escape, character)
        return text
    if kind != "json" and not any(escape in raw for escape in ("\\x", "\\u", "\\U")):
        return raw
    from cowork.install.scan.text import Text

    return Text(path, raw, kind).view.text


def _phrases(path: str, raw: str, kind: Kind) -> set[str]:
    """What sentences may be in a text whose words are not those that it seems to have."""
    from cowork.install.scan.text import Text

    text = Text(path, raw, kind).phrases.text
    return _PHRASES.tables(text, text, frozenset(text.encode("ascii", "replace").translate(_WORDS).split()))


def _in_shown(text: str, unseen: bool) -> set[str]:
    """What rules for text that is shown to somebody may find something."""
    found = set()
    plain = text.encode("ascii", "replace")
    if unseen or len(plain.translate(None, _CONTROLS)) < len(plain) or text.count("\r") > text.count("\r\n"):
        found.add("hidden")
    if layout.may_find(text):
        found.add("layout")
    if "://" in text:
        found.add("domains")
    return found


def _has_markup(text: str, once: str) -> bool:
    """Whether there is a comment, or an image, a link, a definition of one, or an attribute with a text."""
    if "<!--" in text or ("]:" in text and (text.startswith("[") or "\n[" in text)):
        return True
    if any(len(part.partition("]")[0]) >= 20 for part in text.split("![")[1:]) or any(map(_has_title, text.split("](")[1:])):
        return True
    quoted = any(part[:10].lstrip().startswith(("'", '"')) for part in text.split("=")[1:])
    letters = once.replace("\u0131", "i").replace("\u017f", "s")  # which match i and s where case is ignored
    return quoted and any(word in letters for word in _ATTRIBUTES)


def _has_title(target: str) -> bool:
    """Whether there is more than an address in the target of a link."""
    address = (target[:501].split(None, 1) or [""])[0]
    return target[:1].isspace() or not ("(" in address or ")" in address)
