"""The still lifes that are shipped: files, pictures and annotations agree; nothing is rendered here."""

import hashlib
import json
from itertools import combinations

import numpy as np
import pytest
from PIL import Image

from coursekit import ops
from coursekit.data.still_life import CLASSES, SPLITS
from coursekit.folders import data_folder

FOLDER = data_folder() / "still_life"
PRESENT = [name for name in SPLITS if (FOLDER / f"{name}.json").is_file()]
SAMPLE = 30  # scenes of a split
SHIFT = 8  # pixels
SCENES = {"train": range(40), "val": range(40, 50), "test_scenes": range(40), "test_objects": range(50, 65)}
IDENTITIES = SCENES | {f"single_{name}": numbers for name, numbers in SCENES.items()} | {"preview": range(40)}

each_split = pytest.mark.parametrize("split", PRESENT)


def annotations(split):
    """The COCO file of a split, with the annotations of each image under its `annotations`."""
    content = json.loads((FOLDER / f"{split}.json").read_text(encoding="utf-8"))
    images = {image["id"]: image | {"annotations": []} for image in content["images"]}
    for row in content["annotations"]:
        images[row["image_id"]]["annotations"].append(row)
    return list(images.values())


def sampled(split):
    """Up to SAMPLE images, evenly spread over the split: (record, picture (H, W, 3), masks, amodal masks)."""
    images = annotations(split)
    for image in images[:: max(1, -(-len(images) // SAMPLE))]:
        picture = np.asarray(Image.open(FOLDER / split / image["file_name"]))
        masks = [ops.rle_decode(row["segmentation"]).numpy() for row in image["annotations"]]
        whole = [ops.rle_decode(row["amodal"]).numpy() for row in image["annotations"]]
        yield image, picture, masks, whole


def border_contrast(picture, mask):
    """The mean colour difference between the two sides of the mask's border; None where it has no border."""
    steps = []
    for axis in (0, 1):
        crossed = np.diff(mask.astype(np.int8), axis=axis) != 0
        steps.append(np.abs(np.diff(picture.astype(float), axis=axis)).mean(-1)[crossed])
    steps = np.concatenate(steps)
    return steps.mean() if len(steps) else None


def shifted(mask, rows, cols):
    """The mask moved, what leaves the picture lost."""
    padded = np.pad(mask, SHIFT)
    return padded[SHIFT - rows :, SHIFT - cols :][: mask.shape[0], : mask.shape[1]]


def wrong_masks(mask):
    """The mask moved in four directions, mirrored, upside down and transposed."""
    moved = [shifted(mask, *step) for step in ((SHIFT, 0), (-SHIFT, 0), (0, SHIFT), (0, -SHIFT))]
    return {
        "right": moved[2:3],
        "down": moved[:1],
        "any way": moved,
        "mirror": [mask[:, ::-1]],
        "turn": [mask.T],
    }


def test_every_split_is_there_in_full():
    scenes = {"train": 1600, "val": 200, "test_scenes": 300, "test_objects": 300, "preview": 64}
    scenes |= {"single_train": 600, "single_val": 100, "single_test_scenes": 200, "single_test_objects": 200}
    assert {name: len(annotations(name)) for name in PRESENT} == scenes


def test_checksums():
    lines = (FOLDER / "checksums.sha256").read_text(encoding="utf-8").splitlines()
    listed = dict(reversed(line.split("  ", 1)) for line in lines)
    folders = (*PRESENT, "keypoints")
    there = {path.relative_to(FOLDER).as_posix() for name in folders for path in FOLDER.glob(f"{name}/*")}
    assert set(listed) == there | {f"{name}.json" for name in PRESENT}
    wrong = [
        name
        for name, code in listed.items()
        if hashlib.sha256((FOLDER / name).read_bytes()).hexdigest() != code
    ]
    assert not wrong


@each_split
def test_records(split):
    images = annotations(split)
    assert len({image["id"] for image in images}) == len({image["seed"] for image in images}) == len(images)
    assert {image["file_name"] for image in images} == {path.name for path in (FOLDER / split).iterdir()}
    for image in images:
        rows = image["annotations"]
        assert 1 <= len(rows) <= (1 if split.startswith("single_") else 6)
        assert sorted(row["depth_order"] for row in rows) == list(range(len(rows)))
        assert all(1 <= row["category_id"] <= len(CLASSES) and row["iscrowd"] == 0 for row in rows)
        assert {row["identity"] for row in rows} <= set(IDENTITIES[split])


def test_identities_and_seeds_are_disjoint():
    images = {split: annotations(split) for split in PRESENT}
    for first, second in combinations(PRESENT, 2):
        seeds = [{image["seed"] for image in images[split]} for split in (first, second)]
        assert not seeds[0] & seeds[1], (first, second)
        used = [
            {row["identity"] for image in images[s] for row in image["annotations"]} for s in (first, second)
        ]
        assert IDENTITIES[first] == IDENTITIES[second] or not used[0] & used[1], (first, second)


@each_split
def test_pictures_are_neither_black_nor_burnt_out(split):
    for image, picture, *_ in sampled(split):
        assert picture.shape == (image["height"], image["width"], 3)
        lost = (picture >= 254).all(-1) | (picture <= 3).all(-1)
        assert lost.mean() < 0.03, image["file_name"]  # the generator's limit is 2 %, before JPEG
        assert picture.std() > 10, image["file_name"]


@each_split
def test_boxes_areas_and_occlusion_follow_from_the_masks(split):
    for image, _, masks, whole in sampled(split):
        for row, mask, silhouette in zip(image["annotations"], masks, whole, strict=True):
            rows, cols = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
            extent = [cols[0], rows[0], cols[-1] + 1 - cols[0], rows[-1] + 1 - rows[0]]
            assert row["bbox"] == extent and row["area"] == mask.sum()
            assert mask.shape == silhouette.shape == (image["height"], image["width"])
            assert not (mask & ~silhouette).any()
            assert row["occlusion"] == pytest.approx(1 - mask.sum() / silhouette.sum(), abs=1e-4)
            assert row["area"] >= 40 / 192**2 * mask.size - 1 and row["occlusion"] <= 0.85 + 1e-4
        assert sum(mask.astype(int) for mask in masks).max() <= 1, "visible masks overlap"


def inner(mask):
    """The mask without its outermost pixels, where a silhouette and a rendering are rounded differently."""
    padded = np.pad(mask, 1)
    return mask & padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]


@each_split
def test_what_is_hidden_is_hidden_by_another_object(split):
    hidden, unexplained, total = 0, 0, 0
    for _, _, masks, whole in sampled(split):
        covered = np.any(masks, axis=0)
        for mask, silhouette in zip(masks, whole, strict=True):
            missing = inner(silhouette) & ~mask
            hidden, total = hidden + missing.sum(), total + silhouette.sum()
            unexplained += (missing & ~covered).sum()
    assert unexplained < 0.005 * total
    assert split.startswith("single_") or hidden > 10 * unexplained


@each_split
def test_masks_lie_on_the_edges_of_the_picture(split):
    """A mask's border is an edge of the picture; moved by 8 pixels, mirrored or transposed it is not."""
    true, wrong, better = [], {}, []
    for _, picture, masks, _ in sampled(split):
        for mask in masks:
            contrast = border_contrast(picture, mask)
            others = {k: [border_contrast(picture, m) for m in each] for k, each in wrong_masks(mask).items()}
            if contrast is None or any(value is None for values in others.values() for value in values):
                continue
            true.append(contrast)
            for kind, values in others.items():
                wrong.setdefault(kind, []).append(np.mean(values))
            better.append(contrast > np.mean(others["any way"]))
    assert np.mean(better) > 0.97, "too many masks fit no better than moved ones"
    for kind, contrasts in wrong.items():  # the statistic is worth something: it would reject these
        assert np.mean(true) > 2 * np.mean(contrasts), kind


@each_split
def test_objects_rest_on_something(split):
    for image in annotations(split):
        rows = {row["id"]: row for row in image["annotations"]}
        for row in rows.values():
            assert -0.02 <= row["gap"] <= 0.06, "floats, or enters its support (scene units of 10 cm)"
            if row["support"] != "table":
                below = rows[row["support"]]
                assert CLASSES[below["category_id"] - 1] in ("bowl", "book") and below["support"] == "table"
                assert touching(row, below), (image["file_name"], row["id"])


def touching(row, below):
    """Whether the whole silhouettes of the two overlap or meet in the picture, as those of stacked objects do."""
    upper, lower = (np.pad(ops.rle_decode(each["amodal"]).numpy(), 1) for each in (row, below))
    grown = upper[1:-1, 1:-1] | upper[:-2, 1:-1] | upper[2:, 1:-1] | upper[1:-1, :-2] | upper[1:-1, 2:]
    return bool((grown & lower[1:-1, 1:-1]).any())


@pytest.mark.parametrize("split", [name for name in PRESENT if name.startswith("single_")])
def test_single_objects_vary_in_size_and_place(split):
    rows = [image["annotations"][0] | {"size": image["width"]} for image in annotations(split)]
    share = np.array([row["area"] / row["size"] ** 2 for row in rows])
    centres = np.array([[row["bbox"][k] + row["bbox"][k + 2] / 2 for k in (0, 1)] for row in rows])
    assert 0.029 <= share.min() and share.max() <= 0.451
    if len(rows) >= 50:
        assert share.min() < 0.06 and share.max() > 0.3
        assert (centres.std(0) > 0.12 * rows[0]["size"]).all(), (
            "the middle of the picture would be a good guess"
        )
