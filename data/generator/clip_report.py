"""What happens in the clips: counted for data/README.md, and one of them drawn with its boxes."""

import json
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

FOLDER = Path(__file__).resolve().parents[1] / "clips"
SHOWN = 0.3  # visible share below which an object counts as hidden here
COLOURS = ((213, 94, 0), (0, 114, 178), (0, 158, 115), (204, 121, 167), (230, 159, 0), (86, 180, 233))
DRAWN, DRAWN_SIZE, DRAWN_COLUMNS = "val/07", 160, 6


def read_records(split: str) -> list[dict]:
    """The records of a split's clips, in order."""
    return [json.loads(path.read_text(encoding="utf-8")) for path in sorted((FOLDER / split).glob("*.json"))]


def events(record: dict) -> tuple[int, int]:
    """How often an object is hidden and seen again, and how often one leaves the picture and comes back.

    Its box touches the edge of the picture before it leaves and after it has come back.
    """
    hidden = back = 0
    for track in record["tracks"]:
        rows = [row for row in record["annotations"] if row["track"] == track["track"]]
        shown = [row for row in rows if row["visibility"] >= SHOWN]
        for before, after in zip(shown[:-1], shown[1:], strict=True):
            if after["frame"] == before["frame"] + 1:
                continue
            absent = not any(before["frame"] < row["frame"] < after["frame"] for row in rows)
            left = absent and at_edge(before, record["size"]) and at_edge(after, record["size"])
            hidden, back = hidden + (not left), back + left
    return hidden, back


def at_edge(row: dict, size: int) -> bool:
    """Whether the box touches the edge of the picture."""
    x, y, width, height = row["bbox"]
    return x == 0 or y == 0 or x + width == size or y + height == size


def clip_row(split: str, identities: range) -> str:
    """The row of a split in the table of data/README.md."""
    records = read_records(split)
    hidden, back = np.sum([events(record) for record in records], 0)
    frames = sum(record["frames"] for record in records)
    rows, tracks = (sum(len(record[key]) for record in records) for key in ("annotations", "tracks"))
    twins = sum(len({t["category_id"] for t in r["tracks"]}) < len(r["tracks"]) for r in records)
    range_ = f"{identities[0]}–{identities[-1]}"
    return f"| `{split}` | {len(records)} | {frames} | {tracks} | {rows} | {range_} | {hidden} | {back} | {twins} |"


def clip_sheet(name: str = DRAWN) -> Image.Image:
    """The frames of a clip side by side, each track's boxes in a colour of their own."""
    record = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    picture, size, columns = Image.open(FOLDER / f"{name}.jpg"), record["size"], record["columns"]
    sheet = Image.new("RGB", (DRAWN_COLUMNS * DRAWN_SIZE, -(-record["frames"] // DRAWN_COLUMNS) * DRAWN_SIZE))
    for k in range(record["frames"]):
        left, top = k % columns * size, k // columns * size
        frame = picture.crop((left, top, left + size, top + size))
        pencil = ImageDraw.Draw(frame)
        for row in record["annotations"]:
            if row["frame"] == k:
                x, y, width, height = row["bbox"]
                pencil.rectangle(
                    (x, y, x + width - 1, y + height - 1), outline=COLOURS[row["track"] - 1], width=2
                )
        place = k % DRAWN_COLUMNS * DRAWN_SIZE, k // DRAWN_COLUMNS * DRAWN_SIZE
        sheet.paste(frame.resize((DRAWN_SIZE, DRAWN_SIZE), Image.Resampling.LANCZOS), place)
    return sheet
