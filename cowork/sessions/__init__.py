"""Sessions: a directory each, with an append-only journal as the truth."""
