"""The exercises of lab 07, “Measuring”."""
