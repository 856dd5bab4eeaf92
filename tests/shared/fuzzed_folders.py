"""Annotation files with random mutations of their bytes or values.

`python tests/shared/fuzzed_folders.py 1000` tries 1,000 of each format, and prints what is neither read nor refused in words.
"""

import copy
import json
import random
import re
import shutil
import sys
import tempfile
import traceback
from collections import Counter
from pathlib import Path

import odd_folders
import torch

from coursekit.data.coco_folder import checked_folder
from coursekit.schema import validate

ODD = (
    None,
    True,
    "",
    "x",
    "1",
    "\ud800",
    0,
    -1,
    1,
    7,
    2**70,
    -(2**63),
    10**400,
    0.5,
    1e308,
    -1e-300,
    float("nan"),
)
ODD += (
    float("inf"),
    [],
    {},
    [1],
    [[]],
    [None],
    {"size": [30, 40], "counts": [1200]},
    {"counts": "12"},
    "../0.png",
    "\0",
)
WORDS = (
    "",
    "x",
    "-1",
    "0",
    "1e308",
    "nan",
    "inf",
    "1e-320",
    "9" * 400,
    "2",
    "0.5",
    "\ud7ff",
    "<",
    "&",
    "1 2",
    "\0",
    "cat",
)


def rich_coco(root):
    """A COCO folder with polygons and run-length codes."""

    def change(content):
        for row in content["annotations"]:
            x, y, w, h = row["bbox"]
            row["segmentation"] = [[x, y, x + w, y, x + w, y + h, x, y + h]]
        content["annotations"][1]["segmentation"] = {"size": [30, 40], "counts": [0, 1200]}

    odd_folders.coco(root, change=change)


def rich_yolo(root):
    changed = {2: "0 0.1 0.1 0.5 0.1 0.5 0.6\n0 0.5 0.5 0.2 0.2\n"}
    odd_folders.yolo(root, yaml=odd_folders.YAML, changed=changed)


FORMATS = {"coco": rich_coco, "voc": odd_folders.voc, "yolo": rich_yolo}
FILES = {"coco": "annotations.json", "voc": "Annotations/1.xml", "yolo": "labels/train/2.txt"}


def mutated_bytes(content, chance):
    """The bytes with a few flipped, removed, repeated or put in, or cut off."""
    found = bytearray(content)
    for _ in range(chance.choice((1, 1, 2, 5))):
        at = chance.randrange(len(found) or 1)
        kind = chance.randrange(5)
        if kind == 0 and found:
            found[at] ^= 1 << chance.randrange(8)
        elif kind == 1:
            del found[at : at + chance.choice((1, 3, 20))]
        elif kind == 2:
            found[at:at] = bytes(chance.randrange(256) for _ in range(chance.choice((1, 4))))
        elif kind == 3:
            found[at:at] = found[at : at + chance.choice((5, 50))]
        elif chance.random() < 0.3:
            del found[at:]
    return bytes(found)


def mutated_values(content, chance):
    """A COCO file with some values replaced or removed, anywhere."""
    whole = json.loads(content)
    for _ in range(chance.choice((1, 1, 2, 4))):
        place = whole
        while True:
            keys = list(place) if isinstance(place, dict) else list(range(len(place)))
            if not keys:
                break
            key = chance.choice(keys)
            if isinstance(place[key], dict | list) and chance.random() < 0.85:
                place = place[key]
                continue
            if chance.random() < 0.15:
                del place[key]
            else:
                place[key] = copy.deepcopy(chance.choice(ODD))
            break
    return json.dumps(whole).encode()


def mutated_words(content, chance):
    """A text with some of its numbers and names replaced."""
    words = re.split(r"([\s<>/]+)", content.decode())
    for _ in range(chance.choice((1, 1, 2, 4))):
        words[chance.randrange(len(words) // 2 + 1) * 2] = chance.choice(WORDS)
    return "".join(words).encode("utf-8", "surrogatepass")


def mutate(form, root, seed):
    """Mutate one file of a folder that is otherwise right; now and then a file of another kind."""
    chance = random.Random(f"{form} {seed}")
    path = root / FILES[form]
    if form == "yolo" and chance.random() < 0.25:
        path = root / "data.yaml"
    if chance.random() < 0.05:
        path = next(root.rglob("1.png"))
    content = path.read_bytes()
    by_value = mutated_values if form == "coco" else mutated_words
    change = mutated_bytes if path.suffix == ".png" or chance.random() < 0.5 else by_value
    path.write_bytes(change(content, chance))
    return chance


def outcome(form, root, seed):
    """ "read" or "refused"; what else is raised is a fault. What is read must be a valid target of its picture."""
    chance = mutate(form, root, seed)
    try:
        dataset = checked_folder(root, "train", masks=chance.random() < 0.5, skip_bad=chance.random() < 0.5)
        for i in range(len(dataset)):
            image, target = dataset[i]
            if not (len(target["boxes"]) and target["boxes"].max() <= 1) and "masks" not in target:
                validate([{key: target[key] for key in ("boxes", "labels", "image_id")}], [image])
            assert target["image_id"].dtype == torch.int64
    except (ValueError, OSError) as error:
        assert str(root) in str(error) or FILES[form] in str(error), f"it names no file: {error!r}"
        return "refused"
    return "read"


def tried(form, seeds, folder):
    """How often each outcome was, and the traceback of each other one."""
    count, faults = Counter(), []
    original = folder / f"{form} original"
    FORMATS[form](original)
    for seed in seeds:
        root = folder / f"{form} {seed}"
        shutil.copytree(original, root)
        try:
            count[outcome(form, root, seed)] += 1
        except Exception:
            faults.append(f"{form} {seed}: {traceback.format_exc()}")
        shutil.rmtree(root)
    return count, faults


if __name__ == "__main__":
    for each in FORMATS:
        with tempfile.TemporaryDirectory() as place:
            counted, wrong = tried(each, range(int(sys.argv[1])), Path(place))
        print(each, dict(counted), f"{len(wrong)} faults", flush=True)
        print(*wrong[:20], sep="\n")
