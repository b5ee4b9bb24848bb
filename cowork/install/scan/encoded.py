"""Text that is spelled so that nobody reads it: base64 and hexadecimal that decode to a command, a sentence or a program."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator

from cowork.install.scan import access, damage, downloads, prompts
from cowork.install.scan.characters import excerpt
from cowork.install.scan.contents import program_or_archive
from cowork.install.scan.patterns import compiled
from cowork.install.scan.rule import Hit, Rule
from cowork.install.scan.text import Text

PAYLOAD = Rule("scan.encoded_payload", "Nothing to run or to obey is encoded", "write it out as text")
RULES = (PAYLOAD,)

_LETTER = "[A-Za-z0-9+/_-]"
_WORD = rf"(?<!{_LETTER}){_LETTER}{{24,}}(?:\r?\n[ \t]{{0,8}}{_LETTER}{{24,}})*"
_HEX = "(?:[0-9a-fA-F]{2})+"
_ESCAPES = r"(?:\\x[0-9a-fA-F]{2}){6,}"
_PRINTABLE = bytes({9, 10, 13, *range(32, 127)})


def find(text: Text) -> Iterator[Hit]:
    """Every encoded run whose decoding is a program, an archive, or text that breaks a rule itself."""
    view = text.view
    escapes = compiled(_ESCAPES).finditer(view.text) if "\\x" in view.text else ()
    for match in (*compiled(_WORD).finditer(view.text), *escapes):
        message = next(filter(None, map(_judge, _decoded(match.group()))), None)
        if message:
            start, end = view.source(match.start()), view.source(match.end() - 1) + 1
            yield Hit(PAYLOAD, "critical", start, end, message)


def _decoded(text: str) -> Iterator[bytes]:
    """What a run may stand for: as hexadecimal, and as base64."""
    digits = text.replace("\\x", "")
    if compiled(_HEX).fullmatch(digits):
        yield binascii.unhexlify(digits)
    if digits == text:
        letters = "".join(text.split()).replace("-", "+").replace("_", "/")
        letters = letters[:-1] if len(letters) % 4 == 1 else letters
        yield base64.b64decode(letters + "=" * (-len(letters) % 4))


def _judge(data: bytes) -> str | None:
    what = program_or_archive(data)
    if what:
        return f"this decodes to {what}"
    if data[1:2] == b"\0" and data.count(b"\0") * 2 >= len(data) - 2:  # PowerShell's UTF-16
        data = data[::2]
    odd = len(data.translate(None, _PRINTABLE))
    if not data or odd * 8 > len(data):
        return None
    decoded = data.decode("utf-8", "replace")
    script, prose = Text("decoded.sh", decoded), Text("decoded.md", decoded)
    hits = (*downloads.find(script), *damage.find(script), *access.find(script), *prompts.find(prose))
    worst = [hit for hit in hits if hit.severity != "note"]
    return f"this decodes to: {excerpt(decoded[worst[0].start :])}" if worst else None
