"""The command line: one thin file per verb group, and the manifest of every verb. The only room with Click."""
