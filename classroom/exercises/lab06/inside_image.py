"""Lab 06, exercise 3: which anchors lie inside the image."""

import torch
from torch import Tensor

from classroom.exercises.cases import boxes, random_boxes
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab06.pictures import inside_picture


def inside_image(anchors: Tensor, size: tuple[int, int]) -> Tensor:
    """Which anchors lie entirely inside the image of `size` (height, width): (A, 4) -> (A,) bool."""
    height, width = size
    x1, y1, x2, y2 = anchors.T
    return (x1 >= 0) & (y1 >= 0) & (x2 <= width) & (y2 <= height)


_SIZE = (60, 100)

INSIDE_IMAGE = Exercise(
    inside_image,
    picture=inside_picture,
    hints=(
        "You need four comparisons, one per side. Which of them involve the height?",
        "x1 >= 0, y1 >= 0, x2 <= width, y2 <= height, and all four.",
        "height, width = size\nx1, y1, x2, y2 = anchors.T\nreturn (x1 >= 0) & …  # the other three borders",
    ),
    cases=(
        Case("in the middle", (boxes((20, 10, 60, 40)), _SIZE)),
        Case("up to the left and upper border", (boxes((0, 0, 50, 40)), _SIZE)),
        Case("beyond the left border", (boxes((-5, 10, 40, 40), (5, 10, 40, 40)), _SIZE)),
        Case("beyond the upper border", (boxes((30, -5, 50, 20)), _SIZE)),
        Case("beyond the right border", (boxes((70, 10, 110, 50)), _SIZE)),
        Case("beyond the lower border", (boxes((30, 30, 50, 70), (70, 10, 90, 50)), _SIZE)),
        Case("up to the right and lower border", (boxes((10, 10, 100, 60)), _SIZE)),
        Case("up to all borders", (boxes((0, 0, 100, 60)), _SIZE)),
        Case("larger than the image", (boxes((-20, -20, 120, 80)), _SIZE)),
        Case(
            "entirely outside",
            (boxes((110, 10, 130, 30), (-30, 10, -10, 30), (10, 70, 30, 90), (10, -40, 30, -20)), _SIZE),
        ),
        Case("half a pixel", (boxes((10, 10, 99.5, 59.5), (-0.5, 10, 50, 50), (10, -0.5, 50, 50)), _SIZE)),
        Case("no anchors", (boxes(), _SIZE)),
        Case("fifty", (random_boxes(50) * 1.2 - 10, _SIZE)),
    ),
)
wrong = INSIDE_IMAGE.wrong


@wrong("height and width swapped", "A size is (height, width); x ends at the width.")
def _swapped(anchors, size):
    return inside_image(anchors, size[::-1])


@wrong("the height for both directions", "x ends at the width: size is (height, width).")
def _height_for_both(anchors, size):
    return inside_image(anchors, (size[0], size[0]))


@wrong("the width for both directions", "y ends at the height: size is (height, width).")
def _width_for_both(anchors, size):
    return inside_image(anchors, (size[1], size[1]))


@wrong("the centre alone", "Half of the anchor can still lie outside.")
def _centre(anchors, size):
    centre = (anchors[:, :2] + anchors[:, 2:]) / 2
    return inside_image(torch.cat([centre, centre], 1), size)


@wrong("the border counted as outside", "x2 and y2 are exclusive: a box may end at the width and start at 0.")
def _strictly(anchors, size):
    x1, y1, x2, y2 = anchors.T
    return (x1 > 0) & (y1 > 0) & (x2 < size[1]) & (y2 < size[0])


@wrong(
    "the right and lower border counted as outside", "x2 and y2 are exclusive: a box may end at the width."
)
def _strictly_at_the_end(anchors, size):
    x1, y1, x2, y2 = anchors.T
    return (x1 >= 0) & (y1 >= 0) & (x2 < size[1]) & (y2 < size[0])


@wrong("the left and upper border counted as outside", "A box may start at 0: >=.")
def _strictly_at_the_start(anchors, size):
    x1, y1, x2, y2 = anchors.T
    return (x1 > 0) & (y1 > 0) & (x2 <= size[1]) & (y2 <= size[0])


@wrong(
    "the last pixel used as the border", "x2 is exclusive: a box may end at the width, not only at width - 1."
)
def _last_pixel(anchors, size):
    return inside_image(anchors, (size[0] - 1, size[1] - 1))


# ---------------------------------------------------------------- sides that are forgotten


@wrong("a part inside is enough", "Every side must be inside the image.")
def _touching(anchors, size):
    x1, y1, x2, y2 = anchors.T
    return (x2 > 0) & (y2 > 0) & (x1 < size[1]) & (y1 < size[0])


@wrong("the upper left corner alone", "The lower right corner can lie outside as well.")
def _first_corner(anchors, size):
    return inside_image(anchors[:, [0, 1, 0, 1]], size)


@wrong("the lower right corner alone", "The upper left corner can lie outside as well.")
def _second_corner(anchors, size):
    return inside_image(anchors[:, [2, 3, 2, 3]], size)


@wrong("the left and upper border forgotten", "x1 and y1 must be 0 or more.")
def _start_forgotten(anchors, size):
    return (anchors[:, 2] <= size[1]) & (anchors[:, 3] <= size[0])


@wrong("the right and lower border forgotten", "x2 and y2 end at the width and the height.")
def _end_forgotten(anchors, size):
    return (anchors[:, 0] >= 0) & (anchors[:, 1] >= 0)


@wrong("the upper and lower border forgotten", "y1 must be 0 or more, y2 at most the height.")
def _x_alone(anchors, size):
    return (anchors[:, 0] >= 0) & (anchors[:, 2] <= size[1])


@wrong("the left and right border forgotten", "x1 must be 0 or more, x2 at most the width.")
def _y_alone(anchors, size):
    return (anchors[:, 1] >= 0) & (anchors[:, 3] <= size[0])


def _without(name, side):
    def function(anchors, size):
        x1, y1, x2, y2 = anchors.T
        sides = [x1 >= 0, y1 >= 0, x2 <= size[1], y2 <= size[0]]
        return torch.stack(sides[:side] + sides[side + 1 :]).all(0)

    wrong(f"the {name} border forgotten", "An anchor has four sides, and each must be inside the image.")(
        function
    )


for _side, _name in enumerate(("left", "upper", "right", "lower")):
    _without(_name, _side)


@wrong("one direction is enough", "Both x and y must be inside the image: put & between them.")
def _one_axis(anchors, size):
    return _x_alone(anchors, size) | _y_alone(anchors, size)


@wrong("one side is enough", "All four sides must be inside the image: put & between them.")
def _any_side(anchors, size):
    x1, y1, x2, y2 = anchors.T
    return (x1 >= 0) | (y1 >= 0) | (x2 <= size[1]) | (y2 <= size[0])


@wrong("smaller than the image", "The position of the anchor matters too, not only its width and height.")
def _smaller(anchors, size):
    sides = anchors[:, 2:] - anchors[:, :2]
    return (sides[:, 0] <= size[1]) & (sides[:, 1] <= size[0])


# ---------------------------------------------------------------- other results


@wrong("the anchors themselves", "Return a mask (A,): True for each anchor that lies inside.")
def _anchors_left(anchors, size):
    return anchors[inside_image(anchors, size)]


@wrong("indices", "Return a mask (A,): True for each anchor that lies inside.")
def _indices(anchors, size):
    return inside_image(anchors, size).nonzero()[:, 0]


@wrong("a mask of numbers", "A mask is bool: with numbers, indexing picks rows 0 and 1.")
def _numbers(anchors, size):
    return inside_image(anchors, size).float()


@wrong("a mask of numbers", "A mask is bool: with numbers, indexing picks rows 0 and 1.")
def _whole_numbers(anchors, size):
    return inside_image(anchors, size).long()


@wrong("the anchors outside", "True means that the anchor lies inside.")
def _outside(anchors, size):
    return ~inside_image(anchors, size)


@wrong("one answer for all anchors", "Each anchor has its own answer: use `all` over dim 1.")
def _one_answer(anchors, size):
    return inside_image(anchors, size).all()


@wrong("an answer for each side", "Return (A,): use `all` over the four sides.")
def _four_answers(anchors, size):
    x1, y1, x2, y2 = anchors.T
    return torch.stack([x1 >= 0, y1 >= 0, x2 <= size[1], y2 <= size[0]], 1)


@wrong(
    "every anchor inside",
    "Were the anchors clipped before they were compared? Compare them as they are, and do not change the caller's anchors.",
)
def _clipped(anchors, size):
    anchors[:, 0::2] = anchors[:, 0::2].clamp(0, size[1])
    anchors[:, 1::2] = anchors[:, 1::2].clamp(0, size[0])
    return inside_image(anchors, size)


EXERCISES = (INSIDE_IMAGE,)
