"""One paper, one file: the systems of the course, each read from top to bottom."""
