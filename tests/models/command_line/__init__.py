"""Command-line agents, run for real: scripted programs that speak as the four do."""
