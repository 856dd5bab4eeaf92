"""Answers to `slide_over` (lab 11) by somebody else, written from the student's notebook alone."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor


def right_two_loops(classify: Callable[[Tensor], Tensor], maps: Tensor, size: tuple[int, int]) -> Tensor:
    """Rows of columns of answers, stacked along the last axes."""
    h, w = size
    _, H, W = maps.shape
    rows = []
    for i in range(H - h + 1):
        row = [classify(maps[None, :, i : i + h, j : j + w])[0] for j in range(W - w + 1)]
        rows.append(torch.stack(row, dim=-1))
    return torch.stack(rows, dim=1)


def right_fill_in(classify: Callable[[Tensor], Tensor], maps: Tensor, size: tuple[int, int]) -> Tensor:
    """Makes the result at the first answer and fills it in."""
    h, w = size
    down, across = maps.shape[1] - h + 1, maps.shape[2] - w + 1
    result = None
    for i in range(down):
        for j in range(across):
            answer = classify(maps[:, i : i + h, j : j + w].unsqueeze(0)).squeeze(0)
            if result is None:
                result = answer.new_zeros(len(answer), down, across)
            result[:, i, j] = answer
    return result


def right_unfolded_views(classify: Callable[[Tensor], Tensor], maps: Tensor, size: tuple[int, int]) -> Tensor:
    """All windows as a view by Tensor.unfold, then one call for each."""
    windows = maps.unfold(1, size[0], 1).unfold(2, size[1], 1)  # (C, H', W', h, w)
    _, down, across = windows.shape[:3]
    windows = windows.permute(1, 2, 0, 3, 4).flatten(0, 1)  # (H' W', C, h, w)
    answers = torch.cat([classify(window[None]) for window in windows])  # (H' W', K)
    return answers.T.reshape(-1, down, across)


def right_im2col(classify: Callable[[Tensor], Tensor], maps: Tensor, size: tuple[int, int]) -> Tensor:
    """Windows by F.unfold, answers side by side."""
    (h, w), (C, H, W) = size, maps.shape
    columns = F.unfold(maps[None], (h, w))[0]  # (C h w, L)
    answers = [classify(column.reshape(1, C, h, w)) for column in columns.unbind(1)]
    return torch.stack(answers, -1)[0].reshape(-1, H - h + 1, W - w + 1)


def right_permute_at_the_end(
    classify: Callable[[Tensor], Tensor], maps: Tensor, size: tuple[int, int]
) -> Tensor:
    """A flat list, (H', W', K), and then the axes in the right order."""
    h, w = size
    down, across = maps.shape[-2] - h + 1, maps.shape[-1] - w + 1
    answers = []
    for place in range(down * across):
        i, j = divmod(place, across)
        answers.append(classify(maps.narrow(1, i, h).narrow(2, j, w)[None])[0])
    return torch.stack(answers).reshape(down, across, -1).permute(2, 0, 1)


def wrong_last_window_missing(
    classify: Callable[[Tensor], Tensor], maps: Tensor, size: tuple[int, int]
) -> Tensor:
    """Forgets the + 1, so the last row and the last column of windows are missing."""
    h, w = size
    _, H, W = maps.shape
    return torch.stack(
        [
            torch.stack([classify(maps[None, :, i : i + h, j : j + w])[0] for j in range(W - w)], -1)
            for i in range(H - h)
        ],
        1,
    )


def wrong_size_swapped(classify: Callable[[Tensor], Tensor], maps: Tensor, size: tuple[int, int]) -> Tensor:
    """Reads the size as (width, height)."""
    w, h = size
    _, H, W = maps.shape
    return torch.stack(
        [
            torch.stack([classify(maps[None, :, i : i + h, j : j + w])[0] for j in range(W - w + 1)], -1)
            for i in range(H - h + 1)
        ],
        1,
    )


def wrong_windows_side_by_side(
    classify: Callable[[Tensor], Tensor], maps: Tensor, size: tuple[int, int]
) -> Tensor:
    """Moves on by a whole window, not by one cell."""
    h, w = size
    _, H, W = maps.shape
    return torch.stack(
        [
            torch.stack(
                [classify(maps[None, :, i : i + h, j : j + w])[0] for j in range(0, W - w + 1, w)], -1
            )
            for i in range(0, H - h + 1, h)
        ],
        1,
    )


def wrong_reshape_mixes_axes(
    classify: Callable[[Tensor], Tensor], maps: Tensor, size: tuple[int, int]
) -> Tensor:
    """Reshapes (windows, K) to (K, H', W') without a transpose, which mixes classes and places."""
    h, w = size
    _, H, W = maps.shape
    answers = [
        classify(maps[None, :, i : i + h, j : j + w]) for i in range(H - h + 1) for j in range(W - w + 1)
    ]
    return torch.cat(answers).reshape(-1, H - h + 1, W - w + 1)


def wrong_rows_and_columns_mixed(
    classify: Callable[[Tensor], Tensor], maps: Tensor, size: tuple[int, int]
) -> Tensor:
    """Goes down first and across second, but reshapes as if it were the other way around."""
    h, w = size
    _, H, W = maps.shape
    answers = [
        classify(maps[None, :, i : i + h, j : j + w]) for j in range(W - w + 1) for i in range(H - h + 1)
    ]
    return torch.cat(answers).T.reshape(-1, H - h + 1, W - w + 1)


def wrong_transposed_map(classify: Callable[[Tensor], Tensor], maps: Tensor, size: tuple[int, int]) -> Tensor:
    """Returns (K, columns, rows)."""
    h, w = size
    _, H, W = maps.shape
    columns = []
    for j in range(W - w + 1):
        columns.append(
            torch.stack([classify(maps[None, :, i : i + h, j : j + w])[0] for i in range(H - h + 1)], -1)
        )
    return torch.stack(columns, 1)


def wrong_classes_last(classify: Callable[[Tensor], Tensor], maps: Tensor, size: tuple[int, int]) -> Tensor:
    """Returns (H', W', K), the classes at the end."""
    h, w = size
    _, H, W = maps.shape
    return torch.stack(
        [
            torch.cat([classify(maps[None, :, i : i + h, j : j + w]) for j in range(W - w + 1)])
            for i in range(H - h + 1)
        ]
    )


def wrong_batch_axis_kept(
    classify: Callable[[Tensor], Tensor], maps: Tensor, size: tuple[int, int]
) -> Tensor:
    """Keeps the batch axis of the answers: (1, K, H', W')."""
    h, w = size
    _, H, W = maps.shape
    return torch.stack(
        [
            torch.stack([classify(maps[None, :, i : i + h, j : j + w]) for j in range(W - w + 1)], -1)
            for i in range(H - h + 1)
        ],
        2,
    )


def wrong_no_batch_axis(classify: Callable[[Tensor], Tensor], maps: Tensor, size: tuple[int, int]) -> Tensor:
    """Gives the classifier windows without a batch axis."""
    h, w = size
    _, H, W = maps.shape
    answers = [
        classify(maps[:, i : i + h, j : j + w]).flatten() for i in range(H - h + 1) for j in range(W - w + 1)
    ]
    return torch.stack(answers, -1).reshape(-1, H - h + 1, W - w + 1)


def wrong_one_large_batch(
    classify: Callable[[Tensor], Tensor], maps: Tensor, size: tuple[int, int]
) -> Tensor:
    """Calls the classifier a single time with all windows as one batch."""
    (h, w), (C, H, W) = size, maps.shape
    windows = F.unfold(maps[None], (h, w))[0].T.reshape(-1, C, h, w)
    return classify(windows).T.reshape(-1, H - h + 1, W - w + 1)


def wrong_padded(classify: Callable[[Tensor], Tensor], maps: Tensor, size: tuple[int, int]) -> Tensor:
    """Pads the map with zeros, so that there is an answer for every cell."""
    (h, w), (_, H, W) = size, maps.shape
    wide = F.pad(maps, (0, w - 1, 0, h - 1))
    return torch.stack(
        [
            torch.stack([classify(wide[None, :, i : i + h, j : j + w])[0] for j in range(W)], -1)
            for i in range(H)
        ],
        1,
    )


def wrong_columns_do_not_move(
    classify: Callable[[Tensor], Tensor], maps: Tensor, size: tuple[int, int]
) -> Tensor:
    """Always begins the columns of the window at 0: only the rows move."""
    (h, w), (_, H, W) = size, maps.shape
    return torch.stack(
        [
            torch.stack([classify(maps[None, :, i : i + h, :w])[0] for _ in range(W - w + 1)], -1)
            for i in range(H - h + 1)
        ],
        1,
    )


def wrong_best_class(classify: Callable[[Tensor], Tensor], maps: Tensor, size: tuple[int, int]) -> Tensor:
    """Returns the number of the best class at each place instead of all answers."""
    (h, w), (_, H, W) = size, maps.shape
    return torch.tensor(
        [
            [int(classify(maps[None, :, i : i + h, j : j + w])[0].argmax()) for j in range(W - w + 1)]
            for i in range(H - h + 1)
        ]
    )
