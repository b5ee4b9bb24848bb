"""Text that is pushed out of sight."""

from __future__ import annotations

import pytest

from tests.install.scan.samples import Scanner


def test_text_far_to_the_right_or_far_down_is_a_warning(scanner: Scanner) -> None:
    assert scanner.severities("padding", "Hi" + " " * 201 + "more") == ["warning"]
    assert scanner.severities("padding", "Hi" + " " * 201) == ["warning"]
    assert scanner.severities("padding", "Hi" + "\u3000" * 201 + "more") == ["warning"]
    [finding] = [item for item in scanner.findings("a\n" + " \n" * 101 + "b") if item.rule == "scan.padding"]
    assert (finding.line, finding.message) == (2, "101 blank lines, and then more text")


def test_ordinary_blanks_are_left_alone(scanner: Scanner) -> None:
    for text in ("Hi" + " " * 200 + "more", "a\n" + "\n" * 100 + "b", "a\n" + "\n" * 300):
        assert scanner.findings(text) == ()


@pytest.mark.parametrize(("name", "severity"), [("a.py", "warning"), ("a.md", "note"), ("a.json", None), ("a.min.js", None)])
def test_lines_too_long_to_be_read(scanner: Scanner, name: str, severity: str | None) -> None:
    assert scanner.worst("long_line", '"' + "word " * 401 + '"', name) == severity
    assert scanner.worst("long_line", "word " * 400, name) is None


def test_a_line_of_a_manifest_that_only_its_escapes_make_short_is_no_finding(scanner: Scanner) -> None:
    assert scanner.findings('{"prompt": "' + "line\\n" * 2000 + '"}', "cowork.plugin.json") == ()
