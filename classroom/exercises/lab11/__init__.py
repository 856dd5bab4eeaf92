"""The exercises of lab 11, “From a class to a map”."""
