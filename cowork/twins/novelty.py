"""Whether a result says anything new: nobody wants to be told the same findings every hour."""

from __future__ import annotations

import hashlib
import json
import re

from cowork.twins.evidence.findings import Evidence
from cowork.twins.results import Result

_UNIT = r"(?:s|secs?|seconds?|mins?|minutes?|h|hours?|d|days?|weeks?|months?|years?)"
_AGE = re.compile(rf"\b(?:today|yesterday|(?:\d[\d,.]*|an?|one)\s?{_UNIT})\b(?:\s+(?:ago|old))?", re.IGNORECASE)


def fingerprint(result: Result) -> str:
    """What a result says, without how it is worded: equal for two results whose findings are the same.

    It covers the facts that the result rests on and how many there are, without the time that has passed ("3 hours ago") and
    without the summaries, whose figures follow from the facts; a summary counts where a collector has no facts beside it. A
    model words the same facts anew at every heartbeat, so its words do not count: two answers to the same facts are the same,
    but an answer is not the same as a digest, nor a whole one as a degraded one. Where a result rests on no evidence its text
    counts, again without ages.
    """
    found = sorted(_facts(item) for item in result.evidence if item.status != "unavailable")
    said: list[object] = [[*found], result.made_by, result.status] if found else [_timeless(result.text)]
    return hashlib.sha256(json.dumps(said).encode("utf-8", "surrogatepass")).hexdigest()


def _facts(evidence: Evidence) -> list[str]:
    summary, facts = evidence.items[:1], evidence.items[1:]
    return [evidence.collector, str(evidence.items_total), *sorted(_timeless(item.text) for item in facts or summary)]


def _timeless(text: str) -> str:
    return _AGE.sub("then", text)
