"""Arguments, variables and shell blocks in the body of a command: each inserted once, and nothing looked at again."""

from __future__ import annotations

import asyncio
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cowork.core.errors import CoworkError, Denied
from cowork.prompts import shell_blocks
from cowork.prompts.arguments import Arguments
from cowork.prompts.expansion import Expanded, expand, prepare
from cowork.prompts.variables import Surroundings, Variables, of

NONE = Variables({})


def filled(body: str, text: str = "alpha beta", **more: object) -> str:
    return prepare(body, Arguments(text, **more)).shown()  # type: ignore[arg-type]


def ran(body: str, text: str = "", outputs: dict[str, str] | None = None) -> Expanded:
    async def check(_: str) -> None:
        return None

    async def run(command: str) -> str:
        return (outputs or {}).get(command, "out")

    return asyncio.run(expand(body, Arguments(text), NONE, check=check, run=run))


# --- arguments


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("zero=$0 one=$1 all=$ARGUMENTS", "zero=alpha one=beta all=alpha beta"),
        ("$ARGUMENTS[0] $ARGUMENTS[1]", "alpha beta"),
        ("$0, $2 and $ARGUMENTS[2]", "alpha, $2 and $ARGUMENTS[2]"),
        ("$0 $10 $01 $99999999999999999999", "alpha $10 beta $99999999999999999999"),
        ("$0 costs $5.00", "alpha costs $5.00"),
        ("$ARGUMENTS ${0} ${ARGUMENTS} $ARGUMENTSX", "alpha beta ${0} ${ARGUMENTS} $ARGUMENTSX"),
        (r"$0 \$1 \$ARGUMENTS \$ARGUMENTS[0]", "alpha $1 $ARGUMENTS $ARGUMENTS[0]"),
        (r"\\$1 $$1", r"\\beta $beta"),
        ("$third $0", "$third alpha"),
    ],
)
def test_arguments_stand_where_their_placeholder_stood(body: str, text: str) -> None:
    assert filled(body) == text


def test_without_arguments_words_stay_and_the_text_is_empty() -> None:
    assert filled("$0 $ARGUMENTS[0] [$ARGUMENTS]", "") == "$0 $ARGUMENTS[0] []"


def test_the_whole_text_keeps_its_quotes() -> None:
    assert filled("$0|$ARGUMENTS", '"a b" c; d | e') == 'a b|"a b" c; d | e'


def test_the_first_word_can_be_number_one() -> None:
    assert filled("$0 $1 $2 $3 $ARGUMENTS[0]", base=1) == "$0 alpha beta $3 alpha"


def test_names_that_the_file_declares_stand_for_words() -> None:
    names = ("first", "second", "first-name", "rest")
    assert filled("$first/$second/$first-name/$firsts/[$rest]", "a b c", names=names) == "a/b/c/$firsts/[]"


def test_what_is_inserted_is_not_expanded_again() -> None:
    assert filled("$0 / $ARGUMENTS", r"'$1 $ARGUMENTS' x") == "$1 $ARGUMENTS / '$1 $ARGUMENTS' x"
    assert filled("$ARGUMENTS", "!`id` ${CLAUDE_PROJECT_DIR}") == "!`id` ${CLAUDE_PROJECT_DIR}"


@pytest.mark.parametrize(
    ("body", "text", "appended"),
    [
        ("Do it.\n", "alpha beta", True),
        ("Do it.\n", "", False),
        ("Do it.\n", "  ", False),
        ("Do $0.\n", "alpha beta", False),
        ("Cost: $5\n", "alpha", True),
        ("!`ls $0`\n", "alpha", False),
    ],
)
def test_arguments_nobody_asked_for_are_appended(body: str, text: str, appended: bool) -> None:
    assert filled(body, text).endswith(f"\n\nARGUMENTS: {text}") is appended


# --- variables

KNOWN = {"project": "/p", "session": "s1", "effort": "high", "skill_directory": "/s", "plugin_root": "/r", "plugin_data": "/d"}
NAMES = "PROJECT_DIR SESSION_ID EFFORT SKILL_DIR PLUGIN_ROOT PLUGIN_DATA"
ALL = " ".join(f"${{CLAUDE_{name}}}" for name in NAMES.split())


def test_variables_count_where_they_mean_something() -> None:
    def text(kind: str, **known: str) -> str:
        return prepare(ALL, Arguments(), of(kind, **known)).shown()  # type: ignore[arg-type]

    assert text("skill", **KNOWN) == "/p s1 high /s /r /d"
    assert text("command", **KNOWN) == "/p s1 high ${CLAUDE_SKILL_DIR} /r /d"
    alone = {**KNOWN, "plugin_root": None}
    assert text("command", **alone).endswith("${CLAUDE_PLUGIN_ROOT} ${CLAUDE_PLUGIN_DATA}")  # type: ignore[arg-type]


def test_the_surroundings_are_inserted_once() -> None:
    there = Surroundings("/w", platform="linux", date="2026-01-31", is_git_repo=True, git_status="?? ${PLATFORM} !`id` $0")
    body = "${WORKING_DIRECTORY} ${PLATFORM} ${DATE} ${CURRENT_YEAR} ${IS_GIT_REPO}\n${GIT_STATUS} ${UNKNOWN}"
    text = prepare(body, Arguments("x"), of("command", there)).pieces[0]
    assert text == "/w linux 2026-01-31 2026 yes\n?? ${PLATFORM} !`id` $0 ${UNKNOWN}"


def test_a_shells_own_variable_is_left_to_it() -> None:
    known = of("command", Surroundings("/w", date="2026-01-31"))
    assert prepare("!`DATE=x; echo ${DATE}`", Arguments(), known).commands == ("DATE=x; echo ${DATE}",)
    assert prepare("!`echo ${DATE} x`", Arguments(), known).commands == ("echo 2026-01-31 x",)


# --- shell blocks


@pytest.mark.parametrize(
    ("body", "commands"),
    [
        ("!`ls`", ["ls"]),
        ("a !`ls -l` b\n!`pwd`", ["ls -l", "pwd"]),
        ("\t!`ls`", ["ls"]),
        ("- !`ls`", ["ls"]),
        ("```\n!`ls`\n```", ["ls"]),
        ("```!\nls\npwd\n```\n", ["ls\npwd"]),
        ("```!  \nls !`pwd`\n  ```\nx", ["ls !`pwd`"]),
        ("key=!`ls`", []),
        ("x!`ls`", []),
        ("(!`ls`", []),
        ('"!`ls`', []),
        ("`!`ls`", []),
        ("! `ls`", []),
        ("!``", []),
        ("!` `", []),
        ("!`ls", []),
        ("!`ls\n`", []),
        ("```!\nls", []),
        ("```!\n\n```", []),
    ],
)
def test_shell_blocks_stand_at_the_start_of_a_line_or_after_a_blank(body: str, commands: list[str]) -> None:
    assert [block.command for block in shell_blocks.find(body)] == commands


def test_a_block_is_replaced_by_its_output_which_is_not_looked_at_again() -> None:
    done = ran("a !`one` $0\n```!\ntwo\n```\nend @x", "w", {"one": "!`two` $0 @secret ${PATH}", "two": "2"})
    assert done.text == "a !`two` $0 @secret ${PATH} w\n2\nend @x"
    assert (done.commands, done.mentions) == (("one", "two"), ("x",))


def test_arguments_never_make_a_block() -> None:
    done = ran("Do $ARGUMENTS and !$0", "`id` !`id`")
    assert (done.text, done.commands) == ("Do `id` !`id` and !`id`", ())


def test_nothing_runs_when_one_command_is_not_allowed() -> None:
    started = []

    async def check(command: str) -> None:
        if command == "rm x":
            raise Denied("rules.denied", "no")

    async def run(command: str) -> str:
        started.append(command)
        return ""

    with pytest.raises(Denied):
        asyncio.run(expand("!`ls` !`rm $0`", Arguments("x"), NONE, check=check, run=run))
    assert started == []


def test_what_is_checked_is_what_runs() -> None:
    checked, started = [], []

    async def check(command: str) -> None:
        checked.append(command)

    async def run(command: str) -> str:
        started.append(command)
        return "x"

    asyncio.run(expand('!`a $0` !`b "$ARGUMENTS"`', Arguments("x; y"), NONE, check=check, run=run))
    assert checked == started == ["a x", 'b ""\'x; y\'""']


def test_files_are_mentioned_by_the_author_and_the_user() -> None:
    prepared = prepare('See @docs/a.md, @$0 and me@example.com\n@"b c.md".\n', Arguments("src/x.py"))
    assert prepared.mentions == ("docs/a.md", "src/x.py", "b c.md")
    assert prepare("Do it", Arguments("with @y.md")).mentions == ("y.md",)


BODIES = st.text(alphabet="ab $`!\n\t'\"\\@{}()[]0A", max_size=60) | st.text(max_size=40)


@given(BODIES, st.text(max_size=30))
def test_any_body_takes_any_arguments(body: str, text: str) -> None:
    try:
        prepared = prepare(body, Arguments(text, names=("a", "b")), of("skill", Surroundings("/w"), skill_directory="/s"))
    except CoworkError as error:
        assert error.code in ("prompt.unsafe_placeholder", "prompt.unsafe_value")
    else:
        assert len(prepared.commands) == len(shell_blocks.find(body))


@pytest.mark.parametrize(
    "piece",
    [
        "```!\n",
        "!`",
        "!`a` ",
        "$0",
        "\\",
        "$ARGUMENTS[",
        "@",
        "@a ",
        "```!\nx\n",
        "`",
        "${",
        "```!\na\n```\n",
        " !`$0 '",
        "a" * 9,
    ],
)
def test_a_megabyte_is_prepared_in_bounded_time(piece: str) -> None:
    body = (piece * (1_000_000 // len(piece)))[:1_000_000]
    started = time.monotonic()
    try:
        prepare(body, Arguments("x y"), of("command", Surroundings("/w")))
    except CoworkError as error:
        assert error.code.startswith("prompt.unsafe")
    assert time.monotonic() - started < 10
