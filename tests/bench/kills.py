"""A loop of real processes, killed with SIGKILL two hundred times at moments that are drawn. The seed may be given."""

from __future__ import annotations

import random
import sys
import tempfile
from pathlib import Path

from tests.loop.engine.stories import play

ROUNDS = 200


def main() -> int:
    """Print every story; fails loudly, with the seed and the moments, when anything was lost or repeated."""
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else random.SystemRandom().randrange(10**6)
    print(f"seed {seed}", flush=True)
    with tempfile.TemporaryDirectory() as place:
        stories = play(Path(place), ROUNDS, seed, lambda text: print(text, flush=True))
    print(f"{ROUNDS} kills in {stories} stories: nothing was lost or repeated")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
