"""Rehearsal: no model, but an honest stand-in that answers from the words of the prompt.

It lets a whole flow be tried without a key. It reads the fenced sections of the prompt, picks the sentences of the
material that bear on the task from the point of view its seed gives it, keeps the answer contract, and labels
everything it writes. The same prompt and seed give the same answer everywhere. It understands nothing.
"""

from cowork.models.rehearsal.model import NO_TOOLS, Rehearsal, compose
from cowork.models.rehearsal.positions import LABEL

__all__ = ["LABEL", "NO_TOOLS", "Rehearsal", "compose"]
