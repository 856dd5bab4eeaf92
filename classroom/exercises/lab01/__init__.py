"""The exercises of lab 01, “Where is it?”."""
