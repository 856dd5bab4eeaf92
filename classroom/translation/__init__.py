"""The words of labs and slides in other languages: extracted to PO files, and built back."""

from classroom.extras import need

for package in ("babel", "jupytext"):
    need(package, "translate")
