"""What `coursekit train`, `evaluate`, `predict` and `export` do, one file a verb; the command line itself is `coursekit.cli`."""
