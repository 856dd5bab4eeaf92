"""Images and what is known about them, as (image, Target) pairs, in one flat namespace."""

from coursekit.data.augmentation import CHANGES, Changed, change_named, colour, crop, flip, paste, scale
from coursekit.data.clips import CLIP_SPLITS, Clip, clips
from coursekit.data.coco import CocoDataset
from coursekit.data.coco_folder import coco_folder
from coursekit.data.copy_paste import copy_paste
from coursekit.data.features import FeatureDataset, cached_features
from coursekit.data.image_files import read_image, read_photograph
from coursekit.data.keypoints import KeypointTargets
from coursekit.data.objects import LeftToRight, Picked, with_at_most
from coursekit.data.photos import PHOTOS, photo, photo_annotations, photo_target
from coursekit.data.still_life import CLASSES, SPLITS, still_life
from coursekit.data.transforms import Flipped, Resized, Transformed, horizontal_flip, resize

__all__ = [
    "CHANGES", "CLASSES", "CLIP_SPLITS", "PHOTOS", "SPLITS", "Changed", "Clip", "CocoDataset", "FeatureDataset",
    "Flipped", "KeypointTargets", "LeftToRight", "Picked", "Resized", "Transformed", "cached_features", "change_named",
    "clips", "coco_folder", "colour", "copy_paste", "crop", "flip", "horizontal_flip", "paste", "photo",
    "photo_annotations", "photo_target", "read_image", "read_photograph", "resize", "scale", "still_life",
    "with_at_most",
]  # fmt: skip
