"""What `twin templates`, `twin categories` and `twin preview` answer."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cowork.core.errors import NotFound
from cowork.twins.activation import activate
from cowork.twins.store import roles
from cowork.twins.template_pages import list_categories, list_templates, preview
from tests.core.installation import Installation
from tests.formats.samples import PERSONA, REMOVE, changed, manifest, persona
from tests.registry.places import write
from tests.support import FakeClock, run_here

pytestmark = pytest.mark.usefixtures("installation")


@pytest.fixture(autouse=True)
def several(installation: Installation) -> None:
    installation.write("personas/writer.json", persona(id="writer", category="data", tags=["docs"], name="Writer"))
    installation.write("personas/analyst.json", persona(id="analyst", description="Counts sheep"))


def listed(**filters: str) -> list[str]:
    return [item.id for item in list_templates(**filters)[0].items]  # type: ignore[arg-type]


def test_templates_are_sorted_by_category_and_id() -> None:
    assert listed() == ["writer", "analyst", "tester"]


def test_an_item_says_what_it_is_and_who_links_it(installation: Installation) -> None:
    installation.write("packs/mine/cowork.plugin.json", manifest(personaTemplateId="tester"))
    item = next(item for item in list_templates()[0].items if item.id == "tester")

    assert (item.name, item.category, item.autonomy, item.interval_minutes) == ("Tester", "engineering", "specialist", 30)
    assert (item.tasks_enabled, item.tasks_total, item.scope, item.tags, item.packs) == (
        1,
        2,
        "builtin",
        ("test",),
        ("my-pack",),
    )


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("SHEEP", ["analyst"]),
        ("docs writer", ["writer"]),
        ("docs sheep", []),
        ("test", ["writer", "analyst", "tester"]),
        ("", ["writer", "analyst", "tester"]),
    ],
)
def test_every_word_of_a_search_occurs(search: str, found: list[str]) -> None:
    assert listed(search=search) == found


def test_a_category_is_found_whatever_its_case_and_may_be_empty() -> None:
    assert listed(category="Engineering") == ["analyst", "tester"]
    assert listed(category="engineering", search="sheep") == ["analyst"]
    assert listed(category="management") == []


def test_an_unknown_category_is_refused_with_a_suggestion() -> None:
    with pytest.raises(NotFound, match="there is no category 'enginering'") as caught:
        list_templates(category="enginering")

    assert (caught.value.code, caught.value.hint) == ("persona.unknown_category", "did you mean 'engineering'?")


def test_a_category_of_somebodys_own_counts(installation: Installation) -> None:
    installation.write("personas/lawyer.json", persona(id="lawyer", category="legal"))

    assert listed(category="legal") == ["lawyer"]
    found, _ = list_categories()
    assert [(item.name, item.count) for item in found.items] == [("data", 1), ("engineering", 2), ("legal", 1)]
    assert (found.count, found.total) == (3, 4)


def test_a_preview_is_what_activation_creates(clock: FakeClock, installation: Installation) -> None:
    skills = [{"skillId": "my-skill", "reason": "helps"}, {"skillId": "other", "required": True}]
    document = changed(PERSONA, "cognitiveOffload.proactiveTasks.0.priority", 5)
    installation.write("personas/tester.json", {**document, "skills": skills})
    page, _ = preview("tester", full=True)
    twin = activate("tester", clock)[0].twin

    assert (page.twin, page.display_name, page.autonomy) == (twin.name, twin.display_name, twin.autonomy)
    assert (page.interval_minutes, page.stagger_minutes) == (twin.interval_minutes, twin.stagger_minutes)
    assert (page.capabilities, page.system_prompt) == (twin.capabilities, twin.system_prompt)
    for shown, task in zip(page.tasks, twin.tasks, strict=True):
        assert (shown.id, shown.enabled, shown.prompt) == (task.id, task.enabled, task.prompt_template)
        assert (shown.frequency_minutes, shown.priority) == (task.frequency_minutes, task.priority)
        assert (shown.category, shown.evidence) == (task.category, task.evidence)
    assert page.soul.items() <= twin.soul.items()
    assert page.offload == ("review-preparation",)
    assert [(skill.id, skill.installed, skill.required) for skill in page.skills] == [
        ("my-skill", True, False),
        ("other", False, True),
    ]
    assert preview("tester")[0].twin == "twin-tester-2"


def test_a_preview_leaves_prompts_out_and_creates_nothing(home: Path) -> None:
    page, _ = preview("tester")

    assert (page.system_prompt, [task.prompt for task in page.tasks]) == ("", ["", ""])
    assert roles.twins() == []
    assert not home.exists()


def test_a_preview_says_whom_it_hides_and_what_was_mended(home: Path, installation: Installation) -> None:
    write(home / "personas" / "mine.json", json.dumps(persona(category="legal")))

    page, notices = preview("tester")

    assert (page.scope, page.hides) == ("user", (str(installation.root / "personas" / "tester.json"),))
    assert [notice.code for notice in notices] == ["persona.field"]


def test_a_real_template_with_playbooks_and_no_heartbeat_loads_unchanged(home: Path, clock: FakeClock) -> None:
    document = changed(PERSONA, "heartbeat", REMOVE)
    document["cognitiveOffload"] = {"primaryCategories": [], "examplePlaybooks": [{"id": "p", "name": "P", "description": "d"}]}
    write(home / "personas" / "upstream.json", json.dumps({**document, "id": "upstream"}))

    page, notices = preview("upstream")

    assert (notices, page.tasks, page.heartbeat_enabled, page.interval_minutes) == ((), (), False, 60)
    assert activate("upstream", clock)[0].twin.name == "twin-upstream"


def test_a_person_sees_what_matters(home: Path) -> None:
    evil = "\x1b]0;owned\x07[red]x[/red]"
    document = changed(persona(id="evil", description=evil, icon=evil, tags=[evil]), "role.soul", {"role": evil})
    write(home / "personas" / "evil.json", json.dumps(document))

    shown = run_here("twin", "templates").out
    assert "analyst" in shown
    assert "1/2" in shown
    page = run_here("twin", "preview", "evil", "--full").out
    assert "twin-evil" in page
    assert "missing  " not in page
    assert "Look around." in page
    for text in (shown, page):
        assert "\x1b" not in text
        assert "\x07" not in text
        assert "[red]" in text
    assert "engineering" in run_here("twin", "categories").out
    assert "no template fits" in run_here("twin", "templates", "--search", "zebra").out
