"""All hooks of a session, read once: what runs, what does not and why, and what is wrong with which line."""

from cowork.hooks.config import Malformed, disables, entries, read
from cowork.hooks.records import Handler, Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

_SWITCHES = frozenset({"enterprise", "user", "project"})  # whose files may turn hooks off


class Gathered:
    """`handlers` in the order of their sources, those of ignored sources too; `problems` as lines `file:line: what`."""

    __slots__ = ("handlers", "problems", "sources")

    def __init__(self) -> None:
        self.handlers: list[Handler] = []
        self.problems: list[str] = []
        self.sources: list[Source] = []

    def in_force(self, event: str) -> list[Handler]:
        """The handlers of an event that run when they match."""
        return [handler for handler in self.handlers if event in _events_of(handler) and not handler.source.ignored]


def gather(sources: "Iterable[Source]") -> Gathered:
    """Read all sources. A file or an entry that cannot be used becomes a problem and takes nothing else with it."""
    found = Gathered()
    documents: list[tuple[Source, Any]] = []
    for source in sources:
        try:
            document = read(source)
        except ValueError as error:
            found.problems.append(f"{error} (its hooks are left out)")
            continue
        if document is not None:
            documents.append((source, document))
    _switch_off(documents)
    for source, document in documents:
        found.sources.append(source)
        malformed = []
        for entry in entries(document, source):
            if isinstance(entry, Malformed):
                malformed.append(entry)
            else:
                found.handlers.append(entry)
        found.problems += _placed(source, malformed)
    return found


def held(sources: "Iterable[Source]") -> list[Source]:
    """The sources with what they hold now, so that nothing written to their files later counts; those that hold nothing, or
    cannot be read, are left out.
    """
    found = []
    for source in sources:
        try:
            source.document = read(source)
        except ValueError:
            continue
        if source.document is not None:
            found.append(source)
    return found


def _switch_off(documents: "list[tuple[Source, Any]]") -> None:
    """Honour `disableAllHooks`: the organization's turns all off, the user's and a trusted project's all but its."""
    for source, document in documents:
        if source.origin in _SWITCHES and not source.ignored and disables(document):
            for other, _ in documents:
                if not other.ignored and (source.origin == "enterprise" or other.origin != "enterprise"):
                    other.ignored = f"disableAllHooks in {source.path}"
            return


def _placed(source: Source, malformed: list[Malformed]) -> list[str]:
    if not malformed:
        return []
    if source.document is not None:
        return [f"{source.path}: {item.place or 'hooks'}: {item.text}" for item in malformed]
    from cowork.hooks.lines import line_of

    try:
        with open(source.path, encoding="utf-8-sig") as stream:
            text = stream.read()
    except (OSError, ValueError):
        text = ""
    return [f"{source.path}:{line_of(text, item.place)}: {item.place or 'hooks'}: {item.text}" for item in malformed]


def _events_of(handler: Handler) -> tuple[str, ...]:
    """An agent's own Stop hooks also hear it stop as a subagent."""
    return ("Stop", "SubagentStop") if handler.source.origin == "agent" and handler.event == "Stop" else (handler.event,)
