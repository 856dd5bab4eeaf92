"""The exercises of lab 16, “Click to segment”."""
