"""Relative links and images of Markdown files that lead nowhere.

Links are read as CommonMark has them, anchors by GitHub's rule. What a generator of sites may resolve in its own way (links
without a suffix, from the root of the site, with places to fill in) is not held against anybody.
"""

from __future__ import annotations

import contextlib
import posixpath
import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote

from cowork.core.text import one_line
from cowork.twins.evidence import markdown_text
from cowork.twins.evidence.findings import Fact, Findings
from cowork.twins.evidence.look import Look, OutOfTime
from cowork.twins.evidence.markdown_text import Link, MarkdownText, is_markdown
from cowork.twins.evidence.tree import Tree, is_set_aside

Why = Literal["missing", "anchor", "case", "outside"]

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|//")
_PLACES = re.compile(r"\{\{|\{%|\$\{|<%|[<>*]|\{[\w.-]+\}")
_SITES = re.compile(
    r"(?:^|/)(?:mkdocs\.ya?ml|docusaurus\.config\.\w+|conf\.py|book\.toml|_config\.ya?ml|hugo\.\w+|antora\.yml|\.vitepress/.*"
    r"|astro\.config\.\w+|_sidebar\.md|zensical\.toml|_quarto\.yml)$"
)
_PAGES = re.compile(
    r"(?:issues|pulls?|wiki|actions|releases|discussions|security|compare|tree|blob|raw|commits?|projects|graphs)\b"
)
_ORDER: dict[Why, int] = {"missing": 0, "outside": 1, "case": 2, "anchor": 3}
_MOST_FACTS = 200
_MOST_BYTES = 512 * 1024


@dataclass(frozen=True)
class Broken:
    """A link that leads nowhere: what it was taken for (`path`, from the top), why, and what may be meant."""

    file: str
    link: Link
    why: Why
    path: str
    meant: str = ""


def collect(look: Look) -> Findings:
    """Links that lead nowhere, files first and then anchors; those of the most visible documents before others."""
    files = look.files
    documents = [name for name in files if is_markdown(name) and not is_set_aside(name)]
    checking = _Checking(look, Tree.of(look), any(_SITES.search(name) for name in files))
    broken: list[Broken] = []
    links = read = 0
    with contextlib.suppress(OutOfTime):
        for name in look.in_time(documents, "documents"):
            text = checking.text_of(name)
            if text is None:
                continue
            read += 1
            links += len(text.links)
            broken += checking.broken_of(name, text)
    broken.sort(key=lambda found: (_ORDER[found.why], found.file.count("/"), found.file, found.link.line))
    figures = {"documents": read, "links": links, "broken": len(broken)}
    figures |= {f"broken_{why}": sum(found.why == why for found in broken) for why in _ORDER}
    facts = tuple(Fact(_told(found), _data(found)) for found in broken[:_MOST_FACTS])
    total = len(broken) if len(broken) > _MOST_FACTS else None
    return Findings(_summary(broken, links, read), facts, figures, total)


def _summary(broken: list[Broken], links: int, read: int) -> str:
    if not read:
        return "There are no Markdown documents."
    where = f"{links} links of {read} Markdown {'document' if read == 1 else 'documents'}"
    if not links:
        return f"There are no relative links in {read} Markdown {'document' if read == 1 else 'documents'}."
    if not broken:
        return f"Each of the {where} leads somewhere."
    return f"{len(broken)} of the {where} {'leads' if len(broken) == 1 else 'lead'} nowhere."


class _Checking:
    """Reads documents once each, and judges their links."""

    def __init__(self, look: Look, tree: Tree, is_site: bool) -> None:
        self._look, self._tree, self._is_site = look, tree, is_site
        self._texts: dict[str, MarkdownText | None] = {}

    def text_of(self, name: str) -> MarkdownText | None:
        """A document, None when it cannot be read."""
        if name not in self._texts:
            text = self._look.read(name, _MOST_BYTES)
            self._texts[name] = None if text is None else markdown_text.read(text)
        return self._texts[name]

    def broken_of(self, name: str, text: MarkdownText) -> list[Broken]:
        """The links of a document that lead nowhere, each target of a line once."""
        links = dict.fromkeys(text.links)
        found = [self._judge(name, link) for link in links if link.target and not _PLACES.search(unquote(link.target))]
        return [broken for broken in found if broken is not None]

    def _judge(self, name: str, link: Link) -> Broken | None:
        if _SCHEME.match(link.target):
            return None
        before, _, fragment = link.target.partition("#")
        written = unquote(before.partition("?")[0])
        if not written:
            return self._judge_anchor(name, link, name, unquote(fragment)) if before == "" else None
        if "\0" in written or (written.startswith("/") and self._is_site):
            return None
        base = "" if written.startswith("/") else posixpath.dirname(name)
        path = posixpath.normpath(posixpath.join(base, written.lstrip("/")))
        path = "" if path == "." else path
        if path == ".." or path.startswith("../"):
            return None if _PAGES.match(path.lstrip("./")) else Broken(name, link, "outside", path)
        found = self._resolve(path)
        if found is not None:
            return self._judge_anchor(name, link, found, unquote(fragment)) if fragment else None
        if self._tree.beyond(path):
            return None
        other = self._tree.in_other_case(path)
        if other is not None:
            return Broken(name, link, "case", path, other)
        return Broken(name, link, "missing", path, self._meant(path))

    def _resolve(self, path: str) -> str | None:
        """The file or directory that a path means, also where a suffix or an index is left to the reader of the site."""
        if path in self._tree:
            return path
        stem = path[: -len(".html")] if path.endswith(".html") and self._is_site else path
        choices = (f"{stem}.md", f"{stem}.mdx", f"{stem}/index.md", f"{stem}/README.md", f"{stem}.markdown")
        return next((choice for choice in choices if choice in self._tree.files), None)

    def _judge_anchor(self, name: str, link: Link, target: str, fragment: str) -> Broken | None:
        if not is_markdown(target) or fragment.lower() in ("", "top") or ":~:" in fragment or re.fullmatch(r"L\d+.*", fragment):
            return None
        text = self.text_of(target)
        if text is None:
            return None
        wanted = fragment.removeprefix("user-content-")
        if self._spelled(wanted) in {self._spelled(anchor) for anchor in text.anchors} or not text.whole:
            return None
        return Broken(name, link, "anchor", target, _likely(wanted, text.anchors))

    def _spelled(self, anchor: str) -> str:
        """Anchors count as the same without regard to case; on sites, whose rules differ, also to runs of dashes."""
        folded = anchor.casefold()
        return re.sub(r"[-_]+", "-", folded).strip("-") if self._is_site else folded

    def _meant(self, path: str) -> str:
        same = self._tree.called(posixpath.basename(path))
        return same[0] if len(same) == 1 else ""


def _likely(wanted: str, anchors: frozenset[str]) -> str:
    from cowork.core.text import suggest

    return suggest(wanted, anchors) or "" if len(anchors) <= 500 else ""


def _told(found: Broken) -> str:
    where = f"{one_line(found.file, 120)}:{found.link.line}"
    what = f"{'shows' if found.link.image else 'links to'} `{one_line(found.link.target, 120)}`"
    if found.why == "anchor":
        said = (
            "and there is no such heading"
            if found.path == found.file
            else f"and {one_line(found.path, 120)} has no such heading"
        )
    elif found.why == "case":
        said = f"which is called {one_line(found.meant, 120)}"
    elif found.why == "outside":
        said = "which is outside of the repository"
    else:
        said = "which is not there"
    meant = f"; meant may be {one_line(found.meant, 120)}" if found.meant and found.why in ("missing", "anchor") else ""
    return f"{where} {what}, {said}{meant}"


def _data(found: Broken) -> dict[str, object]:
    data = {"file": found.file, "line": found.link.line, "target": found.link.target, "why": found.why, "path": found.path}
    return {**data, "meant": found.meant} if found.meant else data
