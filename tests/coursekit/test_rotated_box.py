"""Rotated boxes: corners as torchvision's, overlaps and smallest rectangles as shapely's, suppression as a plain loop's."""

import numpy as np
import pytest
import shapely
import torch
import torchvision
from operator_arguments import rotated, scores

from coursekit import ops

TURNED = torch.tensor([[50.0, 40.0, 30.0, 12.0, 20.0]])


def polygons(boxes):
    return shapely.polygons(ops.rotated_box_corners(boxes.double()).numpy())


def iou_by_shapely(boxes1, boxes2):
    first, second = polygons(boxes1)[:, None], polygons(boxes2)[None]
    both = shapely.area(shapely.intersection(first, second))
    return torch.from_numpy(both / (shapely.area(first) + shapely.area(second) - both))


@pytest.mark.parametrize("seed", range(3))
def test_corners_are_those_of_torchvision(seed):
    torch.manual_seed(seed)
    boxes = rotated(50)
    theirs = torchvision.ops.box_convert(boxes, "cxcywhr", "xyxyxyxy")
    torch.testing.assert_close(ops.rotated_box_corners(boxes).flatten(1), theirs, rtol=0, atol=1e-4)
    assert ops.rotated_box_corners(boxes.view(5, 10, 5)).shape == (5, 10, 4, 2)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("seed", range(3))
def test_overlaps_are_those_of_shapely(seed, dtype):
    torch.manual_seed(seed)
    boxes1, boxes2 = rotated(80).to(dtype), rotated(90).to(dtype)
    found = ops.rotated_box_iou(boxes1, boxes2)
    assert found.dtype == dtype and 0.2 < (found > 0).float().mean() < 0.9
    torch.testing.assert_close(found.double(), iou_by_shapely(boxes1, boxes2), rtol=0, atol=1e-6)


def test_overlaps_of_touching_nested_and_equal_boxes_are_those_of_shapely():
    """Corners on sides, sides on sides, one box in the other: where clipping goes wrong."""
    steps = torch.tensor([-8.0, -4.0, 0.0, 4.0, 8.0])
    places = torch.cartesian_prod(
        steps, steps, torch.tensor([4.0, 8.0]), torch.tensor([0.0, 45.0, 90.0, 180.0])
    )
    boxes = torch.cat([places[:, :3], places[:, 2:]], 1)  # squares
    found = ops.rotated_box_iou(boxes, boxes)
    torch.testing.assert_close(found.double(), iou_by_shapely(boxes, boxes), rtol=0, atol=1e-6)
    torch.testing.assert_close(found.diagonal(), torch.ones(len(boxes)))


def test_without_an_angle_it_is_the_upright_iou():
    torch.manual_seed(0)
    upright = rotated(60)
    upright[:, 4] = 0
    boxes = ops.box_convert(upright[:, :4], "cxcywh", "xyxy")
    torch.testing.assert_close(
        ops.rotated_box_iou(upright, upright), ops.box_iou(boxes, boxes), rtol=0, atol=1e-5
    )


@pytest.mark.parametrize("turn", [90.0, 180.0, -90.0, 360.0])
def test_one_box_has_many_descriptions(turn):
    other = TURNED.clone()
    other[0, 4] += turn
    if turn % 180:
        other[0, 2:4] = TURNED[0, [3, 2]]
    torch.testing.assert_close(ops.rotated_box_iou(TURNED, other), torch.ones(1, 1))


def test_the_overlap_far_from_the_origin_keeps_its_digits():
    shift = torch.tensor([1e6, -1e6, 0, 0, 0], dtype=torch.float64)
    near, far = TURNED.double(), TURNED.double() + shift
    other = near + torch.tensor([4.0, 1, 2, 3, 35], dtype=torch.float64)
    close = ops.rotated_box_iou(near, other)
    torch.testing.assert_close(ops.rotated_box_iou(far, other + shift), close, rtol=0, atol=1e-8)


def test_empty_boxes_overlap_nothing():
    flat = torch.tensor([[50.0, 40.0, 30.0, 0.0, 20.0], [50.0, 40.0, 0.0, 0.0, 0.0]])
    assert ops.rotated_box_iou(flat, torch.cat([flat, TURNED])).eq(0).all()
    assert ops.rotated_box_iou(TURNED[:0], TURNED).shape == (0, 1)


def test_the_gradient_is_that_of_a_small_step():
    torch.manual_seed(1)
    boxes, other = TURNED.double().requires_grad_(), TURNED.double() + torch.tensor([4.0, 1, 2, 3, 35])
    assert torch.autograd.gradcheck(lambda x: ops.rotated_box_iou(x, other), boxes)


@pytest.mark.parametrize("threshold", [0.0, 0.2, 0.5, 1.0])
def test_suppression_is_that_of_a_plain_loop(threshold):
    torch.manual_seed(2)
    boxes, score = rotated(40), scores(40)
    iou, kept = iou_by_shapely(boxes, boxes), []
    for i in score.argsort(descending=True).tolist():
        if all(iou[i, k] <= threshold for k in kept):
            kept.append(i)
    assert ops.rotated_nms(boxes, score, threshold).tolist() == kept
    assert threshold == 1 or len(kept) < 40


def test_of_equal_scores_the_first_is_kept():
    assert ops.rotated_nms(TURNED.repeat(3, 1), torch.ones(3), 0.5).tolist() == [0]
    assert ops.rotated_nms(TURNED[:0], torch.zeros(0), 0.5).tolist() == []


@pytest.mark.parametrize("seed", range(6))
def test_the_smallest_box_is_that_of_shapely(seed):
    """It holds every pixel, and no rectangle around the pixels is smaller."""
    random = np.random.default_rng(seed)
    corners = random.uniform(2, 38, (3 + seed % 3, 2))
    y, x = np.mgrid[:40, :44] + 0.5
    inside = shapely.contains_xy(shapely.convex_hull(shapely.multipoints(corners)), x, y)
    (box,) = ops.masks_to_rotated_boxes(torch.from_numpy(inside)[None])
    squares = shapely.union_all([shapely.box(j, i, j + 1, i + 1) for i, j in np.argwhere(inside)])
    (ours,) = polygons(box[None])
    assert shapely.buffer(ours, 1e-3).contains(squares)
    smallest = shapely.minimum_rotated_rectangle(squares).area
    assert ours.area == pytest.approx(smallest, rel=1e-4)
    assert box[2] >= box[3] and 0 <= box[4] < 180


def test_masks_of_one_pixel_and_of_none():
    masks = torch.zeros(2, 6, 9)
    masks[0, 4, 7] = 1
    boxes = ops.masks_to_rotated_boxes(masks)
    torch.testing.assert_close(boxes[0, :4], torch.tensor([7.5, 4.5, 1.0, 1.0]))
    assert boxes[1].eq(0).all() and ops.masks_to_rotated_boxes(masks[:0]).shape == (0, 5)


def test_errors_in_words():
    bad = TURNED.clone()
    bad[0, 2] = -1
    with pytest.raises(ValueError, match="a row of `boxes1` is not finite or has a negative side"):
        ops.rotated_box_iou(bad, TURNED)
    with pytest.raises(ValueError, match="`boxes2` must be a tensor"):
        ops.rotated_box_iou(TURNED, TURNED[:, :4])
    with pytest.raises(ValueError, match="there are 1 boxes but 2 scores"):
        ops.rotated_nms(TURNED, torch.ones(2), 0.5)
    for score, threshold in ((float("nan"), 0.5), (1.0, 1.5)):
        with pytest.raises(ValueError, match="a score is NaN, or the threshold"):
            ops.rotated_nms(TURNED, torch.tensor([score]), threshold)
