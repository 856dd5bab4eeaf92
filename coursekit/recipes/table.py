"""Every recipe of the course, one row each: the command line, the published scores and the labs read this table.

What a run costs and scores is in data/checkpoints/scores.json, under the name of its row; the help of
`python -m coursekit.recipes NAME` shows both. All train on cached features (25 ms per image, once).
"""

from dataclasses import replace
from functools import partial

from torch import nn

from coursekit.data.objects import LeftToRight, Picked, with_at_most
from coursekit.data.still_life_features import TargetKind, still_life_features
from coursekit.metrics import model_scores as metrics
from coursekit.models.centernet import CenterNet
from coursekit.models.cornernet import CornerNet
from coursekit.models.deconvnet import DeconvNet
from coursekit.models.detr import DETR
from coursekit.models.detr_modern import ModernDETR
from coursekit.models.faster_rcnn import FasterRCNN
from coursekit.models.fcn import FCN8s, FCN16s, FCN32s
from coursekit.models.fcos import FCOS
from coursekit.models.hourglass import HourglassKeypoints, HourglassSegmenter
from coursekit.models.localiser import Localiser
from coursekit.models.mask_rcnn import MaskRCNN
from coursekit.models.promptable import PromptableSegmenter
from coursekit.models.retinanet import RetinaNet
from coursekit.models.segmenter import Segmenter
from coursekit.models.slot_localiser import SlotLocaliser, listed_order
from coursekit.models.ssd import SSD
from coursekit.models.unet import UNet
from coursekit.models.yolo import Yolo
from coursekit.models.yolo_modern import YoloModern
from coursekit.recipes.amodal import MaskBranch, whole_masks
from coursekit.recipes.better_data import image_sizes, learning_curves
from coursekit.recipes.better_features import backbones, fine_tunings
from coursekit.recipes.clicking import CLICKS
from coursekit.recipes.detr_changes import detr_changes
from coursekit.recipes.experiments import hourglass_twins, pooling, skip_gains, two_heads
from coursekit.recipes.panoptic import panoptic
from coursekit.recipes.real import REAL, real_retinanet
from coursekit.recipes.recipe import Recipe, Task
from coursekit.schema import Items

SLOTS = 3  # and at most as many objects


def common_features(model: nn.Module, split: str) -> Items:
    """Return the features of a split at the levels of all labs, with its boxes and masks."""
    return still_life_features(split)


def mirrored(split: str, targets: TargetKind, model: nn.Module) -> Items:
    """Return the features of a split and of its mirror images."""
    return still_life_features(split, targets, mirrored=True)


def mirrored_maps(model: Segmenter) -> Items:
    """Return what a segmenter is trained on, at the levels that it looks at."""
    return still_life_features("train", "semantic", model.levels, mirrored=True)


def fine_features(model: Segmenter, split: str) -> Items:
    """Return the features of a split at the levels that a segmenter looks at."""
    return still_life_features(split, levels=model.levels)


def few_objects(model: nn.Module, split: str = "train") -> Picked:
    """Return the scenes of a split with at most as many objects as there are slots."""
    return with_at_most(still_life_features(split), SLOTS)


ONE_OBJECT = Task(
    partial(mirrored, "single_train", "all"),
    common_features,
    metrics.localisation_intervals,
    splits=("single_train", "single_val"),
    tests=("single_test_scenes", "single_test_objects"),
)
SEVERAL = Task(few_objects, few_objects, metrics.set_intervals)
SORTED = replace(SEVERAL, items=lambda model: LeftToRight(few_objects(model)))
BOXES = Task(partial(mirrored, "train", "boxes"), common_features, metrics.detection_intervals)
MASKS = Task(partial(mirrored, "train", "all"), common_features, metrics.mask_intervals, masks=True)
SEMANTIC = Task(mirrored_maps, fine_features, metrics.segmentation_intervals)
AMODAL = replace(MASKS, items=partial(mirrored, "train", "amodal"))
KEYPOINTS = replace(BOXES, items=partial(mirrored, "train", "keypoints"))

listed_slots = partial(SlotLocaliser, slots=SLOTS, assign=listed_order)
slots = partial(Recipe, half=False)
measured = partial(Recipe, steps=0, options=("seed",))  # nothing is trained
phases = partial(Recipe, Localiser, ONE_OBJECT, options=("seed", "weights"), follow=two_heads)

RECIPES = {
    "localiser-spatial": Recipe(
        Localiser,
        ONE_OBJECT,
        "Train a localiser whose box head sees where things are.",
        steps=1000,
        command="localiser --head spatial",
        half=False,
    ),
    "localiser-pooled": Recipe(
        partial(Localiser, head="pooled"),
        ONE_OBJECT,
        "Train a localiser whose box head sees averages.",
        steps=1000,
        command="localiser --head pooled",
        half=False,
    ),
    "two_heads-heads": phases(
        "Train the class head, then the box head.", steps=1000, command="two_heads --learning heads"
    ),
    "two_heads-C5": phases(
        "Train both heads, then them and stage C5 together.", steps=1150, command="two_heads --learning C5"
    ),
    "slots-matched": slots(
        partial(SlotLocaliser, slots=SLOTS),
        SEVERAL,
        "Train three slots, matched with the objects.",
        steps=1000,
        command="slots --order matched",
    ),
    "slots-listed": slots(
        listed_slots,
        SEVERAL,
        "Train three slots, in the order of the list.",
        steps=1000,
        command="slots --order listed",
    ),
    "slots-left_to_right": slots(
        listed_slots,
        SORTED,
        "Train three slots, from left to right.",
        steps=1000,
        command="slots --order left_to_right",
    ),
    "yolo": Recipe(Yolo, BOXES, "Train the first YOLO.", steps=1150),
    "yolo_modern": Recipe(YoloModern, BOXES, "Train a modern YOLO.", steps=800),
    "retinanet": Recipe(RetinaNet, BOXES, "Train a RetinaNet.", steps=1050, batch_size=8),
    "retinanet_real": Recipe(
        real_retinanet,
        REAL,
        "Train the RetinaNet for photographs, on scenes and collages.",
        steps=2500,
        batch_size=8,
        seconds=0.12,
    ),
    "ssd": Recipe(SSD, BOXES, "Train an SSD.", steps=1050, batch_size=8),
    "fcos": Recipe(FCOS, BOXES, "Train an FCOS.", steps=1050, batch_size=8),
    "faster_rcnn": Recipe(FasterRCNN, BOXES, "Train a Faster R-CNN.", steps=1700, batch_size=8),
    "mask_rcnn": Recipe(MaskRCNN, MASKS, "Train a Mask R-CNN.", steps=1000, batch_size=8),
    "faster_rcnn_long": Recipe(
        FasterRCNN, BOXES, "Train the shipped Faster R-CNN.", steps=4000, batch_size=8, seconds=0.11
    ),
    "mask_rcnn_long": Recipe(
        MaskRCNN,
        MASKS,
        "Train the shipped Mask R-CNN, which begins as the shipped Faster R-CNN.",
        steps=1500,
        batch_size=8,
        lr=2e-3,
        start="faster_rcnn",
        seconds=0.23,
    ),
    "cornernet": Recipe(CornerNet, BOXES, "Train a CornerNet.", steps=1200, batch_size=8),
    "detr": Recipe(DETR, BOXES, "Train a DETR of 2020.", steps=1900, batch_size=8, lr=1e-3),
    "detr_long": Recipe(
        DETR, BOXES, "Train the shipped DETR of 2020.", steps=9000, batch_size=8, lr=1e-3, seconds=0.09
    ),
    "detr_modern": Recipe(ModernDETR, BOXES, "Train a modern DETR.", steps=1250, batch_size=8, lr=1e-3),
    "detr_modern_long": Recipe(
        ModernDETR, BOXES, "Train the shipped modern DETR.", steps=12000, batch_size=8, lr=1e-3, seconds=0.15
    ),
    "detr_changes": Recipe(
        ModernDETR,
        BOXES,
        "Train a DETR in each form from that of 2020 to the modern one, all for the same time.",
        steps=1000,
        batch_size=8,
        lr=1e-3,
        follow=detr_changes,
    ),
    "centernet": Recipe(CenterNet, BOXES, "Train a CenterNet.", steps=900, batch_size=8),
    "pooling": Recipe(
        MaskRCNN,
        MASKS,
        "Train two Mask R-CNNs that differ in the pooling alone.",
        steps=1000,
        batch_size=8,
        follow=pooling,
    ),
    "mask_rcnn_amodal": Recipe(
        MaskBranch,
        AMODAL,
        "Train the mask branch of the shipped Mask R-CNN on masks of whole objects.",
        steps=300,
        batch_size=8,
        lr=2e-3,
        follow=whole_masks,
    ),
    "panoptic": measured(
        MaskRCNN, MASKS, "Measure the panoptic quality of the shipped Mask R-CNN.", follow=panoptic
    ),
    "fcn32s": Recipe(FCN32s, SEMANTIC, "Train FCN-32s.", steps=330),
    "fcn16s": Recipe(FCN16s, SEMANTIC, "Train FCN-16s.", steps=330),
    "fcn8s": Recipe(FCN8s, SEMANTIC, "Train FCN-8s.", steps=330),
    **{
        "unet" if skips == "concatenate" else f"unet_{skips}": Recipe(
            partial(UNet, skips=skips),
            SEMANTIC,
            "Train a U-Net with one kind of skips, or without.",
            steps=600,
            batch_size=8,
            command=f"unet --skips {skips}",
        )
        for skips in ("concatenate", "add", "none")
    },
    "deconvnet": Recipe(DeconvNet, SEMANTIC, "Train a DeconvNet.", steps=500, batch_size=8),
    "skip_gains": measured(
        UNet,
        SEMANTIC,
        "Compare the shipped U-Net with the other shipped segmenters; nothing is trained.",
        follow=skip_gains,
    ),
    "hourglass": Recipe(
        HourglassKeypoints,
        KEYPOINTS,
        "Train two stacks of hourglasses that differ in the loss alone.",
        steps=500,
        follow=hourglass_twins,
    ),
    "hourglass_segmenter": Recipe(
        HourglassSegmenter, SEMANTIC, "Train two stacked hourglasses on label maps.", steps=300
    ),
    "promptable": Recipe(
        PromptableSegmenter,
        CLICKS,
        "Train a segmenter that follows clicks, without the masks of two classes.",
        steps=1200,
        batch_size=8,
        seconds=0.3,
    ),
    **learning_curves(BOXES),
    **image_sizes(BOXES),
    **fine_tunings(BOXES),
    **backbones(BOXES),
}
