"""The name under which a pack is installed: a plain one, the promised one, and nobody else's."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cowork.core.errors import Conflict, CoworkError, InvalidInput
from cowork.core.text import printable
from cowork.install.pack_names import judge_pack_name, similar_names
from tests.registry.places import pack


def refusal(name: str, expected: tuple[str, ...] = ()) -> CoworkError:
    with pytest.raises(CoworkError) as caught:
        judge_pack_name(name, expected)
    return caught.value


@pytest.mark.parametrize("name", ["notes", "my-notes", "Notes_2.0", "a", "x" * 128, "devops-tools", "my-devops", "packs"])
def test_a_plain_name_that_nobody_has_is_fine(name: str) -> None:
    assert judge_pack_name(name) == ()


@pytest.mark.parametrize(
    "name",
    [
        "",
        "../../evil",
        "/etc",
        ".staging",
        "--yes",
        "nul",
        "a b",
        "a/b",
        "größe",
        "dev\u043eps",
        "a\x1b[2J",
        "\ud800",
        "x" * 129,
    ],
)
def test_a_name_that_is_no_directory_is_refused(name: str) -> None:
    error = refusal(name)
    assert (type(error), error.code) == (InvalidInput, "install.bad_name")
    assert printable(error.message) == error.message


def test_a_pack_has_the_name_that_was_promised() -> None:
    judge_pack_name("notes", ("notes",))
    judge_pack_name("notes", ("Notes for all", "notes"))
    error = refusal("other", ("notes", "note-keeper"))
    assert (type(error), error.code) == (InvalidInput, "install.name_mismatch")
    assert error.message == "the pack calls itself 'other', not 'notes'"
    assert error.details == {"name": "other", "expected": ["notes", "note-keeper"]}


@pytest.mark.parametrize("name", ["Notes", "notes-pack", "note"])
def test_nearly_what_was_promised_is_something_else(name: str) -> None:
    assert refusal(name, ("notes",)).code == "install.name_mismatch"


@pytest.mark.parametrize("name", ["devops", "DevOps", "devops-pack", "DEVOPS-Pack", "qa-testing", "QA-testing-pack"])
def test_a_pack_cannot_pass_for_one_that_comes_with_cowork(name: str) -> None:
    error = refusal(name)
    assert (type(error), error.code) == (Conflict, "install.name_taken")
    assert error.details["taken"] in ("devops", "qa-testing")


def test_that_it_was_promised_makes_a_taken_name_no_better() -> None:
    assert refusal("devops", ("devops",)).code == "install.name_taken"


def test_a_pack_cannot_pass_for_one_of_the_organization(home: Path) -> None:
    pack(home / "org-plugins", "payroll-pack")
    assert refusal("payroll").details == {"name": "payroll", "taken": "payroll-pack"}
    assert refusal("Payroll-Pack").code == "install.name_taken"


def test_a_pack_of_the_users_own_has_no_claim_to_its_name(home: Path) -> None:
    pack(home / "extensions", "notes")
    judge_pack_name("notes")
    assert similar_names("n0tes") == ()


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("dev0ps", "devops"),
        ("dev-ops", "devops"),
        ("dev_ops", "devops"),
        ("dev.ops", "devops"),
        ("DEV0PS", "devops"),
        ("dev0ps-pack", "devops"),
        ("engineerlng", "engineering"),
        ("eng1neering", "engineering"),
        ("saIes-crm", "sales-crm"),
        ("sales-crrn", "sales-crm"),
        ("qatesting", "qa-testing"),
        ("qa-te5ting", "qa-testing"),
    ],
)
def test_a_name_that_looks_like_another_is_warned_about(name: str, known: str) -> None:
    (notice,) = judge_pack_name(name)
    assert similar_names(name) == (notice,)
    assert notice.code == "install.similar_name"
    assert f"'{known}'" in notice.message


def test_vv_looks_like_w(home: Path) -> None:
    pack(home / "org-plugins", "workflow")
    assert [notice.code for notice in similar_names("vvorkflow")] == ["install.similar_name"]


@pytest.mark.parametrize("name", ["notes", "devops-tools", "develops", "engineer", "devops", "sales"])
def test_a_name_of_its_own_is_not_warned_about(name: str) -> None:
    assert similar_names(name) == ()


@given(st.text(max_size=12))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_name_is_judged(name: str) -> None:
    try:
        judge_pack_name(name)
    except CoworkError as error:
        assert error.code in ("install.bad_name", "install.name_taken")
