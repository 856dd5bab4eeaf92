"""The exercises of lab 04, “Many scales, and nearly all of it is background”."""
