"""Lab 05, exercise 1: how similar two regions are."""

import torch
from torch import Tensor

from classroom.exercises.cases import uniform
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab05.pictures import bars_picture
from classroom.exercises.lab05.region_similarity_mistakes import MISTAKES, region_similarity, shared
from classroom.exercises.readings import of_any_precision


def _histograms(count: int, bins: int, seed: int) -> Tensor:
    """(count, bins), each row sums to 1."""
    return uniform(count, bins, seed=seed).softmax(1)


REGION_SIMILARITY = Exercise(
    region_similarity,
    picture=bars_picture,
    judge=of_any_precision,
    hints=(
        "Add two numbers between 0 and 1: what the colours have in common, and the share of the image that the two regions leave free.",
        "colour: the sum over bins of min(a, b). size: 1 - (size_a + size_b) / image_size.",
        "colour = torch.minimum(colour_a, colour_b).sum(-1)\n"
        "size = …  # 1 for two tiny regions, 0 for two that fill the image\n"
        "return colour + size",
    ),
    cases=(
        Case(
            "one other region of the same colour",
            (torch.tensor([0.5, 0.5]), torch.tensor(10), torch.tensor([[0.5, 0.5]]), torch.tensor([20]), 100),
        ),
        Case(
            "one other region without a common colour",
            (torch.tensor([1.0, 0.0]), torch.tensor(5), torch.tensor([[0.0, 1.0]]), torch.tensor([5]), 100),
        ),
        Case(
            "a small and a large one",
            (
                torch.tensor([0.7, 0.2, 0.1]),
                torch.tensor(30),
                torch.tensor([[0.6, 0.2, 0.2], [0.6, 0.2, 0.2]]),
                torch.tensor([10, 800]),
                1000,
            ),
        ),
        Case(
            "six others, 75 bins",
            (
                _histograms(1, 75, 0)[0],
                torch.tensor(400),
                _histograms(6, 75, 1),
                torch.tensor([100, 250, 3000, 120, 9000, 777]),
                192 * 256,
            ),
        ),
    ),
)
REGION_SIMILARITY.wrong_answers.extend(MISTAKES)
wrong = REGION_SIMILARITY.wrong
# ---------------------------------------------------------------- the sizes


@wrong(
    "large regions first",
    "Small regions should merge early, so a large pair must have a lower score: 1 - ..., not + ....",
)
def _large_first(colour_a, size_a, colour_b, size_b, image_size):
    return shared(colour_a, colour_b) + (size_a + size_b) / image_size


@wrong("the 1 left out", "The formula has 1 - ...: each part ranges from 0 to 1.")
def _no_one(colour_a, size_a, colour_b, size_b, image_size):
    return shared(colour_a, colour_b) - (size_a + size_b) / image_size


@wrong(
    "sizes in pixels", "Divide by the number of pixels in the image, or the size outweighs the colour by far."
)
def _in_pixels(colour_a, size_a, colour_b, size_b, image_size):
    return shared(colour_a, colour_b) + 1 - (size_a + size_b).float()


@wrong("only the size of b divided", "Both sizes are divided by that of the image: put the sum in brackets.")
def _brackets(colour_a, size_a, colour_b, size_b, image_size):
    return shared(colour_a, colour_b) + 1 - size_a + size_b / image_size


@wrong("only the size of b divided", "Both sizes are divided by that of the image: put the sum in brackets.")
def _other_brackets(colour_a, size_a, colour_b, size_b, image_size):
    return shared(colour_a, colour_b) + 1 - (size_a + size_b / image_size)


@wrong(
    "the share rounded down to a whole number",
    "`//` rounds down: every pair smaller than the image has a share of 0.",
)
def _whole_division(colour_a, size_a, colour_b, size_b, image_size):
    return shared(colour_a, colour_b) + 1 - (size_a + size_b) // image_size


@wrong("the size of b alone", "Both sizes count: size_a + size_b.")
def _b_alone(colour_a, size_a, colour_b, size_b, image_size):
    return shared(colour_a, colour_b) + 1 - size_b / image_size


@wrong("the size of a alone", "Both sizes count: size_a + size_b.")
def _a_alone(colour_a, size_a, colour_b, size_b, image_size):
    return shared(colour_a, colour_b) + 1 - size_a / image_size


@wrong(
    "the difference of the sizes",
    "The two sizes are added: two large regions should merge late, even if they are equally large.",
)
def _size_difference(colour_a, size_a, colour_b, size_b, image_size):
    return shared(colour_a, colour_b) + 1 - (size_a - size_b).abs() / image_size


@wrong("the larger size alone", "Both sizes count: size_a + size_b.")
def _larger_alone(colour_a, size_a, colour_b, size_b, image_size):
    return shared(colour_a, colour_b) + 1 - torch.maximum(size_a, size_b) / image_size


@wrong("sizes divided by the largest pair", "Divide by the size of the image, `image_size`.")
def _by_largest(colour_a, size_a, colour_b, size_b, image_size):
    both = size_a + size_b
    return shared(colour_a, colour_b) + 1 - both / both.max()


@wrong("sizes divided by the sum of all", "Divide by the size of the image, `image_size`.")
def _by_all(colour_a, size_a, colour_b, size_b, image_size):
    return shared(colour_a, colour_b) + 1 - (size_a + size_b) / (size_a + size_b.sum())


@wrong("the caller's sizes changed", "`+=` changes the regions themselves: at the next call they are larger.")
def _sizes_changed(colour_a, size_a, colour_b, size_b, image_size):
    size_b += size_a
    return shared(colour_a, colour_b) + 1 - size_b / image_size


EXERCISES = (REGION_SIMILARITY,)
