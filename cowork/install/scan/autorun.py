"""Files that other programs run or obey as soon as they lie in a directory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cowork.install.scan.patterns import compiled
from cowork.install.scan.rule import Hit, Rule, Severity

AUTORUN = Rule("scan.autorun_file", "Nothing runs by itself", "remove the file, or say in the README what it is for")
AGENT_FILE = Rule(
    "scan.agent_file", "Files that agents obey are meant for the pack's user", "keep them out of a pack unless it needs them"
)
PACKAGE_SCRIPT = Rule("scan.package_script", "Installing a package runs nothing else", "remove the install scripts")
SETTINGS = Rule("scan.foreign_settings", "A pack does not change the settings of other programs", "remove the file")
RULES = (AUTORUN, AGENT_FILE, PACKAGE_SCRIPT, SETTINGS)


class _Name(NamedTuple):
    """Files by their path in lower case, any directories left out, and, where given, by what has to stand in them.

    One of `words` occurs in every path that `pattern` matches.
    """

    words: str
    pattern: str
    rule: Rule
    severity: Severity
    message: str
    content: str = ""


_INSTALL_SCRIPT = r"(?i)\"(?:(?:pre|post)?install|prepare)\"\s{0,9}:\s{0,9}\""
_PYTHON_START = r".*\.pth|(sitecustomize|usercustomize)\.py"
_EDITOR_FILES = r"\.vscode/(tasks|settings|launch|extensions)\.json|\.idea/.*"
_TEST_WORDS = "test_ _test.py .test. .spec. .config."
_TESTS = r"test_[^/]*\.py|[^/]*_test\.py|[^/]*\.(test|spec)\.[cm]?[jt]sx?|(vite|vitest|jest|playwright|karma)\.config\.\w+"
_SHELL_WORDS = ".bashrc .bash_profile .zshrc .zprofile .zshenv .profile"
_SHELL_FILES = r"\.(bashrc|bash_profile|zshrc|zprofile|zshenv|profile)"
_PACKAGE_WORDS = ".npmrc .yarnrc .pypirc pip.conf .cargo/config"
_PACKAGE_SETTINGS = r"\.npmrc|\.yarnrc(\.yml)?|\.pypirc|pip\.conf|\.cargo/config(\.toml)?"
_LINK_WORDS = ".lnk .url .webloc .desktop .scf"
_AGENT_WORDS = "claude.md claude.local.md agents.md gemini.md .cursorrules .windsurfrules copilot-instructions.md .cursor/"
_AGENT_FILES = (
    r"claude(\.local)?\.md|agents\.md|gemini\.md|\.cursorrules|\.windsurfrules|copilot-instructions\.md|\.cursor/rules/.*"
)
_AGENT_SETTINGS = r"\.claude/settings(\.local)?\.json"
_OPENED = "the editor runs a task when the folder is opened"
_ATTRIBUTES = "git runs the filters that this file names"
_INSTALLS = "npm runs a script of this file when it installs"
_OBEYED = "an agent that works in this directory obeys this file"
_STARTED = "an agent starts the servers that this file names"
_NAMES = (
    _Name(".git/", r"\.git/.*", AUTORUN, "critical", "git runs hooks and filters that it finds here"),
    _Name(".pth customize.py", _PYTHON_START, AUTORUN, "critical", "Python runs this file whenever it starts"),
    _Name("autorun.inf", r"autorun\.inf", AUTORUN, "critical", "Windows runs what this file names"),
    _Name(".vscode/tasks.json", r"\.vscode/tasks\.json", AUTORUN, "critical", _OPENED, "(?i)folderopen"),
    _Name(".vscode/ .idea/", _EDITOR_FILES, SETTINGS, "warning", "the editor obeys this file"),
    _Name(".devcontainer", r"\.devcontainer(/.*|\.json)", AUTORUN, "warning", "the editor builds and runs what this file says"),
    _Name("conftest.py noxfile.py", r"(conftest|noxfile)\.py", AUTORUN, "warning", "a test run starts this file by itself"),
    _Name(".envrc", r"\.envrc", AUTORUN, "warning", "direnv runs this file when the directory is entered"),
    _Name(_SHELL_WORDS, _SHELL_FILES, AUTORUN, "warning", "a shell runs this file when it starts"),
    _Name(".husky/ .githooks/", r"(\.husky|\.githooks)/.*", AUTORUN, "warning", "git may run this file as a hook"),
    _Name(".gitattributes", r"\.gitattributes", AUTORUN, "warning", _ATTRIBUTES, r"(?i)\b(?:filter|diff|merge)="),
    _Name(".gitmodules", r"\.gitmodules", SETTINGS, "warning", "git fetches what this file names"),
    _Name(_LINK_WORDS, r".*\.(lnk|url|webloc|desktop|scf)", AUTORUN, "warning", "a click on this file runs something else"),
    _Name(_PACKAGE_WORDS, _PACKAGE_SETTINGS, SETTINGS, "warning", "packages may come from another place"),
    _Name("package.json", r"package\.json", PACKAGE_SCRIPT, "warning", _INSTALLS, _INSTALL_SCRIPT),
    _Name("setup.py", r"setup\.py", PACKAGE_SCRIPT, "note", "pip runs this file when it installs"),
    _Name(_TEST_WORDS, _TESTS, AUTORUN, "note", "a test run starts this file by itself"),
    _Name(".pre-commit", r"\.pre-commit-config\.yaml", AUTORUN, "note", "git may run what this file names"),
    _Name(".claude/", _AGENT_SETTINGS, SETTINGS, "warning", "an agent takes permissions and hooks from here"),
    _Name(".mcp.json", r"(?<!/)\.mcp\.json", AGENT_FILE, "note", _STARTED),
    _Name(".mcp.json", r"\.mcp\.json", AGENT_FILE, "warning", f"{_STARTED}, where nobody looks for it"),
    _Name(_AGENT_WORDS, _AGENT_FILES, AGENT_FILE, "note", _OBEYED),
    _Name(".env", r"\.env(\.(?!example|sample|template|dist)[^/]*)?", SETTINGS, "warning", "files of this name hold secrets"),
)
_WORDS = tuple({word for name in _NAMES for word in name.words.split()})


def may_find(path: str) -> bool:
    """Whether `find` may find something in a file of this path."""
    lowered = path.lower()
    return any(word in lowered for word in _WORDS)


def find(path: str, text: str) -> Iterator[Hit]:
    """What a file's path says, with `text` as its content. The first row that fits decides."""
    lowered = path.lower()
    for name in _NAMES:
        if any(word in lowered for word in name.words.split()) and _fits(name, lowered, text):
            yield Hit(name.rule, name.severity, 0, 1, name.message)
            return


def _fits(name: _Name, path: str, text: str) -> bool:
    if not compiled(f"(?:.*/)?(?:{name.pattern})").fullmatch(path):
        return False
    return not name.content or bool(compiled(name.content).search(text))
