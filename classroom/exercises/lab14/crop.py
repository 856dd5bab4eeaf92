"""Lab 14, second part: the true mask in the cells of a region."""

import torch
import torch.nn.functional as F
from torch import Tensor

from classroom.exercises.cases import boxes
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab14.pictures import masks_picture
from coursekit import ops
from coursekit.models.mask_rcnn import mask_targets


def crop_masks(masks: Tensor, boxes: Tensor, size: int) -> Tensor:
    """How much of each cell of its region each object covers: (P, H, W) bool, (P, 4) -> (P, size, size) in [0, 1]."""
    return mask_targets(masks, boxes, size)


def _shapes(height: int, width: int) -> Tensor:
    """An L and a disc, which every flip and rotation changes: (2, H, W) bool."""
    y, x = torch.meshgrid(torch.arange(height) + 0.5, torch.arange(width) + 0.5, indexing="ij")
    bent = (x > 0.2 * width) & (x < 0.8 * width) & (y > 0.2 * height) & (y < 0.9 * height)
    bent &= (x < 0.4 * width) | (y > 0.6 * height)
    disc = (x - 0.6 * width) ** 2 + (y - 0.45 * height) ** 2 < (0.3 * height) ** 2
    return torch.stack([bent, disc])


_MASKS = _shapes(20, 36)

CROP_MASKS = Exercise(
    crop_masks,
    picture=masks_picture,
    hints=(
        "A mask is a map with one channel. Which operator of lab 05 reads a map in a region, without rounding?",
        "Use ops.roi_align with the P masks as P maps of one channel, and one region for each.",
        "regions = [box[None] for box in boxes]  # one region for each mask\n"
        "crops = ops.roi_align(masks[:, None].float(), regions, size, sampling_ratio=2, …)\n"
        "return crops[:, 0]",
    ),
    cases=(
        Case("a whole image into 2 x 2 cells", (_MASKS[:1, :16, :16], boxes((0, 0, 16, 16)), 2)),
        Case("a region of a wide image", (_MASKS[:1], boxes((4, 2, 32, 19)), 7)),
        Case(
            "two objects, regions with fractions",
            (_MASKS, boxes((5.3, 1.6, 30.2, 18.9), (9, 0.5, 35.5, 17)), 5),
        ),
    ),
)


def _cropped(
    masks: Tensor, boxes: Tensor, size: int, scale: float = 1.0, ratio: int = 2, aligned=True
) -> Tensor:
    maps = masks[:, None].to(boxes)  # (P, 1, H, W)
    regions = [box[None] for box in boxes]
    return ops.roi_align(maps, regions, size, scale, ratio, aligned)[:, 0]


@CROP_MASKS.wrong("x and y swapped", "Boxes are x1, y1, x2, y2; rows of the mask are y.")
def _swapped(masks: Tensor, boxes: Tensor, size: int) -> Tensor:
    return _cropped(masks, boxes[:, [1, 0, 3, 2]], size)


@CROP_MASKS.wrong("a transposed crop", "The first axis of the result runs down, the second across.")
def _transposed(masks: Tensor, boxes: Tensor, size: int) -> Tensor:
    return crop_masks(masks, boxes, size).mT


@CROP_MASKS.wrong(
    "a box of the feature map",
    "The masks are in pixels of the image, so the boxes do not need a scale here. 1/8 belongs to the features.",
)
def _of_the_feature_map(masks: Tensor, boxes: Tensor, size: int) -> Tensor:
    return _cropped(masks, boxes, size, scale=1 / 8)


@CROP_MASKS.wrong("half a pixel off", "The centre of the first pixel lies at 0.5: that is aligned=True.")
def _half_a_pixel_off(masks: Tensor, boxes: Tensor, size: int) -> Tensor:
    return _cropped(masks, boxes, size, aligned=False)


@CROP_MASKS.wrong("as many samples as there are pixels", "Take 2 x 2 samples per cell: sampling_ratio=2.")
def _as_many_samples_as_pixels(masks: Tensor, boxes: Tensor, size: int) -> Tensor:
    return _cropped(masks, boxes, size, ratio=-1)


@CROP_MASKS.wrong(
    "the first object's mask for all",
    "Region i belongs to object i: give each region the mask of its own object.",
)
def _first_mask_for_all(masks: Tensor, boxes: Tensor, size: int) -> Tensor:
    return crop_masks(masks[:1].expand_as(masks), boxes, size)


@CROP_MASKS.wrong(
    "targets rounded to 0 or 1", "The target of a partly covered cell is the fraction that is covered."
)
def _cut(masks: Tensor, boxes: Tensor, size: int) -> Tensor:
    return (crop_masks(masks, boxes, size) > 0.5).float()


@CROP_MASKS.wrong("the whole image in the cells", "Crop first: the cells cover the region, not the image.")
def _whole_image(masks: Tensor, boxes: Tensor, size: int) -> Tensor:
    height, width = masks.shape[1:]
    return crop_masks(masks, boxes.new_tensor([0, 0, width, height]).expand_as(boxes), size)


@CROP_MASKS.wrong(
    "the crop around the true object",
    "The region is where the network looks. If it is a little off, the mask in it must be off too.",
)
def _box_of_the_mask(masks: Tensor, boxes: Tensor, size: int) -> Tensor:
    return crop_masks(masks, ops.masks_to_boxes(masks), size)


@CROP_MASKS.wrong(
    "half a pixel off in the opposite direction",
    "aligned=True already accounts for the centres: leave the boxes as they are.",
)
def _half_a_pixel_twice(masks: Tensor, boxes: Tensor, size: int) -> Tensor:
    return _cropped(masks, boxes - 0.5, size)


@CROP_MASKS.wrong("the whole image downsized", "Crop first: the cells cover the region, not the image.")
def _whole_image_pooled(masks: Tensor, boxes: Tensor, size: int) -> Tensor:
    return F.adaptive_avg_pool2d(masks[:, None].float(), size)[:, 0]


@CROP_MASKS.wrong(
    "all objects in every region", "Region i belongs to object i alone: its neighbours are background there."
)
def _all_objects(masks: Tensor, boxes: Tensor, size: int) -> Tensor:
    return crop_masks(masks.any(0, keepdim=True).expand_as(masks), boxes, size)


@CROP_MASKS.wrong(
    "targets of at least 0.5 set to 1", "The target of a partly covered cell is the fraction that is covered."
)
def _cut_from_a_half(masks: Tensor, boxes: Tensor, size: int) -> Tensor:
    return (crop_masks(masks, boxes, size) >= 0.5).float()


@CROP_MASKS.wrong(
    "true where the object touches the cell",
    "Return how *much* of each cell is object, as a float from 0 to 1.",
)
def _touched(masks: Tensor, boxes: Tensor, size: int) -> Tensor:
    return crop_masks(masks, boxes, size) > 0


@CROP_MASKS.wrong(
    "true or false in each cell", "Return how *much* of each cell is object, as a float from 0 to 1."
)
def _true_or_false(masks: Tensor, boxes: Tensor, size: int) -> Tensor:
    return crop_masks(masks, boxes, size) > 0.5


@CROP_MASKS.wrong(
    "regions rounded to whole pixels",
    "The target must move with its region, by fractions of a pixel as well.",
)
def _rounded(masks: Tensor, boxes: Tensor, size: int) -> Tensor:
    return crop_masks(masks, boxes.round(), size)


@CROP_MASKS.wrong(
    "the whole pixels of the region, averaged",
    "The target must move with its region, by fractions of a pixel as well: RoIAlign interpolates.",
)
def _whole_pixels(masks: Tensor, boxes: Tensor, size: int) -> Tensor:
    cut = [
        mask[y1:y2, x1:x2]
        for mask, (x1, y1, x2, y2) in zip(masks, boxes.round().long().tolist(), strict=True)
    ]
    return torch.stack([F.adaptive_avg_pool2d(part[None].float(), size)[0] for part in cut])


@CROP_MASKS.wrong("a crop with its channel axis", "The result is (P, size, size): take channel 0.")
def _with_the_axis(masks: Tensor, boxes: Tensor, size: int) -> Tensor:
    return crop_masks(masks, boxes, size)[:, None]


@CROP_MASKS.wrong(
    "x2 and y2 turned into width and height", "`ops.roi_align` expects two corners, like those of the boxes."
)
def _corner_and_size(masks: Tensor, boxes: Tensor, size: int) -> Tensor:
    return _cropped(masks, torch.cat([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]], 1), size)


@CROP_MASKS.wrong("always 28 x 28 cells", "The number of cells is `size`.")
def _always_28(masks: Tensor, boxes: Tensor, size: int) -> Tensor:
    return crop_masks(masks, boxes, 28)


@CROP_MASKS.wrong("one sample in each cell", "Take 2 x 2 samples per cell: sampling_ratio=2.")
def _one_sample(masks: Tensor, boxes: Tensor, size: int) -> Tensor:
    return _cropped(masks, boxes, size, ratio=1)


@CROP_MASKS.wrong(
    "the pixel at the upper left corner of each cell",
    "To measure how *much* of a cell is covered, you need samples all over it: use `ops.roi_align`.",
)
def _corner_pixel(masks: Tensor, boxes: Tensor, size: int) -> Tensor:
    steps = torch.arange(size) / size
    crops = []
    for mask, (x1, y1, x2, y2) in zip(masks, boxes.tolist(), strict=True):
        x, y = (x1 + (x2 - x1) * steps).long(), (y1 + (y2 - y1) * steps).long()
        crops.append(mask[y[:, None], x].float())
    return torch.stack(crops)


EXERCISES = (CROP_MASKS,)
