"""The exercises of lab 08, “Better data, better features”."""
