"""What a user's Jinja2 template may hold: plain values, conditions and loops, and nothing that calls, includes or multiplies.

Jinja2's own sandbox keeps attributes safe; it does not keep a template from filling the memory. So this is a list of what is
allowed, and what is not on it is refused with its line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cowork.core.text import did_you_mean, one_line
from cowork.prompts.template_limits import MAX_BLOCKS, MAX_LOOPS, refused, too_large

if TYPE_CHECKING:
    from jinja2 import nodes

FILTERS = (
    *("abs", "capitalize", "default", "d", "dictsort", "first", "float", "int", "items", "join", "last", "length", "count"),
    *("list", "lower", "map", "max", "min", "reject", "rejectattr", "replace", "reverse", "select", "selectattr", "sort"),
    *("string", "tojson", "trim", "truncate", "unique", "upper", "wordcount"),
)
"""The filters there are. Those that could make much out of little are left out, or bounded."""
METHODS = ("get", "items", "keys", "values")
"""What may be called, on mappings; beside `range`."""
ROUNDS = "_rounds"
"""The filter that counts a loop's rounds; every loop runs through it."""
_DEPTH = MAX_BLOCKS * 2
_ALLOWED = frozenset(
    "Template Output TemplateData Name Const Getattr Getitem Slice If For CondExpr Compare Operand And Or Not Neg Pos "
    "Test Filter Call Assign Keyword Tuple List Dict Pair Add Sub Div FloorDiv Mod Mul".split()
)
_SAY = {
    "Include": "{% include %}",
    "Import": "{% import %}",
    "FromImport": "{% from %}",
    "Extends": "{% extends %}",
    "Block": "{% block %}",
    "Macro": "{% macro %}",
    "CallBlock": "{% call %}",
    "FilterBlock": "{% filter %}",
    "AssignBlock": "{% set %} around a block",
    "With": "{% with %}",
    "Concat": "~",
    "Pow": "**",
    "ScopedEvalContextModifier": "{% autoescape %}",
}


def bound(tree: nodes.Template) -> None:
    """Refuse what a template may not hold, and lead its loops through ROUNDS.

    Raises `template.unsupported` and `template.too_large` with the line.
    """
    from jinja2 import nodes

    pending: list[tuple[nodes.Node, int, int]] = [(tree, 0, 0)]
    while pending:
        node, depth, loops = pending.pop()
        if depth > _DEPTH:
            raise too_large("more stands inside each other", _DEPTH, line=node.lineno)
        _judge(node)
        if isinstance(node, nodes.For):
            loops += 1
            if loops > MAX_LOOPS:
                raise too_large("more loops stand inside each other", MAX_LOOPS, line=node.lineno)
        pending += [(child, depth + 1, loops) for child in node.iter_child_nodes()]
        if isinstance(node, nodes.For):
            node.iter = nodes.Filter(node.iter, ROUNDS, [], [], None, None, lineno=node.lineno)


def _judge(node: nodes.Node) -> None:
    from jinja2 import nodes
    from jinja2.tests import TESTS

    name = type(node).__name__
    if name not in _ALLOWED:
        raise _refused(node, f"{_SAY.get(name, name)} is not supported", "write values, conditions and loops")
    if isinstance(node, (nodes.List, nodes.Tuple, nodes.Dict)):
        _judge_literal(node)
    elif isinstance(node, nodes.Filter):
        if node.name not in FILTERS:
            raise _refused(node, f"there is no filter '{one_line(node.name, 40)}'", _one_of(node.name, FILTERS))
    elif isinstance(node, nodes.Test):
        if node.name not in TESTS:
            raise _refused(node, f"there is no test '{one_line(node.name, 40)}'", _one_of(node.name, tuple(TESTS)))
    elif isinstance(node, nodes.Call):
        _judge_call(node)
    elif isinstance(node, nodes.For) and node.recursive:
        raise _refused(node, "a recursive loop is not supported", "write loops inside each other")
    elif isinstance(node, nodes.Assign) and not isinstance(node.target, nodes.Name):
        raise _refused(node, "{% set %} takes one name", "set one name after the other")
    elif isinstance(node, (nodes.Name, nodes.Getattr)):
        word = node.name if isinstance(node, nodes.Name) else node.attr
        if word.startswith("_"):
            raise _refused(node, f"the name '{one_line(word, 40)}' is private", "names begin with a letter")


def _judge_literal(node: nodes.List | nodes.Tuple | nodes.Dict) -> None:
    """A list of lists of one variable, a few lines long, would not fit into any memory."""
    from jinja2 import nodes

    parts: list[Any] = list(node.items)
    parts = [part for pair in parts for part in ((pair.key, pair.value) if isinstance(pair, nodes.Pair) else (pair,))]
    targets = all(isinstance(part, nodes.Name) and part.ctx == "store" for part in parts)
    if not targets and not all(isinstance(part, nodes.Const) for part in parts):
        raise _refused(node, "a list or mapping of variables is not supported", "write texts and numbers in it")


def _judge_call(node: nodes.Call) -> None:
    from jinja2 import nodes

    called = node.node
    if isinstance(called, nodes.Name) and called.name == "range":
        return
    if isinstance(called, nodes.Getattr) and called.attr in METHODS:
        return
    raise _refused(node, "the call is not supported", f"there are range(), {', '.join(f'.{name}()' for name in METHODS)}")


def _one_of(name: str, names: tuple[str, ...]) -> str:
    return did_you_mean(name, names, f"there are: {', '.join(names)}")


def _refused(node: nodes.Node, what: str, hint: str) -> Exception:
    return refused("template.unsupported", what, line=node.lineno, hint=hint)
