"""Answers to `horizontal_flip` (lab 01) by somebody else, written from the student's notebook alone."""

import torch
import torchvision.transforms.v2.functional as TF
from torch import Tensor

# ------------------------------------------------------------------ right


def right_columns(image: Tensor, target: dict) -> tuple[Tensor, dict]:
    """New columns: the old right edge becomes the new left edge."""
    width = image.shape[-1]
    x1, y1, x2, y2 = target["boxes"].unbind(1)
    boxes = torch.stack([width - x2, y1, width - x1, y2], 1)
    return image.flip(-1), {**target, "boxes": boxes}


def right_clone_and_assign(image: Tensor, target: dict) -> tuple[Tensor, dict]:
    """Clone the boxes and overwrite two columns of the clone at once."""
    mirrored = torch.flip(image, dims=(2,))
    boxes = target["boxes"].clone()
    boxes[:, [0, 2]] = image.shape[2] - target["boxes"][:, [2, 0]]
    return mirrored, {"boxes": boxes, "labels": target["labels"].clone()}


def right_loop(image: Tensor, target: dict) -> tuple[Tensor, dict]:
    """A loop over columns for the picture, a loop over boxes for the target."""
    width = image.shape[2]
    mirrored = torch.empty_like(image)
    for x in range(width):
        mirrored[:, :, width - 1 - x] = image[:, :, x]
    boxes = torch.zeros_like(target["boxes"])
    for i, (x1, y1, x2, y2) in enumerate(target["boxes"]):
        boxes[i, 0], boxes[i, 1], boxes[i, 2], boxes[i, 3] = width - x2, y1, width - x1, y2
    new = dict(target)
    new["boxes"] = boxes
    return mirrored, new


def right_affine(image: Tensor, target: dict) -> tuple[Tensor, dict]:
    """Index the columns backwards; boxes by a signed sum and a reordering of columns."""
    width = image.shape[-1]
    backwards = torch.arange(width - 1, -1, -1)
    boxes = target["boxes"]
    sign = torch.tensor([-1, 1, -1, 1], dtype=boxes.dtype)
    shift = torch.tensor([width, 0, width, 0], dtype=boxes.dtype)
    new = {key: value for key, value in target.items()}
    new["boxes"] = (boxes * sign + shift)[:, [2, 1, 0, 3]]
    return image[..., backwards], new


def right_library(image: Tensor, target: dict) -> tuple[Tensor, dict]:
    """torchvision flips the picture; the boxes move by the distance of their centre from the middle."""
    boxes = target["boxes"]
    middle = image.shape[-1] / 2
    centre, half = (boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 2] - boxes[:, 0]) / 2
    centre = 2 * middle - centre
    new = torch.stack((centre - half, boxes[:, 1], centre + half, boxes[:, 3]), dim=1)
    return TF.horizontal_flip(image), target | {"boxes": new}


# ------------------------------------------------------------------ wrong


def wrong_boxes_stay(image: Tensor, target: dict) -> tuple[Tensor, dict]:
    """Mirrors the picture and leaves the boxes where they were."""
    return image.flip(-1), {**target, "boxes": target["boxes"].clone()}


def wrong_edges_not_swapped(image: Tensor, target: dict) -> tuple[Tensor, dict]:
    """Mirrors both x but leaves them in their columns, so x1 > x2."""
    boxes = target["boxes"].clone()
    boxes[:, 0] = image.shape[-1] - boxes[:, 0]
    boxes[:, 2] = image.shape[-1] - boxes[:, 2]
    return image.flip(-1), {**target, "boxes": boxes}


def wrong_overwritten_column(image: Tensor, target: dict) -> tuple[Tensor, dict]:
    """Overwrites x1 first and then computes the new x2 from the new x1."""
    boxes = target["boxes"].clone()
    boxes[:, 0] = image.shape[-1] - boxes[:, 2]
    boxes[:, 2] = image.shape[-1] - boxes[:, 0]
    return image.flip(-1), {**target, "boxes": boxes}


def wrong_vertical(image: Tensor, target: dict) -> tuple[Tensor, dict]:
    """Turns picture and boxes upside down instead of mirroring left and right."""
    x1, y1, x2, y2 = target["boxes"].unbind(1)
    height = image.shape[-2]
    return image.flip(-2), {**target, "boxes": torch.stack([x1, height - y2, x2, height - y1], 1)}


def wrong_picture_axis(image: Tensor, target: dict) -> tuple[Tensor, dict]:
    """The boxes are right, but the picture is flipped along its rows."""
    x1, y1, x2, y2 = target["boxes"].unbind(1)
    width = image.shape[-1]
    return image.flip(1), {**target, "boxes": torch.stack([width - x2, y1, width - x1, y2], 1)}


def wrong_height_for_width(image: Tensor, target: dict) -> tuple[Tensor, dict]:
    """Mirrors the boxes about the height of the picture."""
    x1, y1, x2, y2 = target["boxes"].unbind(1)
    size = image.shape[1]
    return image.flip(-1), {**target, "boxes": torch.stack([size - x2, y1, size - x1, y2], 1)}


def wrong_last_pixel(image: Tensor, target: dict) -> tuple[Tensor, dict]:
    """Mirrors about width - 1, as if the coordinates were numbers of pixels."""
    x1, y1, x2, y2 = target["boxes"].unbind(1)
    last = image.shape[-1] - 1
    return image.flip(-1), {**target, "boxes": torch.stack([last - x2, y1, last - x1, y2], 1)}


def wrong_boxes_in_place(image: Tensor, target: dict) -> tuple[Tensor, dict]:
    """Makes a new dict but writes into the old box tensor."""
    boxes = target["boxes"]
    boxes[:, [0, 2]] = image.shape[-1] - boxes[:, [2, 0]]
    return image.flip(-1), {"boxes": boxes, "labels": target["labels"]}


def wrong_old_dict(image: Tensor, target: dict) -> tuple[Tensor, dict]:
    """Puts the new boxes into the old dict and returns that one."""
    x1, y1, x2, y2 = target["boxes"].unbind(1)
    width = image.shape[-1]
    target["boxes"] = torch.stack([width - x2, y1, width - x1, y2], 1)
    return image.flip(-1), target


def wrong_picture_in_place(image: Tensor, target: dict) -> tuple[Tensor, dict]:
    """Writes the mirror image into the old picture."""
    x1, y1, x2, y2 = target["boxes"].unbind(1)
    width = image.shape[-1]
    image.copy_(image.flip(-1))
    return image, {**target, "boxes": torch.stack([width - x2, y1, width - x1, y2], 1)}


def wrong_labels_lost(image: Tensor, target: dict) -> tuple[Tensor, dict]:
    """Returns a dict with the boxes only."""
    x1, y1, x2, y2 = target["boxes"].unbind(1)
    width = image.shape[-1]
    return image.flip(-1), {"boxes": torch.stack([width - x2, y1, width - x1, y2], 1)}


def wrong_order_of_boxes(image: Tensor, target: dict) -> tuple[Tensor, dict]:
    """Also reverses the list of boxes, but not the labels."""
    x1, y1, x2, y2 = target["boxes"].unbind(1)
    width = image.shape[-1]
    boxes = torch.stack([width - x2, y1, width - x1, y2], 1).flip(0)
    return image.flip(-1), {**target, "boxes": boxes}


def wrong_whole_row_reversed(image: Tensor, target: dict) -> tuple[Tensor, dict]:
    """Reverses all four numbers of a box, so x and y change places."""
    width = image.shape[-1]
    boxes = target["boxes"].clone()
    boxes[:, [0, 2]] = width - boxes[:, [0, 2]]
    return image.flip(-1), {**target, "boxes": boxes.flip(1)}


def wrong_as_xywh(image: Tensor, target: dict) -> tuple[Tensor, dict]:
    """Takes the boxes for xywh: the new x is width - x - w, the rest stays."""
    boxes = target["boxes"].clone()
    boxes[:, 0] = image.shape[-1] - boxes[:, 0] - boxes[:, 2]
    return image.flip(-1), {**target, "boxes": boxes}


def wrong_fractions(image: Tensor, target: dict) -> tuple[Tensor, dict]:
    """Mirrors as if coordinates were fractions of the picture: 1 - x."""
    x1, y1, x2, y2 = target["boxes"].unbind(1)
    return image.flip(-1), {**target, "boxes": torch.stack([1 - x2, y1, 1 - x1, y2], 1)}


def wrong_picture_stays(image: Tensor, target: dict) -> tuple[Tensor, dict]:
    """Mirrors the boxes and forgets the picture."""
    x1, y1, x2, y2 = target["boxes"].unbind(1)
    width = image.shape[-1]
    return image.clone(), {**target, "boxes": torch.stack([width - x2, y1, width - x1, y2], 1)}
