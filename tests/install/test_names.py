"""The names that a pack's files may have: the same file, and only that file, on every system."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cowork.core.errors import InvalidInput
from cowork.core.text import printable
from cowork.install.names import MAX_COMPONENT_BYTES, MAX_DEPTH, MAX_PATH_BYTES, folded, judge_name

REFUSED: dict[str, list[str]] = {
    "path_climbs": [
        *"../evil.md ../../evil docs/../evil.md docs/.. .. . ./a docs/./a docs//a docs/ / // /etc/passwd".split(),
        *"C:/evil.md c:evil.md C: z:a".split(),
        "",
    ],
    "path_backslash": ["..\\evil.md", "docs\\a.md", "C\\:evil", "\\\\server\\share", "a/b\\", "\\"],
    "path_unreadable": ["caf\udce9.md", "docs/\udc80", "\ud800", "a/\udfff/b"],
    "path_git": [
        *".git .git/config .GIT .Git/hooks/pre-commit docs/.git/config docs/.gIt".split(),
        *(".git.", ".git. . .", ".git ", ".git /config", ".git...", "docs/.git ./x"),
        *"git~1 GIT~1 git~2 docs/Git~1/config git~1. git~10".split(),
        *(".git::$INDEX_ALLOCATION", ".git:x", ".GIT::$index_allocation/config", ".git ::$DATA", ".git:"),
        *(f".g{ignored}it" for ignored in "\u200c\u200d\u200e\u200f\u202a\u202e\u206a\u206f\ufeff"),
        *("\u200c.git", ".git\u200d", ".\u200cg\u200di\u200ct/config", ".git.\u200c", "\u200cgit~1"),
    ],
    "path_control": [
        *("\x1b[2Jclear.md", "bell\x07.md", "new\nline.md", "tab\there", "carriage\rreturn", "nul\0.md", "del\x7f", "c1\x9b"),
        *("notes\u202edm.exe", "a\u2066b", "a\u200bb.md", "a\ufeffb.md", "a\u00adb.md", "a\u2028b", "a\u2060b", "a\U000e0041b"),
    ],
    "path_reserved": [
        *"con CON Con.txt prn aux.md docs/AUX.c nul NUL.tar.gz docs/nul/a.md conin$ CONOUT$ clock$".split(),
        *"com1 COM9.log com0 lpt1 LPT9 com¹ COM²  lpt³.txt Lpt¹.md".split(),
        *("con .txt", "nul  .md", "aux ", "com1 "),
        *"a<b a>b ab:c a|b a?b a*b docs/what?.md".split(),
        *('a"b', "trailing.", "trailing ", "docs./a.md", "docs /a.md", "dots...", "notes. "),
    ],
    "path_too_long": [
        "n" * (MAX_COMPONENT_BYTES + 1),
        "ä" * (MAX_COMPONENT_BYTES // 2 + 1),
        "docs/" + "n" * (MAX_COMPONENT_BYTES + 1) + "/a.md",
        "d/" * MAX_DEPTH + "a",
        ("d" * 200 + "/") * 5 + "e" * (MAX_PATH_BYTES - 1_004),
    ],
}
BENIGN = [
    *"README.md CONTRIBUTING.md aux-notes.md auxiliary.md console.log nullable.md con-fig.md com10.md lpt.md com.md".split(),
    *"a docs/a/b/c.md .github/workflows/test.yml .gitignore .gitattributes .mcp.json .claude-plugin/plugin.json".split(),
    *"v1.2.3/notes.v2.md ...hidden ..a a..b .git-blame-ignore-revs gitx git~ git~x digit .gitx agit~1 my.git/x a.git".split(),
    *"größe.md 日本語/読む.md 😀.md Ünïcödé/é.md عربي.md a@b+c=d,e;f'g!h#i$j%k^l&m(n)o[p]q{r}s~t`u-v_w".split(),
    *("with blank.md", " leading.md", "👩\u200d💻.md", "می\u200cخواهم.md", "⚙️.md", "e\u0301.md", "Ⅻ.md", "--option", "-x"),
    "n" * MAX_COMPONENT_BYTES,
    "d/" * (MAX_DEPTH - 1) + "a",
    ("d" * 200 + "/") * 5 + "e" * (MAX_PATH_BYTES - 1_005),
]


@pytest.mark.parametrize("what", REFUSED)
def test_a_name_that_means_something_else_is_refused_by_its_own_code(what: str) -> None:
    for path in REFUSED[what]:
        with pytest.raises(InvalidInput) as caught:
            judge_name(path)
        assert caught.value.code == f"install.{what}", ascii(path)


def test_what_people_call_their_files_is_fine() -> None:
    for path in BENIGN:
        judge_name(path)


def test_a_refusal_names_the_file_without_what_is_wrong_with_it() -> None:
    for path in (path for paths in REFUSED.values() for path in paths):
        with pytest.raises(InvalidInput) as caught:
            judge_name(path)
        said = f"{caught.value.message}{caught.value.cause}{caught.value.hint}{caught.value.details}"
        assert printable(said) == said
        assert len(said) < 600


NAMES = st.one_of(
    st.text(max_size=12),
    st.lists(
        st.sampled_from(
            [
                *"./ .. / // \\ : : .git GIT git ~1 con nul aux com1 ¹ a é e\u0301 ß 日 . | ? \u200c \u202e \0 \udc80".split(),
                " ",
            ]
        ),
        max_size=6,
    ).map("".join),
)


@given(NAMES)
@settings(max_examples=200, deadline=None)
def test_what_is_accepted_is_one_plain_name_after_another(path: str) -> None:
    try:
        judge_name(path)
    except InvalidInput as error:
        assert error.code.startswith("install.path_")
        return
    assert path.encode().decode() == path
    for part in path.split("/"):
        assert part.strip(".")
        assert part not in ("", ".", "..")
        assert part[-1] not in ". "
        assert not set(part) & set('\\:*?"<>|')
        assert not any(unicodedata.category(character) in ("Cc", "Cs") for character in part)
        plain = re.sub("[\u200c\u200d]", "", part).lower().rstrip(". ")
        assert plain != ".git"
        assert part.lower().split(".")[0].rstrip() not in ("con", "prn", "aux", "nul")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("README.md", "readme.MD"),
        ("caf\u00e9.md", "cafe\u0301.md"),
        ("CAF\u00c9.md", "cafe\u0301.md"),
        ("stra\u00dfe", "STRASSE"),
        ("\u212a", "k"),
        ("Σς", "σσ"),
        ("\ufb01le", "FILE"),
        ("\u1e9e", "ss"),
    ],
)
def test_names_that_a_file_system_may_take_for_one_fold_to_one(one: str, other: str) -> None:
    assert folded(one) == folded(other)


@pytest.mark.parametrize(("one", "other"), [("a", "b"), ("é", "e"), ("a.md", "a-md"), ("ａ", "a"), ("І", "I")])
def test_names_that_no_file_system_takes_for_one_stay_apart(one: str, other: str) -> None:
    assert folded(one) != folded(other)


@given(st.text(max_size=20))
def test_folding_is_the_same_for_every_form_of_a_name_and_ends(text: str) -> None:
    assert folded(folded(text)) == folded(text)
    for form in ("NFC", "NFD"):
        assert folded(unicodedata.normalize(form, text)) == folded(text)
    assert folded(text.casefold()) == folded(text)
