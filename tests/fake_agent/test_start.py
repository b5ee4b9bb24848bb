"""It starts fast: what it loads for a call in JSON."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.fake_agent.running import Stage

PROBE = """
import sys
from cowork.fake_agent.__main__ import main
code = main(sys.argv[1:])
print(*sorted({name.split(".")[0] for name in sys.modules}), file=sys.stderr)
"""
HEAVY = {"yaml", "subprocess", "asyncio", "argparse", "pydantic", "click", "rich", "tempfile", "difflib"}


def test_a_call_loads_nothing_that_is_heavy(stage: Stage) -> None:
    stage.write({"write": {"path": "a"}, "say": "x"})

    done = subprocess.run(
        [sys.executable, "-c", PROBE, "--script", str(stage.script)], input=b"x", capture_output=True, cwd=stage.work
    )

    assert json.loads(done.stdout.splitlines()[-1])["result"] == "x"
    assert HEAVY & set(done.stderr.decode().split()) == set()
