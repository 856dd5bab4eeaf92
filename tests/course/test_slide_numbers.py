"""Numbers in the slides' words: measured ones come from the scores by name; typed ones are known, with a reason."""

import json
import re
from pathlib import Path

from classroom.deck.numbers import NUMBER, fill, written

ROOT = Path(__file__).parents[2]
PARTS = sorted((ROOT / "slides").glob("[0-9]*_*.md"))
METRICS = re.compile(r"\b(?:m?AP(?:50|75)?|mIoU|[Bb]oundary F|PCK|accuracy|recall|cover)\b")
HIDDEN = re.compile(r"\$[^$]*\$|`[^`]*`|^\[\^.*$|https?:\S+", re.MULTILINE)
DECIMAL = re.compile(r"(?<![\d.,])0?\.\d{2,3}\b(?!\.?\d)")
TYPED = {  # lines that speak of a metric and contain typed decimals, by a few of their words, and why they may
    "414 regions of selective search": "bench/README.md has no file of numbers; its command stands beside",
    "without and with suppression: YOLO of 2016": "the figure computes AP50 on val from the shipped weights",
    "Ten detections of pears": "by hand, on the slide",
    "so recall stops at": "by hand, on the slide",
    "COCO's **AP**": "a definition",
    "Right at which IoU?": "a definition",
    "A lemon with its box dashed and a predicted box": "thresholds, and means on val that the figure computes",
    "AP50 gained by fixing each kind of error": "the figure computes the errors on val",
    "Common wrong answers": "by hand, on the slide",
    "Detectron2's model zoo": "published, with its source",
    "The seed is another one": "a made-up question",
    "Its AP on all pedestrians": "a made-up question",
}


def typed() -> list[str]:
    """The lines of all slides that speak of a metric and contain a typed decimal."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in PARTS)
    lines = HIDDEN.sub("", NUMBER.sub("", text)).splitlines()
    return [line for line in lines if METRICS.search(line) and DECIMAL.search(line)]


def test_a_measured_number_is_drawn_from_the_scores():
    unknown = [line[:200] for line in typed() if not any(words in line for words in TYPED)]
    assert not unknown, "write {score:RECIPE SPLIT METRIC}, or add the line to TYPED:\n" + "\n".join(unknown)


def test_every_exception_is_needed():
    assert [words for words in TYPED if not any(words in line for line in typed())] == []


def test_a_number_is_that_of_the_record():
    """Read from the file here, without the module that reads it for the slides."""
    records = json.loads((ROOT / "data" / "checkpoints" / "scores.json").read_text(encoding="utf-8"))
    (yolo,) = (each for each in records if (each["recipe"], each["seed"]) == ("yolo", 0))
    ap, low, high = yolo["scores"]["test_scenes"]["AP"]
    name = "yolo test_scenes AP"
    assert [written("score", f"{name}{end}") for end in ("", " .3f", " .0%", " low .4f", " high .4f")] == [
        f"{ap:.2f}",
        f"{ap:.3f}",
        f"{100 * ap:.0f} %",
        f"{low:.4f}",
        f"{high:.4f}",
    ]
    lost = ap - yolo["scores"]["test_objects"]["AP"][0]
    assert written("score", "yolo test_scenes AP - yolo test_objects AP .3f") == f"{lost:.3f}"
    speeds = json.loads((ROOT / "bench" / "detectors.json").read_text(encoding="utf-8"))["images_per_second"]
    model = next(iter(speeds))
    if " " not in model:
        assert written("bench", f"detectors images_per_second {model} d") == f"{speeds[model]:.0f}"


def test_a_wrong_name_is_reported_on_its_line():
    said = []
    text = fill("AP\n\nis {score:yolo test_scenes AQ}.", lambda line, sentence: said.append((line, sentence)))
    assert text == "AP\n\nis ?." and said[0][0] == 2 and "there is no 'AQ' in 'yolo'" in said[0][1]
