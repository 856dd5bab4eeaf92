"""The API reference: the docstrings of both packages become pages that need no network."""

from classroom.extras import need

for package in ("pdoc", "math_core"):
    need(package, "slides")
