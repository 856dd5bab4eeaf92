"""Whole masks: what is hidden is scored pixel by pixel, and only the mask branch learns it."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.utils.data import Subset

from coursekit import ops
from coursekit.data.amodal import AmodalTargets, amodal_masks
from coursekit.data.still_life import still_life
from coursekit.data.still_life_features import still_life_features
from coursekit.metrics import hidden_iou
from coursekit.recipes import amodal
from coursekit.recipes.table import AMODAL, RECIPES
from coursekit.schema import validate
from coursekit.weights import read_tensors


@pytest.mark.parametrize("seed", range(4))
def test_the_iou_of_hidden_parts_is_that_of_a_loop(seed):
    generator = torch.Generator().manual_seed(seed)
    found, visible, more = (torch.rand(3, 5, 6, generator=generator) < 0.4 for _ in range(3))
    whole = visible | more
    for value, *masks in zip(hidden_iou(found, visible, whole), found, visible, whole, strict=True):
        both = either = 0
        for place in np.ndindex(5, 6):
            predicted, seen, true = (bool(mask[place]) for mask in masks)
            both += predicted and true and not seen
            either += (predicted or true) and not seen
        assert value.item() == pytest.approx(both / either)


def test_nothing_hidden_has_no_score():
    mask = torch.ones(1, 2, 2)
    assert hidden_iou(mask, mask, mask).isnan().all()
    assert hidden_iou(mask[:0], mask[:0], mask[:0]).shape == (0,)
    with pytest.raises(ValueError, match="the masks have shapes"):
        hidden_iou(mask, mask, mask[:, :1])


def test_targets_have_the_whole_masks_and_visible_boxes():
    scenes = still_life("preview")
    targets = AmodalTargets(scenes)
    assert len(targets) == len(scenes)
    for i in range(8):
        target, seen = targets.target(i), scenes.target(i)
        validate([target])  # a whole mask may be larger than the box of what is visible
        assert torch.equal(target["boxes"], seen["boxes"]) and torch.equal(target["area"], seen["area"])
        for mask, row in zip(target["masks"], scenes.annotations_of(i), strict=True):
            assert torch.equal(mask, ops.rle_decode(row["amodal"]))
    del scenes.annotations_of(0)[0]["amodal"]
    with pytest.raises(ValueError, match="has no 'amodal' mask: only the still lifes do"):
        amodal_masks(scenes, 0)


def test_a_box_in_another_format_is_still_noticed():
    """Both the mask and the area are larger than the box."""
    target = {"boxes": torch.tensor([[10.0, 10, 14, 14]]), "labels": torch.tensor([1])}
    target |= {"masks": torch.ones(1, 20, 20).bool(), "area": torch.tensor([400.0])}
    with pytest.raises(ValueError, match="is smaller than the object in it .* is it xywh"):
        validate([target])
    validate([target | {"area": torch.tensor([16.0])}])


@pytest.mark.slow
def test_only_the_mask_branch_learns_and_is_kept(monkeypatch, tmp_path):
    def few(split, *arguments, **options):
        return Subset(still_life_features(split, *arguments, **options), range(8))

    monkeypatch.setattr(amodal, "still_life_features", few)
    row, path = RECIPES["mask_rcnn_amodal"], tmp_path / "w.safetensors"
    task = replace(AMODAL, items=lambda model: few("preview", "amodal"), tests=("preview",))
    record = replace(row, task=task).run("mask_rcnn_amodal", 2, 0, path)
    tensors, _ = read_tensors(path)
    start = row.model(10).state_dict()
    assert {name.split(".")[0] for name in tensors} == {"mask_head"} and path.stat().st_size < 300_000
    assert all(not torch.equal(value.float(), start[name]) for name, value in tensors.items())
    scores = record["scores"]["preview"]
    for key in ("mask_AP", "hidden_iou"):
        gain = scores[f"amodal_{key}"][0] - scores[f"visible_{key}"][0]
        assert scores[f"difference_{key}"][0] == pytest.approx(gain, abs=2e-4)
    assert scores["amodal_AP"] == scores["visible_AP"], "the boxes are the same"
