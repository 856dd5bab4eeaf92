"""The drawings of instance masks: what lab 14 and the slides show is what they are given."""

import matplotlib.pyplot as plt
import pytest
import torch

from classroom import figures
from classroom.figures.instance_masks import masks_of
from coursekit import ops

IMAGE = torch.rand(3, 48, 64)
MASKS = torch.zeros(2, 48, 64, dtype=torch.bool)
MASKS[0, 8:30, 10:40] = True
MASKS[1, 20:44, 30:60] = True
BOXES = ops.masks_to_boxes(MASKS)
NAMES = ["apple", "pear", "lemon"]


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def test_a_mask_of_each_class_and_a_frame_around_its_own():
    figure = figures.draw_class_masks(torch.rand(3, 28, 28), 2, NAMES, columns=2)
    assert [ax.get_title() for ax in figure.axes] == [*NAMES, ""]
    assert [len(ax.patches) for ax in figure.axes] == [0, 1, 0, 0]


def test_bars_of_the_gradients_and_a_zero_where_there_is_none():
    rows = {"sigmoid": torch.tensor([0.0, 0.5, 0.0]), "softmax": torch.tensor([0.1, 0.5, 0.4])}
    figure = figures.draw_class_gradients(rows, 2, NAMES)
    for ax, sizes in zip(figure.axes, rows.values(), strict=True):
        assert [bar.get_height() for bar in ax.patches] == pytest.approx(sizes.tolist())
        assert len(ax.texts) == (sizes == 0).sum()
        assert ax.patches[1].get_facecolor() != ax.patches[0].get_facecolor()


def test_the_steps_of_a_mask_end_above_the_threshold():
    logits = torch.full((7, 7), -3.0)
    logits[:, :4] = 3
    asked = []

    def paste(masks, boxes, size):
        asked.append((masks, boxes, size))
        return ops.paste_masks(masks, boxes, size)

    figure = figures.mask_steps(IMAGE, BOXES[0], logits, "apple", paste, threshold=0.4)
    (masks, boxes, size) = asked[0]
    torch.testing.assert_close(masks[0, 0], logits.sigmoid())
    assert boxes.tolist() == [BOXES[0].tolist()] and size == (48, 64)
    assert figure.axes[0].get_title() == "1. a box: apple" and figure.axes[4].get_title() == "5. above 0.4"
    assert torch.equal(torch.tensor(figure.axes[1].images[0].get_array()), logits)


@pytest.mark.parametrize("rounded", [False, True])
def test_bins_are_those_of_the_operators(rounded):
    """A map that is 1 in one cell: the bins that are drawn over the cell are those that notice it."""
    box, stride, bins = torch.tensor([11.0, 9, 45, 30]), 8, 3
    _, ax = plt.subplots()
    figures.draw_bins(ax, IMAGE, box, stride, bins, rounded)
    drawn = [patch.get_bbox() for patch in ax.patches[: bins**2]]  # column by column
    for row in range(6):
        for column in range(8):
            maps = torch.zeros(1, 1, 6, 8)
            maps[0, 0, row, column] = 1
            if rounded:
                pooled = ops.roi_pool(maps, [box[None]], bins, 1 / stride)[0, 0]
                x, y = (column + 0.5) * stride, (row + 0.5) * stride
                inside = [r.x0 < x < r.x1 and r.y0 < y < r.y1 for r in drawn]
                assert pooled.T.flatten().bool().tolist() == inside
    if not rounded:
        assert drawn[0].x0 == 11 and drawn[-1].x1 == 45 and drawn[0].y0 == 9 and drawn[-1].y1 == 30
        assert drawn[4].width == pytest.approx(34 / 3) and drawn[4].height == pytest.approx(7)


def test_one_scene_by_class_and_by_object():
    semantic, instances = torch.zeros(48, 64).long(), torch.zeros(48, 64).long()
    for k, mask in enumerate(MASKS, start=1):
        semantic[mask], instances[mask] = 3, k
    figure = figures.semantic_and_instances(IMAGE, semantic, instances, NAMES, "a scene")
    titles = [ax.get_title() for ax in figure.axes]
    assert titles == ["a scene", "semantic: 1 classes", "instances: 2 objects"]
    assert torch.equal(masks_of(instances, [2, 1])[1], MASKS[0] & ~MASKS[1])


def test_hidden_parts_are_striped():
    _, ax = plt.subplots()
    seen = MASKS.clone()
    seen[0] &= ~MASKS[1]
    figures.draw_amodal(ax, IMAGE, seen, MASKS, torch.tensor([1, 2]))
    hatched = [drawn for drawn in ax.collections if getattr(drawn, "hatches", [None])[0]]
    assert len(hatched) == 1  # the second object hides nothing of itself


def test_outlines_stay_around_the_box():
    _, ax = plt.subplots()
    figures.draw_outlines(ax, IMAGE, MASKS[0], MASKS[1], BOXES[0], "both")
    assert len(ax.collections) == 3 and ax.get_title() == "both"
    assert ax.get_xlim()[0] < 10 and 40 < ax.get_xlim()[1] < 50 and ax.get_ylim()[0] > ax.get_ylim()[1]


def test_a_line_for_each_score():
    _, ax = plt.subplots()
    figures.draw_by_cells(ax, {"IoU": {14: 0.9, 28: 0.95}, "F": {14: 0.7, 28: 0.8}}, "score")
    assert [list(line.get_ydata()) for line in ax.lines] == [[0.9, 0.95], [0.7, 0.8]]
    assert [text.get_text() for text in ax.get_xticklabels()] == ["14 x 14", "28 x 28"]
