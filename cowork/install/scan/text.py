"""A file's text, in the views that the rules read, and who reads which part of it: a person or model, or a machine."""

from __future__ import annotations

from bisect import bisect_right
from functools import cached_property

from cowork.install.scan import views
from cowork.install.scan.kinds import Kind, kind_of, suffix_of
from cowork.install.scan.patterns import compiled
from cowork.install.scan.views import View

# Values under these keys are run, not read.
_RUN = "command commands cmd args run script exec entrypoint shell body preinstall install postinstall prepare"
_RUN_KEYS = frozenset(_RUN.split())
_RUN_LINE = rf"(?i)[\s\"'-]*(?:{'|'.join(_RUN.split())})[\"']?\s*[:=]"
_JSON_KEY = r'(?<!\\)"([^"\\\n]{1,60})"\s{0,20}:'
_COMMENTS = dict.fromkeys(
    ".js .mjs .cjs .ts .tsx .jsx .go .rs .c .h .cc .cpp .java .kt .swift .scala".split(), ("//", "/*", "* ")
)
_NEAR = 400


class Text:
    """A file's text: as it is (`raw`), as its readers get it (`view`), as commands and as phrases."""

    def __init__(self, path: str, raw: str, kind: Kind | None = None) -> None:
        self.path = path
        self.raw = raw
        self.kind: Kind = kind or kind_of(path)

    @cached_property
    def view(self) -> View:
        """The text with the escapes of its format decoded."""
        view = views.plain(self.raw)
        if self.kind == "json":
            return views.decoded_json(view)
        if self.kind == "yaml":
            return views.decoded_yaml(view)
        return views.decoded_yaml(view, self._head) if self._head else view

    @cached_property
    def commands(self) -> View:
        """See `views.commands`."""
        return views.commands(self.view)

    @cached_property
    def phrases(self) -> View:
        """See `views.phrases`."""
        return views.phrases(self.view)

    def is_run(self, at: int) -> bool:
        """Whether the text at a place of `raw` is run by a machine rather than read by a person or a model."""
        if self.kind == "script":
            return not self.is_comment(at)
        if self.kind == "json":
            return self.path.rpartition("/")[2] == "package.json" or self._key(at) in _RUN_KEYS
        before = self._before(at)
        if self.kind == "prose" and "!`" in before and "`" not in before.rpartition("!`")[2]:
            return True  # a command file's !`command`
        return (self.kind != "prose" or at < self._head) and bool(compiled(_RUN_LINE).match(before))

    def is_comment(self, at: int) -> bool:
        """Whether a place in a script is in a line of comment."""
        marks = _COMMENTS.get(suffix_of(self.path), ("#",))
        return self._before(at).lstrip().startswith(marks) and not self.raw.startswith("#!", at)

    @cached_property
    def _head(self) -> int:
        """Where the frontmatter of a Markdown file ends; 0 without one."""
        return max(0, self.raw.find("\n---", 3)) if self.kind == "prose" and self.raw.startswith("---") else 0

    def _before(self, at: int) -> str:
        near = max(0, at - _NEAR)
        return self.raw[max(self.raw.rfind("\n", near, at) + 1, near) : at]

    def _key(self, at: int) -> str:
        places, keys = self._keys
        position = bisect_right(places, at) - 1
        return keys[position] if position >= 0 else ""

    @cached_property
    def _keys(self) -> tuple[list[int], list[str]]:
        found = list(compiled(_JSON_KEY).finditer(self.raw))
        return [match.end() for match in found], [match[1].lower() for match in found]
