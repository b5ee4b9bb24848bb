"""Which files are tests, and of what, by the conventions of their languages. Names only: this measures no coverage."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

_FAMILIES = {
    "python": "py pyi",
    "js": "js jsx ts tsx mjs cjs mts cts vue svelte",
    "go": "go",
    "rust": "rs",
    "jvm": "java kt kts scala groovy",
    "ruby": "rb",
    "c": "c cc cpp cxx h hh hpp m mm",
    "net": "cs fs vb",
    "php": "php",
    "swift": "swift",
    "elixir": "ex exs",
    "dart": "dart",
    "shell": "sh bash bats",
}
_FAMILY = {extension: family for family, extensions in _FAMILIES.items() for extension in extensions.split()}
_TEST_NAMES = {
    "python": r"tests?_(?P<a>.+)|(?P<b>.+)_tests?",
    "js": r"(?P<a>.+)[._-](?:test|spec|cy|e2e)",
    "go": r"(?P<a>.+)_test",
    "rust": r"tests?_(?P<a>.+)|(?P<b>.+)_tests?",
    "jvm": r"(?P<a>.+?)(?:Tests?|IT|Spec|TestCase|Suite)|Test(?P<b>[A-Z].*)",
    "ruby": r"(?P<a>.+)_(?:spec|test)|test_(?P<b>.+)",
    "c": r"(?P<a>.+?)[_-]?(?:unit)?[Tt]ests?|tests?[_-](?P<b>.+)",
    "net": r"(?P<a>.+?)\.?(?:Tests?|Spec|Specs)",
    "php": r"(?P<a>.+?)(?:Test|Cest|Spec)",
    "swift": r"(?P<a>.+?)(?:Tests?|Spec)",
    "elixir": r"(?P<a>.+)_test",
    "dart": r"(?P<a>.+)_test",
    "shell": r"tests?[_-](?P<a>.+)|(?P<b>.+?)[._-]tests?",
}
_TEST_NAME = {family: re.compile(pattern + r"\Z") for family, pattern in _TEST_NAMES.items()}
_TEST_PLACES = frozenset(
    "test tests spec specs __tests__ __test__ testing e2e integration unit androidtest unittest unittests".split()
)
_SHELVES = _TEST_PLACES | frozenset("src lib main java kotlin scala python js ts app internal pkg packages it".split())
_NO_SUBJECT = frozenset("conftest setup __main__ helper helpers spec_helper rails_helper test_helper support".split())
_WHOLE_DIRECTORY = frozenset("__init__ index mod lib main".split())
_MADE = re.compile(
    r"(?:^|/)(?:vendor|third_party|node_modules|dist|build|generated|migrations|fixtures|testdata|__snapshots__|\.[^/]*)/"
    r"|(?:_pb2(?:_grpc)?\.pyi?|\.pb\.\w+|\.min\.js|\.d\.ts|\.generated\.\w+|_generated\.\w+|\.g\.dart|\.designer\.cs)$"
    r"|(?:^|/)(?:setup|conftest|manage)\.py$|(?:^|/)[^/]*\.config\.[cm]?[jt]s$",
    re.IGNORECASE,
)
_CASES = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[-.\s]+")


def family(path: str) -> str:
    """The language family of a source file; empty for what is none."""
    return _FAMILY.get(path.rpartition("/")[2].rpartition(".")[2].lower(), "") if "." in path.rpartition("/")[2] else ""


def is_test(path: str) -> bool:
    """Whether a file is a test, or lies where only tests and their helpers do."""
    kind = family(path)
    if not kind:
        return False
    return _subject(path) is not None or any(part in _TEST_PLACES for part in _directories(path))


def is_source(path: str) -> bool:
    """Whether a file is source that tests could be about: no test, and not made, vendored or mere set-up."""
    return bool(family(path)) and not is_test(path) and _MADE.search(path) is None


@dataclass(frozen=True)
class _Test:
    path: str
    subject: str
    place: tuple[str, ...]


class Pairing:
    """The tests among these files, by what they are about."""

    def __init__(self, paths: Iterable[str]) -> None:
        self.paths: list[str] = []
        self._by_subject: dict[tuple[str, str], list[_Test]] = defaultdict(list)
        self._by_place: dict[tuple[str, tuple[str, ...]], list[_Test]] = defaultdict(list)
        self._sources: dict[tuple[str, str], list[tuple[str, ...]]] = defaultdict(list)
        for path in paths:
            if is_test(path):
                test = _Test(path, _plain(_subject(path) or _stem(path)), _place(path))
                self.paths.append(path)
                self._by_subject[family(path), test.subject].append(test)
                self._by_place[family(path), test.place].append(test)
            elif family(path):
                for subject in _subjects(path):
                    self._sources[family(path), subject].append(_place(path))

    def of(self, path: str) -> tuple[str, ...]:
        """The tests whose names and places say that they are about a source file; none for what no name leads to."""
        kind, place = family(path), _place(path)
        named = [
            test for subject in _subjects(path) for test in self._by_subject[kind, subject] if self._is_of(test, kind, place)
        ]
        nearest = max((_shared(test.place, place) for test in named), default=0)
        chosen = [test.path for test in named if _shared(test.place, place) == nearest]
        beside = [test.path for test in self._near(path) if test.subject.startswith(f"{_plain(_stem(path))}_")]
        return tuple(dict.fromkeys([*chosen, *beside]))

    def near(self, path: str) -> tuple[str, ...]:
        """The tests that lie where those of a source file would, whatever they are about."""
        return tuple(test.path for test in self._near(path))

    def _near(self, path: str) -> list[_Test]:
        """In the same place, or in the one that mirrors it below the directory of tests."""
        kind, place = family(path), _place(path)
        mirrors = [place[depth:] for depth in range(len(place))] or [place]
        return [test for mirror in mirrors for test in self._by_place[kind, mirror]]

    def _is_of(self, test: _Test, kind: str, place: tuple[str, ...]) -> bool:
        """Whether no source of that name lies nearer to the test."""
        return all(_shared(test.place, other) <= _shared(test.place, place) for other in self._sources[kind, test.subject])


def _subjects(path: str) -> list[str]:
    """What a test of a source file may be called after."""
    place, stem = _place(path), _stem(path)
    longer = [f"{'_'.join(place[-depth:])}_{stem}" for depth in (2, 1) if len(place) >= depth]
    whole = [place[-1]] if stem in _WHOLE_DIRECTORY and place else []
    return list(dict.fromkeys(map(_plain, [*whole, *longer, stem])))


def _subject(path: str) -> str | None:
    """What a test is about, by its name; None for what is not called as tests are."""
    kind, stem = family(path), _stem(path)
    if stem in _NO_SUBJECT:
        return None
    found = _TEST_NAME[kind].match(stem) if kind else None
    if found is None:
        return None
    return next(group for group in found.groups() if group is not None)


def _stem(path: str) -> str:
    return path.rpartition("/")[2].rpartition(".")[0]


def _plain(name: str) -> str:
    """`OrderBook`, `order-book` and `order_book` are one name."""
    return _CASES.sub("_", name).lower().strip("_") or name


def _directories(path: str) -> list[str]:
    return path.lower().split("/")[:-1]


def _place(path: str) -> tuple[str, ...]:
    """The directories of a file without those that only say which shelf it is on."""
    return tuple(part for part in _directories(path) if part not in _SHELVES)


def _shared(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    """How many directories two places have in common, counted from the innermost."""
    count = 0
    for mine, theirs in zip(reversed(one), reversed(other), strict=False):
        if mine != theirs:
            break
        count += 1
    return count
