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
    origin = os.path.realpath(start)
    personal = os.path.realpath(home())
    here = origin
    while True:
        marker = os.path.join(here, ".cowork")
        if (os.path.isdir(marker) and os.path.realpath(marker) != personal) or os.path.exists(os.path.join(here, ".git")):
            return here
        parent = os.path.dirname(here)
        if parent == here:
            return origin
        here = parent


def project_file() -> str:
    """The project's hooks file, whether or not it exists or is trusted; empty where the user's home is all there is."""
    root = project_root(os.environ.get("CLAUDE_PROJECT_DIR") or _here())
    path = os.path.join(root, ".cowork", "hooks.json")
    return "" if os.path.realpath(os.path.dirname(path)) == os.path.realpath(home()) else path


def has_hooks(path: str) -> bool:
    """Whether there is a hooks file, good or bad. Raises ValueError when that cannot be told: no answer is not "none"."""
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except (OSError, ValueError) as error:
        raise ValueError(f"{path}: {error}") from error
    return True


def _here() -> str:
    try:
        return os.getcwd()
    except FileNotFoundError:  # it was removed: that is no project
        return os.sep
