"""The exercises of lab 02, “What and where, for one object and for N”."""
