"""The exercises of lab 03, “A grid that looks once”."""
