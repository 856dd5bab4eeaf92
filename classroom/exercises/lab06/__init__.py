"""The exercises of lab 06, “Faster R-CNN. First where, then what”."""
