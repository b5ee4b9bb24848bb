"""Replies that keep every pattern going to its full depth: nobody agrees, is satisfied, approves or fails.

They are made from the prompt alone, as it comes to a provider, and keep the contract of whatever form the prompt asks for.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

IN_A_ROW = "Do it in a row."
"""A task whose plan is one chain: the deepest that a hierarchy can be. Any other task is planned side by side."""

AGREE = "Agree in version {}."
"""A task on which all answers are equal from that version on: a consensus reaches it round by round."""

_WANTED = re.compile(r'inish with one JSON object, on its own, with nothing after it.*?\n\{"(\w+)"', re.DOTALL)
_VERSION = re.compile(r"Version (\d+)")


def reply(prompt: str, number: int) -> str:
    """The reply to a prompt. `number`, which no other prompt of the run has, makes it differ from every other."""
    wanted = _WANTED.search(prompt)
    if wanted is None:
        raise AssertionError(f"this prompt asks for no form: {prompt[:200]}")
    version = 1 + max(map(int, _VERSION.findall(prompt)), default=0)
    return f"Version {version}, in reply {number}.\n\n{json.dumps(_FORMS[wanted.group(1)](_Asked(prompt, number, version)))}"


class _Asked:
    """A prompt: what its sections hold, and the answer that is given to it."""

    def __init__(self, prompt: str, number: int, version: int) -> None:
        self.prompt = prompt
        self.number = number
        self.version = version
        reason = f"Version {version} rests on reason {number}"
        self.answer = {"answer": self._answer(), "confidence": 0.7, "reason": reason}

    def found(self, pattern: str) -> list[str]:
        """What a pattern finds in the prompt."""
        return re.findall(pattern, self.prompt)

    def ids(self, tag: str, name: str = "id") -> list[str]:
        """The ids, or labels, of the sections with this tag."""
        return self.found(rf'<{tag}-\w+ {name}="([^"]+)"')

    def _answer(self) -> str:
        """What was chosen, where something was; what was agreed on, once it is time; else an answer that nobody gave."""
        chosen = self.found(r"The answer that was chosen:\n<chosen-\w+>\n(.+)\n")
        agreed = any(self.version >= int(version) for version in self.found(AGREE.format(r"(\d+)")))
        return chosen[0] if chosen else "agreed" if agreed else f"answer {self.number}"

    @property
    def point(self) -> dict[str, str]:
        """A finding that was not made before."""
        return {"severity": "major", "quote": "", "claim": f"gap {self.number}", "fix": "fill it"}


def _scores(asked: _Asked) -> dict[str, Any]:
    """Every version is better than the one before it."""
    points = min(9, asked.version)
    scores = dict.fromkeys(asked.found(r'"(\w+)": 0[,}]'), points)
    return {"scores": scores, "findings": [asked.point], "satisfied": False}


def _plan(asked: _Asked) -> dict[str, Any]:
    (most,) = asked.found(r"\n(\d+) tasks\n")
    names = [f"t{number}" for number in range(int(most))]
    row = IN_A_ROW in asked.prompt
    common = {"goal": "do a part", "inputs": [], "acceptance": "seen", "seat_class": ""}
    tasks = [{"id": name, "deps": names[at - 1 : at] if row else [], **common} for at, name in enumerate(names)]
    return {"atomic": False, "tasks": tasks}


def _lenses(asked: _Asked) -> dict[str, Any]:
    (experts,) = asked.found(r"\n(\d+) experts\n")
    named = [f"Lens {number}" for number in range(int(experts))]
    return {"lenses": [{"name": name, "focus": "it", "questions": [f"What of {name}?"]} for name in named]}


_FORMS: dict[str, Callable[[_Asked], dict[str, Any]]] = {
    "answer": lambda asked: asked.answer,
    "winner": lambda asked: {"winner": "A", "confidence": 0.7, "reason": "it came first"},
    "remark": lambda asked: {"remark": "settle it"},
    "ranking": lambda asked: {"ranking": asked.ids("candidate", "label"), "confidence": 0.7, "reason": "as shown"},
    "settled": lambda asked: {"settled": [], "findings": [asked.point], "verdict": "changes", **asked.answer},
    "scores": _scores,
    "objections": lambda asked: {"objections": [{"severity": "major", "claim": f"gap {asked.number}", "test": "look it up"}]},
    "replies": lambda asked: {
        "replies": [{"id": name, "verdict": "accept", "reason": "right"} for name in asked.ids("finding")],
        **asked.answer,
    },
    "findings": lambda asked: {
        "findings": [{"claim": f"fault {asked.number}", "place": "top", "severity": "major", "repro": "run it"}]
    },
    "verdicts": lambda asked: {
        "verdicts": [{"id": name, "verdict": "reproduced", "why": "seen"} for name in asked.ids("finding")]
    },
    "patches": lambda asked: {
        "patches": [{"id": name, "how": "mended"} for name in asked.ids("finding")],
        **asked.answer,
    },
    "atomic": _plan,
    "accepted": lambda asked: {"accepted": True, "why": "it does"},
    "lenses": _lenses,
    "questions": lambda asked: {"questions": [], "claims": [f"claim {asked.number}"], **asked.answer},
    "disputes": lambda asked: {
        "disputes": [{"claim": name, "why": "no"} for name in asked.ids("claim")],
        "withdrawn": [],
        **asked.answer,
    },
    "agreements": lambda asked: {"agreements": [], "disagreements": [], **asked.answer},
    "plan": lambda asked: {"plan": "look first"},
    "notes": lambda asked: {"notes": "noted"},
    "verdict": lambda asked: {"verdict": "changes", "findings": ["a gap"]},
}
"""By the first field of the object that a prompt asks for."""
