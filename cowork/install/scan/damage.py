"""Commands that destroy, that stay after the work is done, or that hand the machine to somebody else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from cowork.install.scan.rule import Hit, Rule
from cowork.install.scan.signs import Sign, one_of, search

if TYPE_CHECKING:
    from cowork.install.scan.text import Text

DESTRUCTIVE = Rule(
    "scan.destructive", "Nothing deletes a home, a disk or a system", "delete only what the pack made, by its full path"
)
PERSISTENCE = Rule(
    "scan.persistence", "Nothing arranges to be run again later", "leave it to the user to start it, and say how in the README"
)
REVERSE_SHELL = Rule("scan.reverse_shell", "No shell is handed to another machine", "remove it")
RULES = (DESTRUCTIVE, PERSISTENCE, REVERSE_SHELL)

_SYSTEM = r"/(?:bin|boot|dev|etc|home|lib|opt|root|sbin|srv|sys|usr|var|users|system|library)?/?\*?"
_HOME = r"(?:~|\$\{?home\}?|\$env:userprofile|%userprofile%)[/\\]?\*?"
_EVERYTHING = rf"(?:{_SYSTEM}|{_HOME})(?=[\s\"';&|)`,]|$)"
_ALL_OF_PYTHON = one_of(
    r"[\"']/[\"']",
    r"os\.path\.expanduser\(\s{0,3}[\"']~/?[\"']\s{0,3}\)\s{0,3}[,)]",
    r"(?:pathlib\.)?path\.home\(\s{0,3}\)\s{0,3}[,)]",
)
_PROFILE = r"\.(?:bashrc|bash_profile|bash_login|zshrc|zprofile|zshenv|profile|config/fish/config\.fish)\b"
_APPENDED = r"(?:>>?|\btee\s{1,4}(?:-a\s{1,4})?)\s{0,3}[\"']?[\w~/${}.-]{0,60}"
_ANY_SHELL = r"(?:ba|z|da)?sh"
_NETCAT = r"(?:nc|ncat|netcat)"

SIGNS = (
    Sign(
        DESTRUCTIVE,
        "rm",
        r"\brm\s{1,9}(?=[^\n]{0,60}?(?:-[a-z]{0,8}r|--recursive))(?:-{1,2}[\w-]{1,30}\s{1,9}){1,5}(?:--\s{1,9})?[\"']?"
        + _EVERYTHING,
        "it deletes a home directory or a system directory",
    ),
    Sign(
        DESTRUCTIVE,
        "mkfs of=/dev/ /dev/sd /dev/nvme /dev/hd /dev/disk :() rmtree rmsync rmdirsync remove-item c:",
        one_of(
            r"\bmkfs(?:\.\w{1,8})?\s{1,9}[^\n]{0,80}/dev/",
            r"\bdd\s[^\n]{0,200}\bof=/dev/(?!null)",
            r">\s{0,3}/dev/(?:sd[a-z]|nvme\d|hd[a-z]|disk\d)",
            r":\(\)\s{0,3}\{\s{0,3}:\s{0,3}\|\s{0,3}:",
            r"\bshutil\.rmtree\(\s{0,3}" + _ALL_OF_PYTHON,
            r"\brm(?:dir)?sync\(\s{0,3}(?:[\"']/[\"']|os\.homedir\(\)\s{0,3}[,)])",
            r"\bremove-item\s(?=[^\n]{0,120}-r)[^\n]{0,120}(?:[a-z]:\\|\$home|\$env:userprofile|~)[\"'\\*]{0,3}(?=[\s;|)`]|$)",
            r"\bformat\s{1,4}c:",
            r"\bdel\s{1,4}(?:/\w\s{1,4}){1,4}[\"']?c:\\",
        ),
        "it overwrites a disk or deletes a whole system",
        also="mkfs of=/dev/ /dev/sd /dev/nvme /dev/hd /dev/disk :() rmtree sync( remove-item format c:\\",
    ),
    Sign(
        PERSISTENCE,
        "crontab /etc/cron launchctl launchagents launchdaemons schtasks currentversion authorized_keys",
        one_of(
            r"\|\s{0,4}crontab\b",
            r"\bcrontab\s{1,4}(?!-l\b)(?:-\s{0,2}$|[\w/.$~-]{1,60}\.\w{1,8}\b)",
            r">\s{0,3}/etc/cron",
            r"\blaunchctl\s{1,4}(?:load|bootstrap|enable)\b",
            r"/launch(?:agents|daemons)/",
            r"\bschtasks\b[^\n]{0,60}/create",
            r"\\currentversion\\run\b",
            r">>?\s{0,3}[\"']?[\w~/${}.-]{0,60}authorized_keys",
        ),
        "it arranges to be run again at log-in or by the clock",
    ),
    Sign(
        PERSISTENCE,
        "bashrc .bash_profile .bash_login zshrc zprofile zshenv .profile config.fish",
        one_of(
            _APPENDED + _PROFILE,
            rf"\bopen\([^\n]{{0,120}}{_PROFILE}[^\n]{{0,20}}[\"'][aw]",
            rf"\bappendfile(?:sync)?\([^\n]{{0,120}}{_PROFILE}",
        ),
        "it writes into the files that every new shell runs",
    ),
    Sign(
        PERSISTENCE,
        "claude.md agents.md .claude/settings",
        _APPENDED + r"(?:claude\.md|agents\.md|\.claude/settings(?:\.local)?\.json)\b",
        "it writes into the files that every session of an agent reads",
        "warning",
    ),
    Sign(
        PERSISTENCE,
        "systemctl nohup setsid disown",
        one_of(
            r"\bsystemctl\s{1,4}(?:--?\w{1,12}\s{1,4}){0,3}enable\b",
            r"\b(?:nohup|setsid)\s[^\n]{1,300}&\s{0,4}(?:$|[;)\"'`])",
            r"&\s{0,4}disown\b",
        ),
        "it leaves a program running",
        "warning",
        "note",
        also="enable nohup setsid disown",
    ),
    Sign(
        REVERSE_SHELL,
        "/dev/tcp /dev/udp",
        one_of(
            rf"\b{_ANY_SHELL}\s{{1,4}}-i\b[^\n]{{0,80}}/dev/(?:tcp|udp)/",
            r"/dev/(?:tcp|udp)/[^\n]{1,120}(?:0>&1|<&\d|\bsh\b[^\n]{0,20}-i)",
        ),
        "a shell is connected to another machine",
        read="critical",
    ),
    Sign(
        REVERSE_SHELL,
        "nc ncat netcat socat openssl",
        one_of(
            rf"\b{_NETCAT}(?=[^\n]{{0,80}}\s-\w{{0,6}}[ec]\b)\s[^\n]{{0,120}}(?:\b{_ANY_SHELL}\b|cmd(?:\.exe)?\b|powershell)",
            rf"\|\s{{0,4}}(?:/bin/)?{_ANY_SHELL}\b[^\n|]{{0,40}}\|\s{{0,4}}(?:{_NETCAT}|openssl)\s",
            rf"\b{_NETCAT}\s[^\n|]{{0,80}}\|\s{{0,4}}(?:/bin/)?{_ANY_SHELL}(?![\w/-])",
            r"\bsocat\b[^\n]{0,160}\bexec:",
        ),
        "a shell is connected to another machine",
        read="critical",
    ),
    Sign(
        REVERSE_SHELL,
        "pty.spawn dup2 tcpclient socket",
        r"\b"
        + one_of(
            r"pty\.spawn\(\s{0,3}.{0,3}/bin/",
            r"os\.dup2\(\s{0,3}\w{1,20}\.fileno\(\)",
            r"new-object\s[^\n]{0,40}sockets\.tcpclient",
            r"perl\s[^\n]{0,20}-e\s[^\n]{0,20}use\s{1,3}socket",
        ),
        "a shell is connected to another machine",
        read="critical",
        also="pty.spawn dup2 tcpclient perl",
    ),
)


def find(text: Text) -> Iterator[Hit]:
    """Every command of the table in a text."""
    return search(SIGNS, text, text.commands)
