"""CenterNet: targets and losses against loops, and boxes from maps that are perfect."""

import math

import pytest
import torch
from torchvision.ops import generalized_box_iou_loss

from coursekit.models.centernet import CenterNet, CenterNetOutputs, neighbours
from coursekit.nets.efficientnet import EfficientNetLite0

TRUTH = {"boxes": torch.tensor([[8.0, 8, 40, 48], [56, 20, 96, 92]]), "labels": torch.tensor([2, 3])}
NOTHING = {"boxes": torch.zeros(0, 4), "labels": torch.zeros(0, dtype=torch.int64)}
SIZE = (96, 96)


def centernet(**options):
    torch.manual_seed(0)
    return CenterNet(3, **options)


def maps_of(height, width):
    torch.manual_seed(1)
    strides, channels = EfficientNetLite0.strides, EfficientNetLite0.channels
    return {
        c: torch.randn(channels[c], height // strides[c], width // strides[c]) for c in ("C3", "C4", "C5")
    }


def perfect(boxes, labels, size=(12, 12), around=1):
    """The maps that say exactly where some objects are, in the cell of each centre and `around` it."""
    heat, sides = torch.full((1, 3, *size), -30.0), torch.ones(1, 4, *size)
    for (x1, y1, x2, y2), label in zip(boxes.tolist(), labels.tolist(), strict=True):
        column, row = int((x1 + x2) / 16), int((y1 + y2) / 16)
        heat[0, label - 1, row, column] = 30
        for y in range(max(row - around, 0), min(row + around + 1, size[0])):
            for x in range(max(column - around, 0), min(column + around + 1, size[1])):
                left, top = 8 * x + 4 - x1, 8 * y + 4 - y1
                sides[0, :, y, x] = torch.tensor([left, top, x2 - x1 - left, y2 - y1 - top])
    return CenterNetOutputs(heat, sides)


def saying(outputs):
    model = centernet().eval()
    model.outputs = lambda batch: outputs
    return model


def test_before_training_there_is_no_object_anywhere():
    heat, sides = centernet().eval().outputs([maps_of(96, 160)])
    assert heat.shape == (1, 3, 12, 20) and sides.shape == (1, 4, 12, 20)
    assert abs(heat.sigmoid().mean().item() - 0.01) < 1e-3
    assert (sides / 16).log().abs().mean() < 0.2, "two cells to each side"


def test_a_side_is_positive_and_finite_whatever_the_network_predicts():
    model = centernet().eval()
    for bias in (-1000.0, 1000.0):
        torch.nn.init.constant_(model.sides[1].bias, bias)
        sides = model.outputs([maps_of(96, 96)]).sides
        assert (sides >= 0).all() and sides.isfinite().all()


def test_the_targets_by_hand():
    """The centres (24, 28) and (76, 56) lie in column 3 of row 3 and column 9 of row 7."""
    model = centernet()
    cells = model.center_cells(TRUTH["boxes"], SIZE)
    assert cells.tolist() == [[3, 3], [9, 7]]
    heat = model.wanted_heat(TRUTH, cells, (3, 12, 12))
    assert (heat == 1).nonzero().tolist() == [[1, 3, 3], [2, 7, 9]]  # class, row, column
    assert not heat[0].any()


def test_the_centre_of_an_object_on_the_border_is_inside():
    cells = centernet().center_cells(torch.tensor([[95.9, 95.9, 96, 96], [0, 0, 0.1, 0.1]]), (12, 12))
    assert cells.tolist() == [[11, 11], [0, 0]]


def test_the_gaussian_of_a_large_object_reaches_the_next_cell():
    """A box of 16 x 16 cells keeps an IoU of 0.7 if its corners move outwards or inwards by 1.3 cells, so 1 whole one."""
    target = {"boxes": torch.tensor([[0.0, 0, 128, 128]]), "labels": torch.tensor([1])}
    heat = centernet().wanted_heat(target, torch.tensor([[8, 8]]), (1, 16, 16))[0]
    assert heat[8, 6:11].tolist() == pytest.approx([0, math.exp(-2), 1, math.exp(-2), 0])


def test_the_losses_equal_those_of_a_loop():
    model, features = centernet().eval(), [maps_of(*SIZE), maps_of(*SIZE)]
    heat, sides = model.outputs(features)
    box_sum = 0
    for (column, row), box in zip([(3, 3), (9, 7)], TRUTH["boxes"], strict=True):
        for y in range(row - 1, row + 2):
            for x in range(column - 1, column + 2):
                left, top, right, bottom = sides[0, :, y, x]
                middle_x, middle_y = 8 * x + 4, 8 * y + 4
                said = torch.stack([middle_x - left, middle_y - top, middle_x + right, middle_y + bottom])
                box_sum += generalized_box_iou_loss(said, box)
    wanted = torch.zeros_like(heat)
    wanted[0] = model.wanted_heat(TRUTH, torch.tensor([[3, 3], [9, 7]]), (3, 12, 12))
    p = heat.sigmoid()
    right = (wanted == 1) * (1 - p) ** 2 * -p.log()
    wrong = (wanted < 1) * (1 - wanted) ** 4 * p**2 * -(1 - p).log()
    losses = model.losses(features, [TRUTH, NOTHING])
    torch.testing.assert_close(losses["heat"], (right + wrong).sum() / 2, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(losses["box"], 2 * box_sum / 18, rtol=1e-4, atol=1e-5)


def test_an_image_without_objects_has_only_a_heat_loss():
    losses = centernet().eval().losses([maps_of(*SIZE)], [NOTHING])
    assert losses["heat"] > 0 and losses["box"] == 0


def test_perfect_maps_give_the_boxes_back():
    boxes = torch.cat([TRUTH["boxes"], torch.tensor([[0.0, 64, 24, 96], [3, 3, 5, 5]])])
    labels = torch.tensor([2, 3, 1, 1])
    outputs = perfect(boxes, labels)
    found = saying(outputs).predict([maps_of(*SIZE)])[0]
    sure = found["scores"] > 0.5
    assert sure.sum() == 4 and (found["scores"][~sure] < 1e-6).all()
    order = found["boxes"][sure, 2].argsort()
    expected = boxes[:, 2].argsort()
    torch.testing.assert_close(found["boxes"][sure][order], boxes[expected])
    assert found["labels"][sure][order].equal(labels[expected])
    losses = saying(outputs).losses([maps_of(*SIZE)], [{"boxes": boxes[:2], "labels": labels[:2]}])
    assert losses["box"] < 1e-4


def test_an_object_is_detected_once_though_nine_cells_know_its_box():
    """The cells around a centre predict the same box with smaller scores, and there is no NMS."""
    outputs = perfect(TRUTH["boxes"], TRUTH["labels"])
    outputs.heat[0, 1, 2:5, 2:5] = torch.tensor([[0.0, 1, 0], [1, 2, 1], [0, 1, 0]])
    found = saying(outputs).predict([maps_of(*SIZE)])[0]
    assert (found["scores"] > 0.1).sum() == 2


def test_two_objects_of_one_class_in_one_cell_are_one():
    """What the paper leaves open too: their centres share a peak; of two classes each has its own."""
    boxes = torch.tensor([[8.0, 8, 40, 48], [16, 16, 32, 40]])
    for labels, count in (([1, 1], 1), ([1, 2], 2)):
        found = saying(perfect(boxes, torch.tensor(labels))).predict([maps_of(*SIZE)])[0]
        assert (found["scores"] > 0.5).sum() == count


def test_peaks_in_the_padding_are_no_objects():
    boxes = torch.tensor([[8.0, 8, 40, 48], [61, 61, 63, 63]])
    model = saying(perfect(boxes, torch.tensor([1, 2]), size=(8, 8)))
    model.image_size = lambda x: (60, 60)
    found = model.predict([maps_of(64, 64)])[0]
    assert (found["scores"] > 0.5).sum() == 1 and (found["boxes"][:, 2:] > found["boxes"][:, :2]).all()


def test_the_nine_cells_around_a_cell():
    cells = neighbours(torch.tensor([[4, 5], [0, 7]]), (8, 8)).unflatten(0, (9, 2))
    assert cells[:, 0].tolist() == [[x, y] for y in (4, 5, 6) for x in (3, 4, 5)]
    assert cells[:, 1].tolist() == [[x, y] for y in (6, 7, 7) for x in (0, 0, 1)]
