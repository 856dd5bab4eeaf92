"""The exercises of lab 14, “Mask R-CNN, a mask for every object”."""
