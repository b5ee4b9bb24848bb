"""Where hooks of our own are. Looked at first: where there are none, nothing else need be loaded."""

import os


def home() -> str:
    """COWORK_HOME. Raises ValueError when nobody knows where it is: `./~/.cowork` would be the project's."""
    found = os.path.expanduser(os.environ.get("COWORK_HOME") or os.path.join("~", ".cowork"))
    if found.startswith("~"):
        raise ValueError(f"there is no directory {found}; set COWORK_HOME to an absolute path")
    return found


def user_file() -> str:
    """The user's own hooks file. Raises ValueError when nobody knows where the home is."""
    return os.path.join(home(), "hooks.json")


def project_root(start: str) -> str:
    """The nearest directory from `start` upwards that holds `.cowork` or `.git`, by its real path; else `start` itself."""
    here = origin = os.path.realpath(start)
    while True:
        if (os.path.isdir(f"{here}/.cowork") and not _is_home(f"{here}/.cowork")) or os.path.exists(f"{here}/.git"):
            return here
        parent = os.path.dirname(here)
        if parent == here:
            return origin
        here = parent


def project_file() -> str:
    """The project's hooks file, whether or not it exists or is trusted; empty where the user's home is all there is."""
    ours = project_root(os.environ.get("CLAUDE_PROJECT_DIR") or _here()) + "/.cowork"
    return "" if _is_home(ours) else f"{ours}/hooks.json"


def has_hooks(path: str) -> bool:
    """Whether there is a hooks file, good or bad. Raises ValueError when that cannot be told: no answer is not "none"."""
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except (OSError, ValueError) as error:
        raise ValueError(f"{path}: {error}") from error
    return True


def _is_home(path: str) -> bool:
    """Whether a `.cowork` directory is the user's own. Most are not there at all, and that is told at a glance."""
    return os.path.isdir(path) and os.path.realpath(path) == os.path.realpath(home())


def _here() -> str:
    try:
        return os.getcwd()
    except FileNotFoundError:  # it was removed: that is no project
        return os.sep
