"""What several tests look at and takes long to build: built once for all processes of a run."""

from collections.abc import Callable
from pathlib import Path

from filelock import FileLock


def built_once(tmp_path_factory, name: str, build: Callable[[Path], object]) -> Path:
    """The folder of this name that `build` has filled; the first process builds, the others wait for it."""
    place = tmp_path_factory.getbasetemp()
    place = place.parent if place.name.startswith("popen-") else place  # of a process of pytest-xdist
    folder, done = place / name, place / f"{name}.done"
    with FileLock(place / f"{name}.lock"):
        if not done.exists():
            build(folder)
            done.touch()
    return folder
