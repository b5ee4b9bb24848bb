"""Keys and tokens in a pack. Those here are made up on the spot."""

from __future__ import annotations

import string

import pytest

from tests.install.scan.samples import Scanner, letters

HEX = "0123456789abcdef"
UPPER = string.ascii_uppercase + "234567"
TOKENS = {
    "AWS key id": "AKIA" + letters(16, UPPER),
    "AWS secret": "AWS_SECRET_ACCESS_KEY=" + letters(40),
    "GitHub": "ghp_" + letters(36),
    "GitHub fine-grained": "github_pat_" + letters(22) + "_" + letters(59),
    "GitLab": "glpat-" + letters(20),
    "Slack": "xoxb-" + letters(12, string.digits) + "-" + letters(12, string.digits, 8) + "-" + letters(24),
    "Slack webhook": "https://hooks.slack.com/services/T" + letters(9, UPPER) + "/B" + letters(9, UPPER) + "/" + letters(24),
    "Anthropic": "sk-ant-api03-" + letters(95),
    "OpenAI project": "sk-proj-" + letters(60),
    "OpenAI": "sk-" + letters(48),
    "Google": "AIza" + letters(35),
    "Stripe": "sk_live_" + letters(24),
    "npm": "npm_" + letters(36),
    "Hugging Face": "hf_" + letters(34),
    "DigitalOcean": "dop_v1_" + letters(64, HEX),
    "Telegram": letters(9, "123456789") + ":AA" + letters(33),
}
NOT_TOKENS = {
    "an ellipsis": "sk-ant-...",
    "a placeholder": "OPENAI_API_KEY=sk-proj-YOUR_KEY_HERE_YOUR_KEY_HERE_YOUR_KEY_HERE_1",
    "the example of AWS": "AKIAIOSFODNN7EXAMPLE",
    "crosses": "ghp_" + "x" * 36,
    "one letter": "sk-" + "a" * 48,
    "too short": "ghp_" + letters(20),
    "part of a word": "my-ghp_" + letters(36),
    "a hash": letters(64, HEX),
    "a test key": "sk_test_" + letters(24),
    "a variable": "GITHUB_TOKEN=${{ secrets.GITHUB_TOKEN }}",
    "a user and a placeholder": "postgres://user:password@localhost/db",
    "a regular expression": r"AKIA[0-9A-Z]{16}",
}


@pytest.mark.parametrize("token", TOKENS.values(), ids=TOKENS)
def test_a_token_is_found_and_not_repeated(scanner: Scanner, token: str) -> None:
    found = scanner.findings(f'value = "{token}"\n', "config.py")
    assert [item.severity for item in found if item.rule == "scan.secret"] == ["critical"]
    assert all(token[12:] not in item.excerpt + item.message for item in found)


def test_examples_are_no_secrets(scanner: Scanner) -> None:
    assert [what for what, text in NOT_TOKENS.items() if scanner.severities("secret", text, "README.md")] == []


def test_what_is_less_sure_is_a_warning(scanner: Scanner) -> None:
    token = ".".join(("eyJ" + letters(20), "eyJ" + letters(40), letters(40)))
    assert scanner.severities("secret", token) == ["warning"]
    assert scanner.severities("secret", f"postgres://app:{letters(12)}@db.x.dev/app") == ["warning"]


def test_a_private_key(scanner: Scanner) -> None:
    head, body = "-----BEGIN OPENSSH " + "PRIVATE KEY-----", letters(70)
    assert scanner.severities("private_key", f"{head}\n{body}\n") == ["critical"]
    assert scanner.severities("private_key", '{"key": "' + head + "\\n" + body + '"}', "x.json") == ["critical"]
    assert scanner.severities("private_key", f"{head}\n...\n") == []
    assert scanner.severities("private_key", head.replace("PRIVATE", "PUBLIC") + f"\n{body}\n") == []


def test_a_token_in_another_finding_is_blotted_out(scanner: Scanner) -> None:
    token = TOKENS["Slack webhook"]
    excerpts = {item.rule: item.excerpt for item in scanner.findings(f"curl {token}\n", "run.sh")}
    assert excerpts["scan.undeclared_domain"] == "https://" + "*" * (len(token) - 8)
