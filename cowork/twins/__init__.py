"""Twins: personas that live in the database with a heartbeat, tasks and a soul."""
