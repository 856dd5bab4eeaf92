"""What `coursekit evaluate` says of each class, on made-up detections that can be counted by hand."""

import json

import numpy as np
import pytest
import torch
from shapes_folder import write_folder

from coursekit.commands.datasets import open_data
from coursekit.commands.detection_report import confusion_lines, detection_report, lines_of
from coursekit.commands.evaluate import seen_before
from coursekit.commands.items import picture_keys
from coursekit.commands.models import Facts
from coursekit.commands.segmentation_report import segmentation_report, truth
from coursekit.metrics import coco_metrics


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    return open_data(str(write_folder(tmp_path_factory.mktemp("reports") / "shapes")), "val")


def detections(dataset):
    """Every object right, but: image 0's square is called a bar, image 1's bar is missed, image 3 has a false square."""
    found = []
    for i in range(len(dataset)):
        target = dataset.target(i)
        one = {
            "boxes": target["boxes"],
            "labels": target["labels"].clone(),
            "scores": torch.ones(len(target["labels"])),
        }
        if i == 0:
            one["labels"][one["labels"] == 2] = 1
        if i == 1:
            one = {name: value[one["labels"] == 2] for name, value in one.items()}
        if i == 3:
            one = {
                "boxes": torch.tensor([[0.0, 0, 9, 9]]),
                "labels": torch.tensor([2]),
                "scores": torch.ones(1),
            }
        found.append(one)
    return found


def test_precision_recall_and_confusions_are_those_counted_by_hand(dataset):
    found = detections(dataset)
    report = detection_report(found, dataset, 0.5)
    assert report["confusion"] == [[4, 0, 1], [1, 4, 0], [0, 1, 0]]
    bar, square = report["classes"]["bar"], report["classes"]["square"]
    assert (bar["objects"], bar["found"], bar["precision"], bar["recall"]) == (5, 5, 4 / 5, 4 / 5)
    assert (square["objects"], square["found"], square["precision"], square["recall"]) == (5, 5, 4 / 5, 4 / 5)
    means = np.mean([bar["AP"], square["AP"]])
    assert means == pytest.approx(coco_metrics(found, [dataset.target(i) for i in range(6)])["AP"])
    assert report["errors"]["classification"]["count"] == 1 and report["errors"]["missed"]["count"] == 1
    assert json.loads(json.dumps(report)) == report
    assert any(line.split() == ["bar", "4", "0", "1"] for line in lines_of(report))


def test_what_scores_below_the_threshold_is_not_found(dataset):
    report = detection_report(detections(dataset), dataset, 1.0)
    assert report["confusion"] == [[0, 0, 5], [0, 0, 5], [0, 0, 0]]
    assert report["classes"]["bar"]["precision"] is None and report["classes"]["bar"]["recall"] == 0


def test_an_object_counts_once_however_often_it_is_detected(dataset):
    target = dataset.target(0)
    twice = {
        "boxes": target["boxes"].repeat(2, 1),
        "labels": torch.cat([target["labels"], 3 - target["labels"]]),
        "scores": torch.tensor([0.6, 0.6, 0.9, 0.9]),
    }
    others = detections(dataset)[1:]
    confusion = np.array(detection_report([twice, *others], dataset, 0.5)["confusion"])
    assert confusion[:2].sum(1).tolist() == [5, 5] and confusion[2, :2].tolist() == [1, 2]


def test_the_most_frequent_confusions_of_many_classes_are_listed():
    confusion = np.diag([9] * 13)
    confusion[2, 5], confusion[12, 1] = 7, 8
    said = list(confusion_lines(confusion, [f"c{k}" for k in range(12)]))
    assert said[1:] == ["     7  c2 detected as c5"]  # the last row is nothing


def test_a_perfect_label_map_scores_one_and_a_shifted_one_less(dataset):
    maps = [truth(dataset, i) for i in range(len(dataset))]
    perfect = segmentation_report(iter(maps), dataset)
    assert perfect["scores"] == {"mean_iou": 1.0, "pixel_accuracy": 1.0, "boundary_f": 1.0}
    assert list(perfect["classes"]) == ["background", "bar", "square"]
    shifted = segmentation_report(({"semantic": each["semantic"].roll(4, 1)} for each in maps), dataset)
    row = shifted["classes"]["square"]
    assert row["precision"] == pytest.approx(24 / 28, abs=0.02) and row["iou"] == pytest.approx(
        24 / 32, abs=0.03
    )
    assert shifted["scores"]["boundary_f"] < 0.9


def test_pictures_that_were_trained_on_are_counted(dataset):
    keys = picture_keys(dataset)
    assert len(keys) == 48
    facts = Facts("ssd", dataset.classes, (64, 64), pictures=keys[:16])
    assert seen_before(facts, dataset).startswith("2 of these 6 images were trained on")
    assert seen_before(Facts("ssd", dataset.classes, (64, 64), pictures="00000000"), dataset) == ""
    assert seen_before(Facts("ssd", dataset.classes, (64, 64)), dataset) == ""
