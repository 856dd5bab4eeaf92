"""Label maps from masks: padded with void, the nearer object on top; the loss of their pixels."""

import pytest
import torch
import torch.nn.functional as F
from made_up_segmenters import VOID, label_map

from coursekit import ops
from coursekit.data.still_life import still_life
from coursekit.models.segmenter import label_maps, labels_of


def test_label_maps_are_padded_with_void():
    maps = label_maps([label_map(2, (4, 5)), label_map(1, (3, 6))], (4, 6))
    assert maps.shape == (2, 4, 6)
    assert (maps[0, :, 5] == VOID).all() and (maps[1, 3] == VOID).all() and (maps == VOID).sum() == 10


def test_the_nearer_object_covers_the_farther():
    masks = torch.zeros(3, 4, 5, dtype=torch.bool)
    masks[0, :3, :4], masks[1, 1:, 1:], masks[2, 1, 1] = True, True, True  # of 12, 12 and 1 pixels
    labels = torch.tensor([1, 2, 3])
    for depth, at in [((0, 1, 2), 1), ((1, 0, 2), 2), ((2, 1, 0), 3), ((0.5, 0.1, 0.7), 2)]:
        semantic = ops.semantic_map(masks, labels, torch.tensor(depth))
        assert semantic[1, 1] == at and semantic[0, 0] == 1 and semantic[3, 4] == 2 and semantic[3, 0] == 0
    assert ops.semantic_map(masks, labels)[1, 1] == 3, "the smaller one, when nobody knows"
    assert ops.semantic_map(masks[:0], labels[:0]).shape == (4, 5)
    with pytest.raises(ValueError, match="for 2 labels"):
        ops.semantic_map(masks, labels[:2])


def test_still_lifes_show_their_depth_order():
    dataset = still_life("preview")
    for i in range(8):
        target = dataset.target(i)
        order = torch.tensor([row["depth_order"] for row in dataset.annotations_of(i)])
        assert torch.equal(labels_of(target), ops.semantic_map(target["masks"], target["labels"], order))
        assert (target["masks"].sum(0) <= 1).all(), "masks show what is visible: nothing overlaps"


def test_cross_entropy_of_pixels():
    logits, labels = torch.randn(2, 4, 5, 7, requires_grad=True), torch.randint(0, 4, (2, 5, 7))
    labels[0, :2] = VOID
    mine, theirs = ops.pixel_cross_entropy(logits, labels), F.cross_entropy(logits, labels, ignore_index=VOID)
    torch.testing.assert_close(mine, theirs)
    gradients = [torch.autograd.grad(loss, logits)[0] for loss in (mine, theirs)]
    torch.testing.assert_close(*gradients)
