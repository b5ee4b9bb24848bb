"""How to have the scheduler run by itself: a systemd unit, a launchd agent, or a line for cron. Only texts."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from xml.sax.saxutils import escape

Kind = Literal["systemd", "launchd", "cron"]
NAME = "cowork-twins"
_LABEL = "cowork.twins"
STOP_S = 150
"""Seconds that a scheduler has to end: what runs comes to its end, then the rest is given back, also to a locked database."""
_KEYS = "Keys of providers, one NAME=value a line, readable for you alone"
_KEYS_FILE = "~/.config/cowork/environment"
_READ_KEYS = 'f="$HOME/.config/cowork/environment"; set -a; [ ! -r "$f" ] || . "$f"; set +a'
"""What a shell does that systemd does by itself: everything in the file is in the environment."""


@dataclass(frozen=True)
class Service:
    """What to write where, and how: `text` says the steps in its comments, too, where it can have some."""

    kind: Kind
    path: str
    text: str
    steps: tuple[str, ...]


def service(kind: Kind, program: Sequence[str], home: str, *, every_minutes: int = 5) -> Service:
    """The text for one way. `program` are the words that run cowork and `home` is COWORK_HOME, both by absolute paths.

    `every_minutes` divides 60: to cron, every seven minutes would be at :56 and again at :00.
    """
    if kind == "systemd":
        path = f"~/.config/systemd/user/{NAME}.service"
        steps: tuple[str, ...] = (
            f"mkdir -p ~/.config/systemd/user && cowork twin install-service --systemd > {path}",
            f"systemctl --user daemon-reload && systemctl --user enable --now {NAME}",
            "loginctl enable-linger   # to go on when you are logged out",
        )
        return Service(kind, path, _comments("# ", steps) + _unit(program, home), steps)
    if kind == "launchd":
        path = f"~/Library/LaunchAgents/{_LABEL}.plist"
        steps = (f"cowork twin install-service > {path}", f"launchctl load {path}")
        return Service(kind, path, _plist(program, home, steps), steps)
    steps = ("(crontab -l; cowork twin install-service --cron) | crontab -",)
    comments = _comments("# ", (*steps, f"{_KEYS}: {_KEYS_FILE}"))
    return Service(kind, "crontab", comments + _line(program, home, every_minutes), steps)


def _comments(mark: str, steps: tuple[str, ...]) -> str:
    return "".join(f"{mark}{step}\n" for step in steps)


def _unit(program: Sequence[str], home: str) -> str:
    return f"""\
[Unit]
Description=cowork twins: heartbeats when they are due

[Service]
ExecStart=/usr/bin/env {" ".join(map(_word, program)).replace("$", "$$")} twin serve
Environment={_word(f"COWORK_HOME={home}")}
# {_KEYS}:
EnvironmentFile=-%h/.config/cowork/environment
Restart=on-failure
RestartSec=30
TimeoutStopSec={STOP_S}
# The scheduler lets what runs come to its end by itself.
KillMode=mixed

[Install]
WantedBy=default.target
"""


def _word(text: str) -> str:
    """A word of a unit file: quoted, its `%` doubled (systemd.syntax). In a command a `$` has to be, too (systemd.service).

    A program with quotes or spaces in its path is none to systemd, but an argument may have them: hence `env`.
    """
    doubled = text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("\n", "\\n")
    return f'"{doubled}"'


def _plist(program: Sequence[str], home: str, steps: tuple[str, ...]) -> str:
    """A shell, for launchd reads no file of keys. No step has two hyphens: they would end the comment."""
    words = ("/bin/sh", "-c", f'{_READ_KEYS}; exec "$0" "$@"', *program, "twin", "serve")
    arguments = "".join(f"    <string>{escape(word)}</string>\n" for word in words)
    log = escape(f"{home}/{NAME}.log")
    return f"""\
<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<!--
{_comments("", (*steps, f"{_KEYS}: {_KEYS_FILE}"))}-->
<plist version="1.0">
<dict>
  <key>Label</key><string>{_LABEL}</string>
  <key>ProgramArguments</key>
  <array>
{arguments}  </array>
  <key>EnvironmentVariables</key>
  <dict><key>COWORK_HOME</key><string>{escape(home)}</string></dict>
  <key>StandardOutPath</key><string>{log}</string>
  <key>StandardErrorPath</key><string>{log}</string>
  <key>RunAtLoad</key><true/>
  <key>ExitTimeOut</key><integer>{STOP_S}</integer>
  <key>KeepAlive</key><dict><key>SuccessfulExit</key><false/></dict>
</dict>
</plist>
"""


def _line(program: Sequence[str], home: str, every_minutes: int) -> str:
    """For cron a `%` is the end of the line unless it is escaped."""
    command = f"{_READ_KEYS}; COWORK_HOME={shlex.quote(home)} {shlex.join(program)} twin beat --due -q"
    return f"*/{every_minutes} * * * * {command.replace('%', chr(92) + '%')}\n"
