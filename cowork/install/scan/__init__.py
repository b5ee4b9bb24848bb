"""Reading a pack's files for what hides, runs or leaks. Offline, whole files, the same answer every time."""
