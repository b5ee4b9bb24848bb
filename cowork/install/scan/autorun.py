"""Files that other programs run or obey as soon as they lie in a directory."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from cowork.install.scan.finding import Hit, Rule, Severity

AUTORUN = Rule("scan.autorun_file", "Nothing runs by itself", "remove the file, or say in the README what it is for")
AGENT_FILE = Rule(
    "scan.agent_file", "Files that agents obey are meant for the pack's user", "keep them out of a pack unless it needs them"
)
PACKAGE_SCRIPT = Rule("scan.package_script", "Installing a package runs nothing else", "remove the install scripts")
SETTINGS = Rule("scan.foreign_settings", "A pack does not change the settings of other programs", "remove the file")
RULES = (AUTORUN, AGENT_FILE, PACKAGE_SCRIPT, SETTINGS)


class _Name(NamedTuple):
    """Files by their path in lower case, any directories left out, and, where given, by what has to stand in them."""

    pattern: str
    rule: Rule
    severity: Severity
    message: str
    content: str = ""


_INSTALL_SCRIPT = r"\"(?:(?:pre|post)?install|prepare)\"\s{0,9}:\s{0,9}\""
_TESTS = r"test_[^/]*\.py|[^/]*_test\.py|[^/]*\.(test|spec)\.[cm]?[jt]sx?|(vite|vitest|jest|playwright|karma)\.config\.\w+"
_SHELL_FILES = r"\.(bashrc|bash_profile|zshrc|zprofile|zshenv|profile)"
_PACKAGE_SETTINGS = r"\.npmrc|\.yarnrc(\.yml)?|\.pypirc|pip\.conf|\.cargo/config(\.toml)?"
_AGENT_FILES = (
    r"claude(\.local)?\.md|agents\.md|gemini\.md|\.cursorrules|\.windsurfrules|copilot-instructions\.md|\.cursor/rules/.*"
)
_NAMES = (
    _Name(r"\.git/.*", AUTORUN, "critical", "git runs hooks and filters that it finds here"),
    _Name(r".*\.pth|(sitecustomize|usercustomize)\.py", AUTORUN, "critical", "Python runs this file whenever it starts"),
    _Name(r"autorun\.inf", AUTORUN, "critical", "Windows runs what this file names"),
    _Name(r"\.vscode/tasks\.json", AUTORUN, "critical", "the editor runs a task when the folder is opened", "folderopen"),
    _Name(r"\.vscode/(tasks|settings|launch|extensions)\.json|\.idea/.*", SETTINGS, "warning", "the editor obeys this file"),
    _Name(r"\.devcontainer(/.*|\.json)", AUTORUN, "warning", "the editor builds and runs what this file says"),
    _Name(r"(conftest|noxfile)\.py", AUTORUN, "warning", "a test run starts this file by itself"),
    _Name(r"\.envrc", AUTORUN, "warning", "direnv runs this file when the directory is entered"),
    _Name(_SHELL_FILES, AUTORUN, "warning", "a shell runs this file when it starts"),
    _Name(r"(\.husky|\.githooks)/.*", AUTORUN, "warning", "git may run this file as a hook"),
    _Name(r"\.gitattributes", AUTORUN, "warning", "git runs the filters that this file names", r"\b(?:filter|diff|merge)="),
    _Name(r"\.gitmodules", SETTINGS, "warning", "git fetches what this file names"),
    _Name(r".*\.(lnk|url|webloc|desktop|scf)", AUTORUN, "warning", "a click on this file runs something else"),
    _Name(_PACKAGE_SETTINGS, SETTINGS, "warning", "packages may come from another place"),
    _Name(r"package\.json", PACKAGE_SCRIPT, "warning", "npm runs a script of this file when it installs", _INSTALL_SCRIPT),
    _Name(r"setup\.py", PACKAGE_SCRIPT, "note", "pip runs this file when it installs"),
    _Name(_TESTS, AUTORUN, "note", "a test run starts this file by itself"),
    _Name(r"\.pre-commit-config\.yaml", AUTORUN, "note", "git may run what this file names"),
    _Name(r"\.claude/settings(\.local)?\.json", SETTINGS, "warning", "an agent takes permissions and hooks from here"),
    _Name(r"(?<!/)\.mcp\.json", AGENT_FILE, "note", "an agent starts the servers that this file names"),
    _Name(r"\.mcp\.json", AGENT_FILE, "warning", "an agent starts the servers that this file names, where nobody looks for it"),
    _Name(_AGENT_FILES, AGENT_FILE, "note", "an agent that works in this directory obeys this file"),
    _Name(r"\.env(\.(?!example|sample|template|dist)[^/]*)?", SETTINGS, "warning", "files of this name hold secrets"),
)


def find(path: str, text: str) -> Iterator[Hit]:
    """What a file's path says, with `text` as its content. The first row that fits decides."""
    for name in _NAMES:
        if re.fullmatch(f"(?:.*/)?(?:{name.pattern})", path.lower()) and (
            not name.content or re.search(name.content, text, re.IGNORECASE)
        ):
            yield Hit(name.rule, name.severity, 0, 1, name.message)
            return
