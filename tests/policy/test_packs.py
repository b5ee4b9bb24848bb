"""Listings under policies: quick, and the same verdicts as the gate's."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cowork.formats.policies import Policies
from cowork.formats.policies_check import errors
from cowork.policy.actions import Action
from cowork.policy.packs import judge_pack
from cowork.policy.rules import judge
from tests.contract.test_imports import HEAVY
from tests.policy.conftest import Write
from tests.support import run_here

NAMES = st.sampled_from(["a", "a-pack", "b", "b-pack", "c", "dir", "dir-pack"])


@given(
    NAMES,
    NAMES | st.none(),
    st.fixed_dictionaries({}, optional={key: st.lists(NAMES, max_size=3) for key in ("allowed", "blocked", "required")}),
)
def test_a_listing_and_the_gate_say_the_same(name: str, directory: str | None, packs: dict[str, list[str]]) -> None:
    if errors({"packs": packs}, "f"):
        return
    policies = Policies({"packs": packs})
    verdict = judge(Action("pack enable", pack=name, directory=directory), policies)
    assert judge_pack(name, directory, policies) == (verdict.allowed, verdict.required, verdict.rule, verdict.reason)


PROBE = """
import sys
sys.argv = ["cowork", *ARGV]
from cowork.__main__ import main
code = main()
print(code, *sorted({name.split(".")[0] for name in sys.modules}))
"""


@pytest.mark.parametrize(
    "argv", [["pack", "list", "--json"], ["pack", "show", "devops", "--json"], ["skill", "list", "--json"]], ids=" ".join
)
def test_listing_and_showing_under_policies_load_nothing_heavy(write: Write, argv: list[str]) -> None:
    write({"packs": {"blocked": ["engineering"], "required": ["devops"]}, "general": {"orgPluginDir": "~/packs"}, "x": {}})
    assert run_here("pack", "list").code == 0  # the index is made once
    script = PROBE.replace("ARGV", repr(argv))
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    code, *modules = done.stdout.splitlines()[-1].split()
    assert code == "0"
    assert HEAVY & set(modules) == set()


def test_blocked_packs_stay_in_sight_and_required_ones_are_forced_on(write: Write, home: Path) -> None:
    assert run_here("pack", "disable", "devops").code == 0
    write({"packs": {"blocked": ["engineering-pack"], "required": ["devops"]}})
    items = {item["name"]: item for item in run_here("pack", "list", "--json").data["items"]}
    assert (items["engineering"]["state"], items["devops"]["state"]) == ("blocked", "active")
