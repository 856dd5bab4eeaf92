"""Answers to `batch_regions` (lab 05) by somebody else, written from the student's notebook alone."""

import torch
import torch.nn.functional as F
from torch import Tensor


def right_columns_and_cat(targets: list[dict]) -> Tensor:
    tables = []
    for n, target in enumerate(targets):
        boxes = target["boxes"]
        column = torch.full((len(boxes), 1), n, dtype=boxes.dtype, device=boxes.device)
        tables.append(torch.cat([column, boxes], 1))
    return torch.cat(tables)


def right_repeat_interleave(targets: list[dict]) -> Tensor:
    boxes = torch.cat([target["boxes"] for target in targets])
    counts = torch.tensor([len(target["boxes"]) for target in targets])
    image = torch.arange(len(targets)).repeat_interleave(counts)
    return torch.cat([image.to(boxes.dtype).unsqueeze(1), boxes], dim=1)


def right_fill_a_table(targets: list[dict]) -> Tensor:
    total = sum(len(target["boxes"]) for target in targets)
    table = targets[0]["boxes"].new_zeros(total, 5)
    start = 0
    for n, target in enumerate(targets):
        end = start + len(target["boxes"])
        table[start:end, 0] = n
        table[start:end, 1:] = target["boxes"]
        start = end
    return table


def right_pad(targets: list[dict]) -> Tensor:
    return torch.cat([F.pad(target["boxes"], (1, 0), value=n) for n, target in enumerate(targets)])


def right_lists(targets: list[dict]) -> Tensor:
    rows = [[n, *box] for n, target in enumerate(targets) for box in target["boxes"].tolist()]
    return torch.tensor(rows, dtype=targets[0]["boxes"].dtype).reshape(-1, 5)


def wrong_class_label(targets: list[dict]) -> Tensor:
    """Puts the class of the object into column 0 instead of the number of its image."""
    return torch.cat([torch.cat([t["labels"].to(t["boxes"].dtype)[:, None], t["boxes"]], 1) for t in targets])


def wrong_counts_from_one(targets: list[dict]) -> Tensor:
    """Counts the images from 1."""
    return torch.cat([F.pad(t["boxes"], (1, 0), value=n) for n, t in enumerate(targets, 1)])


def wrong_number_of_the_box(targets: list[dict]) -> Tensor:
    """Numbers the boxes through instead of the images."""
    boxes = torch.cat([t["boxes"] for t in targets])
    return torch.cat([torch.arange(len(boxes)).to(boxes.dtype)[:, None], boxes], 1)


def wrong_number_within_the_image(targets: list[dict]) -> Tensor:
    """Numbers the boxes of each image from 0 on."""
    return torch.cat(
        [torch.cat([torch.arange(len(t["boxes"])).to(t["boxes"])[:, None], t["boxes"]], 1) for t in targets]
    )


def wrong_index_last(targets: list[dict]) -> Tensor:
    """Puts the number of the image behind the corners instead of before them."""
    return torch.cat([F.pad(t["boxes"], (0, 1), value=n) for n, t in enumerate(targets)])


def wrong_skips_empty_images(targets: list[dict]) -> Tensor:
    """Leaves images without boxes out before it counts, so that the later ones get too small a number."""
    full = [t for t in targets if len(t["boxes"])]
    if not full:
        return targets[0]["boxes"].new_zeros(0, 5)
    return torch.cat([F.pad(t["boxes"], (1, 0), value=n) for n, t in enumerate(full)])


def wrong_count_of_boxes(targets: list[dict]) -> Tensor:
    """Puts the number of boxes that the image has into column 0."""
    return torch.cat([F.pad(t["boxes"], (1, 0), value=len(t["boxes"])) for t in targets])


def wrong_always_float32(targets: list[dict]) -> Tensor:
    """Always returns float32, not the dtype of the boxes."""
    return torch.cat([F.pad(t["boxes"].float(), (1, 0), value=n) for n, t in enumerate(targets)])


def wrong_no_boxes_at_all(targets: list[dict]) -> Tensor:
    """Without any box it returns an empty vector of shape (0,)."""
    rows = [[n, *box] for n, t in enumerate(targets) for box in t["boxes"].tolist()]
    return torch.tensor(rows, dtype=targets[0]["boxes"].dtype)


def wrong_stacks_nothing(targets: list[dict]) -> Tensor:
    """Stacks the rows one by one, which is an error when no image has a box."""
    rows = []
    for n, t in enumerate(targets):
        for box in t["boxes"]:
            rows.append(torch.cat([box.new_tensor([n]), box]))
    return torch.stack(rows)


def wrong_dtype_of_nothing(targets: list[dict]) -> Tensor:
    """The empty table is float32 even if the boxes are not."""
    tables = [F.pad(t["boxes"], (1, 0), value=n) for n, t in enumerate(targets) if len(t["boxes"])]
    return torch.cat(tables) if tables else torch.zeros(0, 5)


def wrong_all_in_image_zero(targets: list[dict]) -> Tensor:
    """Never writes the number of the image, so that all boxes look into image 0."""
    return torch.cat([F.pad(t["boxes"], (1, 0)) for t in targets])


def wrong_takes_turns(targets: list[dict]) -> Tensor:
    """Repeats 0, 1, 2, ... in turn instead of each number as often as its image has boxes."""
    boxes = torch.cat([t["boxes"] for t in targets])
    return torch.cat([(torch.arange(len(boxes)) % len(targets)).to(boxes.dtype)[:, None], boxes], 1)


def wrong_width_and_height(targets: list[dict]) -> Tensor:
    """Turns the corners into x, y, width and height."""
    tables = []
    for n, t in enumerate(targets):
        first, last = t["boxes"][:, :2], t["boxes"][:, 2:]
        tables.append(F.pad(torch.cat([first, last - first], 1), (1, 0), value=n))
    return torch.cat(tables)


def wrong_writes_into_targets(targets: list[dict]) -> Tensor:
    """Replaces the boxes in the caller's targets by tables of five columns."""
    for n, t in enumerate(targets):
        t["boxes"] = F.pad(t["boxes"], (1, 0), value=n)
    return torch.cat([t["boxes"] for t in targets])


def wrong_six_columns(targets: list[dict]) -> Tensor:
    """Adds the class as a second column, so that the table is (K, 6)."""
    tables = []
    for n, t in enumerate(targets):
        boxes = t["boxes"]
        image = boxes.new_full((len(boxes), 1), n)
        label = t["labels"].to(boxes.dtype)[:, None] if "labels" in t else torch.zeros_like(image)
        tables.append(torch.cat([image, label, boxes], 1))
    return torch.cat(tables)
