"""The tables of data/README.md and its contact sheet, from the files in data/still_life."""

import json
from collections import Counter
from pathlib import Path

from clip_report import clip_row, clip_sheet
from clips import CLIPS
from production import OUTPUT
from shapes import CLASSES
from sheet import contact_sheet
from splits import SPLITS

README = OUTPUT.parent / "README.md"
PURPOSE = {
    "train": "training",
    "val": "choosing settings",
    "test_scenes": "testing: new scenes",
    "test_objects": "testing: unseen objects",
    "single_train": "training, one object",
    "single_val": "choosing settings, one object",
    "single_test_scenes": "testing, one object: new scenes",
    "single_test_objects": "testing, one object: unseen objects",
    "preview": "fast tests",
}


def report() -> None:
    """Rewrite the tables and the contact sheets."""
    datasets = {name: read(OUTPUT / f"{name}.json") for name in SPLITS if (OUTPUT / f"{name}.json").exists()}
    text = README.read_text(encoding="utf-8")
    text = between(text, "splits", [split_row(name, dataset) for name, dataset in datasets.items()])
    text = between(text, "counts", class_table(datasets))
    text = between(text, "clips", [clip_row(name, split.identities) for name, split in CLIPS.items()])
    README.write_text(text, encoding="utf-8")
    contact_sheet(OUTPUT, "val").save(OUTPUT.parent / "still_life_sheet.jpg", quality=88)
    clip_sheet().save(OUTPUT.parent / "clips_sheet.jpg", quality=88)


def read(path: Path) -> dict:
    return json.loads(path.read_text(encoding="utf-8"))


def split_row(name: str, dataset: dict) -> str:
    first, last = SPLITS[name].identities[0], SPLITS[name].identities[-1]
    return f"| `{name}` | {len(dataset['images'])} | {len(dataset['annotations'])} | {first}–{last} | {PURPOSE[name]} |"


def class_table(datasets: dict[str, dict]) -> list[str]:
    lines = [f"| split | {' | '.join(CLASSES)} |", f"|---|{'--:|' * len(CLASSES)}"]
    for name, dataset in datasets.items():
        count = Counter(row["category_id"] for row in dataset["annotations"])
        lines.append(f"| `{name}` | {' | '.join(str(count[k]) for k in range(1, len(CLASSES) + 1))} |")
    return lines


def between(text: str, name: str, lines: list[str]) -> str:
    """The text with these lines between `<!-- name: start -->` and `<!-- name: end -->`."""
    before, rest = text.split(f"<!-- {name}: start -->\n")
    return (
        f"{before}<!-- {name}: start -->\n"
        + "\n".join(lines)
        + f"\n<!-- {name}: end -->{rest.split(f'<!-- {name}: end -->')[1]}"
    )
