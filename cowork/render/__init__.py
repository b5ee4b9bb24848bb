"""One result, two views: the JSON envelope for programs, Rich for people. The only room that writes stdout."""
