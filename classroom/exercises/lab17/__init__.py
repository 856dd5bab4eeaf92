"""The exercises of lab 17, “Follow an object”."""
