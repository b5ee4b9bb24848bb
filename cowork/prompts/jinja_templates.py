"""Users' own Jinja2 templates, `.j2`: in a sandbox, with plain data, bounded in loops and length, never with a traceback."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from cowork.core.errors import CoworkError
from cowork.core.text import one_line
from cowork.prompts.handlebars_paths import as_text
from cowork.prompts.jinja_rules import FILTERS, METHODS, ROUNDS, bound
from cowork.prompts.template_limits import MAX_OUTPUT, MAX_ROUNDS, refused, too_large

if TYPE_CHECKING:
    from jinja2 import Template, nodes
    from jinja2.sandbox import ImmutableSandboxedEnvironment

_LARGEST = 10**15
_LONGEST_RANGE = 1000
_COUNTER = "_counter"  # no template can name it


def parse(source: str) -> nodes.Template:
    """The tree of a template. Raises `template.syntax`, `template.unsupported`, `template.too_large` with the line."""
    from jinja2 import TemplateSyntaxError

    try:
        tree = _environment().parse(source)
    except TemplateSyntaxError as error:
        raise refused("template.syntax", error.message or "it cannot be read", line=error.lineno) from None
    except RecursionError:
        raise refused("template.too_large", "it nests too deep") from None
    except Exception as error:  # numbers of thousands of digits and what else its reader stumbles over
        raise refused("template.syntax", "it cannot be read", cause=one_line(str(error))) from None
    bound(tree)
    return tree


def render(source: str, variables: Mapping[str, Any]) -> str:
    """A template filled with plain data. What is missing is empty.

    Raises what `parse` raises, `template.too_large` when loops or result outgrow their limits, and `template.failed` with the
    line where a value does not fit what is done with it.
    """
    template = _compiled(source)
    size, parts = 0, []
    try:
        for part in template.generate({**variables, _COUNTER: [0]}):
            size += len(part)
            if size > MAX_OUTPUT:
                raise too_large("it makes a longer prompt", MAX_OUTPUT)
            parts.append(part)
    except CoworkError:
        raise
    except Exception as error:
        cause = one_line(f"{type(error).__name__}: {error}")
        raise refused("template.failed", "a value does not fit here", line=_line_of(error), cause=cause) from None
    return "".join(parts)


@lru_cache(maxsize=32)
def _compiled(source: str) -> Template:
    """A template made ready once: a loop renders the same one again and again."""
    tree = parse(source)
    try:
        return _environment().from_string(tree)
    except Exception as error:
        raise refused("template.syntax", "it cannot be made ready", cause=one_line(str(error))) from None


def _line_of(error: BaseException) -> int | None:
    """The line of the template where it happened, by the frames that Jinja2 renames."""
    found, step = None, error.__traceback__
    while step is not None:
        if step.tb_frame.f_code.co_filename == "<template>":
            found = step.tb_lineno
        step = step.tb_next
    return found


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    from jinja2 import ChainableUndefined, pass_context, runtime
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    class Bounded(ImmutableSandboxedEnvironment):
        """Looks into mappings and lists alone, calculates with numbers alone, and lets every loop be counted."""

        intercepted_binops = frozenset({"+", "-", "*", "/", "//", "%"})

        def getattr(self, obj: Any, attribute: str) -> Any:
            return self._member(obj, attribute, lambda: super(Bounded, self).getattr(obj, attribute))

        def getitem(self, obj: Any, argument: Any) -> Any:
            return self._member(obj, argument, lambda: self.undefined(obj=obj, name=argument))

        def _member(self, obj: Any, name: Any, otherwise: Any) -> Any:
            if isinstance(obj, runtime.Undefined):
                return obj
            if isinstance(obj, Mapping):
                if isinstance(name, (str, int, float, bool)) and name in obj:
                    return obj[name]
                return getattr(obj, name) if name in METHODS else self.undefined(obj=obj, name=name)
            if isinstance(obj, (list, tuple, str)) and isinstance(name, (int, slice)):
                try:
                    return obj[name]
                except IndexError:
                    return self.undefined(obj=obj, name=str(name))
            return otherwise() if isinstance(obj, runtime.LoopContext) else self.undefined(obj=obj, name=name)

        def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
            if not all(isinstance(side, (int, float)) and abs(side) <= _LARGEST for side in (left, right)):
                raise TypeError(f"{operator} takes numbers up to {_LARGEST:,}")
            return super().call_binop(context, operator, left, right)

    environment = Bounded(
        autoescape=False,
        undefined=ChainableUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
        optimized=False,  # nothing is calculated before it is asked for
    )
    environment.globals = {"range": _range}
    environment.filters = {name: environment.filters[name] for name in FILTERS}
    environment.filters |= {"tojson": _as_json, "replace": _replace, "join": _join, ROUNDS: pass_context(_rounds)}
    return environment


class _Counted:
    """The items of a loop, counted together with those of all other loops of the rendering; it has their length."""

    def __init__(self, items: Any, counter: list[int]) -> None:
        self._items, self._counter = items, counter

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[Any]:
        for item in self._items:
            self._counter[0] += 1
            if self._counter[0] > MAX_ROUNDS:
                raise too_large("its loops take more rounds", MAX_ROUNDS)
            yield item


def _rounds(context: Any, items: Any) -> _Counted:
    return _Counted(() if items is None else items, context[_COUNTER])


def _range(*bounds: int) -> range:
    found = range(*bounds)
    if len(found) > _LONGEST_RANGE:
        raise too_large("a range holds more numbers", _LONGEST_RANGE)
    return found


def _shown(value: Any) -> str:
    from jinja2 import Undefined

    return "" if isinstance(value, Undefined) else as_text(value)


def _as_json(value: Any, indent: int | None = None) -> str:
    return json.dumps(value, ensure_ascii=False, indent=min(indent, 8) if indent else None, default=str)


def _replace(value: Any, old: Any, new: Any) -> str:
    text, old, new = str(value), str(old), str(new)
    if text.count(old) * len(new) + len(text) > MAX_OUTPUT:
        raise too_large("a replaced text is longer", MAX_OUTPUT)
    return text.replace(old, new)


def _join(value: Any, separator: Any = "", attribute: str | None = None) -> str:
    found = [str(item.get(attribute, "") if attribute and isinstance(item, Mapping) else item) for item in value]
    if sum(map(len, found)) + len(str(separator)) * len(found) > MAX_OUTPUT:
        raise too_large("a joined text is longer", MAX_OUTPUT)
    return str(separator).join(found)
