"""What a script may hold, in words: made from the tables that scripts are judged by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from cowork.fake_agent.script import ABOUT
from cowork.fake_agent.steps import STEPS, Field

_EXAMPLE = """\
A script is YAML or JSON. The agent takes the first call that is left and matches, and does its steps in the order in which they
are written. An example:

    calls:
      - write: {path: hello.txt, text: "hello\\n"}
        say: Still at it.
      - task: T-2
        tool: {name: Bash, result: "<promise>COMPLETE</promise> is only quoted here"}
        say: Not yet.
      - rate_limit: 9pm (America/Toronto)
      - repeat: always
        say: "All done.\\n\\n{{promise}}"
        exit: 0
    otherwise: fail

Of the script: calls (needed), otherwise (fail, the usual one: end with 90; last: repeat the last call; or a call), model (its
name), version (1).

In texts, {{call}} is the number of the call, {{task}} the task it works on, {{promise}} the promise that the prompt asks for.
"""


def explanation() -> str:
    """The page of `--explain`."""
    return "\n".join([_EXAMPLE, "Of a call:", *_fields(ABOUT), "", "Steps:", *_steps()]) + "\n"


def _steps() -> Iterator[str]:
    for name, step in STEPS.items():
        yield f"  {name}: {step.meaning}"
        yield from (f"  {line}" for line in _fields(step.fields, step.short))


def _fields(fields: Mapping[str, Field], short: str | None = None) -> Iterator[str]:
    for name, field in fields.items():
        rest = " (needed)" if field.needed else f" ({field.default})" if field.default not in (None, "", {}, []) else ""
        alone = "; may stand alone" if name == short else ""
        yield f"  {name:<12} {field.meaning}{rest}{alone}"
