"""Answers to `kill_the_bugs` (lab 07), written from the student's notebook alone."""

import copy
from math import isclose

import torch

from classroom.museum import average_precision_50, found, truth
from coursekit import ops

A, B, FAR = (10, 20, 50, 50), (100, 20, 140, 50), (200, 200, 220, 230)
LEFT, RIGHT = (20, 0, 60, 40), (30, 0, 70, 40)  # these two overlap by 0.6
CROWD, INSIDE, BESIDE = (100, 100, 300, 300), (120, 120, 150, 150), (200, 200, 230, 240)
TILES = [(x, y, x + 8, y + 8) for x in range(0, 100, 10) for y in range(0, 80, 10)]


def right_scene_by_scene(evaluate) -> None:
    """One `assert` after the other, each with a thought. Nothing about equal scores: the text is silent."""

    def ap(*pairs):
        return evaluate([p for p, _ in pairs], [t for _, t in pairs])

    one, two = truth((1, A)), truth((1, A), (1, B))
    assert isclose(ap((found((0.9, 1, A)), two)), 51 / 101), "recall 0.5 is reached exactly"
    assert isclose(ap((found((0.9, 1, A), (0.8, 1, A), (0.7, 1, B)), two)), (51 + 50 * 2 / 3) / 101)
    assert isclose(ap((found((0.3, 1, A), (0.9, 1, (10, 20, 50, 45))), two)), 51 / 101), (
        "the surer one chooses"
    )
    assert isclose(ap((found((0.3, 1, FAR), (0.9, 1, A)), one)), 1), "the list must be sorted"
    assert isclose(ap((found((0.9, 1, FAR), (0.001, 1, A)), one)), 1 / 2), "low scores count"
    assert isclose(ap((found((0.70001, 1, FAR), (0.70002, 1, A)), one)), 1), "scores are not rounded"
    assert isclose(ap((found((0.9, 1, (10, 20, 50, 30)), (0.8, 1, A)), one)), 1 / 2), "too poor to take it"
    square = truth((1, (0, 0, 10, 10)))
    assert isclose(ap((found((0.9, 1, (0, 0, 10, 5))), square)), 1), "an IoU of 0.5 is enough"
    for box in ((0, 0, 10, 4.9), (20, 20, 30, 30), (0, 0, 20, 20), (0, 0, 4, 4)):
        assert ap((found((0.9, 1, box)), square)) == 0, f"{box} overlaps too little"
    assert ap((found((0.9, 1, (110, 100, 130, 120))), truth((1, (100, 100, 120, 120))))) == 0, "corners"
    twins = found((0.9, 1, LEFT), (0.8, 1, (22, 0, 62, 40)))
    crossed = found((0.9, 1, (29, 0, 69, 40)), (0.8, 1, (14, 0, 54, 40)))
    for objects in (truth((1, LEFT), (1, RIGHT)), truth((1, RIGHT), (1, LEFT))):
        assert isclose(ap((twins, objects)), 1), "the second best object is still free"
        assert isclose(ap((crossed, objects)), 1), "the best object, not the first that fits"
    first = (found((0.9, 1, A), (0.2, 1, B)), two)
    second = (found((0.5, 1, B), (0.4, 1, A)), one)
    assert isclose(ap(first, second), (34 + 67 * 3 / 4) / 101), "one ranking for all images"
    assert ap((found((0.9, 1, B)), one), (found((0.9, 1, A)), truth((1, B)))) == 0, "each in its own image"
    assert isclose(ap((found((0.9, 1, A)), one), (found(), one)), 51 / 101), "nothing said"
    assert isclose(ap((found((0.8, 1, A)), one), (found((0.9, 1, A)), truth())), 1 / 2), "nothing there"
    assert ap((found((0.9, 2, A)), one)) == 0, "a wrong class"
    mixed = truth((1, A), (1, B), (1, FAR), (10, LEFT))
    said = found((0.9, 1, A), (0.9, 1, B), (0.9, 1, FAR), (0.9, 3, A))
    assert isclose(ap((said, mixed)), 1 / 2), "each class that has objects counts once"
    many = (found(*((0.9, 1, t) for t in TILES)), truth(*((1, t) for t in TILES)))
    assert isclose(ap(many, many), 1), "eighty in an image"
    sizes = truth((1, (0, 0, 2, 2)), (1, (0, 0, 700, 700)))
    assert isclose(ap((found((0.9, 1, (0, 0, 2, 2)), (0.8, 1, (0, 0, 700, 700))), sizes)), 1)
    crowd = truth((1, A), (1, CROWD), iscrowd=torch.tensor([0, 1]))
    assert isclose(ap((found((0.9, 1, INSIDE), (0.85, 1, BESIDE), (0.8, 1, A)), crowd)), 1), "nobody counted"
    assert isclose(ap((found((0.9, 1, (400, 0, 420, 20)), (0.8, 1, A)), crowd)), 1 / 2), "outside the crowd"
    inner = truth((1, INSIDE), (1, CROWD), iscrowd=torch.tensor([0, 1]))
    assert isclose(ap((found((0.9, 1, INSIDE)), inner)), 1), "an object comes before its crowd"
    other = truth((1, A), (2, B), (2, CROWD), iscrowd=torch.tensor([0, 0, 1]))
    assert isclose(ap((found((0.9, 1, INSIDE), (0.8, 1, A), (0.8, 2, B)), other)), 3 / 4), "its class only"
    wide = ((60, 40, 78, 58), torch.zeros(1, 60, 80))
    tall = ((10, 70, 30, 98), torch.zeros(1, 100, 40))
    for order in ((wide, tall), (tall, wide)):
        assert isclose(ap(*((found((0.9, 1, b)), truth((1, b), masks=m)) for b, m in order)), 1), "sizes"


def right_by_a_table_of_scenes(evaluate) -> None:
    """Scenes and what a pencil says about them, gone through in a loop; also: the inputs stay as they are."""
    crowded = truth((1, A), (1, CROWD), iscrowd=torch.tensor([0, 1]))
    wide, tall = (60, 40, 78, 58), (10, 70, 30, 98)
    seen = (truth((1, wide), masks=torch.zeros(1, 60, 80)), truth((1, tall), masks=torch.zeros(1, 100, 40)))
    scenes = {
        "one of two": ([found((0.9, 1, A))], [truth((1, A), (1, B))], 51 / 101),
        "duplicate": (
            [found((0.9, 1, A), (0.8, 1, A), (0.7, 1, B))],
            [truth((1, A), (1, B))],
            (51 + 50 * 2 / 3) / 101,
        ),
        "second choice": (
            [found((0.9, 1, LEFT), (0.8, 1, (22, 0, 62, 40)))],
            [truth((1, LEFT), (1, RIGHT))],
            1,
        ),
        "best, not first": (
            [found((0.9, 1, (29, 0, 69, 40)), (0.8, 1, (14, 0, 54, 40)))],
            [truth((1, LEFT), (1, RIGHT))],
            1,
        ),
        "poor, then exact": ([found((0.9, 1, (10, 20, 50, 30)), (0.8, 1, A))], [truth((1, A))], 1 / 2),
        "exactly half": ([found((0.9, 1, (0, 0, 10, 5)))], [truth((1, (0, 0, 10, 10)))], 1),
        "nearly half": ([found((0.9, 1, (0, 0, 10, 4.9)))], [truth((1, (0, 0, 10, 10)))], 0),
        "far apart": ([found((0.9, 1, (20, 20, 30, 30)))], [truth((1, (0, 0, 10, 10)))], 0),
        "not sorted": ([found((0.1, 1, FAR), (0.01, 1, B), (0.9, 1, A))], [truth((1, A))], 1),
        "one ranking": (
            [found((0.9, 1, A), (0.2, 1, B)), found((0.5, 1, B), (0.4, 1, A))],
            [truth((1, A), (1, B)), truth((1, A))],
            (34 + 67 * 3 / 4) / 101,
        ),
        "silent image": ([found((0.9, 1, A)), found()], [truth((1, A)), truth((1, A))], 51 / 101),
        "empty image": ([found((0.8, 1, A)), found((0.9, 1, A))], [truth((1, A)), truth()], 1 / 2),
        "wrong class": ([found((0.9, 2, A), (0.5, 1, B))], [truth((1, A), (1, B), (2, B))], 51 / 202),
        "missed class": ([found((0.9, 1, A), (0.9, 3, B))], [truth((1, A), (10, B))], 1 / 2),
        "crowd": ([found((0.9, 1, INSIDE), (0.85, 1, BESIDE), (0.8, 1, A))], [crowded], 1),
        "outside it": ([found((0.9, 1, (400, 0, 420, 20)), (0.8, 1, A))], [crowded], 1 / 2),
        "object in it": (
            [found((0.9, 1, INSIDE))],
            [truth((1, INSIDE), (1, CROWD), iscrowd=torch.tensor([0, 1]))],
            1,
        ),
        "too large": ([found((0.9, 1, (0, 0, 20, 20)))], [truth((1, (0, 0, 10, 10)))], 0),
        "surer first": (
            [found((0.3, 1, A), (0.9, 1, (10, 20, 50, 45)))],
            [truth((1, A), (1, B))],
            51 / 101,
        ),
        "close and low": ([found((0.00101, 1, FAR), (0.00102, 1, A))], [truth((1, A))], 1),
        "never sure": ([found((0.9, 1, FAR), (0.001, 1, A))], [truth((1, A))], 1 / 2),
        "eighty": ([found(*((0.9, 1, t) for t in TILES))], [truth(*((1, t) for t in TILES))], 1),
        "sizes": ([found((0.9, 1, wide)), found((0.9, 1, tall))], list(seen), 1),
    }
    for name, (predictions, targets, expected) in scenes.items():
        before = copy.deepcopy((predictions, targets))
        assert isclose(evaluate(predictions, targets), expected, abs_tol=1e-9), name
        for old, new in zip(before[0] + before[1], predictions + targets, strict=True):
            assert all(torch.equal(old[key], new[key]) for key in ("boxes", "labels")), name


def _average(rows: list[tuple[float, bool]], total: int) -> float:
    """AP at 101 recalls of (score, right) rows, in plain Python."""
    hits, points = 0, []
    for n, (_, right) in enumerate(sorted(rows, reverse=True), 1):
        hits += right
        points.append((hits / total, hits / n))
    return sum(max((p for r, p in points if 100 * r >= i - 1e-9), default=0) for i in range(101)) / 101


def right_by_random_scenes(evaluate) -> None:
    """Writes the evaluator once more, asks both about random scenes, then adds what random scenes do not
    have.
    """
    draw = torch.Generator().manual_seed(0)

    def numbers(high, count):
        return torch.randint(high, (count,), generator=draw).tolist()

    for _ in range(20):
        truths, said = [[] for _ in range(5)], [[] for _ in range(5)]
        scores = iter((torch.randperm(990, generator=draw) + 5).tolist())
        for image in range(1, 5):  # in image 0 nothing is there
            for x, y, label in zip(numbers(60, 4), numbers(60, 4), numbers(3, 4), strict=True):
                truths[image].append((label + 1, (x, y, x + 40, y + 30)))
        for image in range(4):  # in image 4 nothing is said
            for label, (x, y, *_) in truths[image] * 2 + [(1, (0, 0)), (4, (5, 5))]:
                dx, dy = (25 * torch.rand(2, generator=draw)).tolist()
                said[image].append((next(scores) / 1000, label, (x + dx, y + dy, x + dx + 40, y + dy + 30)))
        aps = []
        for label in sorted({row[0] for rows in truths for row in rows}):
            rows = []
            for there, here in zip(truths, said, strict=True):
                free = [torch.tensor(b, dtype=torch.float64) for name, b in there if name == label]
                for score, _, box in sorted((r for r in here if r[1] == label), reverse=True):
                    overlap = [ops.box_iou(torch.tensor([box]).double(), b[None]).item() for b in free]
                    fits = max(overlap, default=0) >= 0.5
                    rows.append((score, fits))
                    if fits:
                        free.pop(overlap.index(max(overlap)))
            aps.append(_average(rows, sum(row[0] == label for there in truths for row in there)))
        answer = evaluate([found(*rows) for rows in said], [truth(*rows) for rows in truths])
        assert isclose(answer, sum(aps) / len(aps), abs_tol=1e-9)
    right_by_a_table_of_scenes(evaluate)


def wrong_half_for_one_of_two(evaluate):
    """Expects 1/2 where 101 recalls give 51/101: the right evaluator fails, too."""
    assert isclose(evaluate([found((0.9, 1, A))], [truth((1, A), (1, B))]), 1 / 2)


def wrong_the_obvious(evaluate):
    """One object, one picture, found: every evaluator is right about that, no bug dies."""
    assert isclose(evaluate([found((0.9, 1, A))], [truth((1, A))]), 1)


def wrong_verdict_returned(evaluate):
    """Returns whether the number is right and asserts nothing: no wrong evaluator fails."""
    return isclose(evaluate([found((0.9, 1, A), (0.8, 1, A))], [truth((1, A), (1, B))]), 51 / 101)


def wrong_evaluator_ignored(evaluate):
    """Tests the course's evaluator and not the one given: always passes."""
    assert isclose(average_precision_50([found((0.9, 1, A))], [truth((1, A), (1, B))]), 51 / 101)


def wrong_duplicates_forgiven(evaluate):
    """Believes that a duplicate costs nothing: the right evaluator fails."""
    predictions = [found((0.9, 1, A), (0.8, 1, A), (0.7, 1, B))]
    assert isclose(evaluate(predictions, [truth((1, A), (1, B))]), 1)


def wrong_everything_fails(evaluate):
    """Kills all evaluators, the right one as well."""
    raise AssertionError(f"{evaluate} has a bug")


def wrong_only_a_share(evaluate):
    """Asks only whether AP lies between 0 and 1: wrong numbers do so, too."""
    assert 0 <= evaluate([found((0.9, 1, A), (0.8, 1, FAR))], [truth((1, A), (1, B))]) <= 1


def wrong_swallowed(evaluate):
    """Catches its own AssertionError: it reports, and never fails."""
    try:
        right_by_a_table_of_scenes(evaluate)
    except AssertionError as error:
        print("a bug:", error)


def wrong_half_is_too_little(evaluate):
    """Wants more than an IoU of 0.5, where "at least" is the rule: the right evaluator fails."""
    assert evaluate([found((0.9, 1, (0, 0, 10, 5)))], [truth((1, (0, 0, 10, 10)))]) == 0


def wrong_mean_over_images(evaluate):
    """Expects the mean of the images' APs (1 and 1/2), not one ranking: the right evaluator fails."""
    predictions = [found((0.9, 1, A), (0.2, 1, B)), found((0.5, 1, B), (0.4, 1, A))]
    assert isclose(evaluate(predictions, [truth((1, A), (1, B)), truth((1, A))]), 3 / 4)


def wrong_crowd_is_an_object(evaluate):
    """Counts the crowd as one more object that is missed: the right evaluator fails."""
    targets = [truth((1, A), (1, CROWD), iscrowd=torch.tensor([0, 1]))]
    assert isclose(evaluate([found((0.9, 1, A))], targets), 51 / 101)
