"""A page of HTML as readable text, made in a process that can be killed: a page can be built to take very long.

A job is a JSON object on stdin, the text is the answer on stdout. Standard library only.
"""

from __future__ import annotations

import base64
import json
import re
import sys
from html.parser import HTMLParser
from urllib.parse import urljoin

_DROPPED = frozenset("script style noscript template svg math canvas iframe object audio video select datalist".split())
_BLOCKS = frozenset(
    "address article aside blockquote dd details dialog div dl dt fieldset figcaption figure footer form header hr li main nav "
    "ol p section summary table tbody thead tr ul body".split()
)
_HEADINGS = {f"h{level}": "#" * level + " " for level in range(1, 7)}
_VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())


class Page(HTMLParser):
    """Collects the text of a page: headings, lists, links and code as in Markdown; nothing that is run or not shown."""

    def __init__(self, url: str) -> None:
        super().__init__(convert_charrefs=True)
        self.title = ""
        self._url = url
        self._out: list[str] = []
        self._dropped: list[str] = []
        self._links: list[tuple[str, int]] = []
        self._in_title = False
        self._code = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A tag opens."""
        if self._dropped:
            if tag == self._dropped[-1]:
                self._dropped.append(tag)
            return
        found = dict(attrs)
        if tag in _DROPPED or (tag not in _VOID and "hidden" in found):
            self._dropped.append(tag)
        elif tag == "title":
            self._in_title = True
        elif tag == "base" and found.get("href"):
            self._url = _joined(self._url, found["href"])
        elif tag in _HEADINGS:
            self._out.append(f"\n\n{_HEADINGS[tag]}")
        elif tag == "pre":
            self._code += 1
            self._out.append("\n\n```\n")
        elif tag == "br":
            self._out.append("\n")
        elif tag == "li":
            self._out.append("\n- ")
        elif tag in ("td", "th"):
            self._out.append(" | ")
        elif tag in _BLOCKS:
            self._out.append("\n" if tag in ("tr", "dt", "dd") else "\n\n")
        elif tag == "a":
            self._links.append((found.get("href") or "", len(self._out)))
        elif tag == "img" and found.get("alt"):
            self._out.append(f"[image: {found['alt']}]")

    def handle_endtag(self, tag: str) -> None:
        """A tag closes."""
        if self._dropped:
            if tag == self._dropped[-1]:
                self._dropped.pop()
        elif tag == "title":
            self._in_title = False
        elif tag == "pre" and self._code:
            self._code -= 1
            self._out.append("\n```\n\n")
        elif tag == "a" and self._links:
            self._link(*self._links.pop())
        elif tag in _HEADINGS or (tag in _BLOCKS and tag not in ("li", "tr", "dt", "dd")):
            self._out.append("\n\n")

    def handle_data(self, data: str) -> None:
        """Text."""
        if self._in_title:
            self.title += data
        elif not self._dropped:
            self._out.append(data if self._code else re.sub(r"\s+", " ", data))

    def _link(self, target: str, since: int) -> None:
        """Turn what was said since a link opened into its label."""
        label = " ".join("".join(self._out[since:]).split())
        whole = _joined(self._url, target)
        if label and re.match(r"https?://", whole) and not target.startswith("#"):
            self._out[since:] = [f"[{label}]({whole})"]

    @property
    def text(self) -> str:
        """All of it, with blank lines where parts begin."""
        return _tidied("".join(self._out))


def _joined(base: str, target: str | None) -> str:
    try:
        return urljoin(base, (target or "").strip())
    except ValueError:
        return ""


def _tidied(text: str) -> str:
    """Without blanks around lines, except in code, and without several blank lines in a row."""
    lines: list[str] = []
    code = False
    for line in text.split("\n"):
        code = code != (line.strip() == "```")
        line = line.rstrip() if code else line.strip()
        if line or code or (lines and lines[-1]):
            lines.append(line)
    return "\n".join(lines).strip()


def main() -> int:
    """Read the page on stdin; always 0."""
    job = json.load(sys.stdin)
    page = Page(job["url"])
    page.feed(base64.b64decode(job["page"]).decode(job["charset"], "replace"))
    page.close()
    title = " ".join(page.title.split())
    text = (f"# {title}\n\n" if title else "") + page.text
    sys.stdout.write(text[: job["most"]])
    return 0


if __name__ == "__main__":
    sys.exit(main())
