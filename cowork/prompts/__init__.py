"""Composing prompts: parameters, substitution, templates and context. Runs nothing."""
