"""Real processes killed with SIGKILL at moments that are drawn. `python -m tests.bench.kills` does two hundred."""

from __future__ import annotations

import random
from pathlib import Path

from tests.loop.engine.stories import Story, play


def test_a_run_that_nobody_kills_goes_as_the_plot_says(tmp_path: Path) -> None:
    story = Story(tmp_path, random.Random(0))
    story.to_the_end()
    story.check()


def test_killed_at_fifteen_moments_nothing_is_lost_or_repeated(tmp_path: Path) -> None:
    seed = random.SystemRandom().randrange(10**6)
    print(f"seed {seed}")
    assert play(tmp_path, 15, seed, print) >= 2  # at most twelve kills a story; each story checks itself
