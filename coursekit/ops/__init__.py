"""Pure functions on the tensors of one image, in one flat namespace spelled like torchvision.ops."""

from coursekit.ops.box import (
    box_area,
    box_convert,
    box_iou,
    clip_boxes_to_image,
    decode_boxes,
    encode_boxes,
    generalized_box_iou,
    remove_small_boxes,
)
from coursekit.ops.mask import masks_to_boxes, polygons_to_mask, rle_decode, rle_encode

__all__ = [
    "box_area",
    "box_convert",
    "box_iou",
    "clip_boxes_to_image",
    "decode_boxes",
    "encode_boxes",
    "generalized_box_iou",
    "masks_to_boxes",
    "polygons_to_mask",
    "remove_small_boxes",
    "rle_decode",
    "rle_encode",
]
