"""Where the user's own hooks are. Looked at first: where there are none, nothing else need be loaded."""

import os


def user_file() -> str:
    """The user's own hooks file. Hooks that a project brings are not read: running them needs the user's trust first.

    Raises ValueError when nobody knows where the home is: `./~/.cowork` would be the project's.
    """
    home = os.path.expanduser(os.environ.get("COWORK_HOME") or os.path.join("~", ".cowork"))
    if home.startswith("~"):
        raise ValueError(f"there is no directory {home}; set COWORK_HOME to an absolute path")
    return os.path.join(home, "hooks.json")


def has_hooks(path: str) -> bool:
    """Whether there is a hooks file, good or bad. Raises ValueError when that cannot be told: no answer is not "none"."""
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except (OSError, ValueError) as error:
        raise ValueError(f"{path}: {error}") from error
    return True
