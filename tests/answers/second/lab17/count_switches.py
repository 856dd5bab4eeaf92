import torch
from torch import Tensor


def right_loop(matched: Tensor) -> int:
    """Two loops and the last track of each object."""
    switches = 0
    for column in matched.T.tolist():
        last = 0
        for track in column:
            if track != 0:
                if last != 0 and track != last:
                    switches += 1
                last = track
    return switches


def right_fill_forward(matched: Tensor) -> int:
    """Vectorised: every gap is filled with the last track before it (cummax of frame numbers), then neighbours are compared."""
    if matched.numel() == 0:
        return 0
    frames = torch.arange(len(matched))[:, None] * (matched != 0)
    filled = matched.gather(0, frames.cummax(0).values)
    before, after = filled[:-1], filled[1:]
    return int(((before != after) & (before != 0)).sum())


def right_runs(matched: Tensor) -> int:
    """Per object: drop the zeros and count the runs with unique_consecutive."""
    return sum(max(len(torch.unique_consecutive(column[column > 0])) - 1, 0) for column in matched.unbind(1))


def wrong_neighbours_only(matched: Tensor) -> int:
    """Compares only neighbouring frames, so a switch across a gap is not seen."""
    before, after = matched[:-1], matched[1:]
    return int(((before != after) & (before > 0) & (after > 0)).sum())


def wrong_gaps_count(matched: Tensor) -> int:
    """Counts the end of every gap, also if the object gets its old track back."""
    switches = 0
    for column in matched.T.tolist():
        seen = False
        for before, after in zip([0] + column, column, strict=False):
            if after and seen and before != after:
                switches += 1
            seen = seen or after > 0
    return switches


def wrong_first_counts(matched: Tensor) -> int:
    """Starts with last = 0 and so counts the first track of each object as a switch."""
    switches = 0
    for column in matched.T.tolist():
        last = 0
        for track in column:
            if track and track != last:
                switches += 1
                last = track
    return switches


def wrong_distinct_tracks(matched: Tensor) -> int:
    """Counts the different tracks of an object minus one: going back to an earlier track is not counted."""
    return sum(max(len(set(column) - {0}) - 1, 0) for column in matched.T.tolist())


def wrong_returns_tensor(matched: Tensor) -> int:
    """The right number, but as a tensor."""
    return torch.tensor(right_loop(matched))


def wrong_crash_without_frames(matched: Tensor) -> int:
    """Begins with the first frame, matched[0], which does not exist when T is 0."""
    last, switches = matched[0].clone(), 0
    for row in matched[1:]:
        switches += int(((row > 0) & (last > 0) & (row != last)).sum())
        last = torch.where(row > 0, row, last)
    return switches
