"""The notebooks: built from their sources, executed, and looked through before they are published."""

from classroom.extras import need

for package in ("jupytext", "nbclient", "nbformat"):
    need(package, "lab")
