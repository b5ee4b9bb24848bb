"""Running in the background: a process of its own, heard of once it works, and its reasons when it does not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cowork.core.errors import Conflict, CoworkError, NotFound
from cowork.loop.control import detaching
from cowork.loop.control.detaching import detach, log_of
from cowork.sessions import journal, places
from cowork.sessions.places import Workplace
from tests.loop.control.loops import head, session, started
from tests.loop.provider_server import provider
from tests.support import alive, gone, run_here


def cut_short() -> Workplace:
    """A run of a pattern that was killed before its first answer."""
    assert run_here("loop", "start", "Is it so?", "--pattern", "debate", "--provider", "rehearsal").code == 0
    place = next(places.places())
    lines = place.journal.read_bytes().splitlines(keepends=True)
    place.journal.write_bytes(b"".join(lines[:2]))
    return place


def test_a_session_goes_on_in_the_background_and_is_named_by_its_process() -> None:
    place = cut_short()
    pid = detach(place.session_id[:20])
    assert pid != os.getpid()
    assert gone(pid)
    assert journal.read(place.journal)[-1]["type"] == "run.completed"
    assert "debate" in log_of(place).read_text()


def test_it_is_a_process_in_a_session_of_its_own_that_holds_the_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    with provider(lambda _body, _number: "yes", hold=True) as server:
        monkeypatch.setenv("GROQ_API_KEY", "k")
        monkeypatch.setenv("GROQ_BASE_URL", server.url)
        place = cut_short()
        raw = place.journal.read_bytes()
        place.journal.write_bytes(raw.replace(b'"rehearsal","model":"extract-1"', b'"groq","model":"one"'))
        pid = detach(place.session_id)
        assert places.alive(place)
        assert os.getsid(pid) == pid
        assert os.readlink(f"/proc/{pid}/fd/0") == os.devnull
        assert os.readlink(f"/proc/{pid}/fd/1") == os.readlink(f"/proc/{pid}/fd/2") == str(log_of(place))
        assert alive(pid)
        with pytest.raises(Conflict, match=str(pid)):
            detach(place.session_id)
        os.kill(pid, 15)
        server.release.set()
        assert gone(pid)


def test_a_process_that_ends_before_it_works_says_why() -> None:
    place = cut_short()
    place.journal.write_bytes(place.journal.read_bytes().replace(b'"pattern":"debate"', b'"pattern":"nonsense"'))
    log_of(place).write_text("from an earlier time\n")
    with pytest.raises(CoworkError) as failed:
        detach(place.session_id)
    assert failed.value.code == "loop.not_detached"
    assert failed.value.exit_code in (3, 4)
    assert "error: " in (failed.value.cause or "")
    assert "earlier" not in (failed.value.cause or "")


def test_a_project_cannot_put_its_own_modules_in_the_way() -> None:
    place = cut_short()
    Path("cowork").mkdir()
    Path("cowork/__init__.py").write_text("raise SystemExit('mine')")
    Path("json.py").write_text("raise SystemExit('mine')")
    assert gone(detach(place.session_id))
    assert "mine" not in log_of(place).read_text()
    assert journal.read(place.journal)[-1]["type"] == "run.completed"


def test_one_that_does_not_come_to_work_in_time_is_ended() -> None:
    place = session(head(), started(1))
    before = place.journal.read_bytes()
    with pytest.raises(CoworkError) as failed:
        detach(place.session_id, patience_s=0.0)
    assert failed.value.code == "loop.not_detached"
    assert place.journal.read_bytes() == before


def test_a_log_that_is_a_link_is_refused(tmp_path: Path) -> None:
    place = cut_short()
    log_of(place).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(CoworkError) as failed:
        detach(place.session_id)
    assert (failed.value.code, (tmp_path / "elsewhere").exists()) == ("file.not_writable", False)


def test_a_session_that_is_none_is_not_found() -> None:
    with pytest.raises(NotFound):
        detach("nope")


def test_statuses_of_processes_stand_for_errors() -> None:
    assert {code: error.__name__ for code, error in detaching._ERRORS.items()} == {
        3: "NotFound", 4: "InvalidInput", 5: "Conflict", 6: "Denied", 7: "Unavailable", 8: "LimitReached",
    }  # fmt: skip
