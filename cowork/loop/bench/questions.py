"""The questions of a bench: a JSONL or CSV file of the user's, judged line by line before anything is asked."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cowork.core.errors import CoworkError, InvalidInput, NotFound
from cowork.core.files import read_regular
from cowork.core.outcome import Notice
from cowork.core.text import one_line, suggest
from cowork.loop.bench.judging import number_in

MAX_BYTES = 32 * 1024 * 1024
_KEYS = ("id", "question", "answer", "answers", "context", "tolerance")
_LONGEST_ID = 200
_LONGEST_TEXT = 200_000
_MOST_SHOWN = 20
_HINT = 'a line is {"question": "...", "answer": "..." or [...], "id"?, "context"?, "tolerance"?}; see docs/bench.md'


@dataclass(frozen=True)
class BenchQuestion:
    """A question with the answers that count as right. `tolerance` is how far a number may be off, null for not at all."""

    id: str
    question: str
    answers: tuple[str, ...]
    context: str = ""
    tolerance: float | None = None


class _BadLineError(ValueError):
    """A line that breaks a rule; the message is the rule."""


def read_questions(path: str, limit: int | None = None) -> tuple[tuple[BenchQuestion, ...], tuple[Notice, ...]]:
    """The questions of a file, the first `limit` of them, with a notice of keys that mean nothing here.

    The whole file is judged. Raises `bench.no_questions`, `bench.unreadable`, and `bench.bad_question` naming file, line and
    rule of the first bad line, with the others in its details.
    """
    text = _text(path)
    lines = _csv_lines(path, text) if path.casefold().endswith(".csv") else _json_lines(text)
    found: dict[str, BenchQuestion] = {}
    unknown: dict[str, None] = {}
    bad: list[str] = []
    for number, raw in lines:
        try:
            if isinstance(raw, _BadLineError):
                raise raw
            question = _question(raw, str(len(found) + len(bad) + 1))
            if question.id in found:
                raise _BadLineError(f"the id '{one_line(question.id, 60)}' is there already")
        except _BadLineError as error:
            bad.append(f"{path}:{number}: {error}")
            continue
        found[question.id] = question
        unknown.update(dict.fromkeys(key for key in raw if key not in _KEYS))
    if bad:
        more = f"{len(bad)} bad lines in all" if len(bad) > 1 else None
        raise InvalidInput("bench.bad_question", bad[0], cause=more, hint=_HINT, details={"problems": bad[:_MOST_SHOWN]})
    if not found:
        raise InvalidInput("bench.no_questions", f"{path} has no question in it", hint=_HINT)
    return tuple(found.values())[:limit], _ignored(path, unknown)


def _text(path: str) -> str:
    try:
        raw = read_regular(Path(path), MAX_BYTES)
    except FileNotFoundError:
        raise NotFound("bench.no_such_file", f"there is no file {path}", hint="name a JSONL or CSV file of questions") from None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise CoworkError("bench.unreadable", f"cannot read {path}", cause=why, hint="check the path") from error
    if len(raw) > MAX_BYTES:
        raise InvalidInput("bench.unreadable", f"{path} is larger than 32 MB", hint="split it into several files")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidInput("bench.unreadable", f"{path} is not UTF-8 text", hint="convert it to UTF-8 first") from None


def _json_lines(text: str) -> Iterator[tuple[int, Any]]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            yield number, json.loads(line, parse_constant=_refuse_constant)
        except (ValueError, RecursionError) as error:
            yield number, _BadLineError(f"this is not a line of JSON ({one_line(str(error), 80)})")


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _csv_lines(path: str, text: str) -> Iterator[tuple[int, Any]]:
    """Rows by column name; empty cells count as not given. A row is named by its last line."""
    reader = csv.reader(text.splitlines(keepends=True), strict=True)
    head: list[str] | None = None
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if head is None:
                head = [cell.strip() for cell in cells]
                if "question" not in head or not {"answer", "answers"} & set(head):
                    hint = "its first line names the columns: question, answer, and id, context, tolerance if wanted"
                    raise InvalidInput("bench.bad_question", f"{path}:1: there is no column question, or answer", hint=hint)
            elif len(cells) != len(head):
                yield reader.line_num, _BadLineError(f"it has {len(cells)} cells for {len(head)} columns")
            else:
                yield reader.line_num, _row(dict(zip(head, cells, strict=True)))
    except csv.Error as error:
        yield reader.line_num, _BadLineError(f"this is not CSV ({error})")


def _row(cells: Mapping[str, str]) -> dict[str, Any]:
    row: dict[str, Any] = {key: cell for key, cell in cells.items() if cell.strip()}
    for key in ("answer", "answers"):
        if str(row.get(key, "")).lstrip().startswith("["):
            try:
                row[key] = json.loads(row[key])
            except (ValueError, RecursionError):
                continue  # an answer may well begin with a bracket
    if "tolerance" in row:
        row["tolerance"] = number_in(row["tolerance"])
    return row


def _question(raw: Any, usual_id: str) -> BenchQuestion:
    if not isinstance(raw, Mapping):
        raise _BadLineError("it is no object with keys")
    given = [key for key in ("answer", "answers") if key in raw]
    if len(given) != 1:
        raise _BadLineError("it needs 'answer', or 'answers'" + (", not both" if given else ""))
    answers = raw[given[0]]
    listed = answers if isinstance(answers, list) else [answers]
    if not listed:
        raise _BadLineError(f"'{given[0]}' is an empty list")
    accepted = tuple(_answer(item) for item in listed)
    tolerance = raw.get("tolerance")
    if "tolerance" in raw:
        if isinstance(tolerance, bool) or not isinstance(tolerance, (int, float)) or not 0 <= tolerance < math.inf:
            raise _BadLineError("'tolerance' must be a number, 0 or more")
        if any(number_in(answer) is None for answer in accepted):
            raise _BadLineError("'tolerance' is for answers that are numbers")
    return BenchQuestion(
        id=_id(raw.get("id", usual_id)),
        question=_words(raw, "question"),
        answers=accepted,
        context=_words(raw, "context") if raw.get("context") is not None else "",
        tolerance=None if tolerance is None else float(tolerance),
    )


def _answer(item: Any) -> str:
    text = json.dumps(item) if isinstance(item, (bool, int, float)) else item
    if not isinstance(text, str) or not text.strip():
        raise _BadLineError("an answer must be a text, a number, true or false")
    return text


def _id(value: Any) -> str:
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(text, str) or not text.strip() or len(text) > _LONGEST_ID:
        raise _BadLineError(f"'id' must be a text of at most {_LONGEST_ID} characters, or a whole number")
    return text


def _words(raw: Mapping[str, Any], key: str) -> str:
    text = raw.get(key)
    if not isinstance(text, str) or not text.strip() or len(text) > _LONGEST_TEXT:
        raise _BadLineError(f"'{key}' must be a text of at most {_LONGEST_TEXT} characters")
    return text


def _ignored(path: str, unknown: Mapping[str, None]) -> tuple[Notice, ...]:
    if not unknown:
        return ()
    named = []
    for key in list(unknown)[:_MOST_SHOWN]:
        near = suggest(str(key), _KEYS)
        named.append(one_line(str(key), 40) + (f" (is '{near}' meant?)" if near else ""))
    return (Notice("bench.unknown_key", f"{path}: these mean nothing to a bench: {', '.join(named)}"),)
