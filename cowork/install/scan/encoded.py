"""Text that is spelled so that nobody reads it: base64 and hexadecimal that decode to a command, a sentence or a program."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator

from cowork.install.scan import access, damage, downloads, prompts
from cowork.install.scan.contents import program_or_archive
from cowork.install.scan.finding import Hit, Rule, excerpt
from cowork.install.scan.text import Text

PAYLOAD = Rule("scan.encoded_payload", "Nothing to run or to obey is encoded", "write it out as text")
RULES = (PAYLOAD,)

_LETTER = "[A-Za-z0-9+/_-]"
_BASE64 = re.compile(rf"(?<!{_LETTER}){_LETTER}{{24,}}(?:\r?\n[ \t]{{0,8}}{_LETTER}{{24,}})*")
_HEX = re.compile(r"(?<![0-9A-Za-z])(?:[0-9a-fA-F]{2}){12,}(?![0-9A-Za-z])|(?:\\x[0-9a-fA-F]{2}){6,}")
_SHORTEST = 24
_NOT_LETTERS = str.maketrans({chr(point): " " for point in range(128) if not (chr(point).isalnum() or chr(point) in "+/_-")})
_PRINTABLE = bytes({9, 10, 13, *range(32, 127)})


def find(text: Text) -> Iterator[Hit]:
    """Every encoded run whose decoding is a program, an archive, or text that breaks a rule itself."""
    view = text.view
    if "\\x" not in view.text and not any(len(word) >= _SHORTEST for word in view.text.translate(_NOT_LETTERS).split()):
        return  # a look that costs little, and most text has no such word
    for pattern, decode in ((_BASE64, _from_base64), (_HEX, _from_hex)):
        for match in pattern.finditer(view.text):
            message = _judge(decode(match.group()))
            if message:
                start, end = view.source(match.start()), view.source(match.end() - 1) + 1
                yield Hit(PAYLOAD, "critical", start, end, message)


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


def _from_base64(text: str) -> bytes:
    letters = "".join(text.split()).replace("-", "+").replace("_", "/")
    if len(letters) % 4 == 1:
        letters = letters[:-1]
    return base64.b64decode(letters + "=" * (-len(letters) % 4))


def _from_hex(text: str) -> bytes:
    return binascii.unhexlify(text.replace("\\x", ""))
