"""Where a student stands: which exercises were tried and solved and how many hints were read, kept on their machine.

The file is small and readable; what cannot be read or written is left alone, since no lab may stop because of it.
"""

import json
import os
from pathlib import Path

import platformdirs
from filelock import FileLock, Timeout

from classroom.exercises.catalogue import homes

VARIABLE = "COURSEKIT_PROGRESS"


def progress_file() -> Path:
    """Return $COURSEKIT_PROGRESS (os.devnull keeps nothing), or progress.json in the system's folder for a user's data."""
    folder = platformdirs.user_data_path("coursekit", appauthor=False)
    return Path(os.environ.get(VARIABLE) or folder / "progress.json")


def note_check(name: str, attempted: bool, right: bool) -> None:
    """Keep what `check` said of an exercise last."""
    if attempted:
        _change(name, solved=right)


def note_hint(name: str, rung: int) -> None:
    """Keep how far up its ladder an exercise's hints were read."""
    _change(name, hints=max(rung, read().get(name, {}).get("hints", 0)))


def read() -> dict[str, dict]:
    """Return what was kept, by exercise: "solved" (absent if never tried) and "hints"."""
    try:
        kept = json.loads(progress_file().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    exercises = kept.get("exercises") if isinstance(kept, dict) else None
    if not isinstance(exercises, dict):
        return {}
    return {name: entry for name, entry in exercises.items() if isinstance(entry, dict)}


def _change(name: str, **values: object) -> None:
    file = progress_file()
    if file == Path(os.devnull):
        return
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{file}.lock", timeout=2):
            exercises = read()
            exercises[name] = exercises.get(name, {}) | values
            half = file.with_suffix(".half")
            half.write_text(json.dumps({"exercises": exercises}, indent=1) + "\n", encoding="utf-8")
            half.replace(file)
    except (OSError, Timeout):
        return


def progress() -> None:
    """Print which exercises of each lab are solved, which are open, and how many hints were read."""
    print(summary(read()))


def summary(kept: dict[str, dict]) -> str:
    """Return one line per lab, and below it the names of what is open.

    >>> print(summary({"box_iou": {"solved": True, "hints": 2}}).splitlines()[0])  # doctest: +ELLIPSIS
    Lab 01: 1 of ... solved; 2 hints read
    """
    lines = []
    for lab, names in by_lab().items():
        solved = [name for name in names if kept.get(name, {}).get("solved")]
        tried = [name for name in names if kept.get(name, {}).get("solved") is False]
        hints = sum(kept.get(name, {}).get("hints", 0) for name in names)
        read_hints = f"; {hints} hint{'s' * (hints != 1)} read" if hints else ""
        lines.append(f"Lab {lab}: {len(solved)} of {len(names)} solved{read_hints}")
        untouched = [name for name in names if name not in solved and name not in tried]
        lines += [f"   not right yet: {', '.join(tried)}"] if tried else []
        lines += [f"   open: {', '.join(untouched)}"] if untouched and (solved or tried) else []
    return "\n".join(lines)


def by_lab() -> dict[str, list[str]]:
    """Return the names of each lab's exercises, by the lab's number."""
    labs: dict[str, list[str]] = {}
    for name, home in homes().items():
        labs.setdefault(home.split(".lab")[1][:2], []).append(name)
    return labs
