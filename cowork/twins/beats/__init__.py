"""Heartbeats: a twin wakes, collects evidence, asks a model if there is one, and stores what came of it."""
