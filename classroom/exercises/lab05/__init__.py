"""The exercises of lab 05, “Look closer only where something may be”."""
