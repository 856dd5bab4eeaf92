"""What `coursekit train`, `evaluate`, `predict` and `export` do, one file per command; the command line itself is `coursekit.cli`."""
