"""Benches: patterns measured on the user's own questions, against one model that is given as many calls."""
