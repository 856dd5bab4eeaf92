"""Things to drag, to step through and to upload. All computing is in Python traits; the pages ask nobody outside."""

from coursekit.widgets.anchor_matching import AnchorMatcher
from coursekit.widgets.boxes import BoxIoU
from coursekit.widgets.browser import PredictionBrowser, mean_best_iou
from coursekit.widgets.heat_scales import HeatScales
from coursekit.widgets.mask_grid import MaskGrid
from coursekit.widgets.matching import SetMatcher
from coursekit.widgets.pictures import Camera, PhotoInput, shrink
from coursekit.widgets.precision_recall import PrecisionRecall
from coursekit.widgets.proposing import ProposalStepper
from coursekit.widgets.roi_pooling import RoiPooling
from coursekit.widgets.stack_peeling import StackPeeler
from coursekit.widgets.stamping import TransposedStepper
from coursekit.widgets.suppression import NmsStepper, ThresholdSlider, nms_rounds

__all__ = [
    "AnchorMatcher",
    "BoxIoU",
    "Camera",
    "HeatScales",
    "MaskGrid",
    "NmsStepper",
    "PhotoInput",
    "PrecisionRecall",
    "PredictionBrowser",
    "ProposalStepper",
    "RoiPooling",
    "SetMatcher",
    "StackPeeler",
    "ThresholdSlider",
    "TransposedStepper",
    "mean_best_iou",
    "nms_rounds",
    "shrink",
]
