"""Bringing packs in: sources, fetching, judging, the store, the lockfile. Trusts nothing that it fetched."""
