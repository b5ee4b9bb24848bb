"""`pack scaffold`: a pack of one's own that is sound from the start, or no trace of one."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cowork.core.errors import CoworkError, InvalidInput
from cowork.formats.cowork_plugin import FILE_NAME
from cowork.install import scaffold as module
from cowork.install.local import list_local
from cowork.install.scaffold import CATEGORIES, scaffold
from cowork.install.scan.scanner import scan
from cowork.install.store import write_file
from tests.core.killing import Point, run_until
from tests.registry.places import pack, skill
from tests.support import run_here, run_program

REHEARSE = ("--provider", "rehearsal")


def manifest(path: str | Path) -> Any:
    return json.loads((Path(path) / FILE_NAME).read_text("utf-8"))


def refusal(*argv: str) -> tuple[int, str]:
    ran = run_here("--json", "pack", "scaffold", *argv)
    return ran.code, ran.document["error"]["code"]


def test_a_new_pack_is_valid_has_nothing_to_mend_and_is_on_at_once(home: Path) -> None:
    made = run_here("pack", "scaffold", "meeting-notes", "--json").data
    assert made["path"] == str(home / "extensions" / "meeting-notes")
    assert made["files"] == sorted(os.listdir(made["path"])) == ["README.md", FILE_NAME]
    assert made["discovered"] is True

    validated = run_here("pack", "validate", "--strict", made["path"], "--json")
    assert (validated.code, validated.data["warnings"], validated.data["notes"]) == (0, 0, 0), validated.out
    linted = run_here("pack", "lint", made["path"], "--json")
    assert (linted.code, linted.data["problems"]) == (0, [])
    assert run_here("pack", "show", "meeting-notes", "--json").data["state"] == "active"
    assert not (home / "staging").exists()


def test_the_scanner_finds_nothing_in_it(home: Path) -> None:
    root = Path(run_here("pack", "scaffold", "meeting-notes", "--json").data["path"])
    assert scan(root, list_local(root)).findings == ()


def test_its_example_skill_renders_and_runs(home: Path) -> None:
    assert run_program("pack", "scaffold", "meeting-notes").code == 0
    rendered = run_program("skill", "render", "meeting-notes-analyze", "--param", "input=We {{context}} talked", "--json")
    assert "We {{context}} talked" in rendered.data["prompt"]
    assert "limits): not specified" in rendered.data["prompt"]
    assert rendered.document["warnings"] == []

    ran = run_program("skill", "run", "meeting-notes-analyze", "--param", "input=The risk is high.", *REHEARSE, "--json")
    assert ran.code == 0, ran.err
    assert "## 2. Findings" in ran.data["output"]
    missing = run_program("skill", "run", "meeting-notes-analyze", *REHEARSE, "--json")
    assert missing.document["error"]["code"] == "skill.missing_parameter"


def test_its_command_its_agent_and_its_questions_work(home: Path) -> None:
    run_here("pack", "scaffold", "meeting-notes")
    assert run_here("run", "/meeting-notes-analyze", "Sales fell", *REHEARSE).code == 0
    assert "Meeting Notes" in run_here("agent", "show", "meeting-notes-assistant", "--json").data["prompt"]
    assert len(manifest(home / "extensions" / "meeting-notes")["tryAsking"]) == 2


def test_what_is_said_of_it_is_in_its_manifest(home: Path) -> None:
    told = ("--display-name", "Café & Co", "--description", "Notes {{so}}", "--category", "engineering", "--icon", "☕️")
    made = run_here("pack", "scaffold", "cafe", *told, "--author", "Ana", "--persona", "software-engineer", "--json")
    assert made.document["warnings"] == []
    document = manifest(made.data["path"])
    assert {key: document[key] for key in ("name", "displayName", "version", "description", "type", "author", "keywords")} == {
        "name": "cafe",
        "displayName": "Café & Co",
        "version": "1.0.0",
        "description": "Notes {{so}}",
        "type": "pack",
        "author": "Ana",
        "keywords": ["cafe"],
    }
    assert (document["icon"], document["category"], document["personaTemplateId"]) == ("☕️", "Engineering", "software-engineer")
    assert run_here("pack", "lint", made.data["path"], "--json").data["problems"] == []
    readme = (Path(made.data["path"]) / "README.md").read_text("utf-8")
    assert readme.startswith("# Café & Co\n\nNotes {{so}}\n")
    assert "cowork skill run cafe-analyze" in readme
    assert "`{{input}}` in a prompt" in readme


def test_what_is_not_said_has_defaults(home: Path) -> None:
    document = manifest(run_here("pack", "scaffold", "sales-2-go", "--json").data["path"])
    found = {key: document[key] for key in ("displayName", "author", "icon", "category")}
    assert found == {"displayName": "Sales 2 Go", "author": "Custom", "icon": "📦", "category": "Custom"}
    assert "personaTemplateId" not in document


def test_without_examples_it_is_empty_and_valid(home: Path) -> None:
    made = run_here("pack", "scaffold", "bare-one", "--no-examples", "--json").data
    document = manifest(made["path"])
    assert (document["skills"], "agentRoles" in document, "slashCommands" in document) == ([], False, False)
    assert run_here("pack", "validate", "--strict", made["path"]).code == 0
    assert run_here("pack", "lint", made["path"], "--json").data["problems"] == []
    assert "cowork pack show bare-one" in (Path(made["path"]) / "README.md").read_text("utf-8")


BAD_NAMES = ["a", "A", "Ab", "1a", "a_b", "a--b", "-ab", "ab-", "a.b", "ä-b", "a b", "", "ab\n", "a" * 65]
PATHS = ["..", "../ab", "/tmp/ab", "a/b", "a\\b", "a/../b"]
DEVICES = ["con", "nul", "aux", "prn", "com1", "lpt9"]


@pytest.mark.parametrize("name", [*BAD_NAMES, *PATHS, *DEVICES])
def test_a_name_is_kebab_case_and_no_path_or_device(name: str, home: Path) -> None:
    assert refusal("--", name) == (4, "scaffold.bad_name")
    assert not home.exists()


@pytest.mark.parametrize("name", ["ab", "a1", "a-1", "console", "com-1", "a" * 64])
def test_names_at_the_edge_are_names(name: str) -> None:
    assert run_here("pack", "scaffold", name, "--dry-run").code == 0


@pytest.mark.parametrize(
    ("typed", "hint"),
    [("My Own_Pack", "my-own-pack"), ("../../etc", "etc"), ("9lives", "lives"), ("NUL", "my-pack"), ("¿", "my-pack")],
)
def test_a_bad_name_comes_with_a_good_one(typed: str, hint: str) -> None:
    ran = run_here("pack", "scaffold", typed, "--json")
    assert ran.document["error"]["hint"] == f"for example: cowork pack scaffold {hint}"


@given(st.text(max_size=80))
def test_every_name_is_accepted_as_a_directory_or_refused_with_one_that_is_accepted(name: str) -> None:
    try:
        assert module._judge_name(name) == name
        assert Path(name).name == name
    except InvalidInput as error:
        assert error.hint is not None
        offered = error.hint.rpartition(" ")[2]
        assert module._judge_name(offered) == offered


@pytest.mark.parametrize("name", ["devops", "devops-pack"])
def test_a_name_of_a_bundled_pack_is_taken_with_and_without_its_ending(name: str, home: Path) -> None:
    ran = run_here("pack", "scaffold", name, "--json")
    error = ran.document["error"]
    assert (ran.code, error["code"], error["details"]["taken"]) == (5, "scaffold.name_taken", "devops")
    assert "cowork pack show devops" in error["hint"]
    assert not (home / "extensions").exists()


@pytest.mark.parametrize("where", ["extensions", "org-plugins"])
def test_so_is_the_name_or_directory_of_a_personal_or_organization_pack(where: str, home: Path) -> None:
    pack(home / where, "house-rules-pack", skill("a"), directory="rules")
    for name in ("house-rules", "house-rules-pack", "rules", "rules-pack"):
        assert refusal(name) == (5, "scaffold.name_taken")


def test_a_name_that_looks_like_another_is_warned_about(home: Path) -> None:
    warnings = run_here("pack", "scaffold", "dev0ps", "--json").document["warnings"]
    assert [warning["code"] for warning in warnings] == ["install.similar_name"]


def test_what_stands_there_already_is_left_alone(home: Path) -> None:
    for name, make in (("empty", Path.mkdir), ("file", Path.touch), ("link", lambda path: path.symlink_to("nowhere"))):
        path = home / "extensions" / f"an-{name}"
        path.parent.mkdir(parents=True, exist_ok=True)
        make(path)
        assert refusal(f"an-{name}") == refusal(f"an-{name}", "--dry-run") == (5, "scaffold.exists")
        assert path.is_symlink() or path.is_file() or not any(path.iterdir())


def test_who_was_faster_keeps_the_place(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def write_and_lose(path: Path, content: bytes, *, executable: bool) -> None:
        write_file(path, content, executable=executable)
        (home / "extensions" / "meeting-notes").mkdir(parents=True, exist_ok=True)

    monkeypatch.setattr(module, "write_file", write_and_lose)
    assert refusal("meeting-notes") == (5, "scaffold.exists")
    assert not any((home / "extensions" / "meeting-notes").iterdir())
    assert not (home / "staging").exists()


def test_another_directory_may_be_named(home: Path, tmp_path: Path) -> None:
    (tmp_path / "repository").mkdir()
    ran = run_here("pack", "scaffold", "meeting-notes", "--in", str(tmp_path / "repository"), "--json")
    assert ran.data["path"] == str(tmp_path / "repository" / "meeting-notes")
    assert ran.data["discovered"] is False
    assert os.listdir(tmp_path / "repository") == ["meeting-notes"]
    assert not (home / "extensions").exists()
    assert run_here("pack", "validate", "--strict", ran.data["path"]).code == 0
    again = run_here("pack", "scaffold", "meeting-notes", "--in", str(tmp_path / "repository"), "--json")
    assert again.document["error"]["code"] == "scaffold.exists"


def test_a_directory_where_cowork_looks_makes_it_discovered(tmp_path: Path) -> None:
    Path(".claude/plugins").mkdir(parents=True)
    assert run_here("pack", "scaffold", "meeting-notes", "--in", ".claude/plugins", "--json").data["discovered"] is True
    assert run_here("skill", "show", "meeting-notes-analyze").code == 0
    assert run_here("pack", "scaffold", "other-notes", "--in", ".claude", "--json").data["discovered"] is False


@pytest.mark.parametrize("directory", ["missing", "", "file"])
def test_the_other_directory_has_to_be_there(directory: str) -> None:
    Path("file").touch()
    assert refusal("meeting-notes", "--in", directory) == (3, "scaffold.no_directory")


@pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="no second file system to test with")
def test_the_other_directory_may_be_on_another_file_system(home: Path) -> None:
    import tempfile

    with tempfile.TemporaryDirectory(dir="/dev/shm") as other:
        assert run_here("pack", "scaffold", "meeting-notes", "--in", other).code == 0
        assert os.listdir(other) == ["meeting-notes"]
        assert len(os.listdir(Path(other) / "meeting-notes")) == 2


def test_a_category_of_ones_own_is_kept_with_a_notice(home: Path) -> None:
    ran = run_here("pack", "scaffold", "meeting-notes", "--category", "Enginering", "--json")
    (warning,) = ran.document["warnings"]
    assert (warning["code"], "did you mean 'Engineering'?" in warning["message"]) == ("scaffold.unusual_category", True)
    assert manifest(ran.data["path"])["category"] == "Enginering"
    assert len(CATEGORIES) == 13


def test_a_persona_has_to_exist(home: Path) -> None:
    ran = run_here("pack", "scaffold", "meeting-notes", "--persona", "sofware-engineer", "--json")
    assert (ran.code, ran.document["error"]["code"]) == (3, "persona.not_found")
    assert ran.document["error"]["hint"] == "did you mean 'software-engineer'?"
    assert not home.exists()


@pytest.mark.parametrize("option", ["--display-name", "--description", "--category", "--icon", "--author"])
@pytest.mark.parametrize(
    "text", ["", "  ", "a\nb", "a\tb", "a\x1b[2Jb", "a\x1cb", "a\u202eb", "a\u200bb", "\udcff", " a", "x" * 301]
)
def test_texts_are_one_visible_line(option: str, text: str, home: Path) -> None:
    ran = run_here("pack", "scaffold", "meeting-notes", option, text, "--json")
    assert (ran.code, ran.document["error"]["code"]) == (4, "scaffold.bad_text")
    assert f"--{ran.document['error']['details']['field'].replace('_', '-')}" == option
    assert not home.exists()


@given(st.dictionaries(st.sampled_from(["display_name", "description", "category", "icon", "author"]), st.text(max_size=20)))
def test_whatever_is_said_either_makes_a_sound_manifest_or_is_refused(texts: dict[str, str]) -> None:
    from cowork.formats.cowork_plugin import problems
    from cowork.install.scaffold_content import Wanted, files_of

    given = {"display_name": "A", "description": "A", "category": "A", "icon": "A", "author": "A", **texts}
    try:
        for what, value in given.items():
            module._text(what.replace("_", " "), value)
    except CoworkError as error:
        assert error.code == "scaffold.bad_text"
        return
    document = json.loads(files_of(Wanted("meeting-notes", persona=None, examples=True, **given))[FILE_NAME])
    assert document["displayName"] == given["display_name"]
    assert list(problems(document, Path(FILE_NAME))) == []


def test_policies_may_forbid_own_packs_or_this_one(home: Path) -> None:
    home.mkdir()
    policies = home / "policies.json"
    policies.write_text('{"version": 2, "general": {"allowCustomPacks": false}}')
    assert refusal("meeting-notes") == (6, "policy.custom_packs_denied")
    policies.write_text('{"version": 2, "packs": {"blocked": ["meeting-notes-pack"]}}')
    assert refusal("meeting-notes") == (6, "policy.pack_denied")
    assert not (home / "extensions").exists()


def test_a_dry_run_tells_and_writes_nothing(home: Path) -> None:
    planned = run_here("pack", "scaffold", "meeting-notes", "--dry-run", "--json").data
    assert planned["dry_run"] is True
    assert not home.exists()
    made = run_here("pack", "scaffold", "meeting-notes", "--json").data
    assert (made["plan"], made["files"]) == (planned["plan"], planned["files"])


def test_where_nothing_can_be_written_nothing_is_left(home: Path) -> None:
    home.mkdir()
    (home / "extensions").touch()
    code, error = refusal("meeting-notes")
    assert (code, error) == (1, "file.not_writable")
    assert not (home / "staging").exists()


CREATE = """
import sys
from cowork.install.scaffold import scaffold
armed()
scaffold("meeting-notes", directory=sys.argv[1] or None)
"""
POINTS = [
    Point("c_call", "mkdir", 5),
    *(Point(event, "fsync", count) for event in ("c_call", "c_return") for count in (1, 2, 3)),
    Point("c_call", "rename"),
    Point("c_return", "rename"),
]


@pytest.mark.parametrize("elsewhere", [False, True])
@pytest.mark.parametrize("point", POINTS, ids=lambda point: f"{point.event}-{point.function}-{point.count}")
def test_a_kill_leaves_the_whole_pack_or_nothing_and_the_next_run_cleans_up(
    point: Point, elsewhere: bool, home: Path, tmp_path: Path
) -> None:
    (tmp_path / "out").mkdir()
    parent = tmp_path / "out" if elsewhere else home / "extensions"
    assert run_until(point, CREATE, str(parent) if elsewhere else ""), "the point was never reached"
    there = [name for name in os.listdir(parent) if name != ".lock"] if parent.exists() else []
    assert there in ([], ["meeting-notes"])
    if there:
        assert sorted(os.listdir(parent / "meeting-notes")) == ["README.md", FILE_NAME]
        assert run_here("pack", "validate", "--strict", str(parent / "meeting-notes")).code == 0
    assert run_here("pack", "scaffold", "another-one").code == 0
    assert not (home / "staging").exists()


def test_a_page_for_a_person_says_what_to_do_next(home: Path, tmp_path: Path) -> None:
    page = run_here("pack", "scaffold", "meeting-notes", "--dry-run").out
    assert "would create meeting-notes" in page
    assert "cowork pack show meeting-notes" in page
    elsewhere = run_here("pack", "scaffold", "meeting-notes", "--in", str(tmp_path)).out
    assert f"cowork pack install {tmp_path}/meeting-notes" in elsewhere


def test_it_is_called_from_code_as_from_the_command_line(home: Path) -> None:
    made, notices = scaffold("meeting-notes", dry_run=True)
    assert (made.name, made.dry_run, notices) == ("meeting-notes", True, ())
