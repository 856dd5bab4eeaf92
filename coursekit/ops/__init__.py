"""Pure functions on the tensors of one image, in one flat namespace spelled like torchvision.ops."""

from coursekit.ops.anchor import (
    cell_anchors,
    default_box_scales,
    default_boxes,
    grid_anchors,
    grid_centers,
    permute_and_flatten,
)
from coursekit.ops.average import average_boxes
from coursekit.ops.box import box_area, box_convert, clip_boxes_to_image, remove_small_boxes
from coursekit.ops.box_coder import decode_boxes, encode_boxes
from coursekit.ops.box_overlap import (
    box_iou,
    complete_box_iou,
    distance_box_iou,
    generalized_box_iou,
    paired_box_iou,
    paired_generalized_box_iou,
)
from coursekit.ops.heatmap import Peaks, corner_pool, draw_gaussians, gaussian_radius, group_corners, peaks
from coursekit.ops.keypoint import gaussian_heatmap, refine_peaks, soft_argmax, to_cells, to_pixels
from coursekit.ops.loss import (
    associative_embedding_loss,
    dice_loss,
    generalized_box_iou_loss,
    penalty_reduced_focal_loss,
    sigmoid_focal_loss,
    smooth_l1_loss,
)
from coursekit.ops.mask import masks_to_boxes, polygons_to_mask, rle_decode, rle_encode
from coursekit.ops.mask_overlap import mask_boundary, mask_iou, paste_masks
from coursekit.ops.match import (
    Match,
    balanced_sample,
    claim_best,
    match_by_cell,
    match_by_cost,
    match_by_iou,
    matched,
)
from coursekit.ops.pool import crop_and_resize, roi_align, roi_pool
from coursekit.ops.pyramid import pyramid_level, pyramid_roi_align
from coursekit.ops.rotated_box import (
    masks_to_rotated_boxes,
    rotated_box_corners,
    rotated_box_iou,
    rotated_nms,
)
from coursekit.ops.semantic import panoptic_map, pixel_cross_entropy, semantic_map
from coursekit.ops.suppress import batched_nms, nms, soft_nms
from coursekit.ops.unpool import max_unpool2d
from coursekit.ops.upsample import (
    bilinear_kernel,
    conv_matrix,
    conv_transpose2d,
    conv_transpose2d_by_matrix,
    conv_transpose2d_by_zeros,
    conv_transpose_size,
    upsample_bilinear,
)

__all__ = [
    "Match", "Peaks", "associative_embedding_loss", "average_boxes", "balanced_sample", "batched_nms",
    "bilinear_kernel", "box_area", "box_convert", "box_iou", "cell_anchors", "claim_best",
    "clip_boxes_to_image", "complete_box_iou", "conv_matrix", "conv_transpose2d",
    "conv_transpose2d_by_matrix", "conv_transpose2d_by_zeros", "conv_transpose_size", "corner_pool",
    "crop_and_resize", "decode_boxes", "default_box_scales", "default_boxes", "dice_loss",
    "distance_box_iou", "draw_gaussians", "encode_boxes", "gaussian_heatmap", "gaussian_radius",
    "generalized_box_iou", "generalized_box_iou_loss", "grid_anchors", "grid_centers", "group_corners",
    "mask_boundary", "mask_iou", "masks_to_boxes", "masks_to_rotated_boxes", "match_by_cell",
    "match_by_cost", "match_by_iou", "matched", "max_unpool2d", "nms", "paired_box_iou",
    "paired_generalized_box_iou", "panoptic_map", "paste_masks", "peaks", "penalty_reduced_focal_loss",
    "permute_and_flatten", "pixel_cross_entropy", "polygons_to_mask", "pyramid_level", "pyramid_roi_align",
    "refine_peaks", "remove_small_boxes", "rle_decode", "rle_encode", "roi_align", "roi_pool",
    "rotated_box_corners", "rotated_box_iou", "rotated_nms", "semantic_map", "sigmoid_focal_loss",
    "smooth_l1_loss", "soft_argmax", "soft_nms", "to_cells", "to_pixels", "upsample_bilinear",
]  # fmt: skip
