"""The ground floor: errors, paths, settings, atomic files, clock, ids and text safety. Imports no other room."""
