"""The addresses in a pack's text."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.install.scan.samples import Scanner, scan_files

MANIFEST = {
    "name": "x",
    "homepage": "https://acme.dev/x",
    "author": "Acme <https://people.acme.io>",
    "connectors": [{"name": "c", "type": "http", "http": {"url": "https://api.service.net/{{input}}"}}],
    "skills": [{"id": "a", "prompt": "See https://elsewhere.org"}],
}


def undeclared(root: Path, text: str, **files: str) -> list[str]:
    files = {"cowork.plugin.json": json.dumps(MANIFEST), **files}
    report = scan_files(root, {"run.sh": text, **files})
    found = [item for item in report.findings if item.rule == "scan.undeclared_domain" and item.file == "run.sh"]
    return [item.message.removeprefix("the manifest does not name ") for item in found]


@pytest.mark.parametrize("host", ["acme.dev", "www.acme.dev", "people.acme.io", "api.service.net", "API.Service.NET:443"])
def test_what_the_manifest_names_is_declared(tmp_path: Path, host: str) -> None:
    assert undeclared(tmp_path, f"curl https://{host}/x") == []


@pytest.mark.parametrize("host", ["acme.io", "notacme.dev", "acme.dev.evil.net", "service.net", "elsewhere.org"])
def test_other_hosts_are_not(tmp_path: Path, host: str) -> None:
    assert undeclared(tmp_path, f"curl https://{host}/x") == [host]


def test_mcp_servers_declare_their_hosts(tmp_path: Path) -> None:
    servers = {
        "a": {"type": "http", "url": "https://mcp.one.dev"},
        "b": {"command": "npx", "args": ["-y", "r", "https://two.dev/s"]},
    }
    text = "curl https://mcp.one.dev; curl https://two.dev; curl https://three.dev"
    assert undeclared(tmp_path, text, **{".mcp.json": json.dumps({"mcpServers": servers})}) == ["three.dev"]


def test_a_manifest_that_cannot_be_read_declares_nothing(tmp_path: Path) -> None:
    broken = {"cowork.plugin.json": "[" * 100_000, "plugin.json": "{"}
    assert undeclared(tmp_path, "curl https://acme.dev", **broken) == ["acme.dev"]


def test_a_script_weighs_more_than_text_and_text_more_than_nothing(scanner: Scanner) -> None:
    line = "see https://some.dev/x"
    assert scanner.worst("undeclared_domain", line, "run.py") == "warning"
    assert scanner.worst("undeclared_domain", f"# {line}", "run.py") == "note"
    assert scanner.worst("undeclared_domain", line, "README.md") == "note"


def test_a_host_is_reported_where_it_first_occurs(scanner: Scanner) -> None:
    found = scanner.findings("https://some.dev/a\nhttps://SOME.dev/b\nhttps://other.dev\n", "a.md")
    assert [(item.line, item.rule) for item in found] == [(1, "scan.undeclared_domain"), (3, "scan.undeclared_domain")]


WRONG = {
    "http://some.dev": "plain_http",
    "ws://some.dev/socket": "plain_http",
    "https://10.1.2.3/x": "private_address",
    "http://192.168.0.1": "private_address",
    "https://[fd00::1]/x": "private_address",
    "https://db.internal/x": "private_address",
    "http://169.254.169.254/latest/meta-data": "private_address",
    "https://8.8.8.8/x": "disguised_address",
    "http://2130706433/": "disguised_address",
    "http://0x7f.1/": "disguised_address",
    "https://github.com@evil.dev/x": "disguised_address",
}


def test_addresses_that_no_pack_should_use(scanner: Scanner) -> None:
    assert [url for url, rule in WRONG.items() if scanner.worst(rule, f"Open {url} now.") != "warning"] == []


def test_the_metadata_service_is_critical_in_a_script(scanner: Scanner) -> None:
    assert scanner.worst("private_address", "curl http://169.254.169.254/", "run.sh") == "critical"


BLANK = (
    "https://example.com/x http://api.example.org http://localhost:3000 http://127.0.0.1:8080 http://[::1]/"
    " http://www.w3.org/2000/svg http://www.apache.org/licenses/LICENSE-2.0 https://{{host}}/x https://$HOST/x"
)


def test_examples_names_of_formats_and_blanks_are_no_addresses(scanner: Scanner) -> None:
    assert [item for url in BLANK.split() for item in scanner.findings(f"Open {url} now.")] == []
