"""CornerNet: pooling in the heads, targets and losses against loops, and boxes from corners that are perfect."""

import math

import pytest
import torch
import torch.nn.functional as F

from coursekit import ops
from coursekit.models.cornernet import (
    SIDES,
    CornerHead,
    CornerMaps,
    CornerNet,
    CornerNetOutputs,
    at_cells,
    cells_under,
)
from coursekit.nets.efficientnet import EfficientNetLite0

TRUTH = {"boxes": torch.tensor([[8.0, 8, 40, 40], [50, 20, 96, 92]]), "labels": torch.tensor([2, 3])}
NOTHING = {"boxes": torch.zeros(0, 4), "labels": torch.zeros(0, dtype=torch.int64)}
SIZE = (96, 96)


def cornernet(**options):
    torch.manual_seed(0)
    return CornerNet(3, **options)


def maps_of(height, width):
    torch.manual_seed(1)
    strides, channels = EfficientNetLite0.strides, EfficientNetLite0.channels
    return {
        c: torch.randn(channels[c], height // strides[c], width // strides[c]) for c in ("C3", "C4", "C5")
    }


def perfect(boxes, labels, embeddings, size=(12, 12), classes=3):
    """The maps that say exactly where the corners of some objects are."""
    sides = []
    for points in (boxes[:, :2] / 8, boxes[:, 2:] / 8):
        heat = torch.full((1, classes, *size), -30.0)
        maps = CornerMaps(heat, torch.zeros(1, 1, *size), torch.full((1, 2, *size), 0.5))
        for (x, y), label, embedding in zip(points.tolist(), labels.tolist(), embeddings, strict=True):
            column, row = min(int(x), size[1] - 1), min(int(y), size[0] - 1)
            heat[0, label - 1, row, column] = 30
            maps.embeddings[0, 0, row, column] = embedding
            maps.offsets[0, :, row, column] = torch.tensor([x - column, y - row])
        sides.append(maps)
    return CornerNetOutputs(*sides)


def found_in(outputs, size=SIZE, **options):
    model = cornernet(**options).eval()
    model.outputs = lambda batch: outputs
    return model.predict([maps_of(*size)])[0]


def test_before_training_there_is_no_corner_anywhere():
    model = cornernet().eval()
    for maps in model.outputs([maps_of(192, 192)]):
        assert abs(maps.heat.sigmoid().mean().item() - 0.01) < 1e-3
        assert (maps.offsets - 0.5).abs().mean() < 0.25
    assert model([maps_of(192, 192)])[0]["scores"].numel() == 0


def test_the_maps_have_the_stride_of_the_finest_level():
    for maps in cornernet().eval().outputs([maps_of(96, 160)]):
        assert [tuple(each.shape) for each in maps] == [(1, 3, 12, 20), (1, 1, 12, 20), (1, 2, 12, 20)]


@pytest.mark.parametrize("side", SIDES)
def test_a_corner_sees_along_its_two_sides_and_no_others(side):
    """A bright cell far away reaches the cells in its row and in its column, on one side of it."""
    torch.manual_seed(0)
    head = CornerHead(8, 2, SIDES[side], ops.corner_pool).eval()
    x = torch.randn(1, 8, 25, 25)
    bright = x.clone()
    bright[:, :, 12, 12] += 50
    changed = (head(bright).heat - head(x).heat).abs().amax((0, 1)) > 1e-5  # (25, 25)
    near = 3  # cells that the convolutions reach
    before, after = slice(None, 12 - near), slice(13 + near, None)
    towards, away = (before, after) if side == "top_left" else (after, before)
    assert changed[12, towards].all() and changed[towards, 12].all()
    assert not changed[12, away].any() and not changed[away, 12].any()
    assert not changed[towards, towards].any() and not changed[away, away].any()


def test_the_targets_by_hand():
    model = cornernet()
    boxes, labels = TRUTH["boxes"], TRUTH["labels"]
    first = model.assign(boxes, labels, slice(0, 2), (3, 12, 12))
    assert first.cells.tolist() == [[1, 1], [6, 2]] and first.offsets.tolist() == [[0, 0], [0.25, 0.5]]
    last = model.assign(boxes, labels, slice(2, 4), (3, 12, 12))
    assert last.cells.tolist() == [[5, 5], [11, 11]], "a corner on the border lies in the last cell"
    assert last.offsets.tolist() == [[0, 0], [1, 0.5]]
    assert (first.heat == 1).nonzero().tolist() == [[1, 1, 1], [2, 2, 6]]  # class, row, column
    assert (last.heat == 1).nonzero().tolist() == [[1, 5, 5], [2, 11, 11]]
    assert not first.heat[0].any()


def test_the_radius_of_a_gaussian_keeps_the_overlap():
    """A box of 12 x 12 cells keeps an IoU of 0.3 if both corners move inwards by 2.7 cells, so 2 whole cells."""
    heat = (
        cornernet()
        .assign(torch.tensor([[0.0, 0, 96, 96]]), torch.tensor([1]), slice(0, 2), (1, 24, 24))
        .heat[0]
    )
    assert (12 - 2 * 2.7) ** 2 / 12**2 == pytest.approx(0.3, abs=0.01)
    sigma = 5 / 6
    assert heat[0, :4].tolist() == pytest.approx(
        [1, math.exp(-1 / (2 * sigma**2)), math.exp(-4 / (2 * sigma**2)), 0]
    )


def loop_over_cells(logits, wanted):
    """The penalty-reduced focal loss, a cell at a time."""
    total, count = 0.0, 0
    for z, y in zip(logits.double().flatten().tolist(), wanted.double().flatten().tolist(), strict=True):
        p = 1 / (1 + math.exp(-z))
        count += y == 1
        total -= (1 - p) ** 2 * math.log(p) if y == 1 else (1 - y) ** 4 * p**2 * math.log(1 - p)
    return total, count


def test_the_losses_equal_those_of_a_loop():
    model, features = cornernet().eval(), [maps_of(*SIZE), maps_of(*SIZE)]
    crowd = {
        "boxes": torch.tensor([[9.0, 9, 40, 40], [10, 12, 94, 95], [3, 3, 4, 4]]),
        "labels": torch.tensor([1, 1, 3]),
    }
    targets = [crowd, NOTHING]
    outputs = model.outputs(features)
    heat = offset = 0
    for maps, columns in zip(outputs, (slice(0, 2), slice(2, 4)), strict=True):
        wanted = [model.assign(t["boxes"], t["labels"], columns, (3, 12, 12)).heat for t in targets]
        total, count = loop_over_cells(maps.heat, torch.stack(wanted))
        heat += total / count
        for x, y in (crowd["boxes"][:, columns] / 8).tolist():
            said = maps.offsets[0, :, int(y), int(x)]
            offset += F.smooth_l1_loss(said, torch.tensor([x % 1, y % 1]), reduction="sum") / 3
    first, last = (
        [maps.embeddings[0, 0, int(y), int(x)] for x, y in points.tolist()]
        for maps, points in zip(outputs, (crowd["boxes"][:, :2] / 8, crowd["boxes"][:, 2:] / 8), strict=True)
    )
    means = [(a + b) / 2 for a, b in zip(first, last, strict=True)]
    pull = sum((a - m) ** 2 + (b - m) ** 2 for a, b, m in zip(first, last, means, strict=True)) / 3
    push = (
        sum((1 - (means[i] - means[j]).abs()).clamp(min=0) for i in range(3) for j in range(3) if i != j) / 6
    )
    losses = model.losses(features, targets)
    torch.testing.assert_close(losses["heat"].double(), torch.tensor(heat).double(), rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(losses["offset"], offset)
    torch.testing.assert_close(losses["pull"] / losses["push"], pull / push)
    torch.testing.assert_close(model.losses(features[:1], targets[:1])["pull"], 2 * losses["pull"])


def test_an_image_without_objects_has_only_a_heat_loss():
    losses = cornernet().eval().losses([maps_of(*SIZE)], [NOTHING])
    assert losses.pop("heat") > 0 and all(loss == 0 for loss in losses.values())


def test_two_corners_in_one_cell_are_one_peak():
    boxes = torch.tensor([[9.0, 9, 40, 40], [10, 12, 80, 90]])
    wanted = cornernet().assign(boxes, torch.tensor([1, 1]), slice(0, 2), (3, 12, 12))
    assert (wanted.heat == 1).sum() == 1 and len(wanted.cells) == 2


def test_perfect_maps_give_the_boxes_back():
    boxes = torch.tensor(
        [[8.0, 8, 40, 40], [50, 20, 96, 92], [3, 3, 4, 4], [0, 60, 31, 96], [60.5, 3.25, 77.75, 15]]
    )
    labels = torch.tensor([2, 3, 1, 1, 2])
    outputs = perfect(boxes, labels, [0.0, 3, 1, 2, 4])
    found = found_in(outputs)
    order = ops.box_iou(boxes, found["boxes"]).argmax(1)
    assert len(found["boxes"]) == len(boxes)
    torch.testing.assert_close(found["boxes"][order], boxes, atol=1e-3, rtol=0)
    assert found["labels"][order].tolist() == labels.tolist() and (found["scores"] > 0.99).all()
    model = cornernet().eval()
    model.outputs = lambda batch: outputs
    losses = model.losses([maps_of(*SIZE)], [{"boxes": boxes, "labels": labels}])
    assert all(loss < 1e-4 for loss in losses.values())


@pytest.mark.parametrize(
    "embeddings, labels, expected",
    [([0.0, 1.0], [1, 1], 2), ([0.0, 0.0], [1, 1], 4), ([0.0, 0.0], [1, 2], 2), ([0.0, 0.4], [1, 1], 4)],
    ids=["far apart", "equal", "of two classes", "too close"],
)
def test_wrong_pairs_are_left_out(embeddings, labels, expected):
    """Of two objects one over the other each top-left corner fits each bottom-right one, but for the embeddings."""
    boxes = torch.tensor([[8.0, 24, 88, 48], [40, 8, 64, 88]])
    found = found_in(perfect(boxes, torch.tensor(labels), embeddings))
    assert len(found["boxes"]) == expected
    assert ops.box_iou(boxes, found["boxes"]).amax(1).min() > 0.999


def test_a_bottom_right_corner_above_the_other_makes_no_box():
    boxes = torch.tensor([[40.0, 40, 8, 8]])  # a top-left corner at (40, 40), a bottom-right one at (8, 8)
    assert len(found_in(perfect(boxes, torch.tensor([1]), [0.0]))["boxes"]) == 0


def test_corners_in_the_padding_are_no_objects():
    """An image of 60 x 60 pixels is padded to 64 x 64; what is seen there is cut off."""
    boxes = torch.tensor([[8.0, 8, 63, 55], [61, 61, 63, 63]])
    outputs = perfect(boxes, torch.tensor([1, 2]), [0.0, 1.0], size=(8, 8))
    model = cornernet(backbone=None).eval()
    model.outputs, model.image_size = (lambda batch: outputs), (lambda x: (60, 60))
    found = model.predict([maps_of(64, 64)])[0]
    assert found["boxes"].tolist() == [[8, 8, 60, 55]]


def test_reading_at_cells_and_the_cells_under_points():
    maps = torch.arange(24.0).reshape(1, 2, 3, 4)
    (read,) = at_cells(maps, [torch.tensor([[1, 2], [3, 0]])])
    assert read.tolist() == [[9, 21], [3, 15]]
    assert cells_under(torch.tensor([[3.99, 3.0], [4, -0.001]]), (3, 4)).tolist() == [[3, 2], [3, 0]]
