"""The exercises of lab 10, “A set of boxes”."""
