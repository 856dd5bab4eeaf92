"""The website of the course: labs as they are read, slides, glossary and API reference, for a browser without a network."""

from classroom.extras import need

for package in ("jupytext", "pdoc", "math_core", "sphinx", "myst_nb", "furo"):
    need(package, "site")
