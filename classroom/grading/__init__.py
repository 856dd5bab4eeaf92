"""Grading a class: the exercises of every notebook examined in a fence, tables of points, and pages to read."""

from classroom.extras import need

for package in ("jinja2", "joblib"):
    need(package, "grade")
