"""coursekit: object detection and segmentation, written out, checked and trained on two CPU cores."""

from typing import Any

__version__ = "0.1.0"
__all__ = ["check", "hint", "show"]

_HOME = {"check": "coursekit.exercises.core", "hint": "coursekit.exercises.core", "show": "coursekit.draw"}


def __getattr__(name: str) -> Any:
    """Import `check`, `hint` and `show` when they are first asked for: `import coursekit` stays fast."""
    if name in _HOME:
        from importlib import import_module

        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module 'coursekit' has no attribute {name!r}")
