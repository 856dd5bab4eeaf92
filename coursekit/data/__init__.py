"""Pictures and what is known about them, as (image, Target) pairs, in one flat namespace."""

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
    "CLASSES", "PHOTOS", "SPLITS", "CocoDataset", "FeatureDataset", "Flipped", "KeypointTargets",
    "LeftToRight", "Picked", "Resized", "Transformed", "cached_features", "coco_folder", "copy_paste",
    "horizontal_flip", "photo", "photo_annotations", "photo_target", "read_image", "read_photograph", "resize", "still_life",
    "with_at_most",
]  # fmt: skip
