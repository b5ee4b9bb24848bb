"""The profile of macOS's sandbox-exec for a layout. Of the rules in a profile the last one that fits holds."""

from __future__ import annotations

from pathlib import Path

from cowork.core.sandboxing.layout import Layout

SANDBOX_EXEC = "/usr/bin/sandbox-exec"
_SYSTEM = (
    "/usr", "/bin", "/sbin", "/System", "/Library", "/Applications", "/opt", "/nix", "/private/etc", "/dev",
    "/private/var/db/timezone", "/private/var/select", "/private/var/db/dyld",
)  # fmt: skip
_SERVICES = (
    "com.apple.system.logger", "com.apple.system.notification_center", "com.apple.system.opendirectoryd.libinfo",
    "com.apple.system.opendirectoryd.membership", "com.apple.SecurityServer", "com.apple.securityd.xpc", "com.apple.trustd",
    "com.apple.trustd.agent", "com.apple.SystemConfiguration.configd", "com.apple.SystemConfiguration.DNSConfiguration",
    "com.apple.dnssd.service", "com.apple.cfprefsd.daemon", "com.apple.cfprefsd.agent",
)  # fmt: skip
"""What may be asked for: names, certificates, logins. Not what opens other programs, which would run outside."""
_NETWORK = """(allow network-outbound (remote ip) (literal "/private/var/run/mDNSResponder"))
(allow network-inbound (local ip))
(allow network-bind (local ip))"""
"""Not the sockets in the file system, such as that of a container service."""
_BASE = """(version 1)
(deny default)
(allow process-exec)
(allow process-fork)
(allow process-info* (target same-sandbox))
(allow signal (target same-sandbox))
(allow sysctl-read)
(allow ipc-posix-sem)
(allow pseudo-tty)
(allow system-socket)
(allow file-read-metadata)
(allow file-read* (literal "/"))
(allow file-write* (literal "/dev/null") (literal "/dev/zero") (literal "/dev/tty") (literal "/dev/dtracehelper"))
(allow file-ioctl (literal "/dev/tty") (literal "/dev/null"))
"""


def profile(layout: Layout, *, network: bool, temporary: Path | None = None) -> str:
    """The text of the profile. There is no private /tmp: `temporary` is the one directory for passing things."""
    lines = [f"(allow mach-lookup (global-name {quoted(name)}))" for name in _SERVICES]
    lines += [f"(allow file-read* {_below(Path(place))})" for place in _SYSTEM]
    for path, access in layout.rules:
        if access in ("write", "copy"):
            lines.append(f"(allow file-read* file-write* {_below(path)})")
        elif access == "read":
            lines += [f"(allow file-read* {_below(path)})", f"(deny file-write* {_below(path)})"]
        else:
            lines.append(f"(deny file-read-data file-write* {_below(path)})")
    if temporary is not None:
        lines.append(f"(allow file-read* file-write* {_below(temporary)})")
    lines.append(_NETWORK if network else "(deny network*)")
    return _BASE + "\n".join(lines) + "\n"


def quoted(text: str) -> str:
    """A text as a string of the profile's language."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _below(path: Path) -> str:
    return f"(subpath {quoted(str(path))})"
