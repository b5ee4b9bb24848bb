"""Whether the user trusts what a project's own files would run or allow. Standard library only; it reads and never writes."""
