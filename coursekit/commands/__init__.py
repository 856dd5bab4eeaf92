"""What `coursekit train`, `evaluate` and `predict` do, one file a verb; the command line itself is `coursekit.cli`."""
