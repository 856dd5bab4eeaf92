"""Answers to `batch_regions` (lab 05), written from the student's notebook alone."""

import torch
import torch.nn.functional as F
from torch import Tensor


def right_by_columns(targets: list[dict]) -> Tensor:
    """A column of the image's number before the boxes of each image; an empty list is left to torch.cat."""
    rows = []
    for n, target in enumerate(targets):
        boxes = target["boxes"]
        rows.append(torch.cat([boxes.new_full((len(boxes), 1), n), boxes], dim=1))
    return torch.cat(rows)


def right_by_counts(targets: list[dict]) -> Tensor:
    """Each image's number as often as it has boxes, with repeat_interleave."""
    boxes = torch.cat([target["boxes"] for target in targets])
    counts = torch.tensor([len(target["boxes"]) for target in targets])
    image = torch.arange(len(targets)).repeat_interleave(counts)
    return torch.hstack([image[:, None].to(boxes.dtype), boxes])


def right_by_lists(targets: list[dict]) -> Tensor:
    """Rows of plain numbers; no images at all give a table without rows."""
    rows = [[float(n), *box] for n, target in enumerate(targets) for box in target["boxes"].tolist()]
    return torch.tensor(rows, dtype=torch.float32).reshape(-1, 5)


def right_by_padding(targets: list[dict]) -> Tensor:
    """Pads a column on the left whose value is the number of the image."""
    padded = [F.pad(target["boxes"], (1, 0), value=float(n)) for n, target in enumerate(targets)]
    return torch.cat(padded, 0) if padded else torch.zeros(0, 5)


def right_by_filling(targets: list[dict]) -> Tensor:
    """Makes the table first and fills it slice by slice."""
    table = torch.zeros(sum(len(target["boxes"]) for target in targets), 5)
    start = 0
    for n, target in enumerate(targets):
        stop = start + len(target["boxes"])
        table[start:stop, 0], table[start:stop, 1:] = n, target["boxes"]
        start = stop
    return table


def wrong_labels(targets):
    """The class in column 0: torchvision reads it as the number of an image."""
    return torch.cat([torch.cat([target["labels"][:, None], target["boxes"]], 1) for target in targets])


def wrong_last_column(targets):
    """The number of the image comes last, x1 first."""
    return right_by_counts(targets).roll(-1, dims=1)


def wrong_number_of_the_row(targets):
    """Numbers the boxes through: the second box of image 0 looks into image 1."""
    boxes = torch.cat([target["boxes"] for target in targets])
    return torch.cat([torch.arange(len(boxes))[:, None].float(), boxes], 1)


def wrong_number_within_the_image(targets):
    """Counts the boxes of each image from 0: all first boxes look into image 0."""
    rows = [
        torch.cat([torch.arange(len(target["boxes"]))[:, None], target["boxes"]], 1) for target in targets
    ]
    return torch.cat(rows)


def wrong_empty_images_not_counted(targets):
    """Leaves images without boxes out before counting: all images after them get too small a number."""
    return right_by_lists([target for target in targets if len(target["boxes"])])


def wrong_from_one(targets):
    """Counts images from 1: the last one does not exist."""
    table = right_by_counts(targets)
    return torch.cat([table[:, :1] + 1, table[:, 1:]], 1)


def wrong_always_zero(targets):
    """Zero for every box: right for a batch of one image alone."""
    boxes = torch.cat([target["boxes"] for target in targets])
    return torch.cat([torch.zeros(len(boxes), 1), boxes], 1)


def wrong_how_many(targets):
    """Column 0 says how many boxes the image has."""
    rows = [F.pad(target["boxes"], (1, 0), value=float(len(target["boxes"]))) for target in targets]
    return torch.cat(rows)


def wrong_no_boxes_at_all(targets):
    """stack of no rows raises an error: a batch without any box stops the training."""
    rows = [
        torch.cat([torch.tensor([float(n)]), box])
        for n, target in enumerate(targets)
        for box in target["boxes"]
    ]
    return torch.stack(rows)


def wrong_whole_numbers(targets):
    """Makes whole numbers of everything, as the first column is one:
    the corners are cut off to whole pixels.
    """
    return right_by_counts(targets).long()


def wrong_width_and_height(targets):
    """Writes x, y, width and height behind the number."""
    table = right_by_counts(targets)
    return torch.cat([table[:, :3], table[:, 3:] - table[:, 1:3]], 1)


def wrong_in_cells(targets):
    """Divides the boxes by 8: that is the business of spatial_scale, which does it once more."""
    table = right_by_counts(targets)
    return torch.cat([table[:, :1], table[:, 1:] / 8], 1)


def wrong_label_too(targets):
    """Number, label and box: six columns, and torchvision asks for five."""
    rows = [
        torch.cat([F.pad(target["labels"][:, None].float(), (1, 0), value=float(n)), target["boxes"]], 1)
        for n, target in enumerate(targets)
    ]
    return torch.cat(rows)


def wrong_a_list(targets):
    """A list of one table for each image, where one table of all boxes was asked for."""
    return [F.pad(target["boxes"], (1, 0), value=float(n)) for n, target in enumerate(targets)]
