"""Admin policies and the one gate that every mutation asks. A policy file that cannot be read closes everything."""
