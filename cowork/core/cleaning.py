"""Output of programs as text for a model: what drives terminals is taken out."""

from __future__ import annotations

import re

# Every part is bounded, so that an unfinished sequence neither hides what follows nor costs much.
_SEQUENCES = re.compile(
    r"\x1b\[[0-?]{0,64}[ -/]{0,8}[@-~]"  # CSI: colours, the cursor
    r"|\x1b[\]PX^_][^\x07\x1b\n]{0,4096}(?:\x07|\x1b\\)"  # OSC, DCS and others: titles, links, the clipboard
    r"|\x1b[ -/]{0,8}[0-~]"
    r"|\x9b[0-?]{0,64}[ -/]{0,8}[@-~]"
)
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_BACKSPACES = re.compile(r"[^\n\x08]\x08")  # how old programs print bold


def cleaned(raw: bytes) -> str:
    """Output as text: bytes that are no UTF-8 replaced, sequences and control characters gone, every line end a newline."""
    text = raw.decode("utf-8", "replace")
    if text.isprintable():
        return text
    text = _SEQUENCES.sub("", text).replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROLS.sub("", _BACKSPACES.sub("", text))
