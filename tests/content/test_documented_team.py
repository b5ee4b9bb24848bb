"""The team that the documentation shows is one that can be activated as it is written there."""

from __future__ import annotations

from pathlib import Path

from tests.support import ROOT, run_here


def test_the_documented_team_is_activated(home: Path) -> None:
    page = (ROOT / "docs" / "twins.md").read_text()
    Path("team.yaml").write_text(page.partition("```yaml\n")[2].partition("```")[0])

    ran = run_here("twin", "activate", "--from", "team.yaml", "--json")

    assert ran.code == 0, ran
    assert [item["display_name"] for item in ran.data["items"]] == ["Backend Twin", "Backend Twin 2", "Product Manager Twin"]
