"""coursekit: object detection and segmentation, written out, checked and trained on two CPU cores."""

__version__ = "0.1.0"
