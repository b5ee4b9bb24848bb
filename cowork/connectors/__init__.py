"""Connectors of packs: HTTP requests, command lines and scripts that a pack declares, called under guard."""
