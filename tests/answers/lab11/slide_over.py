"""Answers to `slide_over` (lab 11), written from the student's notebook alone."""

import itertools
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor


def right_by_two_loops(classify: Callable[[Tensor], Tensor], maps: Tensor, size: tuple[int, int]) -> Tensor:
    """Cuts each window out and asks; rows of answers are stacked at the end."""
    h, w = size
    rows = []
    for y in range(maps.shape[1] - h + 1):
        row = [classify(maps[None, :, y : y + h, x : x + w])[0] for x in range(maps.shape[2] - w + 1)]
        rows.append(torch.stack(row, 1))
    return torch.stack(rows, 1)


def right_by_filling(classify: Callable[[Tensor], Tensor], maps: Tensor, size: tuple[int, int]) -> Tensor:
    """Makes the table as soon as the first answer says how long and of which type it is; no gradients."""
    (h, w), (_, height, width), table = size, maps.shape, None
    for y, x in itertools.product(range(height - h + 1), range(width - w + 1)):
        with torch.no_grad():
            answer = classify(maps[:, y : y + h, x : x + w].unsqueeze(0))
        if table is None:
            table = answer.new_empty(answer.shape[1], height - h + 1, width - w + 1)
        table[:, y, x] = answer[0]
    return table


def right_by_unfold(classify: Callable[[Tensor], Tensor], maps: Tensor, size: tuple[int, int]) -> Tensor:
    """A view of all windows; copies each before it asks, so that `classify` may change what it gets."""
    windows = maps.unfold(1, size[0], 1).unfold(2, size[1], 1).permute(1, 2, 0, 3, 4)
    flat = windows.reshape(-1, 1, len(maps), *size)
    answers = torch.cat([classify(window.clone()) for window in flat])
    return answers.T.reshape(-1, *windows.shape[:2])


def right_by_columns(classify: Callable[[Tensor], Tensor], maps: Tensor, size: tuple[int, int]) -> Tensor:
    """`F.unfold` lays each window out as a column; `F.fold` with 1 x 1 puts the answers back in place."""
    columns = F.unfold(maps[None], size)[0]
    answers = [classify(column.reshape(1, len(maps), *size)) for column in columns.T]
    places = (maps.shape[1] - size[0] + 1, maps.shape[2] - size[1] + 1)
    return F.fold(torch.cat(answers).T[None], places, 1)[0]


def right_by_narrow(classify: Callable[[Tensor], Tensor], maps: Tensor, size: tuple[int, int]) -> Tensor:
    """Column by column, and transposed at the end."""
    h, w = size
    columns = []
    for x in range(maps.size(2) - w + 1):
        strip = maps.narrow(2, x, w)
        answers = [classify(strip.narrow(1, y, h)[None]).flatten() for y in range(maps.size(1) - h + 1)]
        columns.append(torch.stack(answers))
    return torch.stack(columns).permute(2, 1, 0)


def _slide(classify, maps, size, rows, columns):
    """Asks at the given upper and left edges, for answers whose mistake is elsewhere."""
    h, w = size
    answers = [[classify(maps[None, :, y : y + h, x : x + w])[0] for x in columns] for y in rows]
    return torch.stack([torch.stack(row, 1) for row in answers], 1)


def _edges(maps, size):
    return range(maps.shape[1] - size[0] + 1), range(maps.shape[2] - size[1] + 1)


def wrong_last_windows_missing(classify, maps, size):
    """range(H - h) without + 1: the last row and the last column of windows are missing."""
    return _slide(classify, maps, size, range(maps.shape[1] - size[0]), range(maps.shape[2] - size[1]))


def wrong_rows_and_columns_exchanged(classify, maps, size):
    """Puts the answer of row y, column x at [x, y]."""
    return _slide(classify, maps, size, *_edges(maps, size)).transpose(1, 2)


def wrong_order_torn(classify, maps, size):
    """Reshapes (places, K) to (K, rows, columns) without a transposition: right shape, scrambled answers."""
    table = _slide(classify, maps, size, *_edges(maps, size))
    return table.flatten(1).T.contiguous().view(table.shape)


def wrong_answers_last(classify, maps, size):
    """(rows, columns, K): the answers are the last axis and not the first."""
    return _slide(classify, maps, size, *_edges(maps, size)).permute(1, 2, 0)


def wrong_windows_side_by_side(classify, maps, size):
    """Steps of a whole window and not of one cell: far fewer answers."""
    rows, columns = _edges(maps, size)
    return _slide(classify, maps, size, rows[:: size[0]], columns[:: size[1]])


def wrong_padded_to_the_size(classify, maps, size):
    """Pads with zeros so that there is an answer for each cell, (K, H, W)."""
    h, w = size
    padded = F.pad(maps, ((w - 1) // 2, w // 2, (h - 1) // 2, h // 2))
    return _slide(classify, padded, size, range(maps.shape[1]), range(maps.shape[2]))


def wrong_width_first(classify, maps, size):
    """Reads `size` as (width, height): windows of 4 x 3 where 3 x 4 were asked for."""
    turned = size[::-1]
    return _slide(classify, maps, turned, *_edges(maps, turned))


def wrong_no_batch_axis(classify, maps, size):
    """Hands over (C, h, w) where `classify` takes (1, C, h, w)."""
    h, w = size
    rows, columns = _edges(maps, size)
    answers = [[classify(maps[:, y : y + h, x : x + w]).flatten() for x in columns] for y in rows]
    return torch.stack([torch.stack(row, 1) for row in answers], 1)


def wrong_all_windows_in_one_batch(classify, maps, size):
    """Asks once with (N, C, h, w), though `classify` takes one window: wrong for one that counts on
    batch 1.
    """
    windows = maps.unfold(1, size[0], 1).unfold(2, size[1], 1).permute(1, 2, 0, 3, 4)
    answers = classify(windows.reshape(-1, len(maps), *size))
    return answers.T.reshape(-1, *windows.shape[:2])


def wrong_winner_only(classify, maps, size):
    """Returns the number of the best class at each place, (rows, columns), and not the K answers."""
    return _slide(classify, maps, size, *_edges(maps, size)).argmax(0)


def wrong_probabilities(classify, maps, size):
    """Puts a softmax over the answers, which nobody asked for."""
    return _slide(classify, maps, size, *_edges(maps, size)).softmax(0)


def wrong_square_windows(classify, maps, size):
    """Uses the height for both sides: an error or other answers for 3 x 4."""
    square = (size[0], size[0])
    return _slide(classify, maps, square, *_edges(maps, square))


def wrong_window_resized(classify, maps, size):
    """Asks once for the whole map, shrunk to a window, and repeats that answer everywhere."""
    rows, columns = _edges(maps, size)
    answer = classify(F.adaptive_avg_pool2d(maps[None], size))[0]
    return answer[:, None, None].repeat(1, len(rows), len(columns))


def wrong_from_the_far_corner(classify, maps, size):
    """Starts at the lower right corner and fills from the upper left: the map stands on its head."""
    rows, columns = _edges(maps, size)
    return _slide(classify, maps, size, rows[::-1], columns[::-1])


def wrong_ranges_exchanged(classify, maps, size):
    """Takes H for x and W for y: for a map that is not square windows reach over the edge or are missing."""
    rows, columns = _edges(maps, size)
    return _slide(classify, maps, size, columns, rows)


def wrong_windows_normalised(classify, maps, size):
    """Normalises each window before it asks: the classifier sees other numbers than in the map."""
    return _slide(lambda window: classify(window - window.mean()), maps, size, *_edges(maps, size))
