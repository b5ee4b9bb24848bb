"""Which changes no test went with, by names, imports and history."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cowork.twins.evidence.pairing import Pairing, family, is_source, is_test
from tests.twins.evidence.histories import History, evidence, texts


@pytest.fixture
def history(tmp_path: Path) -> History:
    return History(tmp_path / "r")


def gaps(history: History) -> dict[str, str]:
    """The files without a change of a test, and of which kind each is."""
    found = evidence(history.root, "untested-changes")
    return {item.data["path"]: item.data["kind"] for item in found.items[1:]}


def test_a_change_without_its_test_is_told_with_its_churn(history: History) -> None:
    history.commit("Begin", {"src/a.py": "1\n", "tests/test_a.py": "1\n", "src/b.py": "1\n"}, days_ago=60)
    history.commit("Fix a", {"src/a.py": "1\n2\n3\n"}, days_ago=3, author="Grace")
    history.commit("Change b", {"src/b.py": "2\n"}, days_ago=2)

    found = evidence(history.root, "untested-changes")

    assert found.summary == (
        "2 of 2 source files changed in the last 14 days without a change of any test"
        " (by names, imports and history; this is not measured coverage)"
    )
    assert texts(found) == [
        "src/a.py: +2 -0 in 1 commit, last 3 days ago by Grace (Fix a); tests/test_a.py did not change with it",
        "src/b.py: +1 -1 in 1 commit, last 2 days ago by Ada (Change b); no test is named after it or imports it",
    ]
    assert found.items[1].data["fixes"] == ["Fix a"]


def test_a_test_that_changed_with_it_soon_before_or_any_time_after_is_enough(history: History) -> None:
    files = {f"src/{name}.py": "1\n" for name in "abcd"} | {f"tests/test_{name}.py": "1\n" for name in "abcd"}
    history.commit("Begin", files, days_ago=60)
    history.commit("Test first", {"tests/test_a.py": "2\n"}, days_ago=10.5)
    history.commit("Together", {"src/b.py": "2\n", "tests/test_b.py": "2\n", "src/a.py": "2\n"}, days_ago=10)
    history.commit("Long before", {"tests/test_d.py": "2\n"}, days_ago=9)
    history.commit("Code", {"src/c.py": "2\n", "src/d.py": "2\n"}, days_ago=5)
    history.commit("Test later", {"tests/test_c.py": "2\n"}, days_ago=1)

    assert gaps(history) == {"src/d.py": "test_unchanged"}


def test_a_test_that_imports_a_file_is_one_of_it(history: History) -> None:
    test = "from app.core import (\n    reader,\n    writer,\n)\nimport app.deep.scanner as s\n"
    files = {
        f"app/{name}.py": "1\n" for name in ("core/reader", "core/writer", "core/other", "deep/scanner", "shallow/scanner")
    }
    history.commit("Begin", {**files, "tests/test_everything.py": test}, days_ago=3)

    assert set(gaps(history)) == {"app/core/other.py", "app/shallow/scanner.py"}


def test_moves_tests_and_files_that_are_gone_need_no_test(history: History) -> None:
    history.commit("Begin", {"src/a.py": "line\n" * 30, "src/gone.py": "1\n"}, days_ago=60)
    history.git("mv", "src/a.py", "src/moved.py")
    history.commit("Move", {"src/gone.py": None, "tests/test_z.py": "1\n", "README.md": "x", "vendor/x.go": "1"}, days_ago=2)

    assert gaps(history) == {}


def test_a_change_beside_other_tests_is_no_gap_and_comes_last(history: History) -> None:
    history.commit("Beside", {"app/core/a.py": "1\n" * 50, "tests/test_cli.py": "1\n"}, days_ago=3)
    history.commit("Alone", {"app/core/b.py": "1\n"}, days_ago=2)

    found = evidence(history.root, "untested-changes")

    assert found.summary.startswith(
        "1 of 2 source files changed in the last 14 days without a change of any test, 1 more only beside other tests"
    )
    assert gaps(history) == {"app/core/b.py": "no_test_found", "app/core/a.py": "other_tests"}
    assert texts(found)[1].endswith("no test is named after it or imports it; tests/test_cli.py changed beside it")


def test_a_test_where_those_of_a_file_lie_may_follow_in_a_commit_of_its_own(history: History) -> None:
    history.commit("Code", {"app/core/a.py": "1\n", "app/shell/b.py": "1\n"}, days_ago=3)
    history.commit("Tests", {"tests/core/test_flow.py": "1\n"}, days_ago=2.9)

    assert gaps(history) == {"app/shell/b.py": "no_test_found", "app/core/a.py": "other_tests"}


def test_a_file_that_changed_with_and_without_tests_is_told_by_what_no_test_went_with(history: History) -> None:
    history.commit("With", {"app/a.py": "1\n" * 50, "tests/test_cli.py": "1\n", "web/a.ts": "1\n"}, days_ago=3)
    history.commit("Without", {"app/a.py": "1\n" * 52}, days_ago=1)

    found = evidence(history.root, "untested-changes")

    assert gaps(history) == {"app/a.py": "no_test_found", "web/a.ts": "no_test_found"}, "a test of another language is none"
    assert texts(found)[0].startswith("app/a.py: +2 -0 in 1 commit, last 1 day ago by Ada (Without)")


def test_rust_files_with_tests_inside_are_left_out_and_counted(history: History) -> None:
    history.commit("Begin", {"src/a.rs": "#[cfg(test)]\nmod tests {}\n", "src/b.rs": "fn b() {}\n"}, days_ago=3)

    found = evidence(history.root, "untested-changes")
    assert set(gaps(history)) == {"src/b.rs"}
    assert (found.status, found.figures["tests_inside"]) == ("partial", 1)


@pytest.mark.parametrize(
    ("source", "test"),
    [
        ("app/orders.py", "tests/test_orders.py"),
        ("app/orders.py", "app/orders_test.py"),
        ("app/orders/__init__.py", "tests/test_orders.py"),
        ("app/orders/book.py", "tests/test_orders_book.py"),
        ("app/orders/book.py", "tests/orders/test_book_limits.py"),
        ("src/cart.ts", "src/cart.test.ts"),
        ("src/Cart.tsx", "src/__tests__/Cart.tsx"),
        ("src/cart/index.js", "test/cart.spec.js"),
        ("src/order-book.ts", "src/orderBook.spec.ts"),
        ("pkg/orders/book.go", "pkg/orders/book_test.go"),
        ("src/parser.rs", "tests/parser_test.rs"),
        ("src/main/java/org/x/OrderBook.java", "src/test/java/org/x/OrderBookTest.java"),
        ("src/main/kotlin/OrderBook.kt", "src/test/kotlin/OrderBookSpec.kt"),
        ("lib/orders/book.rb", "spec/orders/book_spec.rb"),
        ("app/models/book.rb", "test/models/book_test.rb"),
        ("src/book.cc", "test/book_unittest.cc"),
        ("Orders/Book.cs", "Orders.Tests/BookTests.cs"),
        ("src/Book.php", "tests/BookTest.php"),
        ("lib/book.ex", "test/book_test.exs"),
        ("lib/book.dart", "test/book_test.dart"),
    ],
)
def test_tests_are_found_by_the_conventions_of_their_languages(source: str, test: str) -> None:
    assert (is_source(source), is_test(source), is_test(test)) == (True, False, True)
    assert Pairing([source, test, "tests/test_something_else.py"]).of(source) == (test,)


def test_of_two_files_of_one_name_each_has_its_own_test() -> None:
    paths = ["app/a/state.py", "app/b/state.py", "tests/a/test_state.py", "app/c/state.py"]
    tests = Pairing(paths)
    assert tests.of("app/a/state.py") == ("tests/a/test_state.py",)
    assert tests.of("app/b/state.py") == tests.of("app/c/state.py") == ()


def test_what_is_no_source_is_known() -> None:
    for path in (
        "README.md",
        "setup.py",
        "tests/conftest.py",
        "a.min.js",
        "x_pb2.py",
        "vendor/x.go",
        "types.d.ts",
        "Makefile",
        ".x/a.py",
    ):
        assert not is_source(path), path
    assert (family("a.PY"), family("noextension"), family(".py/x")) == ("python", "", "")


@settings(max_examples=40)
@given(st.lists(st.text(max_size=30), max_size=6))
def test_any_name_is_taken(paths: list[str]) -> None:
    tests = Pairing(paths)
    for path in paths:
        assert set(tests.of(path)) <= set(paths)
        assert set(tests.near(path)) <= set(paths)
        is_source(path)
