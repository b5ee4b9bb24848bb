"""gh is asked without prompts and without secrets; why it gave no answer is told in words that lead on."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from cowork.twins.evidence import gh
from cowork.twins.evidence.look import Look
from tests.twins.evidence.fake_gh import NOW, FakeGh, fake_gh, look

__all__ = ["fake_gh", "look"]

# As gh 2.23 says it, or as its issues quote it.
COMPLAINTS = {
    "logged_out": [
        (4, "To get started with GitHub CLI, please run:  gh auth login\nAlternatively, populate the GH_TOKEN"),
        (1, "HTTP 401: Bad credentials (https://api.github.com/graphql)\nTry authenticating with:  gh auth login"),
    ],
    "no_repository": [
        (1, "none of the git remotes configured for this repository point to a known GitHub host. Please use `gh auth login`"),
        (1, "failed to determine base repo: none of the git remotes configured for this repository correspond to the GH_HOST"),
        (1, "failed to run git: fatal: not a git repository (or any of the parent directories): .git\n"),
        (1, "no git remotes found"),
    ],
    "rate_limited": [
        (1, "GraphQL: API rate limit exceeded for user ID 1234567"),
        (1, "HTTP 403: API rate limit exceeded for user ID 1234567. (https://api.github.com/repos/acme/shop/actions/runs)"),
        (1, "HTTP 403: You have exceeded a secondary rate limit. Please wait a few minutes before you try again."),
    ],
    "no_network": [
        (1, "error connecting to api.github.com\ncheck your internet connection or https://githubstatus.com"),
        (1, 'Post "https://api.github.com/graphql": dial tcp: lookup api.github.com: no such host'),
        (1, "HTTP 502: 502 Bad Gateway (https://api.github.com/graphql)"),
    ],
    "forbidden": [
        (1, "GraphQL: Could not resolve to a Repository with the name 'acme/shop'. (repository)"),
        (1, "GraphQL: Resource not accessible by personal access token (repository.pullRequests)"),
        (1, "HTTP 403: Resource protected by organization SAML enforcement. You must grant your token access (https://api)"),
    ],
    "old": [(1, "unknown flag: --json\n\nUsage:  gh pr list [flags]")],
    "disabled": [(1, "the 'acme/shop' repository has disabled issues")],
    "failed": [(1, "something that no gh said yet")],
}


def asked(look: Look, **more: str) -> gh.Answer:
    return gh.ask(look, ("pr", "list"), ("number", "title", "mergeable"), needed=("number",), **more)


def refused(look: Look) -> gh.GhFailed:
    with pytest.raises(gh.GhFailed) as caught:
        asked(look)
    return caught.value


@pytest.mark.parametrize(("kind", "status", "said"), [(kind, *case) for kind, cases in COMPLAINTS.items() for case in cases])
def test_each_complaint_has_its_reason(look: Look, fake_gh: FakeGh, kind: str, status: int, said: str) -> None:
    fake_gh.fails("pr-list", status, said)
    assert refused(look).kind == kind


def test_the_hint_for_who_is_logged_out_is_the_command_that_logs_in(look: Look, fake_gh: FakeGh) -> None:
    fake_gh.fails("pr-list", 4, "To get started with GitHub CLI, please run:  gh auth login")
    error = refused(look)
    assert (error.reason, error.hint) == ("gh is not logged in", "gh auth login")


def test_without_gh_the_way_to_it_is_told(look: Look, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    error = refused(look)
    assert error.kind == "absent"
    assert "cli.github.com" in error.hint


def test_it_is_asked_for_json_without_prompts_colours_and_news(look: Look, fake_gh: FakeGh) -> None:
    fake_gh.answers("pr-list", [{"number": 1}])
    assert asked(look).items == [{"number": 1}]
    assert fake_gh.argv("pr-list") == ["pr", "list", "--json", "number,title,mergeable"]
    environment = fake_gh.environment("pr-list")
    assert {environment[name] for name in ("GH_PROMPT_DISABLED", "NO_COLOR", "GH_NO_UPDATE_NOTIFIER")} == {"1"}


def test_it_gets_its_own_login_and_no_other_secret(look: Look, fake_gh: FakeGh, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GH_TOKEN", "GITHUB_TOKEN", "GH_ENTERPRISE_TOKEN", "GH_HOST", "GH_CONFIG_DIR"):
        monkeypatch.setenv(name, "of-gh")
    for name in ("OPENAI_API_KEY", "SLACK_WEBHOOK_URL", "GH_REPO", "GIT_DIR"):
        monkeypatch.setenv(name, "of-others")
    fake_gh.answers("pr-list", [])
    asked(look)
    environment = fake_gh.environment("pr-list")
    assert sorted(name for name, value in environment.items() if value == "of-gh") == [
        "GH_CONFIG_DIR", "GH_ENTERPRISE_TOKEN", "GH_HOST", "GH_TOKEN", "GITHUB_TOKEN",
    ]  # fmt: skip
    assert "of-others" not in environment.values()


def test_a_secret_in_what_it_complains_of_is_not_repeated(look: Look, fake_gh: FakeGh, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GH_TOKEN", "ghs-secret-value-of-mine")
    fake_gh.fails("pr-list", 1, "cannot use ghs-secret-value-of-mine\x1b[31m here")
    assert "[redacted:GH_TOKEN]" in refused(look).reason
    assert "\x1b" not in refused(look).reason


def test_a_field_that_it_does_not_know_is_left_out(look: Look, fake_gh: FakeGh) -> None:
    fake_gh.refuses("pr-list", "mergeable", 'Unknown JSON field: "mergeable"\nAvailable fields:\n  number\n  title\n  url')
    fake_gh.answers("pr-list", [{"number": 1, "title": "a"}])
    assert asked(look) == gh.Answer([{"number": 1, "title": "a"}], ("mergeable",))


def test_a_field_that_is_needed_makes_it_too_old(look: Look, fake_gh: FakeGh) -> None:
    fake_gh.refuses("pr-list", "number", 'Unknown JSON field: "number"\nAvailable fields:\n  title\n  url')
    error = refused(look)
    assert error.kind == "old"
    assert "'number'" in error.reason


@pytest.mark.parametrize("said", ["", "no JSON", "3", "[1]", "[" * 100_000, '"text"', "null"])
def test_an_answer_of_another_form_is_told(look: Look, fake_gh: FakeGh, said: str) -> None:
    fake_gh.answers("pr-list", said)
    assert refused(look).kind == "failed"


def test_one_that_hangs_is_ended_when_the_time_is_over(look: Look, fake_gh: FakeGh) -> None:
    fake_gh.hangs("pr-list")
    hurried = Look(look.root, NOW, seconds=0.2)
    assert refused(hurried).kind == "late"


def test_one_that_says_too_much_is_not_believed(look: Look, fake_gh: FakeGh, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gh, "MOST_SAID_BYTES", 1024)
    fake_gh.answers("pr-list", [{"title": "x" * 2000}])
    assert refused(look).kind == "failed"


def test_where_there_is_no_remote_gh_is_not_asked(tmp_path: Path, fake_gh: FakeGh) -> None:
    def why() -> str:
        with Look(tmp_path, NOW) as looking, pytest.raises(gh.GhFailed) as caught:
            gh.need_repository(looking)
        return caught.value.reason

    assert why() == "this is not a git repository"
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    assert why() == "the repository has no remote"
