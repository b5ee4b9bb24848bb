"""Where a pack comes from: every way to write it has one canonical form, and what is no source is refused by its own code."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cowork.core.errors import CoworkError, Denied, InvalidInput
from cowork.core.text import printable
from cowork.install.sources import ARCHIVES, Source, parse, parse_remote

COMMIT = "0123456789abcdef0123456789abcdef01234567"
START = Path("/projects/notes")

GITHUB = {
    "github:owner/repo": "github:owner/repo",
    "github:owner/repo.git": "github:owner/repo",
    "github:owner/repo/": "github:owner/repo",
    "github:owner/repo@v1.2.3": "github:owner/repo@v1.2.3",
    "github:owner/repo@feature/new-skills": "github:owner/repo@feature/new-skills",
    f"github:owner/repo@{COMMIT}": f"github:owner/repo@{COMMIT}",
    "github:owner/repo/packs/notes": "github:owner/repo/packs/notes",
    "github:owner/repo//packs//notes/": "github:owner/repo/packs/notes",
    "github:owner/repo/packs/my notes@main": "github:owner/repo/packs/my notes@main",
    "github:Owner-1/my.repo_2": "github:Owner-1/my.repo_2",
    "https://github.com/owner/repo": "github:owner/repo",
    "https://github.com/owner/repo/": "github:owner/repo",
    "https://github.com/owner/repo.git": "github:owner/repo",
    "https://github.com/owner/repo@v1": "github:owner/repo@v1",
    "https://github.com/owner/repo.git@v1": "github:owner/repo@v1",
    "https://www.github.com/owner/repo": "github:owner/repo",
    "HTTPS://GitHub.com/owner/repo": "github:owner/repo",
    "https://github.com/owner/repo?tab=readme-ov-file#usage": "github:owner/repo",
    "https://github.com/owner/repo/tree/main": "github:owner/repo@main",
    "https://github.com/owner/repo/tree/main/packs/notes": "github:owner/repo/packs/notes@main",
    "https://github.com/owner/repo/tree/v1.0/packs/": "github:owner/repo/packs@v1.0",
    f"https://github.com/owner/repo/tree/{COMMIT}/packs": f"github:owner/repo/packs@{COMMIT}",
    "https://github.com/owner/repo/blob/main/cowork.plugin.json": "github:owner/repo@main",
    "https://github.com/owner/repo/blob/main/packs/notes/SKILL.md": "github:owner/repo/packs/notes@main",
    "git+https://github.com/owner/repo": "github:owner/repo",
    "git+https://github.com/owner/repo.git@v1": "github:owner/repo@v1",
    "git+https://GitHub.com:443/owner/repo.git//packs/notes@v1": "github:owner/repo/packs/notes@v1",
}
GIT = {
    "git+https://git.example.com/team/notes": "git+https://git.example.com/team/notes",
    "git+https://git.example.com/team/notes/": "git+https://git.example.com/team/notes",
    "git+https://GIT.Example.COM/Team/Notes": "git+https://git.example.com/Team/Notes",
    "git+https://git.example.com:8443/notes": "git+https://git.example.com:8443/notes",
    "git+https://git.example.com:443/notes": "git+https://git.example.com/notes",
    "git+https://git.example.com/deep/er/notes.git//packs/a@v1": "git+https://git.example.com/deep/er/notes.git//packs/a@v1",
    "https://git.example.com/notes.git": "git+https://git.example.com/notes.git",
    "https://git.example.com/notes.git@v1": "git+https://git.example.com/notes.git@v1",
    "https://git.example.com/notes.git//packs/a": "git+https://git.example.com/notes.git//packs/a",
    "git+https://github.com/owner/repo/more": "git+https://github.com/owner/repo/more",
    "git+ssh://git@git.example.com/team/notes.git": "git+ssh://git@git.example.com/team/notes.git",
    "git+ssh://git@git.example.com:22/notes": "git+ssh://git@git.example.com/notes",
    "git+ssh://git@git.example.com:2222/notes@v1": "git+ssh://git@git.example.com:2222/notes@v1",
    "git+ssh://git.example.com/notes": "git+ssh://git.example.com/notes",
    "SSH://git@git.example.com/notes": "git+ssh://git@git.example.com/notes",
    "ssh://git@git.example.com/notes": "git+ssh://git@git.example.com/notes",
    "git@git.example.com:team/notes.git": "git+ssh://git@git.example.com/team/notes.git",
    "git@GIT.example.com:team/notes.git@v1": "git+ssh://git@git.example.com/team/notes.git@v1",
    "git@git.example.com:team/notes//packs/a@v1": "git+ssh://git@git.example.com/team/notes//packs/a@v1",
    "git@github.com:owner/repo.git": "git+ssh://git@github.com/owner/repo.git",
    "git@[2001:db8::1]:team/notes": "git+ssh://git@[2001:db8::1]/team/notes",
}
DOWNLOADS = {
    "https://example.com/packs/cowork.plugin.json": ("manifest", "https://example.com/packs/cowork.plugin.json"),
    "https://Example.COM:443/cowork.plugin.json#top": ("manifest", "https://example.com/cowork.plugin.json"),
    "https://raw.githubusercontent.com/o/r/main/cowork.plugin.json": (
        "manifest",
        "https://raw.githubusercontent.com/o/r/main/cowork.plugin.json",
    ),
    "https://example.com/notes.zip": ("archive", "https://example.com/notes.zip"),
    "https://example.com/notes.tar.gz": ("archive", "https://example.com/notes.tar.gz"),
    "https://example.com/notes.tgz": ("archive", "https://example.com/notes.tgz"),
    "https://example.com/Notes.ZIP": ("archive", "https://example.com/Notes.ZIP"),
    "https://example.com/notes.zip?version=2": ("archive", "https://example.com/notes.zip?version=2"),
    "https://example.com:8443/notes.zip": ("archive", "https://example.com:8443/notes.zip"),
    "https://example.git//notes.zip": ("archive", "https://example.git//notes.zip"),
    "HTTPS://EXAMPLE.com/notes.zip": ("archive", "https://example.com/notes.zip"),
    "https://bücher.example/notes.zip": ("archive", "https://xn--bcher-kva.example/notes.zip"),
    "https://example.com/größe.zip": ("archive", "https://example.com/gr%C3%B6%C3%9Fe.zip"),
    "https://github.com/owner/repo/archive/refs/tags/v1.tar.gz": (
        "archive",
        "https://github.com/owner/repo/archive/refs/tags/v1.tar.gz",
    ),
    "https://github.com/owner/repo/releases/download/v1/notes.zip": (
        "archive",
        "https://github.com/owner/repo/releases/download/v1/notes.zip",
    ),
}
LOCAL = {
    ".": "/projects/notes",
    "./": "/projects/notes",
    "..": "/projects",
    "./pack": "/projects/notes/pack",
    "./pack/": "/projects/notes/pack",
    "../other": "/projects/other",
    "./a/../b": "/projects/notes/b",
    "./a/./b//c": "/projects/notes/a/b/c",
    "../../../../etc": "/etc",
    "/srv/packs/notes": "/srv/packs/notes",
    "//srv/packs": "/srv/packs",
    "./my notes": "/projects/notes/my notes",
    "./größe/日本語": "/projects/notes/größe/日本語",
    "./notes@v1": "/projects/notes/notes@v1",
    "./~": "/projects/notes/~",
    "./~nobody-by-this-name/pack": "/projects/notes/~nobody-by-this-name/pack",
    "./notes.zip": "/projects/notes/notes.zip",
    "./A:/B": "/projects/notes/A:/B",
    "./-option": "/projects/notes/-option",
}
CATALOGUE = [
    "devops",
    "devops@1.2.3",
    "devops@^1.2",
    "devops@>=1,<2",
    "devops@>= 1.2",
    "devops@1.x",
    "devops@*",
    "acme/devops@~1",
]

REFUSED = {
    "nothing": ("", "source.empty"),
    "option": ("--upload-pack=touch evil", "source.option_like"),
    "short option": ("-u./evil", "source.option_like"),
    "dash": ("-", "source.option_like"),
    "ext transport": ("ext::sh -c touch% evil", "source.transport"),
    "fd transport": ("fd::17/notes", "source.transport"),
    "git+ext transport": ("git+ext::sh", "source.transport"),
    "remote helper over https": ("testgit::https://example.com/x", "source.transport"),
    "double colon in a path": ("git+https://example.com/a::b", "source.transport"),
    "double colon behind a bracket": ("git+https://example.com/x[a::b", "source.transport"),
    "file transport": ("file:///etc", "source.transport"),
    "git+file transport": ("git+file:///srv/notes", "source.transport"),
    "git transport": ("git://example.com/notes", "source.transport"),
    "ftp": ("ftp://example.com/notes.zip", "source.transport"),
    "javascript": ("javascript://example.com/notes.zip", "source.transport"),
    "plain http archive": ("http://example.com/notes.zip", "source.plain_http"),
    "plain http git": ("git+http://example.com/notes", "source.plain_http"),
    "plain http manifest": ("http://example.com/cowork.plugin.json", "source.plain_http"),
    "loopback": ("https://127.0.0.1/notes.zip", "source.private_address"),
    "address of a documentation": ("git+https://192.0.2.7/notes", "source.private_address"),
    "loopback by name": ("git+https://localhost/notes", "source.private_address"),
    "metadata service": ("git+https://169.254.169.254/notes", "source.private_address"),
    "loopback of IPv6": ("git+https://[::1]/notes", "source.private_address"),
    "decimal host": ("https://2130706433/notes.zip", "source.bad_url"),
    "user in https": ("git+https://user@example.com/notes", "source.credentials"),
    "password in https": ("git+https://user:secret@example.com/notes", "source.credentials"),
    "token in https": ("https://ghp_token@example.com/notes.git", "source.credentials"),
    "empty user": ("git+https://@example.com/notes", "source.credentials"),
    "password on GitHub": ("https://user:secret@github.com/owner/repo", "source.credentials"),
    "token on GitHub": ("git+https://ghp_token@github.com/owner/repo", "source.credentials"),
    "password in an archive": ("https://user:secret@example.com/notes.zip", "source.credentials"),
    "password in a manifest": ("https://user:secret@example.com/cowork.plugin.json", "source.credentials"),
    "password in ssh": ("git+ssh://git:secret@example.com/notes", "source.credentials"),
    "password in scp form": ("git:secret@example.com:notes", "source.credentials"),
    "backslash": ("https://example.com\\@evil.example/notes.zip", "source.bad_characters"),
    "backslash in a local path": ("./a\\..\\b", "source.bad_characters"),
    "newline": ("github:owner/repo\n--upload-pack=x", "source.bad_characters"),
    "nul": ("./a\0b", "source.bad_characters"),
    "escape": ("github:owner/\x1b[2Jrepo", "source.bad_characters"),
    "bidi override": ("github:owner/\u202eoper", "source.bad_characters"),
    "zero-width space": ("git+https://exa\u200bmple.com/notes", "source.bad_characters"),
    "zero-width joiner": ("github:owner/re\u200dpo", "source.bad_characters"),
    "no-break space": ("github:owner/re\u00a0po", "source.bad_characters"),
    "lone surrogate": ("github:owner/\udc80", "source.bad_characters"),
    "blank in an address": ("git+https://example.com/no tes", "source.bad_characters"),
    "too long": ("./" + "a" * 2_000, "source.bad_characters"),
    "full-width letters": ("github:ｏwner/repo", "source.unknown"),
    "Cyrillic owner": ("github:\u043ewner/repo", "source.unknown"),
    "full-width slash": ("github:owner／repo", "source.unknown"),
    "international git host": ("git+https://bücher.example/notes", "source.unknown"),
    "owner only": ("github:owner", "source.unknown"),
    "owner like an option": ("github:-owner/repo", "source.unknown"),
    "owner too long": (f"github:{'a' * 40}/repo", "source.unknown"),
    "repository is ..": ("github:owner/..", "source.unknown"),
    "repository is .git": ("github:owner/.git", "source.unknown"),
    "repository is .git, by git": ("git+https://github.com/owner/.git", "source.unknown"),
    "repository ends in .git twice": ("github:owner/repo.git.git", "source.unknown"),
    "owner with a colon, by git": ("git+https://github.com/ow:ner/repo", "source.unknown"),
    "host like an option": ("git+ssh://-oProxyCommand=x/notes", "source.unknown"),
    "host like an option, with a user": ("git+ssh://git@-oProxyCommand=x/notes", "source.unknown"),
    "scp host like an option": ("git@-oProxyCommand=x:notes", "source.unknown"),
    "user like an option": ("git+ssh://-oProxyCommand@example.com/notes", "source.unknown"),
    "scp user like an option": ("git+ssh://-l@example.com:notes", "source.unknown"),
    "port that is no number": ("git+https://example.com:evil/notes", "source.unknown"),
    "port beyond the last": ("git+ssh://git@example.com:65536/notes", "source.bad_url"),
    "port 0": ("git+ssh://git@example.com:0/notes", "source.bad_url"),
    "port of https beyond the last": ("git+https://example.com:99999/notes", "source.bad_url"),
    "GitHub page": ("https://github.com/owner/repo/pull/3", "source.unknown"),
    "GitHub owner": ("https://github.com/owner", "source.unknown"),
    "GitHub tree without a ref": ("https://github.com/owner/repo/tree", "source.unknown"),
    "other page": ("https://example.com/notes", "source.unknown"),
    "page after another host": ("https://example.com/github.com/owner/repo", "source.unknown"),
    "capitals": ("DevOps", "source.unknown"),
    "home of another": ("~root/pack", "source.unknown"),
    "two slashes": ("a/b/c", "source.unknown"),
    "path that climbs": ("github:owner/repo/../other", "source.bad_path"),
    "path that climbs later": ("github:owner/repo/a/../../b@v1", "source.bad_path"),
    "path with a dot": ("github:owner/repo/./a", "source.bad_path"),
    "path like an option": ("github:owner/repo/--output", "source.bad_path"),
    "path with a colon": ("github:owner/repo/a:b", "source.bad_path"),
    "git path that climbs": ("git+https://example.com/notes//../a", "source.bad_path"),
    "web path that climbs": ("https://github.com/owner/repo/tree/main/../../x", "source.bad_path"),
    "repository that climbs": ("git+https://example.com/../notes", "source.bad_path"),
    "repository like an option": ("git+https://example.com/-notes", "source.bad_path"),
    "scp path like an option": ("git@example.com:-oProxyCommand=x/notes", "source.bad_path"),
    "query of a repository": ("git+https://example.com/notes?x=1", "source.bad_path"),
    "escapes in a repository": ("git+https://example.com/%2e%2e/notes", "source.bad_path"),
    "ref like an option": ("github:owner/repo@--upload-pack=x", "source.bad_ref"),
    "ref of one dash": ("git+https://example.com/notes@-x", "source.bad_ref"),
    "web ref like an option": ("https://github.com/owner/repo/tree/-x/a", "source.bad_ref"),
    "later part like an option": ("github:owner/repo@a/-x", "source.bad_ref"),
    "forced refspec": ("github:owner/repo@+main", "source.bad_ref"),
    "refspec": ("github:owner/repo@main:refs/heads/x", "source.bad_ref"),
    "ref that climbs": ("github:owner/repo@a/../b", "source.bad_ref"),
    "range of commits": ("github:owner/repo@a..b", "source.bad_ref"),
    "ref of a lock": ("github:owner/repo@v1.lock", "source.bad_ref"),
    "part of a lock": ("github:owner/repo@a.lock/b", "source.bad_ref"),
    "hidden ref": ("github:owner/repo@a/.b", "source.bad_ref"),
    "ref that ends in a dot": ("github:owner/repo@v1.", "source.bad_ref"),
    "ref that ends in a slash": ("github:owner/repo@v1/", "source.bad_ref"),
    "reflog": ("github:owner/repo@main@{1}", "source.bad_ref"),
    "parent": ("github:owner/repo@main^", "source.bad_ref"),
    "wildcard": ("github:owner/repo@v*", "source.bad_ref"),
    "blank in a ref": ("github:owner/repo@a b", "source.bad_ref"),
    "ref too long": (f"github:owner/repo@{'a' * 201}", "source.bad_ref"),
}
DENIED = ("source.transport", "source.credentials", "source.plain_http", "source.private_address")


@pytest.mark.parametrize(("text", "canonical"), GITHUB.items(), ids=str)
def test_a_repository_on_github_has_one_form(text: str, canonical: str) -> None:
    assert parse(text).canonical == canonical
    assert parse(text).kind == "github"


@pytest.mark.parametrize(("text", "canonical"), GIT.items(), ids=str)
def test_any_git_repository_has_one_form(text: str, canonical: str) -> None:
    assert parse(text).canonical == canonical
    assert parse(text).kind == "git"


@pytest.mark.parametrize(("text", "expected"), DOWNLOADS.items(), ids=str)
def test_archives_and_manifests_are_addresses_in_one_spelling(text: str, expected: tuple[str, str]) -> None:
    assert (parse(text).kind, parse(text).canonical) == expected


@pytest.mark.parametrize(("text", "path"), LOCAL.items(), ids=str)
def test_a_local_path_becomes_absolute_without_looking_at_it(text: str, path: str) -> None:
    assert parse(text, start=START) == Source("local", path)


@pytest.mark.parametrize("text", CATALOGUE)
def test_what_is_no_path_and_no_address_is_an_entry_of_a_catalogue(text: str) -> None:
    found = parse(text)
    assert (found.kind, found.canonical) == ("catalogue", text)


def test_the_canonical_form_stands_for_itself() -> None:
    for text in (*GITHUB.values(), *GIT.values(), *(url for _, url in DOWNLOADS.values()), *LOCAL.values(), *CATALOGUE):
        assert parse(text).canonical == text


@pytest.mark.parametrize(("text", "code"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_source_is_refused_by_its_own_code(text: str, code: str) -> None:
    with pytest.raises(CoworkError) as caught:
        parse(text)
    assert caught.value.code == code
    assert isinstance(caught.value, Denied if code in DENIED else InvalidInput)
    assert caught.value.hint


def test_a_refusal_shows_no_password_and_nothing_that_drives_a_terminal() -> None:
    for text, code in REFUSED.values():
        with pytest.raises(CoworkError) as caught:
            parse(text)
        said = f"{caught.value.message} {caught.value.cause} {caught.value.hint} {caught.value.details}"
        assert printable(said) == said
        assert len(said) < 500
        assert code != "source.credentials" or "secret" not in said


def test_the_home_directory_is_the_users(tmp_path: Path) -> None:
    assert parse("~").url == str(tmp_path / "user")
    assert parse("~/packs/../notes").url == str(tmp_path / "user" / "notes")


def test_local_paths_start_at_the_working_directory(tmp_path: Path) -> None:
    assert parse("./notes").url == str(tmp_path / "work" / "notes")


def test_a_link_on_the_way_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "work" / "link").symlink_to("/etc")
    assert parse("./link/../notes").url == str(tmp_path / "work" / "notes")


@pytest.mark.parametrize("name", ["back\\slash", "two::colons", "new\nline"])
def test_a_working_directory_that_no_lockfile_could_name_is_refused(name: str) -> None:
    with pytest.raises(CoworkError) as caught:
        parse("./notes", start=Path("/srv") / name)
    assert caught.value.code in ("source.bad_characters", "source.transport")


def test_owner_and_repository_without_a_prefix_are_an_entry_of_a_registry_and_a_path_gets_a_hint() -> None:
    assert parse("owner/repo").kind == "catalogue"
    with pytest.raises(InvalidInput) as caught:
        parse("Owner/Repo")
    assert caught.value.hint == "did you mean github:Owner/Repo?"


def test_plain_http_and_private_addresses_are_for_hosts_that_the_user_trusts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COWORK_PRIVATE_HOSTS", "127.0.0.1:8080,git.internal")
    assert parse("http://127.0.0.1:8080/notes.zip").canonical == "http://127.0.0.1:8080/notes.zip"
    assert parse("git+http://git.internal:80/notes").canonical == "git+http://git.internal/notes"
    with pytest.raises(Denied):
        parse("http://127.0.0.1:8081/notes.zip")


@pytest.mark.parametrize(
    ("text", "is_commit"),
    [
        (f"github:o/r@{COMMIT}", True),
        (f"github:o/r@{COMMIT[:39]}", False),
        (f"github:o/r@{COMMIT.upper()}", False),
        ("github:o/r@v1", False),
        ("github:o/r", False),
    ],
)
def test_only_forty_hex_digits_are_a_commit(text: str, is_commit: bool) -> None:
    assert parse(text).is_commit is is_commit


def test_the_base_leaves_out_the_ref_only() -> None:
    assert parse("github:owner/repo/packs@v1").base == "github:owner/repo/packs"
    assert parse("git+https://example.com/notes//packs@v1").base == "git+https://example.com/notes//packs"
    assert parse("devops@^1").base == "devops"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("github:owner/repo", "repo"),
        ("github:owner/repo/packs/notes@v1", "notes"),
        ("git+https://example.com/team/notes.git", "notes"),
        ("git@example.com:notes", "notes"),
        ("https://example.com/notes.zip", "notes"),
        ("https://example.com/notes-1.0.tar.gz?download=1", "notes-1.0"),
        ("/srv/notes/", "notes"),
        ("/srv/notes.tgz", "notes"),
        ("acme/devops@1", "devops"),
    ],
)
def test_a_source_is_called_by_the_last_part_of_its_address(text: str, name: str) -> None:
    assert parse(text).name == name


@pytest.mark.parametrize("text", ["/etc", "~/.ssh", "./notes.zip", "devops", "acme/devops"])
def test_who_lists_packs_may_not_name_what_lies_on_this_machine(text: str) -> None:
    with pytest.raises(Denied) as caught:
        parse_remote(text)
    assert caught.value.code == "source.transport"


def test_who_lists_packs_may_name_addresses() -> None:
    assert parse_remote("github:owner/repo@v1") == parse("github:owner/repo@v1")
    assert parse_remote("https://example.com/notes.zip").kind == "archive"


STARTS = st.sampled_from(
    [
        *"github:owner/repo github: https://github.com/owner/repo/ git+https://github.com/o/r git@example.com:".split(),
        *"git+https://example.com:443/notes git+ssh://git@example.com:22/ https://example.com/ HTTPS://Example.com/".split(),
        *"./ ../ / devops acme/a@".split(),
        "",
    ]
)
PIECES = st.sampled_from(
    "/ / // .. . ~ - -- + @ @ : ? # % [ ] [::1] .git tree/ blob/ main v1 packs notes ä 日本 e\u0301 😀 ^1 * >= =".split()
)
NASTY = st.sampled_from(["", "", " ", "\\", "\0", "\n", "\u200b", "\u200d", "::", "user:pw@", "://", "\udc80", COMMIT])
ENDS = st.sampled_from(["", "", "@v1", f"@{COMMIT}", ".git", ".zip", ".tar.gz", "/cowork.plugin.json"])
TEXTS = st.one_of(
    st.text(max_size=30),
    st.builds("{}{}{}".format, STARTS, st.lists(PIECES, max_size=5).map("".join), ENDS),
    st.builds("{}{}{}{}".format, STARTS, st.lists(PIECES, max_size=4).map("".join), NASTY, ENDS),
)


@given(TEXTS)
@settings(max_examples=300, deadline=None)
@example("git+https://github.com/a:b/r")
@example("git+https://github.com/o/.git")
@example("./~nobody")
def test_whatever_is_accepted_is_harmless_and_stands_for_itself(text: str) -> None:
    try:
        found = parse(text, start=START)
    except CoworkError:
        return
    canonical = found.canonical
    assert parse(canonical).canonical == canonical
    assert parse(canonical) == found
    assert not text.startswith("-")
    assert canonical.isprintable()
    assert "::" not in re.sub(r"\[[0-9a-fA-F:.]+\]", "", canonical)
    assert not any(unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp") for character in canonical)
    parts = found.path.split("/")
    assert ".." not in parts
    assert not any(part.startswith("-") for part in parts)
    assert found.kind == "catalogue" or not (found.ref or "").startswith("-")
    if found.kind in ("git", "archive", "manifest"):
        scheme, _, rest = found.url.partition("://")
        user, _, host = rest.partition("/")[0].rpartition("@")
        assert scheme in ("https", "ssh")
        assert host[0] != "-"
        assert re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]*" if scheme == "ssh" and user else "", user)
    if found.kind in ("archive", "manifest"):
        assert found.url.partition("?")[0].lower().endswith((*ARCHIVES, ".json"))
    if found.kind == "local":
        assert found.url.startswith("/")
        assert ".." not in found.url.split("/")
