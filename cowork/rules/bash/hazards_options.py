"""Options by which ordinary programs run other programs, or write where their name does not lead one to expect it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Entry:
    """What no rule with a wildcard allows of a program.

    `long`: options, whatever their abbreviation. `short`: letters, alone or in a cluster. `words`: words as they are, or
    before `=`. `starts`: beginnings of words. `holds`: characters that no word may hold. `first`: letters of a first
    word without a dash. `never`: any option at all.
    """

    long: tuple[str, ...] = ()
    short: str = ""
    words: frozenset[str] = frozenset()
    starts: tuple[str, ...] = ()
    holds: str = ""
    first: str = ""
    never: bool = False


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_EDITOR: Final = Entry(never=True, starts=("+",))
_PAGER: Final = Entry(("--lesskey-file", "--lesskey-src", "--log-file", "--LOG-FILE", "--tag"), "kootOT", starts=("+",))
_SSH: Final = Entry(short="oFSEIDLRwW", words=_words("-o -F -S"))
_MAKE: Final = Entry(
    ("--eval", "--file", "--makefile", "--directory", "--include-dir", "--environment-overrides"), "fCIEe", holds="="
)
_NPM: Final = Entry(
    ("--script-shell", "--shell", "--node-options", "--prefix", "--userconfig", "--viewer", "--browser", "--editor",
     "--git", "--call", "--cwd", "--dir", "--use-yarnrc", "--onload-script", "--init-module"),
    words=_words("-C -c --globalconfig explore config set edit env"),
)  # fmt: skip
_CC: Final = Entry(("--specs", "--plugin"), starts=("-B", "-fplugin", "-specs", "-wrapper", "@", "-Wl,-plugin", "-fuse-ld=/"))
_SQL: Final = Entry(holds="\\!|`", words=_words("-f --file --pager -e --init-command --tee -o --output -L --log-file"))
_ARCHIVER: Final = Entry(
    ("--checkpoint-action", "--to-command", "--use-compress-program", "--info-script", "--new-volume-script", "--rmt-command",
     "--rsh-command", "--absolute-names", "--files-from"),
    "IFPT", holds=":", first="IFPT",
)  # fmt: skip

ENTRIES: Final[dict[str, Entry]] = {
    "printf": Entry(starts=("-v",)),
    "test": Entry(words=_words("-v -R")),
    "jobs": Entry(words=_words("-x")),
    "history": Entry(short="wanrspcd"),
    "find": Entry(
        words=_words("-delete -fls -files0-from"), starts=("-exec", "-ok", "-fprint")
    ),
    "fd": Entry(("--exec", "--exec-batch"), "xX"),
    "fdfind": Entry(("--exec", "--exec-batch"), "xX"),
    "rg": Entry(("--pre", "--hostname-bin", "--search-zip"), "z"),
    "ag": Entry(("--pager",)),
    "ack": Entry(("--pager", "--output"), "x"),
    "tar": _ARCHIVER,
    "bsdtar": _ARCHIVER,
    "gtar": _ARCHIVER,
    "cpio": Entry(("--rsh-command", "--file"), "FIO", holds=":"),
    "rsync": Entry(("--rsh", "--rsync-path", "--daemon", "--config", "--remote-option", "--log-file"), "eM"),
    "ssh": _SSH,
    "scp": _SSH,
    "sftp": Entry(short="oFSbDPs", words=_words("-o -F -S -b")),
    "man": Entry(("--pager", "--html", "--config-file", "--preprocessor", "--browser"), "PHCp"),
    "less": _PAGER,
    "more": Entry(starts=("+",)),
    "most": Entry(starts=("+",)),
    **dict.fromkeys("vim vi nvim view ex ed emacs nano pico joe micro vimdiff gvim".split(), _EDITOR),
    "sort": Entry(("--compress-program", "--output", "--files0-from"), "o"),
    "tree": Entry(("--output",), "o"),
    "split": Entry(("--filter",)),
    "zip": Entry(("--unzip-command", "--test"), "T"),
    "make": _MAKE,
    "gmake": _MAKE,
    "ninja": Entry(short="fCt"),
    "just": Entry(("--command", "--shell", "--justfile", "--set", "--shell-arg", "--working-directory", "--chooser"), "cfd"),
    "npm": _NPM,
    "pnpm": _NPM,
    "yarn": _NPM,
    "npx": Entry(("--call", "--package", "--shell", "--script-shell", "--node-options"), words=_words("-c -p")),
    "cargo": Entry(("--config", "--manifest-path", "--target-dir"), "ZC", starts=("+",)),
    "rustc": Entry(("--codegen",), "C", starts=("@",)),
    "go": Entry(
        words=_words("-exec --exec -toolexec --toolexec -vettool --vettool -overlay --overlay -C -modfile generate env")
    ),
    **dict.fromkeys(("gcc", "g++", "cc", "c++", "clang", "clang++"), _CC),
    "wget": Entry(("--use-askpass", "--execute", "--config", "--input-file"), "ei"),
    "curl": Entry(("--config", "--engine", "--netrc-file"), "K"),
    **dict.fromkeys(("psql", "mysql", "mariadb"), _SQL),
    "sqlite": Entry(words=_words("-cmd -init --cmd --init -A --archive"), starts=(".",), holds="\n"),
    "kubectl": Entry(("--kubeconfig",), words=_words("edit")),
    "helm": Entry(("--post-renderer", "--kubeconfig"), words=_words("plugin")),
    "terraform": Entry(words=_words("-chdir console")),
    "openssl": Entry(words=_words("-engine -provider-path -provider engine -config -pass")),
    "gpg": Entry(("--photo-viewer", "--exec-path", "--options", "--agent-program", "--dirmngr-program")),
    **dict.fromkeys(("apt", "apt-get", "aptitude"), Entry(("--option", "--config-file"), "oc")),
    "dpkg": Entry(("--pre-invoke", "--post-invoke", "--status-logger", "--admindir", "--root", "--instdir")),
    "tcpdump": Entry(short="zwFV"),
    "nmap": Entry(("--script",), words=_words("-sC -A")),
    "pandoc": Entry(("--filter", "--lua-filter", "--pdf-engine", "--pdf-engine-opt", "--defaults", "--data-dir"), "FLd"),
    **dict.fromkeys("tex latex pdflatex xelatex lualatex".split(), Entry(starts=("-shell", "--shell", "-enable", "--enable"))),
    "ctags": Entry(("--options",), starts=("--_",)),
    "exiftool": Entry(words=_words("-if -config -execute -common_args"), starts=("-if", "-@", "-p")),
    "gh": Entry(words=_words("alias extension config browse"), starts=("--editor",)),
    "date": Entry(("--set",), starts=("-s",)),
    "hostname": Entry(("--file",), "Fb"),
}  # fmt: skip


def hazard(name: str, args: tuple[str, ...]) -> str | None:
    """Why these words behind a program go beyond what a rule with a wildcard names, None when they do not."""
    entry = ENTRIES[name]
    if entry.first and args and not args[0].startswith("-") and any(letter in entry.first for letter in args[0]):
        return _said(name, args[0])
    for word in args:
        if is_refused(entry, word):
            return _said(name, word)
    return None


def is_refused(entry: Entry, word: str) -> bool:
    """Whether an entry refuses a word."""
    if any(character in word for character in entry.holds) or word.startswith(entry.starts or ("\x00",)):
        return True
    option = word.partition("=")[0]
    if word in entry.words or option in entry.words:
        return True
    if not word.startswith("-") or word == "-":
        return False
    if entry.never:
        return True
    if word.startswith("--"):
        return len(option) > 2 and any(long.startswith(option) for long in entry.long)
    return any(letter in word[1:] for letter in entry.short)


def _said(name: str, word: str) -> str:
    return f"'{word[:40]}' can make {name} run a program, or open a file that the rule does not name"
