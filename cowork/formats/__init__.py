"""One module per file format: parse, validate, and say exactly what is wrong and where."""
