"""The lecturer's guide: its minutes are those of labs and slides, its answers those of the course's code."""

import re
from pathlib import Path

import pytest
import torch

from coursekit import metrics, ops
from coursekit.models.fcos import centerness

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "teaching.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (\d\d) \| (\d+) \| part (\w+) \| (.+) \| ([\d.]+) \|$", GUIDE, re.MULTILINE)


def slides_of(part):
    """The title of each slide of a part, and its minutes."""
    (path,) = (ROOT / "slides").glob(f"{part}_*.md")
    text = path.read_text(encoding="utf-8")
    return re.findall(r"^##? (.+?)$.+?^::: notes ([\d.]+) min", text, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize(("lab", "minutes", "part", "between", "slide_minutes"), ROWS)
def test_minutes_are_those_of_the_lab_and_of_its_slides(lab, minutes, part, between, slide_minutes):
    (source,) = (ROOT / "labs" / "source").glob(f"{lab}_*.py")
    assert re.search(r"about (\d+) minutes", source.read_text(encoding="utf-8"))[1] == minutes
    slides = slides_of(part)
    titles = [title for title, _ in slides]
    total = 0.0
    for piece in between.split(";"):
        ends = re.findall(r"\*([^*]+)\*", piece) or [titles[0], titles[-1]]
        first, last = titles.index(ends[0]), titles.index(ends[-1])
        total += sum(float(minutes) for _, minutes in slides[first : last + 1])
    assert total == float(slide_minutes)


def test_every_lab_is_planned():
    assert [row[0] for row in ROWS] == [f"{number:02}" for number in range(1, 18)]


def answer(number):
    """The text of an answer."""
    return re.search(rf"^{number}\. .+?\n +\*\*Answer\.\*\* (.+)$", GUIDE, re.MULTILINE)[1]


def row(*numbers):
    return torch.tensor([numbers], dtype=torch.float32)


def as_text(boxes):
    return f"({', '.join(f'{value:g}' for value in boxes[0].tolist())})"


def test_answers_about_boxes():
    box = row(50, 40, 20, 30)
    assert as_text(ops.box_convert(box, "cxcywh", "xyxy")) in answer(1)
    assert as_text(ops.box_convert(box, "cxcywh", "xywh")) in answer(1)
    a, b = row(0, 0, 4, 4), row(2, 2, 6, 6)
    assert f"{ops.box_iou(a, b).item():.3f}" in answer(2)
    assert torch.isclose(ops.box_iou(10 * a, 10 * b), ops.box_iou(a, b)).all()
    assert f"{ops.generalized_box_iou(row(0, 0, 2, 2), row(4, 0, 6, 2)).item():.3f}" in answer(3)
    boxes = torch.tensor([[0.0, 0, 10, 10], [0, 0, 10, 8], [0, 0, 10, 5]])
    assert ops.nms(boxes, torch.tensor([0.9, 0.8, 0.7]), 0.5).tolist() == [0, 2]
    assert "The first and the third" in answer(7)


def test_answers_about_matching():
    cost = torch.tensor([[1.0, 2], [2, 4]])
    match = ops.match_by_cost(cost)
    assert cost[match.target, torch.arange(2)].sum() == 4 and "2 + 2 = 4" in answer(5)
    cell = ops.match_by_cell(row(99, 149, 101, 151), (224, 224), (7, 7)).positive.nonzero().item()
    assert f"column {cell % 7}, row {cell // 7}" in answer(6)
    match = ops.match_by_iou(torch.tensor([[0.75, 0.5, 0.2]]), 0.7, 0.3, True)
    assert match.positive.tolist() == [True, False, False] and match.negative.tolist() == [False, False, True]
    assert ops.match_by_iou(torch.tensor([[0.45, 0.1]]), 0.7, 0.3, True).positive.tolist() == [True, False]
    assert "97" in answer(16) and int(ops.match_by_cost(torch.rand(3, 100)).negative.sum()) == 97


def test_answers_about_losses_and_measures():
    p = torch.tensor([0.9, 0.1])
    focal = ops.sigmoid_focal_loss(p.logit(), torch.ones(2), alpha=-1, gamma=2)
    factors = [f"{factor:.2f}" for factor in (focal / -p.log()).tolist()]
    assert " and ".join(factors) in answer(9)
    every, eleven = (
        metrics.average_precision([True, False, True], 2, way) for way in ("every-point", "11-point")
    )
    assert f"{every:.3f}" in answer(13) and f"{eleven:.3f}" in answer(13)
    cells = row(30, 40)
    assert f"{centerness(row(0, 0, 1, 1), row(10, 20, 60, 80), cells).item():.3f}" in answer(15)
    confusion = metrics.confusion_matrix(torch.zeros(1, 100).long(), torch.arange(100)[None] // 90, 2)
    assert metrics.pixel_accuracy(confusion) == pytest.approx(0.9)
    assert f"{metrics.mean_iou(confusion):.2f}" in answer(17)


def test_answers_about_maps():
    pooled = ops.corner_pool(torch.tensor([2.0, 1, 3, 0, 2]).view(1, 1, 1, 5), "left").flatten()
    assert str([int(value) for value in pooled]) in answer(14)
    dense = torch.nn.Conv2d(512, 4096, 7, device="meta")
    assert f"{dense.weight.numel():,}" in answer(18)
    assert dense(torch.empty(1, 512, 14, 14, device="meta")).shape[-2:] == (8, 8) and "8 × 8" in answer(18)
    size = ops.conv_transpose2d(torch.ones(1, 1, 7, 7), torch.ones(1, 1, 4, 4), stride=2, padding=1).shape
    assert f"= {size[-1]}" in answer(19)
    stamped = ops.conv_transpose2d(torch.ones(1, 1, 5, 5), torch.ones(1, 1, 3, 3), stride=2)
    assert set(stamped[0, 0, 2:-2, 2:-2].unique().tolist()) == {1, 2, 4}
