"""The figures of slides and labs: each can be drawn, can be read from the last row, and shows what it is given."""

import re
from pathlib import Path

import matplotlib
import matplotlib.pyplot as plt
import pytest
import torch
from matplotlib.colors import to_rgb

from classroom import figures
from classroom.deck import Widget
from classroom.deck.drawing import load
from classroom.deck.figures import figure_names
from classroom.deck.svg import PIXELS_PER_INCH, POINTS_PER_INCH, STYLE, frames_of, smallest_words
from coursekit import ops
from coursekit.data.still_life import CLASSES, still_life
from coursekit.draw import ACCENT

SLIDES = Path(__file__).parents[2] / "slides"
MODULE = {
    name: path
    for path in sorted((SLIDES / "figures").glob("*.py"))
    for name in figure_names(path.read_text(encoding="utf-8"))
}
SMALLEST = 24  # pixels of a slide of 1280 x 720
WIDTH, HEIGHT = 1152, 520  # what a figure can have beside the slide's margins and title
# Run a network or draw many steps: the check of the slides, a test of the course, draws them and reads their words.
SLOW = {
    "five_questions",
    "one_list",
    "iou_by_hand",
    "one_output_fewer",
    "borrowed_features",
    "two_box_heads",
    "two_heads_one_network",
    "one_box_for_two",
    "order_problem",
    "matching",
    "propose_then_classify",
    "two_families",
    "many_boxes_at_once",
    "three_kinds_of_candidates",
    "yolo_in_four_steps",
    "yolo_after_ninety_seconds",
    "objects_without_a_cell",
    "confidence_times_class",
    "suppression_step_by_step",
    "with_and_without_suppression",
    "default_boxes_at_four_scales",
    "hard_negatives_three_to_one",
    "pyramid_adds",
    "anchors_see_background",
    "where_the_loss_comes_from",
    "retinanet_as_a_whole",
    "precision_recall_by_hand",
    "three_interpolations",
    "right_at_which_iou",
    "where_precision_is_lost",
}


@pytest.fixture(autouse=True)
def _no_figure_stays_open():
    yield
    plt.close("all")


def drawn(name: str) -> list:
    """The figure, or the figures of each step, as the deck draws them."""
    with matplotlib.rc_context(STYLE):
        result = getattr(load(MODULE[name], MODULE[name].read_bytes()), name)()
    if isinstance(result, Widget):
        assert "export default" in result.module
        return []
    return result if isinstance(result, list) else [result]


def read_from_the_last_row(name: str) -> None:
    steps = drawn(name)
    for step in steps:
        pixels = smallest_words(step) * PIXELS_PER_INCH / POINTS_PER_INCH
        width, height = step.get_size_inches() * PIXELS_PER_INCH
        assert pixels >= SMALLEST and width <= WIDTH and height <= HEIGHT, (pixels, width, height)
    assert len({tuple(step.get_size_inches()) for step in steps}) <= 1, "steps stand in the same place"


@pytest.mark.parametrize("name", sorted(MODULE.keys() - SLOW))
def test_a_figure_is_drawn_and_its_words_are_large(name):
    read_from_the_last_row(name)


def test_every_figure_is_on_a_slide_and_every_slide_has_its_figure():
    text = "".join(path.read_text(encoding="utf-8") for path in SLIDES.glob("[0-9]*_*.md"))
    assert set(re.findall(r"\]\((?:figure|widget):(\w+)\)", text)) == set(MODULE)
    assert SLOW <= MODULE.keys()


def test_words_that_are_too_small_are_found():
    figure, ax = figures.canvas(400, 300)
    figures.words(ax, 200, 150, "small", 20)
    assert smallest_words(figure) * PIXELS_PER_INCH / POINTS_PER_INCH == pytest.approx(20)


def test_a_pixel_of_the_canvas_is_a_pixel_of_the_slide():
    figure, _ = figures.canvas(640, 320)
    with matplotlib.rc_context(STYLE):
        (frame, _) = frames_of([figure, figures.canvas(640, 320)[0]])
    assert (frame.width, frame.height) == (pytest.approx(640), pytest.approx(320))


def test_words_on_a_colour_are_white():
    _, ax = figures.canvas()
    figures.words(ax, 10, 10, "on red", on=ACCENT)
    figures.words(ax, 10, 10, "red", colour=ACCENT)
    on_red, red = ax.texts
    assert on_red.get_color() == "white" and to_rgb(on_red.get_bbox_patch().get_facecolor()) == to_rgb(ACCENT)
    assert red.get_color() == ACCENT and red.get_bbox_patch() is None


def coffee_like() -> tuple[torch.Tensor, figures.Answers]:
    mask = torch.zeros(1, 40, 60, dtype=torch.bool)
    mask[:, 10:30, 20:40] = True
    boxes, labels = torch.tensor([[20.0, 10, 40, 30], [0, 0, 60, 40]]), torch.tensor([6, 7])
    answers = figures.Answers("mug", boxes[0], boxes, labels, mask, labels[:1], mask, labels[:1])
    return torch.rand(3, 40, 60), answers


def test_five_tasks_asks_five_questions():
    figure = figures.five_tasks(*coffee_like(), CLASSES)
    assert [ax.get_title() for ax in figure.axes] == ["what? mug", *figures.TASKS[1:]]
    assert [len(ax.patches) for ax in figure.axes] == [0, 1, 2, 0, 1]  # boxes
    assert [bool(ax.collections) for ax in figure.axes] == [False, False, False, True, True]  # masks
    assert smallest_words(figure) >= 9


def test_equal_squared_errors_asks_the_function_it_is_given():
    truth = torch.tensor([40.0, 40, 100, 70])
    figure = figures.equal_squared_errors(truth, truth[None] + 10, iou=lambda a, b: torch.tensor([[0.125]]))
    assert figure.axes[0].get_title() == "squared error 400, IoU 0.12"
    figure = figures.equal_squared_errors(truth, truth[None] + 10)
    iou = ops.box_iou(truth[None], truth[None] + 10).item()
    assert figure.axes[0].get_title() == f"squared error 400, IoU {iou:.2f}"


@pytest.mark.parametrize("draw", [figures.iou_against_shift, figures.losses_against_gap])
def test_a_plot_has_a_named_curve_for_each_series(draw):
    x, curves = torch.arange(5.0), {"a": torch.rand(5), "b": torch.rand(5)}
    ax = draw(x, curves).axes[0]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["a", "b"]
    for line, values in zip(ax.lines, curves.values(), strict=False):
        assert torch.equal(torch.as_tensor(line.get_ydata()), values)
    assert smallest_words(ax.figure) >= 9


def test_feature_maps_shows_the_channel_that_varies_most():
    maps = torch.zeros(3, 4, 4)
    maps[1, 2, 2] = 5
    figure = figures.feature_maps(torch.rand(3, 16, 16), {"C2": maps})
    assert (figure.axes[1].images[0].get_array() == maps[1].numpy()).all()
    assert figure.axes[1].get_title() == "C2: (3, 4, 4)"


def test_enlarge_keeps_the_picture():
    image = still_life("preview")[0][0]
    large = figures.enlarge(image, 3)
    assert large.shape[-1] == 3 * image.shape[-1] and 0 <= large.min() and large.max() <= 1
    assert (torch.nn.functional.avg_pool2d(large, 3) - image).abs().mean() < 0.02


def test_a_precision_recall_curve_has_a_dot_for_each_detection_so_far():
    _, ax = plt.subplots()
    figures.draw_precision_recall(ax, [True, False, True, False], 4, count=3)
    curve, right, wrong = ax.lines
    assert curve.get_xydata().tolist() == [[0.25, 1.0], [0.25, 0.5], [0.5, pytest.approx(2 / 3)]]
    assert (len(right.get_xdata()), len(wrong.get_xdata())) == (2, 1)


@pytest.mark.parametrize("method", ["every-point", "11-point", "101-point"])
def test_an_interpolation_says_its_value(method):
    from coursekit.metrics import average_precision

    _, ax = plt.subplots()
    figures.draw_interpolation(ax, [True, False, True], 2, method)
    assert ax.get_title() == f"{method}: {average_precision([True, False, True], 2, method):.4f}"


def test_the_focal_loss_of_gamma_zero_is_the_cross_entropy():
    _, ax = plt.subplots()
    figures.draw_focal_loss(ax, gammas=(0, 2))
    plain, focal = (torch.as_tensor(line.get_ydata()) for line in ax.lines)
    p = torch.as_tensor(ax.lines[0].get_xdata())
    assert torch.allclose(plain, -p.log(), atol=1e-5)
    assert torch.allclose(focal, -((1 - p) ** 2) * p.log(), atol=1e-5)
