import torch
from torch import Tensor


def right_last(matched: Tensor) -> int:
    """Remembers the last track of each object."""
    last: dict[int, int] = {}
    count = 0
    for row in matched.tolist():
        for g, track in enumerate(row):
            if track:
                count += last.get(g, track) != track
                last[g] = track
    return count


def right_columns(matched: Tensor) -> int:
    """Column by column with tensors."""
    total = 0
    for g in range(matched.shape[1]):
        seen = matched[:, g][matched[:, g] > 0]
        total += int((seen[1:] != seen[:-1]).sum())
    return total


def right_vector(matched: Tensor) -> int:
    """All objects at once, frame by frame."""
    last, count = torch.zeros(matched.shape[1], dtype=torch.int64), 0
    for row in matched:
        count += ((row > 0) & (last > 0) & (row != last)).sum().item()
        last = torch.where(row > 0, row, last)
    return count


def wrong_neighbours(matched: Tensor) -> int:
    """Frames next to each other only, both with a track."""
    a, b = matched[:-1], matched[1:]
    return ((a != b) & (a > 0) & (b > 0)).sum().item()


def wrong_zeros_count(matched: Tensor) -> int:
    """Every change in a column."""
    return (matched[1:] != matched[:-1]).sum().item()


def wrong_reappearing(matched: Tensor) -> int:
    """A new number that is not 0, also after a gap with the same track."""
    return ((matched[1:] != matched[:-1]) & (matched[1:] > 0)).sum().item()


def wrong_distinct(matched: Tensor) -> int:
    """Different tracks minus one."""
    return sum(max(len(set(column) - {0}) - 1, 0) for column in matched.T.tolist())


def wrong_objects(matched: Tensor) -> int:
    """How many objects have more than one track."""
    return sum(len(set(column) - {0}) > 1 for column in matched.T.tolist())


def wrong_rows(matched: Tensor) -> int:
    """Along the rows."""
    return right_last(matched.T)


def wrong_tensor(matched: Tensor) -> Tensor:
    """A tensor of one number."""
    return torch.tensor(right_last(matched))
