"""Edit and MultiEdit: texts in a file replaced by others, exactly, or nothing at all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from cowork.agent.tools.base import BuiltIn, ToolFailure, ToolResult, Touch, Workspace, schema
from cowork.agent.tools.documents import Document, Plain, load, save
from cowork.agent.tools.handles import resolve, shown
from cowork.agent.tools.read import WIDTH, numbered
from cowork.agent.tools.threads import Patience, in_thread

SECONDS = 60.0
_AROUND = 3
_MOST_PLACES = 20
_OLD = {"type": "string", "minLength": 1, "description": "The text to replace, exactly as it stands in the file"}
_NEW = {"type": "string", "description": "The text to put in its place"}
_ALL = {"type": "boolean", "description": "Replace every occurrence; otherwise there must be exactly one"}
_FILE = {"type": "string", "minLength": 1, "description": "The file to change"}


class Edit(BuiltIn):
    """Replaces one text in a file."""

    name = "Edit"
    parameters = schema("file_path old_string new_string", file_path=_FILE, old_string=_OLD, new_string=_NEW, replace_all=_ALL)

    def touches(self, arguments: Mapping[str, Any], workspace: Workspace) -> tuple[Touch, ...]:
        """The file, and what it leads to when it is a link."""
        return workspace.touches(arguments["file_path"], "write")

    async def perform(self, arguments: Mapping[str, Any], workspace: Workspace) -> ToolResult:
        """Replace. Raises ToolFailure."""
        return await _change(workspace, arguments["file_path"], lambda found: _edited(found, arguments))


class MultiEdit(BuiltIn):
    """Replaces several texts, one after the other, or none of them."""

    name = "MultiEdit"
    parameters = schema(
        "file_path edits",
        file_path=_FILE,
        edits={
            "type": "array",
            "minItems": 1,
            "maxItems": 200,
            "description": "Replacements, made in this order, each in what the ones before it left",
            "items": schema("old_string new_string", old_string=_OLD, new_string=_NEW, replace_all=_ALL),
        },
    )

    def touches(self, arguments: Mapping[str, Any], workspace: Workspace) -> tuple[Touch, ...]:
        """The file, and what it leads to when it is a link."""
        return workspace.touches(arguments["file_path"], "write")

    async def perform(self, arguments: Mapping[str, Any], workspace: Workspace) -> ToolResult:
        """Replace all. Raises ToolFailure that names the edit which cannot be made."""

        def change(found: Document) -> tuple[Document, int, int]:
            line = made = 0
            for number, edit in enumerate(arguments["edits"], 1):
                try:
                    found, line, count = _edited(found, edit)
                except ToolFailure as failure:
                    raise ToolFailure(f"Edit {number} of {len(arguments['edits'])}: {failure} No edit was made.") from failure
                made += count
            return found, line, made

        return await _change(workspace, arguments["file_path"], change)


Change = Callable[[Document], tuple[Document, int, int]]


async def _change(workspace: Workspace, path: str, change: Change) -> ToolResult:
    real = resolve(workspace, path, "write")

    def work(_patience: Patience) -> tuple[Document, int, int]:
        after, line, count = change(load(workspace, real))
        save(workspace, real, after.raw)
        return after, line, count

    after, line, count = await in_thread(work, SECONDS, "Editing the file")
    times = "1 replacement" if count == 1 else f"{count} replacements"
    text = f"Changed {shown(real)}: {times}. It reads now:\n{_around(after.text, line)}"
    return ToolResult(text, response={"filePath": str(real), "replacements": count})


def _edited(found: Document, edit: Mapping[str, Any]) -> tuple[Document, int, int]:
    """The document after a replacement, the line of the first one, and how many there were. Raises ToolFailure."""
    plain = Plain(found.text)
    old, new = edit["old_string"], edit["new_string"]
    if "\r\n" in found.text:  # the model sees lines, and need not know how they end here
        old, new = old.replace("\r\n", "\n"), new.replace("\r\n", "\n")
    if old == new:
        raise ToolFailure("old_string and new_string are the same, so nothing would change.")
    places = _places(plain.text, old)
    if not places:
        raise ToolFailure(f"old_string does not occur in {shown(found.real)}. {_closest(plain.text, old)}")
    if len(places) > 1 and not edit.get("replace_all", False):
        lines = [str(plain.text.count("\n", 0, place) + 1) for place in places[:_MOST_PLACES]]
        more = ", …" if len(places) > _MOST_PLACES else ""
        raise ToolFailure(
            f"old_string occurs {len(places)} times in {shown(found.real)}, in lines {', '.join(lines)}{more}. "
            "Give more of the text around the one you mean, or set replace_all."
        )
    text = plain.replaced(places, len(old), new)
    return replace(found, text=text), plain.text.count("\n", 0, places[0]) + 1, len(places)


def _places(text: str, old: str) -> list[int]:
    places, at = [], text.find(old)
    while at >= 0:
        places.append(at)
        at = text.find(old, at + len(old))
    return places


def _closest(text: str, old: str) -> str:
    """Where the model may have gone wrong: blanks, or the number column of Read."""
    squeezed = " ".join(old.split())
    if squeezed and squeezed in " ".join(text.split()):
        return "It would, were it not for blanks and line ends: copy them exactly."
    first = next((line.strip() for line in old.split("\n") if line.strip()), "")
    for number, line in enumerate(text.split("\n"), 1):
        if first and first in line:
            return f"Its first line occurs in line {number}; read on from there."
    return "Copy it from what Read shows, without the line numbers; the file may have changed."


def _around(text: str, line: int) -> str:
    """The lines around a change, numbered."""
    lines = text.replace("\r\n", "\n").split("\n")
    first = max(1, line - _AROUND)
    return numbered([item[:WIDTH] for item in lines[first - 1 : line + 2 * _AROUND]], first)
