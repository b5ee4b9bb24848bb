"""Evidence: facts about a workspace that are collected locally, before any model speaks."""
