"""Offering packs to others: a catalogue built from a directory, archives that are the same every time, a small server."""
