"""How to have the scheduler run by itself: a systemd unit, a launchd agent, or a line for cron. Only texts."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import Literal
from xml.sax.saxutils import escape

Kind = Literal["systemd", "launchd", "cron"]
NAME = "cowork-twins"
_LABEL = "cowork.twins"
STOP_S = 150
"""Seconds that a scheduler has to end: what runs comes to its end, then the rest is given back, also to a locked database."""


@dataclass(frozen=True)
class Service:
    """What to write where, and how: `text` says the steps in its comments, too, where it can have some."""

    kind: Kind
    path: str
    text: str
    steps: tuple[str, ...]


def service(kind: Kind, program: str, home: str, *, every_minutes: int = 5) -> Service:
    """The text for one way. `program` is the path of cowork and `home` that of COWORK_HOME, both absolute."""
    if kind == "systemd":
        path = f"~/.config/systemd/user/{NAME}.service"
        steps: tuple[str, ...] = (
            f"cowork twin install-service --systemd > {path}",
            f"systemctl --user daemon-reload && systemctl --user enable --now {NAME}",
            "loginctl enable-linger   # to go on when you are logged out",
        )
        return Service(kind, path, _comments("# ", steps) + _unit(program, home), steps)
    if kind == "launchd":
        path = f"~/Library/LaunchAgents/{_LABEL}.plist"
        steps = (f"cowork twin install-service --launchd > {path}", f"launchctl load {path}")
        return Service(kind, path, _plist(program, home), steps)
    steps = ("(crontab -l; cowork twin install-service --cron) | crontab -",)
    return Service(kind, "crontab", _comments("# ", steps) + _line(program, home, every_minutes), steps)


def _comments(mark: str, steps: tuple[str, ...]) -> str:
    return "".join(f"{mark}{step}\n" for step in steps)


def _unit(program: str, home: str) -> str:
    return f"""\
[Unit]
Description=cowork twins: heartbeats when they are due

[Service]
ExecStart=/usr/bin/env {_word(program).replace("$", "$$")} twin serve
Environment={_word(f"COWORK_HOME={home}")}
# Keys of providers, one NAME=value a line, readable for you alone:
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


def _plist(program: str, home: str) -> str:
    return f"""\
<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key><string>{_LABEL}</string>
  <key>ProgramArguments</key>
  <array><string>{escape(program)}</string><string>twin</string><string>serve</string></array>
  <key>EnvironmentVariables</key>
  <dict><key>COWORK_HOME</key><string>{escape(home)}</string></dict>
  <key>RunAtLoad</key><true/>
  <key>ExitTimeOut</key><integer>{STOP_S}</integer>
  <key>KeepAlive</key><dict><key>SuccessfulExit</key><false/></dict>
</dict>
</plist>
"""


def _line(program: str, home: str, every_minutes: int) -> str:
    """For cron a `%` is the end of the line unless it is escaped."""
    command = f"COWORK_HOME={shlex.quote(home)} {shlex.quote(program)} twin beat --due -q"
    return f"*/{every_minutes} * * * * {command.replace('%', chr(92) + '%')}\n"
