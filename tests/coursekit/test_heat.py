"""Class maps of a photograph: against crops seen one by one, their means over scales, their scores, their widget."""

import pytest
import torch
import torch.nn.functional as F

from classroom.widgets import HeatScales
from coursekit.data.photos import photo, photo_target
from coursekit.metrics import heat_scores
from coursekit.models.class_map import class_map, merge_scales
from coursekit.nets.efficientnet import EfficientNetLite0, efficientnet_lite0

CATS = [281, 282, 283, 284, 285]


@pytest.fixture(scope="module")
def backbone():
    return efficientnet_lite0()


def test_one_cell_is_what_the_classifier_says_of_the_image(backbone):
    image = torch.rand(3, 64, 64)
    whole = class_map(backbone, image, side=64, window=2)
    assert whole.shape == (1000, 1, 1)
    with torch.no_grad():
        torch.testing.assert_close(whole.flatten(), backbone.logits(image[None])[0].softmax(0))


@pytest.mark.parametrize(
    ("size", "side", "shape"), [((300, 451), 160, (5, 8)), ((90, 40), 64, (4, 2)), ((20, 30), 16, (1, 1))]
)
def test_sides_become_multiples_of_the_stride(size, side, shape):
    found = class_map(EfficientNetLite0(), torch.rand(3, *size), side)
    assert found.shape == (1000, *shape)
    torch.testing.assert_close(found.sum(0), torch.ones(shape))


def test_a_window_needs_room():
    with pytest.raises(ValueError, match="is smaller than a window of 3 cells"):
        class_map(EfficientNetLite0(), torch.rand(3, 60, 60), side=64, window=3)


def test_a_softmax_of_a_student_is_used():
    found = class_map(EfficientNetLite0(), torch.rand(3, 64, 96), 64, softmax=lambda z: torch.zeros_like(z))
    assert not found.any()


def test_means_over_scales_by_hand():
    torch.manual_seed(0)
    maps = [torch.randn(4, 2, 3).softmax(0), torch.randn(4, 5, 6).softmax(0), torch.randn(4, 3, 9).softmax(0)]
    large = torch.stack([F.interpolate(m[None], (5, 6), mode="bilinear")[0] for m in maps])
    torch.testing.assert_close(merge_scales(maps, (5, 6)), large.mean(0))
    product = large.prod(0) ** (1 / 3)
    found = merge_scales(maps, (5, 6), geometric=True)
    torch.testing.assert_close(found, product / product.sum(0))
    torch.testing.assert_close(found.sum(0), torch.ones(5, 6))


def test_one_scale_alone_is_sure_or_vetoes():
    yes, no = torch.tensor([1.0, 0.0])[:, None, None], torch.tensor([0.0, 1.0])[:, None, None]
    doubtful = torch.tensor([0.5, 0.5])[:, None, None]
    assert merge_scales([yes, doubtful], (1, 1))[0] == 0.75
    assert merge_scales([no, doubtful], (1, 1), geometric=True)[0] < 1e-15
    assert merge_scales([no, no], (1, 1), geometric=True).isfinite().all()


def test_the_cat_is_where_it_is(backbone):
    image, box = photo("chelsea"), photo_target("chelsea")["boxes"][0]
    heat = class_map(backbone, image, 160)[CATS].sum(0)
    scores = heat_scores(heat, box, tuple(image.shape[-2:]))
    assert scores.peak_inside and scores.share > 0.95 > scores.chance + 0.05


def test_a_map_that_is_warm_everywhere_scores_chance():
    box = torch.tensor([10.0, 5, 30, 25])
    scores = heat_scores(torch.ones(3, 5), box, (40, 50))
    assert scores.share == pytest.approx(scores.chance) == pytest.approx(20 * 20 / 2000)
    assert scores.iou == pytest.approx(scores.chance)
    assert heat_scores(torch.zeros(3, 5), box, (40, 50))[::3] == (False, 0.0)


def test_scores_of_a_rectangle_of_heat_by_a_loop():
    heat, box = torch.zeros(40, 50), torch.tensor([10.0, 5, 30, 25])
    heat[15:35, 20:40] = 2
    scores = heat_scores(heat, box, (40, 50))
    hit = sum(1 for y in range(15, 35) for x in range(20, 40) if 5 <= y < 25 and 10 <= x < 30)
    assert scores.share == pytest.approx(hit / 400) and scores.iou == pytest.approx(hit / (800 - hit))


@pytest.mark.parametrize("heat", [torch.tensor([[-1.0, 0]]), torch.tensor([[torch.nan, 0]])])
def test_heat_that_is_none_is_told(heat):
    with pytest.raises(ValueError, match="give probabilities"):
        heat_scores(heat, torch.tensor([0.0, 0, 1, 1]), (4, 4))


@pytest.fixture
def widget():
    maps = {
        "64 px": torch.tensor([[[0.8, 0.4]], [[0.2, 0.6]]]),
        "96 px": torch.tensor([[[0.0, 0, 1]], [[1, 1, 0]]]),
    }
    return HeatScales(torch.rand(3, 20, 60), maps, [0], torch.tensor([40.0, 0, 60, 20]), name="cat")


def test_the_slider_and_the_means(widget):
    assert widget.label.startswith("64 px: ") and widget.label.endswith("is not in the box.")
    assert widget.cells == [1, 2]
    first = widget.picture
    widget.scale = 1
    assert widget.cells == [1, 3] and widget.picture != first and widget.label.endswith("is in the box.")
    alone = widget.heat()
    widget.mean = "arithmetic mean"
    assert widget.label.startswith("arithmetic mean up to 96 px: ")
    torch.testing.assert_close(widget.heat(), merge_scales(widget.maps, (1, 3))[0])
    widget.mean = "geometric mean"
    assert widget.heat()[0, 0] < 1e-6 and alone[0, 0] == 0, "a veto"
    widget.scale = 0
    torch.testing.assert_close(widget.heat(), widget.maps[0][0], rtol=1e-4, atol=1e-6)


def test_the_widget_tells_what_a_students_function_raised():
    def merge(maps, size, geometric):
        raise KeyError("oh")

    widget = HeatScales(
        torch.rand(3, 9, 9), {"a": torch.rand(2, 1, 1)}, [0], torch.tensor([0.0, 0, 4, 4]), merge
    )
    widget.mean = "geometric mean"
    assert widget.label == "Your function raised KeyError: 'oh'"
    with pytest.raises(ValueError, match="at least one scale"):
        HeatScales(torch.rand(3, 9, 9), {}, [0], torch.zeros(4))
