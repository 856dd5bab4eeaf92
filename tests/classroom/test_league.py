"""The league: folders put together, classes united, one table of all detectors."""

import csv
import json

import pytest
import torch
from PIL import Image

from classroom.cli import main
from classroom.league import Contestant, as_text, put_together, shipped_contestants, standings, write_table
from classroom.league.contestants import fitting, shipped_detectors
from classroom.league.folders import relabelled
from coursekit.data.still_life import CLASSES, still_life

BOX, OTHER = [10.0, 20, 40, 30], [60.0, 10, 20, 50]  # xywh


def write_folder(root, rows, names, size=(120, 90), layout="annotations.json"):
    """Photographs, one per list of (category, box)."""
    root.mkdir(parents=True)
    images, annotations = [], []
    for i, objects in enumerate(rows, start=1):
        Image.new("RGB", size, "wheat").save(root / f"{i}.jpg")
        images.append({"id": i, "file_name": f"{i}.jpg", "width": size[0], "height": size[1]})
        for category, box in objects:
            annotations.append({"id": len(annotations), "image_id": i, "category_id": category, "bbox": box})
    categories = [{"id": k, "name": name} for k, name in names.items()]
    coco = {"images": images, "annotations": annotations, "categories": categories}
    (root / layout).parent.mkdir(exist_ok=True)
    (root / layout).write_text(json.dumps(coco))
    return root


@pytest.fixture
def folders(tmp_path):
    first = write_folder(tmp_path / "one", [[(1, BOX)], [(1, OTHER), (2, BOX)]], {1: "cup", 2: "kettle"})
    ours = {5: "Wine_Glass", 3: "mug"}
    second = write_folder(
        tmp_path / "two", [[(5, BOX), (3, OTHER)]], ours, (90, 160), "annotations/instances_val.json"
    )
    return first, second


def knowing(name, classes, found):
    """A contestant that finds the same everywhere: (label, box xyxy, score) triples."""
    labels, boxes, scores = zip(*found, strict=True)
    prediction = {
        "labels": torch.tensor(labels),
        "boxes": torch.tensor(boxes),
        "scores": torch.tensor(scores),
    }
    return Contestant(name, lambda image: prediction, classes, 1_000_000, 1.5)


def test_classes_are_united_by_their_names(folders):
    photographs = put_together(folders)
    assert len(photographs) == 3 and photographs.unknown == {"kettle": 1} and photographs.troubles == []
    names = [[photographs.classes[k - 1] for k in target["labels"]] for _, target in photographs]
    assert names == [["mug"], ["mug"], ["wine glass", "mug"]]
    image, target = photographs[2]
    assert image.shape == (3, 160, 90) and target["boxes"].tolist() == [[10, 20, 50, 50], [60, 10, 80, 60]]


def test_a_bad_folder_is_a_sentence_and_the_others_play(folders, tmp_path):
    damaged = write_folder(tmp_path / "damaged", [[(1, BOX)]], {1: "mug"})
    (damaged / "1.jpg").write_bytes(b"\xff\xd8\xff no photograph")
    empty = write_folder(tmp_path / "empty", [], {1: "mug"})
    photographs = put_together([damaged, folders[0], tmp_path / "nowhere", empty])
    assert len(photographs) == 2 and len(photographs.troubles) == 3
    for trouble, words in zip(
        photographs.troubles, ("1.jpg", "Unknown data", "no annotated photograph"), strict=True
    ):
        assert "is left out: " in trouble and words in trouble and "\n" not in trouble


def test_labels_of_others_become_ours():
    found = {
        "labels": torch.tensor([2, 1, 2]),
        "boxes": torch.rand(3, 4),
        "scores": torch.tensor([0.9, 0.8, 0.7]),
    }
    ours = relabelled(found, ("kettle", "cup"), ("book", "mug"))
    assert ours["labels"].tolist() == [2, 2] and torch.equal(ours["boxes"], found["boxes"][[0, 2]])
    none = relabelled({key: value[:0] for key, value in found.items()}, ("kettle", "cup"), ("book",))
    assert none["labels"].shape == (0,) and none["boxes"].shape == (0, 4)


def test_each_is_scored_on_the_classes_that_it_knows(folders):
    photographs = put_together(folders)
    right = knowing("right", ("mug",), [(1, [10.0, 20, 50, 50], 0.9), (1, [60.0, 10, 80, 60], 0.8)])
    poor = knowing("poor", CLASSES, [(1, [0.0, 0, 9, 9], 0.9)])
    foreign = knowing("foreign", ("kettle",), [(1, [0.0, 0, 9, 9], 0.9)])
    rows = standings([foreign, poor, right], photographs)
    assert [row.detector for row in rows] == ["right", "poor", "foreign"]
    assert [row.classes for row in rows] == [1, 2, 0] and rows[2].AP is None
    assert rows[0].AP50[0] > 0.5 > rows[1].AP50[0] == 0.0 and rows[0].AP[1] <= rows[0].AP[0] <= rows[0].AP[2]
    with pytest.raises(ValueError, match="no annotated photograph"):
        standings([right], put_together([]))


def test_the_table_as_text_csv_and_json(folders, tmp_path):
    photographs = put_together([*folders, tmp_path / "nowhere"])
    rows = standings([knowing("right", ("cup",), [(1, [10.0, 20, 50, 50], 0.9)])], photographs)
    assert as_text(rows).splitlines()[1].startswith("right                          1  0.")
    path_csv, path_json = write_table(rows, photographs, tmp_path / "out" / "league")
    (line,) = csv.DictReader(path_csv.open())
    assert (
        line["detector"] == "right"
        and float(line["AP50_low"]) <= float(line["AP50"])
        and line["minutes"] == "1.5"
    )
    said = json.loads(path_json.read_text())
    assert said["photographs"] == 3 and said["unknown"] == {"kettle": 1} and "nowhere" in said["left_out"][0]
    assert said["rows"][0]["AP"] == [*rows[0].AP]


def test_who_takes_part():
    names = shipped_detectors()
    assert {"yolo", "retinanet", "faster_rcnn", "mask_rcnn", "detr_modern", "yolox_nano"} <= set(names)
    assert not {"localiser_spatial", "unet", "hourglass", "mask_rcnn_roi_pool"} & set(names)
    assert fitting(torch.zeros(3, 1000, 10), 192) == (192, 2)
    with pytest.raises(ValueError, match="Unknown shipped detector 'unet': choose yolo"):
        shipped_contestants(["unet"])


@pytest.mark.slow
def test_the_command_on_scenes_and_a_bad_folder(tmp_path, capsys):
    """On some of the still lifes the detectors score as they are known to."""
    scenes = still_life("val")
    few = scenes.annotations | {"images": scenes.annotations["images"][:24]}
    kept = {image["id"] for image in few["images"]}
    few["annotations"] = [row for row in few["annotations"] if row["image_id"] in kept]
    (tmp_path / "few.json").write_text(json.dumps(few))
    (tmp_path / "images").symlink_to(scenes.image_folder)
    stem = str(tmp_path / "league")
    assert main(["league", str(tmp_path / "few.json"), "nowhere", "--out", stem]) == 0
    said = capsys.readouterr()
    assert (
        "nowhere is left out: Unknown data 'nowhere'" in said.err
        and "24 photographs of 1 folders." in said.out
    )
    rows = {row["detector"]: row for row in json.loads((tmp_path / "league.json").read_text())["rows"]}
    assert rows.keys() == set(shipped_detectors()) and rows["yolox_nano"]["minutes"] is None
    assert rows["retinanet"]["AP50"][0] > 0.6 and rows["faster_rcnn"]["AP"][0] > rows["yolo"]["AP"][0]
    assert rows["yolox_nano"]["classes"] < rows["retinanet"]["classes"] == 10
    assert main(["league", "nowhere", "--out", stem]) == 1
