"""The part of Handlebars that prompts need, run as sandboxed Jinja2.

A template is read into a tree, and the tree becomes a Jinja2 template in which no text of the author's stands: texts, paths and
conditions are numbers in tables of ours. So nothing in a template or a value can be read as Jinja2, and no path touches an
attribute of an object. What is not supported is refused with its line and column.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from cowork.core.text import did_you_mean, one_line
from cowork.prompts.handlebars_paths import BLOCKS, Path, Scope, as_text, path_of, truth
from cowork.prompts.handlebars_tokens import Tag, Text, tokens, unsupported, wrong
from cowork.prompts.template_limits import MAX_BLOCKS, MAX_BRANCHES, MAX_LOOPS, MAX_OUTPUT, MAX_ROUNDS, refused, too_large

if TYPE_CHECKING:
    from jinja2 import Template
    from jinja2.sandbox import ImmutableSandboxedEnvironment


@dataclass(frozen=True)
class Value:
    """A variable to show."""

    path: Path
    tag: Tag


@dataclass
class Block:
    """`#if`, `#unless` or `#each`. `chained`: it stands in an `{{else if}}` and ends with the block around it."""

    name: str
    path: Path
    tag: Tag
    chained: bool = False
    body: list[Node] = field(default_factory=list)
    otherwise: list[Node] | None = None

    @property
    def open_part(self) -> list[Node]:
        """Where what comes next belongs."""
        return self.body if self.otherwise is None else self.otherwise


Node = str | Value | Block


def parse(source: str) -> tuple[Node, ...]:
    """The tree of a template. Raises `template.syntax`, `template.unsupported`, `template.too_large` with the place."""
    root: list[Node] = []
    stack: list[Block] = []
    for token in tokens(source):
        part = stack[-1].open_part if stack else root
        if isinstance(token, Text):
            part.append(token.text)
        elif token.kind == "value":
            part.append(Value(_value_path(token), token))
        elif token.kind == "open":
            part.append(_open(token, stack, chained=False))
        elif token.kind == "else":
            _otherwise(token, stack)
        elif token.kind == "close":
            _close(token, stack)
    if stack:
        block = next(item for item in reversed(stack) if not item.chained)
        raise wrong(block.tag, f"{{{{#{block.name}}}}} is not closed", f"close it with {{{{/{block.name}}}}}")
    return tuple(root)


def render(source: str, variables: Mapping[str, Any]) -> str:
    """A template filled with plain data. What is missing is empty.

    Raises what `parse` raises, `template.too_large` when the loops or the result outgrow their limits, and `template.failed`
    for a value that cannot be shown: a number of thousands of digits, lists a thousand deep.
    """
    prepared = _prepared(source)
    size, parts = 0, []
    try:
        for part in prepared.template.generate(s0=Scope(variables), **_Run(prepared).functions()):
            size += len(part)
            if size > MAX_OUTPUT:
                raise too_large("it makes a longer prompt", MAX_OUTPUT)
            parts.append(part)
    except (RecursionError, ValueError) as error:
        raise refused("template.failed", "a value cannot be shown", cause=one_line(str(error))) from None
    return "".join(parts)


def _value_path(tag: Tag) -> Path:
    word = tag.inside.split()[0]
    if word in BLOCKS:
        hint = f"write {{{{#{word} name}}}} ... {{{{/{word}}}}}"
        raise unsupported(tag, f"'{word}' is a block", hint)
    return path_of(tag, tag.inside)


def _open(tag: Tag, stack: list[Block], *, chained: bool) -> Block:
    words = tag.inside.split(None, 1)
    name, rest = words[0], words[1] if len(words) > 1 else ""
    if name not in BLOCKS:
        hint = did_you_mean(name, BLOCKS, f"there are: {', '.join(f'#{word}' for word in BLOCKS)}")
        raise unsupported(tag, f"the block '{one_line(name, 40)}' is not supported", hint)
    if not rest:
        raise wrong(tag, f"#{name} says nothing of what", f"write {{{{#{name} variable}}}}")
    block = Block(name, path_of(tag, rest), tag, chained)
    stack.append(block)
    place = {"line": tag.line, "column": tag.column}
    if sum(not item.chained for item in stack) > MAX_BLOCKS:
        raise too_large("more blocks stand inside each other", MAX_BLOCKS, **place)
    if sum(item.chained for item in stack) > MAX_BRANCHES:
        raise too_large("there are more else branches", MAX_BRANCHES, **place)
    if sum(item.name == "each" for item in stack) > MAX_LOOPS:
        raise too_large("more loops stand inside each other", MAX_LOOPS, **place)
    return block


def _otherwise(tag: Tag, stack: list[Block]) -> None:
    if not stack:
        raise wrong(tag, "{{else}} stands outside of a block", "open a block with {{#if name}} first")
    block = stack[-1]
    if block.otherwise is not None:
        raise wrong(tag, f"the #{block.name} of line {block.tag.line} has its {{{{else}}}} already", "take one of them away")
    block.otherwise = []
    if tag.inside:
        block.otherwise.append(_open(tag, stack, chained=True))


def _close(tag: Tag, stack: list[Block]) -> None:
    if not stack:
        raise wrong(tag, f"{{{{/{one_line(tag.inside, 40)}}}}} closes nothing", "take it away, or open the block before it")
    while stack[-1].chained:
        stack.pop()
    block = stack.pop()
    if tag.inside != block.name:
        raise wrong(
            tag,
            f"{{{{/{one_line(tag.inside, 40)}}}}} closes the #{block.name} of line {block.tag.line}",
            f"close it with {{{{/{block.name}}}}} first",
        )


@dataclass(frozen=True)
class _Prepared:
    """A template as Jinja2, with the tables that its numbers stand for."""

    template: Template
    texts: tuple[str, ...]
    paths: tuple[Path, ...]


class _Run:
    """What the Jinja2 of one rendering may call."""

    def __init__(self, prepared: _Prepared) -> None:
        self._texts, self._paths = prepared.texts, prepared.paths
        self._rounds = 0

    def functions(self) -> dict[str, Callable[..., Any]]:
        return {
            "text": self._texts.__getitem__,
            "value": lambda scope, path: as_text(scope.find(self._paths[path])),
            "truth": lambda scope, path: truth(scope.find(self._paths[path])),
            "rounds": self._each,
        }

    def _each(self, scope: Scope, path: int) -> Iterator[Scope]:
        for inner in scope.rounds(scope.find(self._paths[path])):
            self._rounds += 1
            if self._rounds > MAX_ROUNDS:
                raise too_large("its loops take more rounds", MAX_ROUNDS)
            yield inner


class _Writer:
    """Writes the Jinja2 of a tree. `s0` are the variables, `s1` the round of the outermost loop, and so on."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.texts: list[str] = []
        self.paths: list[Path] = []

    def write(self, nodes: list[Node] | tuple[Node, ...], depth: int) -> None:
        for node in nodes:
            if isinstance(node, str):
                self.texts.append(node)
                self.parts.append(f"{{{{ text({len(self.texts) - 1}) }}}}")
            elif isinstance(node, Value):
                self.parts.append(f"{{{{ value(s{depth}, {self._path(node.path)}) }}}}")
            elif node.name == "each":
                self.parts.append(f"{{% for s{depth + 1} in rounds(s{depth}, {self._path(node.path)}) %}}")
                self.write(node.body, depth + 1)
                self._else(node, depth)
                self.parts.append("{% endfor %}")
            else:
                self._if(node, depth, "if")
                self.parts.append("{% endif %}")

    def _if(self, block: Block, depth: int, word: str) -> None:
        negated = "not " if block.name == "unless" else ""
        self.parts.append(f"{{% {word} {negated}truth(s{depth}, {self._path(block.path)}) %}}")
        self.write(block.body, depth)
        first = block.otherwise[0] if block.otherwise else None
        if isinstance(first, Block) and first.chained and first.name != "each":
            self._if(first, depth, "elif")
        else:
            self._else(block, depth)

    def _else(self, block: Block, depth: int) -> None:
        if block.otherwise:
            self.parts.append("{% else %}")
            self.write(block.otherwise, depth)

    def _path(self, path: Path) -> int:
        self.paths.append(path)
        return len(self.paths) - 1


@lru_cache(maxsize=32)
def _prepared(source: str) -> _Prepared:
    """A template made ready once: a loop renders the same one again and again."""
    writer = _Writer()
    writer.write(parse(source), 0)
    return _Prepared(_environment().from_string("".join(writer.parts)), tuple(writer.texts), tuple(writer.paths))


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    return ImmutableSandboxedEnvironment(autoescape=False, keep_trailing_newline=True)
