"""Secrets of the environment: never handed to child processes, never shown, however they are spelled."""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
import sys
import time
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cowork.core.secrets import Redactor, child_environment, is_secret
from cowork.models import catalogue

CANARY = 'cAn4ry/+v&lue="x" ü\'9'


@pytest.mark.parametrize(
    "name",
    "OPENAI_API_KEY openai_api_key MY_TOKEN TOKEN SECRET_SAUCE DB_PASSWORD PASSWD PGPASSWORD MYSQL_PWD APP_PASS "
    "GOOGLE_APPLICATION_CREDENTIALS BASIC_AUTH OAUTH_THING SESSION_COOKIE SENTRY_DSN AWS_PROFILE AWS_SECRET_ACCESS_KEY "
    "GH_TOKEN GITHUB_TOKEN GH_ENTERPRISE SLACK_WEBHOOK_URL GPG_PASSPHRASE NPM_CONFIG__AUTH CI_JOB_JWT DEPLOY_PAT".split(),
)
def test_names_of_secrets(name: str) -> None:
    assert is_secret(name, "whatever it is")


@pytest.mark.parametrize(
    "name",
    "PATH HOME LANG LC_ALL TERM USER SHELL PWD OLDPWD TMPDIR EDITOR VIRTUAL_ENV SSH_AUTH_SOCK GIT_AUTHOR_NAME AWS_REGION "
    "COMPASS PASSENGER XDG_SESSION_ID COWORK_PRIVATE_HOSTS CI SSL_CERT_FILE GOPATH JAVA_HOME".split(),
)
def test_names_of_what_programs_need(name: str) -> None:
    assert not is_secret(name, "whatever it is")


@pytest.mark.parametrize(
    "value",
    [
        "postgres://user:pass@db.example/app",
        "https://oauth2:abc@git.example/x.git",
        "redis://:pass@127.0.0.1:6379/0",
        "https://0123456789abcdef0123456789@sentry.example/1",
        "sk-" + "a1" * 12,
        "ghp_abcdefghijklmnop1234",
        "AKIAABCDEFGHIJKLMNOPQRST",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.x",
        "-----BEGIN RSA PRIVATE KEY-----\nabc",
    ],
)
def test_a_value_can_be_a_secret_whatever_its_name(value: str) -> None:
    assert is_secret("HARMLESS", value)
    assert is_secret("PWD", value)


def test_an_address_without_a_password_is_none() -> None:
    assert not is_secret("SERVICE_URL", "https://example.org/a?b=c@d")
    assert not is_secret("REMOTE", "ssh://git@example.org/x")


def test_a_child_is_given_what_is_no_secret() -> None:
    environ = {"PATH": "/bin", "X_TOKEN": "a", "DATABASE_URL": "pg://u:p@h/d", "ODD": "x", "KEPT_KEY": "k", "URL": "https://h/"}

    assert child_environment(environ, secret_names={"ODD"}) == {"PATH": "/bin", "URL": "https://h/"}
    assert child_environment(environ, secret_names={"ODD"}, keep={"KEPT_KEY", "ODD"}) == {
        "PATH": "/bin",
        "ODD": "x",
        "KEPT_KEY": "k",
        "URL": "https://h/",
    }


def test_no_key_of_any_provider_reaches_a_child() -> None:
    names = {name for provider in catalogue.providers() for name in provider.key_env}
    environ = {name: f"canary-{name}" for name in names} | {"PATH": "/bin"}

    done = subprocess.run(
        [sys.executable, "-c", "import os; print(dict(os.environ))"],
        env=child_environment(environ, secret_names=names),
        capture_output=True,
        text=True,
        check=True,
    )

    assert "canary" not in done.stdout
    assert child_environment(environ) == {"PATH": "/bin"}  # their names alone give them away


SPELLINGS = {
    "plain": CANARY,
    "url": quote(CANARY, safe=""),
    "url with slashes": quote(CANARY),
    "form": quote_plus(CANARY),
    "url in lower case": re.sub("%..", lambda match: match[0].lower(), quote(CANARY, safe="")),
    "json": json.dumps(CANARY),
    "json with letters": json.dumps(CANARY, ensure_ascii=False),
    "json in json": json.dumps(json.dumps(CANARY)),
    "base64": base64.b64encode(CANARY.encode()).decode(),
    "base64 for urls": base64.urlsafe_b64encode(CANARY.encode()).decode(),
    "hexadecimal": CANARY.encode().hex(),
    "HEXADECIMAL": CANARY.encode().hex().upper(),
}


@pytest.mark.parametrize("spelling", SPELLINGS.values(), ids=SPELLINGS)
def test_a_secret_is_hidden_in_every_spelling(spelling: str) -> None:
    redactor = Redactor({"MY_TOKEN": CANARY, "PATH": "/usr/bin:/bin"})

    text = redactor.text(f"before {spelling} after {spelling}")

    assert spelling.strip('"') not in text
    assert text.count("[redacted:MY_TOKEN]") == 2
    assert text.startswith("before ")


def test_base64_of_more_than_the_secret_is_hidden_wherever_it_begins() -> None:
    secret = "s3cr3t-and-long-enough"
    redactor = Redactor({"MY_PASSWORD": secret})

    for before in ("", "u", "us", "user:", "someone:"):
        for after in ("", "x", "xy", "xyz"):
            encoded = base64.b64encode(f"{before}{secret}{after}".encode()).decode()
            hidden = redactor.text(f"Authorization: Basic {encoded}")
            assert "[redacted:MY_PASSWORD]" in hidden, (before, after)
            rest = hidden.replace("[redacted:MY_PASSWORD]", "").removeprefix("Authorization: Basic ").rstrip("=")
            assert len(rest) <= 4 * (len(before) + len(after) + 4) // 3


def test_plain_values_are_freed_throughout() -> None:
    redactor = Redactor({"A_KEY": "canary-value", "PIN_CODE_SECRET": "1234567890123"})

    inner = {"canary-value": ("xcanary-valuex", None, True, 1.5)}
    freed = redactor.plain({"a": ["canary-value", inner], "n": 1234567890123, "m": 12})

    assert freed == {
        "a": ["[redacted:A_KEY]", {"[redacted:A_KEY]": ["x[redacted:A_KEY]x", None, True, 1.5]}],
        "n": "[redacted:PIN_CODE_SECRET]",
        "m": 12,
    }


def test_short_values_and_places_are_no_secrets_to_look_for() -> None:
    redactor = Redactor({"A_KEY": "short", "B_TOKEN_FILE": "/run/secrets/b", "C_TOKEN": "/starts/with/a/slash+="})

    assert redactor.text("short /run/secrets/b /starts/with/a/slash+=") == "short /run/secrets/b [redacted:C_TOKEN]"


def test_the_password_of_an_address_is_hidden_by_itself() -> None:
    redactor = Redactor({"DATABASE_URL": "postgres://admin:p%40ssw0rd-long@db/app"})

    assert redactor.text("pw p@ssw0rd-long, p%40ssw0rd-long") == "pw [redacted:DATABASE_URL], [redacted:DATABASE_URL]"


def test_a_key_in_lines_is_hidden_line_by_line() -> None:
    lines = ["-----BEGIN PRIVATE KEY-----", "MIIEvQIBADANBgkqhkiG9w0", "BAQEFAASCBKcwggSjAgEAAo", "-----END PRIVATE KEY-----"]
    redactor = Redactor({"DEPLOY_KEY": "\n".join(lines)})

    assert "MIIE" not in redactor.text("\n".join(lines))
    assert redactor.text("     2\tMIIEvQIBADANBgkqhkiG9w0") == "     2\t[redacted:DEPLOY_KEY]"
    assert redactor.text("-----BEGIN PRIVATE KEY-----") == "-----BEGIN PRIVATE KEY-----"


def test_the_longest_secret_wins_and_values_from_elsewhere_count() -> None:
    redactor = Redactor({"A_KEY": "abcdefgh", "B_KEY": "abcdefghijkl"}, ["from-elsewhere", ("CHOSEN", "named-value")])

    assert redactor.text("abcdefghijkl abcdefgh from-elsewhere named-value") == (
        "[redacted:B_KEY] [redacted:A_KEY] [redacted:value] [redacted:CHOSEN]"
    )


def test_nothing_to_hide_changes_nothing() -> None:
    text = "anything at all"

    assert Redactor({}).text(text) is text
    assert Redactor({"A_KEY": ""}).text(text) is text
    assert Redactor({}).plain({"a": [1, None]}) == {"a": [1, None]}


@given(st.text(min_size=8, max_size=40), st.text(max_size=60), st.text(max_size=60))
def test_no_text_keeps_a_secret(secret: str, before: str, after: str) -> None:
    try:
        secret.encode()
    except UnicodeEncodeError:
        return
    mark = "[redacted:X_TOKEN]"
    redactor = Redactor({"X_TOKEN": secret})
    if secret in mark:
        return

    hidden = redactor.text(f"{before}{secret}{after}")

    assert all(secret not in piece for piece in hidden.split(mark))


def test_large_texts_take_little_time() -> None:
    redactor = Redactor({f"KEY_{number}": f"canary-{number:04}-abcdefghijklmnop" for number in range(30)})
    text = ("the quick brown fox canary-0007-abcdefghijklmnop jumps\n" * 20)[:1000] * 5000

    started = time.monotonic()
    hidden = redactor.text(text)

    assert "canary-0007-abcdefghijklmnop" not in hidden
    assert time.monotonic() - started < 5


GIT = {"GIT_CONFIG_COUNT": "2", "GIT_CONFIG_KEY_0": "core.abbrev", "GIT_CONFIG_VALUE_0": "12", "GIT_CONFIG_KEY_1": "a.b"}


def test_settings_of_git_reach_a_child_all_together_although_their_names_hold_the_word_key() -> None:
    environ = {**GIT, "GIT_CONFIG_VALUE_1": "c", "MY_KEY": "x"}
    assert child_environment(environ) == {**GIT, "GIT_CONFIG_VALUE_1": "c"}
    said = subprocess.run(
        ["git", "config", "core.abbrev"], env={**os.environ, **child_environment(environ)}, stdout=subprocess.PIPE
    )
    assert said.stdout == b"12\n"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("http.https://h/.extraHeader", "Authorization: basic eDp5"),
        ("url.https://me:secret@h/.insteadOf", "https://h/"),
        ("a.b", "ghp_abcdefghijklmnop1234"),
        ("credential.helper", "!echo password=x"),
    ],
)
def test_settings_of_git_that_hold_a_secret_reach_no_child_and_neither_do_those_beside_them(key: str, value: str) -> None:
    environ = {**GIT, "GIT_CONFIG_KEY_1": key, "GIT_CONFIG_VALUE_1": value, "PATH": "/bin"}
    assert child_environment(environ) == {"PATH": "/bin"}
    hidden = Redactor(environ).text(f"{key}={value} and core.abbrev")
    assert "core.abbrev" in hidden
    assert "[redacted:GIT_CONFIG_" in hidden
