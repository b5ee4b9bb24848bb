"""Which project directories the user trusts, by a digest of the files that can make something run. Standard library only."""
