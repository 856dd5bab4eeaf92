"""Lab 05, first part: how alike two regions are, and which two are merged next."""

import torch
from torch import Tensor

from classroom.exercises.cases import uniform
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab05.pictures import bars_picture, pair_picture


def region_similarity(
    colour_a: Tensor, size_a: Tensor, colour_b: Tensor, size_b: Tensor, image_size: int
) -> Tensor:
    """How alike region a and N others are: what their colour histograms share, plus how small they are together: (N,)."""
    return torch.minimum(colour_a, colour_b).sum(-1) + 1 - (size_a + size_b) / image_size


def _histograms(count: int, bins: int, seed: int) -> Tensor:
    """(count, bins), each row sums to 1."""
    return uniform(count, bins, seed=seed).softmax(1)


REGION_SIMILARITY = Exercise(
    region_similarity,
    picture=bars_picture,
    hints=(
        "Two numbers between 0 and 1, added: what the colours share, and the share of the image that both leave free.",
        "colour: the sum over bins of min(a, b). size: 1 - (size_a + size_b) / image_size.",
        "torch.minimum(colour_a, colour_b).sum(-1) + ...",
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


@REGION_SIMILARITY.wrong(
    "the size left out", "Then one region swallows its neighbours one by one, and few medium boxes come out."
)
def _no_size(colour_a: Tensor, size_a: Tensor, colour_b: Tensor, size_b: Tensor, image_size: int) -> Tensor:
    return torch.minimum(colour_a, colour_b).sum(-1)


@REGION_SIMILARITY.wrong("the colour left out", "Size alone merges whatever is small.")
def _no_colour(colour_a: Tensor, size_a: Tensor, colour_b: Tensor, size_b: Tensor, image_size: int) -> Tensor:
    return 1 - (size_a + size_b) / image_size


@REGION_SIMILARITY.wrong(
    "large regions first",
    "Small regions should merge early, so a large pair must score less: 1 - ..., not + ....",
)
def _large_first(
    colour_a: Tensor, size_a: Tensor, colour_b: Tensor, size_b: Tensor, image_size: int
) -> Tensor:
    return torch.minimum(colour_a, colour_b).sum(-1) + (size_a + size_b) / image_size


@REGION_SIMILARITY.wrong("sizes in pixels", "Divide by the image's pixels, or size outweighs colour by far.")
def _in_pixels(colour_a: Tensor, size_a: Tensor, colour_b: Tensor, size_b: Tensor, image_size: int) -> Tensor:
    return torch.minimum(colour_a, colour_b).sum(-1) + 1 - (size_a + size_b).float()


@REGION_SIMILARITY.wrong(
    "a product of histograms",
    "The intersection takes the smaller of the two numbers in each bin: equal histograms then share 1.",
)
def _product(colour_a: Tensor, size_a: Tensor, colour_b: Tensor, size_b: Tensor, image_size: int) -> Tensor:
    return (colour_a * colour_b).sum(-1) + 1 - (size_a + size_b) / image_size


@REGION_SIMILARITY.wrong(
    "a difference of histograms", "That grows as the colours differ: it is a distance, not a similarity."
)
def _difference(
    colour_a: Tensor, size_a: Tensor, colour_b: Tensor, size_b: Tensor, image_size: int
) -> Tensor:
    return (colour_a - colour_b).abs().sum(-1) + 1 - (size_a + size_b) / image_size


@REGION_SIMILARITY.wrong("the size of one region", "Both sizes count: size_a + size_b.")
def _other_alone(
    colour_a: Tensor, size_a: Tensor, colour_b: Tensor, size_b: Tensor, image_size: int
) -> Tensor:
    return torch.minimum(colour_a, colour_b).sum(-1) + 1 - size_b / image_size


# ---------------------------------------------------------------- which two are merged


def next_merge(similarity: Tensor, touching: Tensor) -> tuple[int, int]:
    """The two regions that touch and are most alike, the lower number first; of equals the first pair: (R, R) twice."""
    table = similarity.masked_fill(~touching.triu(1), -torch.inf)
    return divmod(int(table.argmax()), len(table))


def _table(count: int, seed: int) -> tuple[Tensor, Tensor]:
    """Similarities and who touches whom, both symmetric; nobody touches itself, a region is most like itself."""
    random = torch.Generator().manual_seed(seed)
    similarity = torch.rand(count, count, generator=random)
    similarity = (similarity + similarity.T).fill_diagonal_(2.0)
    touching = torch.rand(count, count, generator=random) < 0.4
    return similarity, (touching | touching.T).fill_diagonal_(False)


_THREE = torch.tensor([[2.0, 0.5, 1.4], [0.5, 2.0, 0.9], [1.4, 0.9, 2.0]])
_IN_A_ROW = torch.tensor([[False, True, False], [True, False, True], [False, True, False]])
_ALIKE = torch.tensor(
    [[2.0, 0.3, 0.3, 0.7], [0.3, 2.0, 0.7, 0.1], [0.3, 0.7, 2.0, 0.7], [0.7, 0.1, 0.7, 2.0]]
)

NEXT_MERGE = Exercise(
    next_merge,
    picture=pair_picture,
    hints=(
        "A table has a largest entry. Which entries must not win?",
        "Make the similarity minus infinity wherever two regions do not touch, and below the diagonal, where each pair "
        "stands a second time. Then argmax.",
        "table = similarity.masked_fill(~touching.triu(1), -torch.inf); divmod(int(table.argmax()), ...).",
    ),
    cases=(
        Case("three regions in a row", (_THREE, _IN_A_ROW)),
        Case("three regions that all touch", (_THREE, ~torch.eye(3, dtype=torch.bool))),
        Case("equal pairs", (_ALIKE, ~torch.eye(4, dtype=torch.bool))),
        Case("nine regions", _table(9, 1)),
        Case("thirty regions", _table(30, 2)),
    ),
)


@NEXT_MERGE.wrong("the least alike", "The most similar pair is merged first.")
def _least(similarity: Tensor, touching: Tensor) -> tuple[int, int]:
    return next_merge(-similarity, touching)


@NEXT_MERGE.wrong(
    "regions that do not touch",
    "Two apples at both ends of the table are alike, but no object: only neighbours merge.",
)
def _anywhere(similarity: Tensor, touching: Tensor) -> tuple[int, int]:
    return next_merge(similarity, torch.ones_like(touching))


@NEXT_MERGE.wrong("a region with itself", "Nothing is as like a region as itself: leave the diagonal out.")
def _itself(similarity: Tensor, touching: Tensor) -> tuple[int, int]:
    return divmod(int(similarity.argmax()), len(similarity))


@NEXT_MERGE.wrong("the higher number first", "The pair is (i, j) with i < j.")
def _other_way_round(similarity: Tensor, touching: Tensor) -> tuple[int, int]:
    return next_merge(similarity, touching)[::-1]


@NEXT_MERGE.wrong(
    "the last of equals",
    "Of pairs that are equally alike take the first, row by row: then every run gives the same boxes.",
)
def _last_of_equals(similarity: Tensor, touching: Tensor) -> tuple[int, int]:
    table = similarity.masked_fill(~touching.triu(1), -torch.inf)
    return divmod(table.numel() - 1 - int(table.flatten().flip(0).argmax()), len(table))


EXERCISES = (REGION_SIMILARITY, NEXT_MERGE)
