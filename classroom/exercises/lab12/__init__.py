"""The exercises of lab 12, “Going back up”."""
