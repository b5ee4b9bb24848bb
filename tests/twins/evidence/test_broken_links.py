"""Links that lead nowhere are found, and no others."""

from __future__ import annotations

import itertools

import pytest

from cowork.twins.evidence.broken_links import collect
from tests.twins.evidence.places import Place, texts


def test_a_missing_file_is_told_with_its_place_and_what_may_be_meant(place: Place) -> None:
    place.write({"README.md": "# R\n\nSee [the guide](docs/guide.md).\n", "docs/old/guide.md": "# G\n"})
    found = place.collect(collect)
    assert texts(found) == ["README.md:3 links to `docs/guide.md`, which is not there; meant may be docs/old/guide.md"]
    assert found.facts[0].data["why"] == "missing"
    assert found.figures["broken"] == found.figures["broken_missing"] == 1
    assert found.summary == "1 of the 1 links of 2 Markdown documents leads nowhere."


@pytest.mark.parametrize(
    "link",
    [
        "[a](docs/a.md)",
        "[a](./docs/../docs/a.md#a-b)",
        "[a](/docs/a.md)",
        "[a](docs/)",
        "[a](docs)",
        "[a](.)",
        "[a](docs/with%20space.md)",
        "[a](<docs/with space.md>)",
        "[a](docs/a.md?raw=true)",
        "[a](docs/a)",
        "[a](x.py#L10-L20)",
        "[a](https://example.org/no.md)",
        "[a](mailto:x@example.org)",
        "[a](//example.org/x)",
        "[a](#)",
        "[a](#top)",
        "[a](#readme-first)",
        "[a](#Readme-First)",
        "[a](docs/a.md#user-content-a-b)",
        "[a]({{ url }}/x.md)",
        "[a](${BASE}/x.md)",
        "[a](../../issues/5)",
        "`[a](no.md)`",
        "```\n[a](no.md)\n```",
        "    [a](no.md)",
        "<!-- [a](no.md) -->",
        r"\[a](no.md)",
        '<img src="docs/p.png">',
        "[a][r]\n\n[r]: docs/a.md",
    ],
)
def test_what_leads_somewhere_is_no_finding(place: Place, link: str) -> None:
    place.write(
        {
            "README.md": f"# Readme first\n\n{link}\n",
            "docs/a.md": "# A b\n",
            "docs/with space.md": "",
            "x.py": "",
            "docs/p.png": "",
        }
    )
    assert texts(place.collect(collect)) == []


@pytest.mark.parametrize(
    ("link", "said"),
    [
        ("![p](docs/no.png)", "README.md:3 shows `docs/no.png`, which is not there"),
        ("[a][r]\n\n[r]: no.md", "README.md:3 links to `no.md`, which is not there"),
        ("<a href='no.html'>x</a>", "README.md:3 links to `no.html`, which is not there"),
        ("[a](docs/A.md)", "README.md:3 links to `docs/A.md`, which is called docs/a.md"),
        ("[a](#intro)", "README.md:3 links to `#intro`, and there is no such heading"),
        ("[a](docs/a.md#a-c)", "README.md:3 links to `docs/a.md#a-c`, and docs/a.md has no such heading; meant may be a-b"),
        ("[a](../secret.md)", "README.md:3 links to `../secret.md`, which is outside of the repository"),
        ("[a](a%0Ab.md)", "README.md:3 links to `a%0Ab.md`, which is not there"),
    ],
)
def test_each_way_to_lead_nowhere(place: Place, link: str, said: str) -> None:
    place.write({"README.md": f"# Readme\n\n{link}\n", "docs/a.md": "# A b\n"})
    assert texts(place.collect(collect)) == [said]


def test_what_git_ignores_is_not_there_for_others(place: Place) -> None:
    place.write({".gitignore": "built/\n", "built/x.md": "", "README.md": "[x](built/x.md)\n"}).commit("2026-01-01")
    assert texts(place.collect(collect)) == ["README.md:1 links to `built/x.md`, which is not there"]


def test_the_inside_of_submodules_and_links_is_not_judged(place: Place) -> None:
    place.write({"README.md": "[x](library/README.md) [y](linked/x.md)\n"})
    (place.root / "linked").symlink_to("/tmp")
    place.commit("2026-01-01")
    commit = place.git("rev-parse", "HEAD").strip()
    place.git("update-index", "--add", "--cacheinfo", f"160000,{commit},library")
    assert texts(place.collect(collect)) == []


def test_a_site_resolves_links_in_its_own_way(place: Place) -> None:
    linked = "[a](/guide/) [b](page.html) [c](page.md#a-b) [d](no.md)\n"
    place.write({"mkdocs.yml": "", "docs/index.md": linked, "docs/page.md": "# A & B\n"})
    assert texts(place.collect(collect)) == ["docs/index.md:1 links to `no.md`, which is not there"]


def test_samples_and_others_packages_are_left_alone(place: Place) -> None:
    place.write({f"{name}/a.md": "[x](no.md)\n" for name in ("tests/fixtures", "vendor/x", "node_modules/y", "{{name}}")})
    assert place.collect(collect).summary == "There are no Markdown documents."


def test_files_come_before_anchors_and_the_top_before_what_is_deep(place: Place) -> None:
    place.write({"a/b/c.md": "[x](no.md)\n", "README.md": "[x](#no)\n[y](no.md)\n", "a/a.md": "[x](no.md)\n"})
    found = place.collect(collect)
    assert [(fact.data["file"], fact.data["why"]) for fact in found.facts] == [
        ("README.md", "missing"),
        ("a/a.md", "missing"),
        ("a/b/c.md", "missing"),
        ("README.md", "anchor"),
    ]


def test_names_of_strangers_cannot_drive_a_terminal(place: Place) -> None:
    place.write({"a\x1b[31m.md": "[x](no\u202e.md)\n"})
    (told,) = texts(place.collect(collect))
    assert told.isprintable()


def test_time_that_is_over_leaves_documents_out(place: Place) -> None:
    place.write({f"{number:02}.md": "[x](no.md)\n" for number in range(40)})
    found = place.collect(collect, elapsed=itertools.count(0, 0.08).__next__)
    assert 0 < found.figures["documents"] == len(found.facts) < 40
