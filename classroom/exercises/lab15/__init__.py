"""The exercises of lab 15, “The league, and your own detector”."""
