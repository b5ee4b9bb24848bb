"""The loop: sessions with a journal, seats bound to models, and the engine that runs a pattern to its end."""
