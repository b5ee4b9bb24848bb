"""`admin policy validate`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.policy.conftest import Write
from tests.support import run_here

BAD = """{
  "packs": {
    "blocked": ["devops", 1],
    "required": ["devops-pack"]
  },
  "agents": {"maxConcurrentAgents": 0}
}
"""


def test_without_a_file_the_defaults_are_valid(home: Path) -> None:
    data = run_here("admin", "policy", "validate", "--json").data
    assert (data["exists"], data["valid"], data["items"]) == (False, True, [])
    assert not home.exists()


def test_every_problem_is_listed_with_its_line(write: Write) -> None:
    path = write(BAD)

    ran = run_here("admin", "policy", "validate", "--json")

    assert (ran.code, ran.document["error"]["code"]) == (4, "policy.invalid")
    data = ran.document["data"]
    assert (data["path"], data["valid"], data["count"]) == (str(path), False, 3)
    assert [(item["line"], item["rule"], item["where"]) for item in data["items"]] == [
        (3, "policy.type", "$.packs.blocked[1]"),
        (4, "policy.conflict", "$.packs.required[0]"),
        (6, "policy.value", "$.agents.maxConcurrentAgents"),
    ]
    page = run_here("admin", "policy", "validate")
    assert f"{path}:3: error: $.packs.blocked[1]: must be a text, not a number [policy.type]" in page.out.replace("\n ", "")


def test_what_is_odd_about_a_valid_file_is_a_warning(tmp_path: Path) -> None:
    path = tmp_path / "p.json"
    path.write_text('{"packs": {"blocked": ["devop"], "bloked": []}, "connectors": {"blocked": ["nope"]}}')
    ran = run_here("admin", "policy", "validate", str(path), "--json")
    assert (ran.code, ran.data["valid"]) == (0, True)
    assert [(item["rule"], item["severity"]) for item in ran.data["items"]] == [
        ("policy.unknown_connector", "warning"),
        ("policy.unknown_key", "warning"),
        ("policy.unknown_pack", "warning"),
    ]


def test_names_of_packs_here_and_in_the_catalogue_are_known(tmp_path: Path, home: Path) -> None:
    path = tmp_path / "p.json"
    path.write_text('{"packs": {"blocked": ["devops", "code-review-pack", "devops-pack"]}}')
    items = run_here("admin", "policy", "validate", str(path), "--json").data["items"]
    assert [item["where"] for item in items] == ["$.packs.blocked[1]"]


@pytest.mark.parametrize(
    ("content", "code"),
    [("{", "file.corrupt"), ("", "file.corrupt"), ("null", "policy.invalid"), (" " * 5_000_000, "file.too_large")],
)
def test_a_file_that_holds_no_policies_is_exit_4(write: Write, content: str, code: str) -> None:
    write(content)
    ran = run_here("admin", "policy", "validate", "--json")
    assert (ran.code, ran.document["error"]["code"]) == (4, code)


def test_stdin_can_be_validated(home: Path) -> None:
    assert run_here("admin", "policy", "validate", "-", stdin="{}").code == 0
    assert run_here("admin", "policy", "validate", "-", stdin='{"version": 3}').code == 4
    assert not home.exists()
