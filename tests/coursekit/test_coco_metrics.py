"""COCO's twelve numbers against pycocotools, number by number and curve by curve."""

import numpy as np
import pycocotools.mask
import pytest
import torch
from random_detections import HEIGHT, NAMES, WIDTH, peer_evaluation, random_data_set

from coursekit.metrics import average_precision, coco_curves, coco_metrics, coco_summary, coco_table
from coursekit.metrics.mask_runs import (
    join_runs,
    run_areas,
    run_boxes,
    runs_of_codes,
    runs_of_masks,
    shared_pixels,
)
from coursekit.ops.mask import masks_to_boxes, rle_encode

DATA_SETS = {seed: random_data_set(seed) for seed in range(100)}


def row(boxes, labels, **others):
    others = {key: torch.tensor(value) for key, value in others.items()}
    boxes = torch.tensor(boxes, dtype=torch.float32).reshape(-1, 4)
    return {"boxes": boxes, "labels": torch.tensor(labels, dtype=torch.int64)} | others


def agrees(predictions, targets, kind):
    curves, peer = coco_curves(predictions, targets, kind), peer_evaluation(predictions, targets, kind)
    numbers = coco_summary(curves)
    assert list(numbers) == NAMES
    assert np.abs(np.array(list(numbers.values())) - peer.stats).max() <= 1e-12
    assert np.abs(curves.precision - peer.eval["precision"][..., -1]).max() <= 1e-12
    assert np.abs(curves.recall - peer.eval["recall"]).max() <= 1e-12
    return numbers


@pytest.mark.parametrize("kind", ["boxes", "masks"])
@pytest.mark.parametrize("decade", range(10))
def test_a_hundred_random_data_sets_equal_pycocotools(kind, decade):
    for seed in range(10 * decade, 10 * decade + 10):
        agrees(*DATA_SETS[seed], kind)


def test_the_random_data_sets_are_awkward():
    rows = [
        image
        for predictions, targets in DATA_SETS.values()
        for image in zip(predictions, targets, strict=True)
    ]
    assert any(len(p["labels"]) == 0 < len(t["labels"]) for p, t in rows), "an image without detections"
    assert any(len(t["labels"]) == 0 < len(p["labels"]) for p, t in rows), "an image without objects"
    assert any(t["iscrowd"].any() for _, t in rows) and any(2 in p["labels"] for p, _ in rows)
    assert any(len(p["scores"].unique()) < len(p["scores"]) for p, _ in rows)
    assert all((t["labels"] != 2).all() for _, t in rows), "class 2 has no object"


def test_more_than_a_hundred_detections_of_a_class():
    predictions, targets = random_data_set(7, images=1, most=40)
    crowded = {key: torch.cat([value] * 12) for key, value in predictions[0].items()}
    crowded["labels"] = torch.ones_like(crowded["labels"])
    crowded["scores"] = torch.rand(len(crowded["labels"]), generator=torch.Generator().manual_seed(0))
    assert len(crowded["labels"]) > 100
    numbers = agrees([crowded], targets, "boxes")
    assert numbers["AR1"] < numbers["AR10"]


@pytest.mark.parametrize("exact", [[0, 0, 30, 20], [10, 0, 40, 20]])
def test_of_two_objects_with_equal_iou_the_last_is_taken(exact):
    target = row([[0, 0, 30, 20], [10, 0, 40, 20]], [1, 1], iscrowd=[0, 0], area=[600.0, 600.0])
    prediction = row([[5, 0, 35, 20], exact], [1, 1], scores=[0.9, 0.8])  # the first lies half way
    numbers = agrees([prediction], [target], "boxes")
    assert (numbers["AR100"] == 0.75) == (exact == [0, 0, 30, 20])


def test_numbers_without_ground_truth_are_minus_one():
    predictions, targets = DATA_SETS[3]
    empty = [{key: value[:0] for key, value in target.items()} for target in targets]
    for kind in ("boxes", "masks"):
        assert set(coco_metrics(predictions, empty, kind).values()) == {-1.0}
        assert set(coco_metrics([], [], kind).values()) == {-1.0}
    small = row([[0, 0, 20, 20]], [1])
    numbers = coco_metrics([small | {"scores": torch.ones(1)}], [small])
    assert (numbers["APs"], numbers["APm"], numbers["APl"], numbers["ARl"]) == (1, -1, -1, -1)
    missed = coco_metrics([row([], [], scores=[])], [small])
    assert missed["AP"] == missed["APs"] == missed["AR100"] == 0


def test_one_class_and_threshold_is_the_average_precision_of_a_list():
    """The toy list of test_average_precision.py, as boxes: 7 detections, 6 objects."""
    right = [1, 0, 1, 1, 0, 0, 1]
    boxes = [[40 * k, 0 if hit else 90, 40 * k + 30, 30 if hit else 99] for k, hit in enumerate(right)]
    true = [box for box, hit in zip(boxes, right, strict=True) if hit] + [
        [0, 200, 9, 209],
        [50, 200, 59, 209],
    ]
    prediction = row(boxes, [1] * 7, scores=[0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3])
    numbers = coco_metrics([prediction], [row(true, [1] * 6)])
    assert numbers["AP50"] == pytest.approx(average_precision(right, 6), abs=1e-12)


def test_an_xywh_box_read_as_xyxy_is_seen():
    target = row([[100, 100, 150, 150]], [1])
    wrong = row([[100, 100, 50, 50]], [1], scores=[1.0])
    assert coco_metrics([wrong], [target])["AP"] == 0


def test_a_detection_in_a_crowd_is_neither_right_nor_wrong():
    target = row([[0, 0, 100, 90], [200, 0, 240, 40]], [1, 1], iscrowd=[1, 0])
    prediction = row([[0, 0, 20, 18], [200, 0, 240, 40]], [1, 1], scores=[0.9, 0.8])
    assert coco_metrics([prediction], [target])["AP"] == 1
    target["iscrowd"][0] = 0
    assert coco_metrics([prediction], [target])["AP"] == pytest.approx(0.5 * 51 / 101)


def test_masks_are_tensors_or_codes_from_lists_or_generators():
    predictions, targets = DATA_SETS[5]
    expected = coco_metrics(predictions, targets, "masks")
    soft = [p | {"masks": 0.2 + 0.6 * p["masks"][:, None].float()} for p in predictions]
    coded = [
        [r | {"masks": [rle_encode(mask) for mask in r["masks"]]} for r in rows] for rows in DATA_SETS[5]
    ]
    assert coco_metrics(iter(soft), iter(targets), "masks") == expected
    assert coco_metrics(*coded, "masks") == expected
    assert min(expected["AP"], expected["APs"]) > 0, "and there is something to compare"


def test_the_table_has_the_numbers_of_each_class():
    predictions, targets = DATA_SETS[11]
    curves = coco_curves(predictions, targets)
    table = coco_table(curves)
    present = [numbers["AP"] for numbers in table.values() if numbers["AP"] >= 0]
    assert np.mean(present) == pytest.approx(coco_summary(curves)["AP"], abs=1e-12)
    assert table[2] == dict.fromkeys(NAMES, -1.0)
    for label in (1, 3):
        alone = [
            [{k: v[r["labels"] == label] for k, v in r.items() if k != "masks"} for r in rows]
            for rows in (predictions, targets)
        ]
        assert coco_metrics(*alone) == pytest.approx(table[label], abs=1e-12)
    assert list(coco_table(curves, "abcd")) == ["abcd"[label - 1] for label in table]
    with pytest.raises(ValueError, match="2 names for the labels"):
        coco_table(curves, ("apple", "pear"))


def test_runs_of_masks():
    random = np.random.default_rng(0)
    masks = torch.from_numpy(random.random((9, 6, 11)) < np.linspace(0, 1, 9)[:, None, None])
    codes = [rle_encode(mask) for mask in masks]
    drawn, read = runs_of_masks(masks), runs_of_codes(codes)
    assert all(np.array_equal(a, b) for a, b in zip(drawn, read, strict=True))
    assert run_areas(drawn).tolist() == masks.sum((1, 2)).tolist()
    assert np.array_equal(run_boxes(drawn), masks_to_boxes(masks).numpy())
    i, j = np.divmod(np.arange(81), 9)
    assert shared_pixels(drawn, read, i, j).tolist() == (masks[i] & masks[j]).sum((1, 2)).tolist()
    both = join_runs([drawn, read])
    assert shared_pixels(both, both, i, j + 9).tolist() == (masks[i] & masks[j]).sum((1, 2)).tolist()


def test_codes_of_all_lengths_are_read():
    random = np.random.default_rng(1)
    masks = [random.random((300, 417)) < share for share in (0, 1e-4, 0.02, 0.5, 0.999, 1)]
    peer = [pycocotools.mask.encode(np.asfortranarray(mask.astype(np.uint8))) for mask in masks]
    expected = runs_of_masks(torch.from_numpy(np.stack(masks)))
    assert all(np.array_equal(a, b) for a, b in zip(runs_of_codes(peer), expected, strict=True))


@pytest.mark.parametrize("counts", ["", "2", "22o", "2~", "22222", "oooooooooo0", [1, 2], "13\x7f"])
def test_malformed_codes_in_words(counts):
    good = {"size": [2, 2], "counts": "22"}
    with pytest.raises(ValueError, match="malformed run-length code"):
        runs_of_codes([good, {"size": [2, 2], "counts": counts}, good])


TARGET = row([[0, 0, 4, 3]], [1])
FOUND = row([[0, 0, 4, 3]], [1], scores=[0.5])
MASKS = torch.ones(1, HEIGHT, WIDTH, dtype=torch.bool)


@pytest.mark.parametrize(
    ("predictions", "targets", "kind", "complaint"),
    [
        ([FOUND], [TARGET], "polygons", "unknown kind 'polygons' of COCO metrics: use one of boxes, masks"),
        ([FOUND], [TARGET, TARGET], "boxes", "numbers of predictions and targets differ"),
        (FOUND, [TARGET], "boxes", "one dict per image"),
        ([TARGET], [TARGET], "boxes", "prediction 0 has no 'scores'"),
        ([FOUND, FOUND], [TARGET, {"labels": torch.ones(1)}], "boxes", "target 1 has no 'boxes'"),
        ([FOUND], [TARGET], "masks", "prediction 0 has no 'masks'"),
        ([row([[0, 0, 4, 3]], [1, 2], scores=[0.5, 0.4])], [TARGET], "boxes", "2 labels but 1 boxes"),
        (
            [row([[0, 0, 4, 3]], [1], scores=[float("nan")])],
            [TARGET],
            "boxes",
            "scores of prediction 0 contain NaN",
        ),
        ([FOUND | {"masks": MASKS[0]}], [TARGET | {"masks": MASKS}], "masks", r"not \(N, H, W\)"),
        (
            [FOUND | {"masks": MASKS[:, 1:]}],
            [TARGET | {"masks": MASKS}],
            "masks",
            "masks of image 0 have sizes",
        ),
    ],
)
def test_bad_input_in_words(predictions, targets, kind, complaint):
    with pytest.raises(ValueError, match=complaint):
        coco_metrics(predictions, targets, kind)
