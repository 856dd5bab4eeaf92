"""Overlaps row by row: to the last bit the diagonals of the tables, gradients too, and torchvision's values."""

import pytest
import torch
import torchvision

from coursekit import ops

NAMES = ("box_iou", "generalized_box_iou")
EMPTY = [[5.0, 5, 5, 5], [5, 5, 5, 9], [9, 9, 1, 1], [0, 0, 10, 10], [5, 2, 1, 8]]


def random_boxes(count, seed):
    share = torch.rand(count, 4, generator=torch.Generator().manual_seed(seed))
    return torch.cat([80 * share[:, :2], 80 * share[:, :2] + 1 + 40 * share[:, 2:]], 1)


def value_and_gradients(function, *boxes):
    leaves = [one.clone().requires_grad_() for one in boxes]
    value = function(*leaves)
    (value * torch.arange(1.0, len(value) + 1)).sum().backward()
    return [value.detach(), *(leaf.grad for leaf in leaves)]


@pytest.mark.parametrize("name", NAMES)
def test_pairs_are_the_diagonal_of_the_table_to_the_last_bit(name):
    first, second = random_boxes(200, 0), random_boxes(200, 1)
    first[:40, 2:] = second[:40, 2:]  # edges in common
    first[40:45], second[45:50] = torch.tensor(EMPTY), torch.tensor(EMPTY)
    table, paired = getattr(ops, name), getattr(ops, f"paired_{name}")
    ours = value_and_gradients(paired, first, second)
    for mine, theirs in zip(
        ours, value_and_gradients(lambda a, b: table(a, b).diagonal(), first, second), strict=True
    ):
        assert mine.isfinite().all() and torch.equal(mine, theirs)
    proper = slice(50, None)
    witness = getattr(torchvision.ops, name)(first[proper], second[proper]).diagonal()
    torch.testing.assert_close(ours[0][proper], witness)


@pytest.mark.parametrize("name", NAMES)
def test_pairs_are_broadcast_and_may_be_none(name):
    first, second = random_boxes(12, 0).view(4, 3, 4), random_boxes(4, 1)
    paired, table = getattr(ops, f"paired_{name}"), getattr(ops, name)
    rows = [table(of_one, box[None])[:, 0] for of_one, box in zip(first, second, strict=True)]
    assert torch.equal(paired(first, second[:, None]), torch.stack(rows))
    assert paired(second[:0], second[:0]).shape == (0,)
    assert torch.equal(paired(first.half(), first.half()), paired(first.half().float(), first.half().float()))
