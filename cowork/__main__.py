"""The entry point. It imports only `sys`, so that the two fastest answers cost no more than Python itself."""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import NoReturn

    from cowork.hooks.records import Runner

_BROKEN_PIPE = 141


def program() -> "NoReturn":
    """The installed `cowork`: run one command line and end at once.

    Taking the interpreter apart costs a short command a tenth of its time, and gives nothing back that the system does not.
    """
    import os

    code = main()
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except (OSError, ValueError):  # whoever read has gone
            code = code or _BROKEN_PIPE
    os._exit(code)


def main() -> int:
    """Run one command line and return its exit code."""
    argv = sys.argv[1:]
    if argv in (["--version"], ["-V"]):
        from cowork import __version__

        print(f"cowork {__version__}")
        return 0
    if argv[:2] == ["hook", "run"] and len(argv) == 3 and not argv[2].startswith("-"):
        # The host runs this before and after every tool call: no click, no pydantic, no asyncio.
        from cowork.hooks.fast import run_event

        return run_event(argv[2], hook_runners)
    import gc

    gc.set_threshold(50_000)  # nearly all that loading makes stays to the end: most verbs end before the first search
    from cowork.cli.main import run

    return run(argv)


def hook_runners() -> "Mapping[str, Runner]":
    """What runs hook handlers that are no commands, loaded when there is one. Raises ImportError where it is missing."""
    from importlib import import_module

    found: Mapping[str, Runner] = import_module("cowork.agent.hook_standalone").runners()
    return found


if __name__ == "__main__":
    sys.exit(main())
