"""`coursekit train --record FILE`: what a training started from and what it cost, stored beside its weights."""

import hashlib
import json
from pathlib import Path

from coursekit.commands.models import Facts


def minutes_before(record: Path, checkpoint: Path) -> float:
    """Return the CPU minutes already spent on a training that resumes from its checkpoint.

    Raises:
        ValueError: the record is damaged.
    """
    if not record.exists() or not checkpoint.exists():
        return 0.0
    try:
        return float(json.loads(record.read_text(encoding="utf-8"))["cpu_minutes"])
    except (ValueError, KeyError, TypeError):
        raise ValueError(
            f"{record} is not a record of a training: name another file with --record."
        ) from None


def write_record(record: Path, out: Path, facts: Facts, minutes: float, **more: str | int | None) -> None:
    """Write the CPU minutes of a training, its model, classes and steps, and which weights these are, as JSON."""
    fingerprint = hashlib.sha256(out.read_bytes()).hexdigest()
    said: dict[str, object] = {"model": facts.name, "weights": out.name, "sha256": fingerprint}
    said |= {"cpu_minutes": round(minutes, 3), "steps": facts.steps, "size": list(facts.size)}
    said |= {"classes": list(facts.classes), "fine_tuned": facts.fine_tuned} | more
    record.parent.mkdir(parents=True, exist_ok=True)
    record.write_text(json.dumps(said, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
