"""The exercises of lab 13, “The hourglass, or look again”."""
