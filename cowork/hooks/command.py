"""What is started for a command handler: its argument list, its environment, and how it is put into the background."""

import os

from cowork.hooks.records import YOURS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from cowork.hooks.records import Handler

DEPTH = "COWORK_HOOK_DEPTH"
SHELLS = {"sh": ("/bin/sh", "-c"), "bash": ("bash", "-c"), "powershell": ("pwsh", "-NoProfile", "-NonInteractive", "-Command")}
_VARIABLES = ("CLAUDE_PLUGIN_ROOT", "CLAUDE_PLUGIN_DATA", "CLAUDE_PROJECT_DIR")
_SECRET = (
    "KEY", "TOKEN", "SECRET", "PASSWORD", "PASSWD", "PASSPHRASE", "CREDENTIAL", "PRIVATE", "AUTH", "COOKIE", "SESSION",
    "BEARER", "JWT", "WEBHOOK", "CONNECTION_STRING", "CONNECTIONSTRING", "EXTRAHEADER",
)  # fmt: skip
_SECRET_WORDS = frozenset({"PASS", "PWD", "PAT", "DSN", "SALT"})  # as words of their own: PATH and COMPASS are harmless
_HARMLESS = frozenset(
    "PWD OLDPWD SSH_AUTH_SOCK XAUTHORITY XDG_SESSION_TYPE XDG_SESSION_ID DESKTOP_SESSION DBUS_SESSION_BUS_ADDRESS"
    " KEYBOARD_LAYOUT XKB_DEFAULT_LAYOUT GIT_AUTHOR_NAME GIT_AUTHOR_EMAIL GIT_AUTHOR_DATE TOKENIZERS_PARALLELISM".split()
)
# Git refuses to work when one of its settings is missing: all of them are handed on, or none.
_GIT_SETTINGS = ("GIT_CONFIG_COUNT", "GIT_CONFIG_KEY_", "GIT_CONFIG_VALUE_")
# Ends with its group after "$0" seconds; the clock dies with the command, and what the command left behind as well.
_IN_TIME = '(sleep "$0"; kill -9 0) & "$@"; kill -9 0'


def arguments(handler: "Handler", environment: "Mapping[str, str]", directory: str = "") -> list[str]:
    """The argument list: with `args` the program itself, else a line of shell; run in `directory` when that is given."""
    args = handler.fields.get("args")
    if args is not None:
        line = [_expanded(word, environment) for word in (handler.command, *args)]
    else:
        line = [*SHELLS[handler.fields.get("shell") or "sh"], handler.command]
    if directory:
        line = ["/bin/sh", "-c", 'cd -- "$0" && exec "$@"', directory, *line]
    if handler.background:
        line = ["/bin/sh", "-c", _IN_TIME, str(max(1, int(handler.timeout))), *line]
    return line


def environment(
    handler: "Handler", base: "Mapping[str, str]", project: str, extra: "Mapping[str, str] | None" = None
) -> dict[str, str]:
    """The environment of a handler: the user's own hooks get it whole, all others without what looks like a secret."""
    source = handler.source
    given = dict(base) if source.origin in YOURS else without_secrets(base)
    return {**given, "CLAUDE_PROJECT_DIR": base.get("CLAUDE_PROJECT_DIR") or project, **source.env, **(extra or {})}


def without_secrets(base: "Mapping[str, str]") -> dict[str, str]:
    """The environment without variables that hold secrets, by their names or because they are addresses with a password."""
    found = {name: value for name, value in base.items() if not _is_secret(name.upper(), value)}
    if any(name.startswith(_GIT_SETTINGS) and name not in found for name in base):
        return {name: value for name, value in found.items() if not name.startswith(_GIT_SETTINGS)}
    return found


def _is_secret(name: str, value: str) -> bool:
    if name in _HARMLESS:
        return False
    if name.startswith("GIT_CONFIG_KEY_"):
        name = value.upper()  # what a setting of git is called says more than the name of the variable
    if any(word in name for word in _SECRET) or not _SECRET_WORDS.isdisjoint(name.split("_")):
        return True
    return ":" in value.partition("://")[2].partition("/")[0].rpartition("@")[0]


def _expanded(word: str, environment: "Mapping[str, str]") -> str:
    """Without a shell there is nobody else to put the host's variables in; their values are never looked at again."""
    head, mark, rest = word.partition("${")
    if not mark:
        return word
    name, bracket, tail = rest.partition("}")
    if bracket and name in _VARIABLES and name in environment:
        return head + environment[name] + _expanded(tail, environment)
    return head + mark + _expanded(rest, environment)


def working_directory() -> str:
    """Where we are; `/` where that was removed: the hooks must run all the same."""
    try:
        return os.getcwd()
    except FileNotFoundError:
        return os.sep
