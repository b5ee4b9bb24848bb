"""The git server of the tests: what it serves is what real git clones, and its tricks reach the client."""

from __future__ import annotations

import gzip
import http.client
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from tests.install.git_repo import Repo, clean_env, git, make_repo
from tests.install.git_server import GitServer, git_server

FILES = {"README.md": "Hello\n", "bin/run": "#!/bin/sh\n", "data.bin": bytes(range(256))}


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[GitServer, Repo]]:
    """A server with one repository of two commits, the first of them tagged."""
    repo = make_repo(tmp_path / "srv", "pack", FILES, executable=["bin/run"], tags=["v1"])
    repo.commit({**FILES, "README.md": "Hello again\n"})
    with git_server(tmp_path / "srv") as server:
        yield server, repo


def refused(*argv: str, cwd: Path | None = None) -> str:
    """What git says when it fails."""
    done = subprocess.run(["git", *argv], cwd=cwd, capture_output=True, env=clean_env(), timeout=30)
    assert done.returncode
    return done.stderr.decode()


def fetch_by_sha(server: GitServer, into: Path, sha: str) -> tuple[str, ...]:
    git("init", "-q", "--bare", str(into))
    return ("-C", str(into), "fetch", "-q", "--depth=1", server.url("pack"), f"{sha}:refs/pin")


def test_a_clone_holds_the_files_of_the_last_commit(served: tuple[GitServer, Repo], tmp_path: Path) -> None:
    server, repo = served
    git("clone", "-q", server.url("pack"), str(tmp_path / "copy"))
    assert (tmp_path / "copy/README.md").read_text() == "Hello again\n"
    assert (tmp_path / "copy/data.bin").read_bytes() == FILES["data.bin"]
    assert (tmp_path / "copy/bin/run").stat().st_mode & 0o100
    assert git("rev-parse", "HEAD", cwd=tmp_path / "copy") == repo.head
    assert server.requests[0] == "GET /pack.git/info/refs?service=git-upload-pack"


def test_https_works_for_who_trusts_the_authority_and_for_nobody_else(tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    make_repo(tmp_path / "srv", "pack", FILES)
    with git_server(tmp_path / "srv", tls=authority) as server:
        assert server.url("pack").startswith("https://127.0.0.1:")
        assert "certificate" in refused("clone", "-q", server.url("pack"), str(tmp_path / "no"))
        git("-c", f"http.sslCAInfo={tmp_path / 'ca.pem'}", "clone", "-q", server.url("pack"), str(tmp_path / "copy"))
    assert (tmp_path / "copy/README.md").exists()


def test_one_commit_can_be_fetched_by_its_id(served: tuple[GitServer, Repo], tmp_path: Path) -> None:
    server, repo = served
    first = repo.resolve("v1")
    git(*fetch_by_sha(server, tmp_path / "bare", first))
    assert git("-C", str(tmp_path / "bare"), "rev-list", "--all") == first


def test_a_server_may_refuse_ids_but_not_its_tips(served: tuple[GitServer, Repo], tmp_path: Path) -> None:
    server, repo = served
    old = repo.force_push({"other": "history"})
    repo.force_push({"newest": "history"})
    repo.refuse_sha_wants()
    assert "unadvertised object" in refused(*fetch_by_sha(server, tmp_path / "no", old))
    git(*fetch_by_sha(server, tmp_path / "yes", repo.head))
    repo.refuse_sha_wants(False)
    git(*fetch_by_sha(server, tmp_path / "unreachable", old))


def test_the_same_files_give_the_same_commit(tmp_path: Path) -> None:
    one, other = (make_repo(tmp_path / side, "pack", FILES) for side in "ab")
    assert one.head == other.head
    assert one.commit(FILES, "Again") != one.commit(FILES, "Again")


def test_tags_move_and_may_be_annotated(tmp_path: Path) -> None:
    repo = make_repo(tmp_path, "pack", FILES, tags=["v1"], branch="trunk")
    first = repo.head
    second = repo.commit({"README.md": "two"})
    assert repo.resolve("v1") == first
    assert repo.move_tag("v1") == second
    assert repo.tag("v2", first, annotated=True) != first
    assert repo.resolve("v2^{}") == first


def test_names_of_files_may_be_odd(tmp_path: Path) -> None:
    names = ['"quoted', "two\nlines", "bl ank", "ä", "back\\slash"]
    repo = make_repo(tmp_path, "odd", dict.fromkeys(names, ""))
    assert sorted(repo.git("ls-tree", "-z", "--name-only", "HEAD").split("\0")[:-1]) == sorted(names)


def test_a_question_may_arrive_in_chunks_and_compressed(served: tuple[GitServer, Repo]) -> None:
    server, repo = served
    question = gzip.compress(b"0014command=ls-refs\n0000")
    headers = {
        "git-protocol": "version=2",
        "content-type": "application/x-git-upload-pack-request",
        "content-encoding": "gzip",
        "transfer-encoding": "chunked",
    }
    connection = http.client.HTTPConnection(server.host, timeout=10)
    pieces = (question[place : place + 7] for place in range(0, len(question), 7))
    connection.request("POST", "/pack.git/git-upload-pack", body=pieces, headers=headers, encode_chunked=True)
    assert f"{repo.head} refs/heads/main" in connection.getresponse().read().decode()
    connection.close()


def test_failures_are_answered_once_each(served: tuple[GitServer, Repo]) -> None:
    server, repo = served
    server.fail_next(503)
    assert "503" in refused("ls-remote", server.url("pack"))
    assert repo.head in git("ls-remote", server.url("pack"))


def test_a_redirect_leads_elsewhere(served: tuple[GitServer, Repo]) -> None:
    server, repo = served
    server.redirect("/old.git", server.url("pack"))
    assert repo.head in git("ls-remote", server.url("old"))
    assert "302" in refused("-c", "http.followRedirects=false", "ls-remote", server.url("old"))


def test_something_may_happen_just_before_a_request(served: tuple[GitServer, Repo]) -> None:
    server, repo = served
    server.before("info/refs", repo.delete_branch)
    assert "refs/heads/main" not in git("ls-remote", server.url("pack"))


def test_a_dripping_server_ends_with_its_block(tmp_path: Path) -> None:
    make_repo(tmp_path, "pack", FILES)
    with git_server(tmp_path) as server:
        server.drip(60)
        waiting = subprocess.Popen(["git", "ls-remote", server.url("pack")], env=clean_env(), stderr=subprocess.DEVNULL)
        while not server.requests:
            assert waiting.poll() is None
    assert waiting.wait(10)


def test_a_flood_is_good_until_the_client_has_enough(served: tuple[GitServer, Repo], tmp_path: Path) -> None:
    server, repo = served
    server.flood()
    command = fetch_by_sha(server, tmp_path / "bare", repo.head)
    limited = ["sh", "-c", 'ulimit -f 2000 && exec git "$@"', "git", *command]  # in blocks of at least 512 bytes
    done = subprocess.run(limited, capture_output=True, env=clean_env(), timeout=30)
    assert done.returncode
    (pack,) = (tmp_path / "bare/objects/pack").glob("tmp_pack_*")  # index-pack was still writing when it was killed
    assert pack.stat().st_size >= 2000 * 512


def test_branches_without_end_end_when_the_client_leaves(served: tuple[GitServer, Repo]) -> None:
    server, _ = served
    server.flood_refs()
    connection = http.client.HTTPConnection(server.host, timeout=10)
    connection.request("GET", "/pack.git/info/refs?service=git-upload-pack")
    assert connection.getresponse().read(3_000_000).count(b"refs/heads/") > 2000
    connection.close()


def test_a_server_speaks_its_own_words(served: tuple[GitServer, Repo]) -> None:
    server, _ = served
    server.say_error("pay \x1b[2J first")
    assert "remote error: pay" in refused("ls-remote", server.url("pack"))


def test_what_is_not_there_is_404(served: tuple[GitServer, Repo]) -> None:
    assert "not found" in refused("ls-remote", served[0].url("nothing"))
