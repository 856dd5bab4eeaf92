"""coursekit: object detection and segmentation, written out, checked and trained on two CPU cores."""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"
__all__ = ["SHIPPED", "shipped"]


def __getattr__(name: str) -> Any:
    """Import PyTorch and the models only when shipped weights are loaded."""
    if name in __all__:
        return getattr(import_module("coursekit.published"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
