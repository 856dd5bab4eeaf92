"""FCOS: which cell owns which object, its boxes and its quality; against loops, by hand, and beside torchvision's."""

from functools import partial
from types import SimpleNamespace

import pytest
import torch
from made_up_detectors import FakeBackbone, crowd, nothing, specks, usual
from torch import nn
from torchvision.models.detection import FCOS as TorchvisionFCOS
from torchvision.models.detection.fcos import FCOSClassificationHead, FCOSHead, FCOSRegressionHead

from coursekit.models.fcos import (
    FCOS,
    FCOSOutputs,
    assign_cells,
    cells_of,
    centerness,
    decode_distances,
    overlap,
)

PYRAMID = {f"P{k}": torch.zeros(1, 1, 96 >> k, 64 >> k) for k in (3, 4, 5)}
CENTERS, STRIDES, RANGES = cells_of(PYRAMID, {"P3": 8, "P4": 16, "P5": 32})
FIRST = (0, 96, 120, 126)  # where the cells of each level begin, and where they end
KINDS = pytest.mark.parametrize(
    "target", [usual, nothing, crowd, specks], ids=["usual", "nothing", "500 objects", "specks"]
)


def fcos(**options):
    torch.manual_seed(0)
    return FCOS(3, backbone=FakeBackbone(), **options)


def assign_in_a_loop(boxes, centers, strides, ranges):
    """The object of each cell, -1 where there is none."""
    owners = []
    for (x, y), stride, (low, high) in zip(centers.tolist(), strides.tolist(), ranges.tolist(), strict=True):
        best = (float("inf"), -1)
        for g, (x1, y1, x2, y2) in enumerate(boxes.tolist()):
            sides = (x - x1, y - y1, x2 - x, y2 - y)
            off_centre = max(abs(x - (x1 + x2) / 2), abs(y - (y1 + y2) / 2))
            if min(sides) > 0 and low <= max(sides) < high and off_centre < 1.5 * stride:
                best = min(best, ((x2 - x1) * (y2 - y1), g))
        owners.append(best[1])
    return torch.tensor(owners)


@KINDS
def test_the_assignment_is_that_of_a_double_loop(target):
    boxes = target()["boxes"].double()
    match = assign_cells(boxes, CENTERS, STRIDES, RANGES)
    expected = assign_in_a_loop(boxes, CENTERS, STRIDES, RANGES)
    assert match.positive.equal(expected >= 0) and match.negative.equal(expected < 0)
    assert match.target[match.positive].equal(expected[expected >= 0])
    assert (match.target[match.negative] == 0).all()


def matched_by_torchvision(boxes):
    """The object of each cell, -1 where there is none, by torchvision's own ranges of 4 to 8 strides."""
    squares = torch.cat([CENTERS - STRIDES[:, None] / 2, CENTERS + STRIDES[:, None] / 2], 1)
    parts = SimpleNamespace(
        center_sampling_radius=1.5, head=SimpleNamespace(compute_loss=lambda *found: found[-1])
    )
    counts = [after - before for before, after in zip(FIRST, FIRST[1:], strict=False)]
    return TorchvisionFCOS.compute_loss(parts, [{"boxes": boxes}], {}, [squares], counts)[0]


@pytest.mark.parametrize("seed", range(5))
def test_the_assignment_is_torchvisions_with_its_ranges(seed):
    """There areas are single precision after subtraction from 1e8, so only multiples of 8 pixels stay apart."""
    random = torch.Generator().manual_seed(seed)
    sizes = 2.0 * torch.randint(2, 40, (20, 2), generator=random)
    areas = sizes.prod(1)
    sizes = sizes[[i for i, area in enumerate(areas) if ((areas[:i] - area).abs() > 16).all()]]
    corner = torch.rand(len(sizes), 2, generator=random) * (torch.tensor([64.0, 96]) - sizes).clamp(min=1)
    boxes = torch.cat([corner, corner + sizes], 1)
    strides = STRIDES.float()
    low = torch.where(torch.arange(len(CENTERS)) < FIRST[1], 0, 4 * strides)
    high = torch.where(torch.arange(len(CENTERS)) < FIRST[2], 8 * strides, torch.inf)
    match = assign_cells(boxes, CENTERS, strides, torch.stack([low, high], 1))
    assert match.positive.sum() > 20
    assert torch.where(match.positive, match.target, -1).equal(matched_by_torchvision(boxes))


def cells_owned(match, g):
    """[x, y, stride] of the cells that own object g."""
    cells = torch.cat([CENTERS, STRIDES[:, None]], 1)
    return cells[match.positive & (match.target == g)].int().tolist()


def test_the_cells_of_three_objects_by_hand():
    """The second one reaches 32 pixels from its centre and 40 from the cells beside it: two levels own it."""
    boxes = torch.tensor([[2.0, 2, 22, 22], [0, 16, 64, 80], [0, 0, 64, 96]])
    match = assign_cells(boxes, CENTERS, STRIDES, RANGES)
    assert cells_owned(match, 0) == [[x, y, 8] for y in (4, 12, 20) for x in (4, 12, 20)]
    fine, coarse = (
        ([x, y, 8] for y in (44, 52) for x in (28, 36)),
        ([x, y, 16] for y in (40, 56) for x in (24, 40)),
    )
    assert cells_owned(match, 1) == [*fine, *coarse]
    assert cells_owned(match, 2) == [[x, y, 32] for y in (16, 80) for x in (16, 48)]


@pytest.mark.parametrize("order", [[0, 1], [1, 0]])
def test_a_cell_is_trained_on_the_smallest_of_its_objects_and_not_on_its_border(order):
    boxes = torch.tensor([[12.0, 12, 28, 28], [4, 4, 36, 36]])[order]
    match = assign_cells(boxes, CENTERS, STRIDES, RANGES)
    small, large = cells_owned(match, order.index(0)), cells_owned(match, order.index(1))
    assert small == [[20, 20, 8]]
    assert len(large) == 8 and [20, 20, 8] not in large and [12, 12, 8] in large


def test_an_object_between_the_centres_of_all_cells_is_not_trained_on():
    assert not assign_cells(torch.tensor([[5.0, 5, 6, 6]]), CENTERS, STRIDES, RANGES).positive.any()
    model = fcos().train()
    speck = {"boxes": torch.tensor([[5.0, 5, 6, 6]]), "labels": torch.tensor([1])}
    losses = model([torch.rand(3, 96, 64)], [speck])
    assert losses["class"] > 0 == losses["box"] == losses["quality"]


def test_the_ranges_follow_from_the_strides():
    assert [RANGES[first].tolist() for first in FIRST[:3]] == [[0, 40], [40, 80], [80, torch.inf]]
    assert cells_of({"P2": torch.zeros(1, 1, 2, 3)}, {"P2": 4})[2].tolist() == 6 * [[0, torch.inf]]


def test_boxes_of_a_cell_by_hand():
    numbers = torch.tensor([[0.5, 1.0, 2.0, 4.0], [1, 1, 1, 1e6]]).log()
    boxes = decode_distances(numbers, torch.tensor([[100.0, 50], [0, 0]]), torch.tensor([8.0, 32]))
    torch.testing.assert_close(boxes[0], torch.tensor([92.0, 34, 132, 114]))
    assert boxes.isfinite().all() and boxes[1, :3].tolist() == [-64, -64, 64]


def test_quality_by_hand():
    """IoU 2 * 4 / (16 + 16 - 8); centre-ness: sqrt(1/3 * 1), at a corner of the middle quarter 1/3."""
    true, predicted = torch.tensor([[0.0, 0, 4, 4]] * 3), torch.tensor([[2.0, 0, 6, 4]] * 3)
    centers = torch.tensor([[1.0, 2], [2, 2], [1, 3]])
    torch.testing.assert_close(overlap(predicted, true, centers), torch.full((3,), 1 / 3))
    torch.testing.assert_close(centerness(predicted, true, centers), torch.tensor([3**-0.5, 1, 1 / 3]))


def perfect(model, image, target):
    """The outputs of a network that has learned the image by heart."""
    start = model.outputs([image])
    match = assign_cells(target["boxes"], start.centers, start.strides, start.ranges)
    logits, boxes = torch.full_like(start.logits, -30.0), start.boxes.clone()
    logits[0, match.positive, target["labels"][match.target[match.positive]] - 1] = 30
    boxes[0, match.positive] = target["boxes"][match.target[match.positive]]
    quality = torch.where(match.positive, 30.0, -30.0)[None]
    return start._replace(logits=logits, boxes=boxes, quality=quality)


def test_a_perfect_answer_costs_nothing_and_is_detected():
    model, image, target = fcos().eval(), torch.rand(3, 96, 64), usual()
    outputs = perfect(model, image, target)
    model.outputs = lambda batch: outputs
    assert all(loss < 1e-4 for loss in model.losses([image], [target]).values())
    found = model.predict([image])[0]
    assert sorted(map(tuple, found["boxes"].tolist())) == sorted(map(tuple, target["boxes"].tolist()))
    at = [found["boxes"].tolist().index(box) for box in target["boxes"].tolist()]
    assert found["labels"][at].equal(target["labels"])


def test_a_score_is_the_geometric_mean_of_class_and_quality():
    model = fcos().eval()
    logits, box = torch.tensor([[[0.0, -30, -30]]]), torch.tensor([[[0.0, 0, 9, 9]]])
    quality = torch.tensor([[torch.tensor(0.18).logit()]])
    model.outputs = lambda batch: FCOSOutputs(logits, box, quality, *(torch.zeros(1),) * 3)
    assert model.predict([torch.rand(3, 96, 64)])[0]["scores"].tolist() == pytest.approx([0.3])


@pytest.mark.parametrize("targets", [[usual(), nothing()], [crowd(), specks()], [nothing(), nothing()]])
def test_the_losses_are_torchvisions(targets):
    model, images = fcos(quality=centerness).eval(), [torch.rand(3, 96, 64), torch.rand(3, 96, 64)]
    nn.init.normal_(model.class_head.last.bias)
    nn.init.normal_(model.box_head.last.bias)
    logits, boxes, quality, *_ = model.outputs(images)
    sides = torch.cat([CENTERS - boxes[..., :2], boxes[..., 2:] - CENTERS], -1) / STRIDES[:, None]
    outputs = {"cls_logits": logits, "bbox_regression": sides, "bbox_ctrness": quality[..., None]}
    squares = torch.cat([CENTERS - STRIDES[:, None] / 2, CENTERS + STRIDES[:, None] / 2], 1)
    owners = [assign_in_a_loop(t["boxes"], CENTERS, STRIDES, RANGES) for t in targets]
    from_zero = [{"boxes": t["boxes"], "labels": t["labels"] - 1} for t in targets]
    theirs = FCOSHead(64, 1, 3).compute_loss(from_zero, outputs, [squares, squares], owners)
    ours = model.losses(images, targets)
    for name, loss in zip(("class", "box", "quality"), theirs.values(), strict=True):
        torch.testing.assert_close(ours[name], loss, rtol=1e-4, atol=1e-5)


def test_the_heads_are_torchvisions_with_its_weights():
    """It has three last convolutions where ours has two, and cuts distances off at 0 where ours takes exp."""
    model, maps = fcos(depth=2), [torch.rand(2, 64, 12, 8), torch.rand(2, 64, 6, 4)]
    options = {"num_convs": 2, "norm_layer": partial(nn.GroupNorm, 8)}
    classes, sides = FCOSClassificationHead(64, 1, 3, **options), FCOSRegressionHead(64, 1, **options)
    copy(classes.conv, model.class_head.tower)
    copy(classes.cls_logits, model.class_head.last)
    copy(sides.conv, model.box_head.tower)
    for name in ("weight", "bias"):
        both = torch.cat([getattr(sides.bbox_reg, name), getattr(sides.bbox_ctrness, name)])
        getattr(model.box_head.last, name).data = both
    ours = [torch.cat([head(level) for level in maps], 1) for head in (model.class_head, model.box_head)]
    torch.testing.assert_close(ours[0], classes(maps))
    torch.testing.assert_close(ours[1][..., :4].relu(), sides(maps)[0])
    torch.testing.assert_close(ours[1][..., 4:], sides(maps)[1])


def copy(source, target):
    target.load_state_dict(source.state_dict())


def test_the_quality_does_not_move_the_boxes():
    model = fcos().train()
    model([torch.rand(3, 96, 64)] * 2, [usual(), usual()])["quality"].backward()
    gradient = model.box_head.last.weight.grad
    assert (gradient[:4] == 0).all() and (gradient[4] != 0).any()


def test_before_training_every_cell_predicts_nothing_in_a_box_of_four_strides():
    logits, boxes, _, centers, strides, _ = fcos().eval().outputs([torch.rand(3, 96, 64)])
    assert abs(logits.sigmoid().mean().item() - 0.01) < 1e-3
    around = torch.cat([centers - 2 * strides[:, None], centers + 2 * strides[:, None]], 1)
    assert ((boxes[0] - around).abs() / strides[:, None]).max() < 1
