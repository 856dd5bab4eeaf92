"""Things to drag, to step through and to upload. All computing is in Python traits; the pages send no request to the outside."""

from classroom.extras import need

need("anywidget", "widgets")

from classroom.widgets.anchor_matching import AnchorMatcher
from classroom.widgets.annotating import AnnotationCanvas, Annotator
from classroom.widgets.boxes import BoxIoU
from classroom.widgets.browser import PredictionBrowser
from classroom.widgets.clicking import ClickSegmenter
from classroom.widgets.corner_pooling import CornerPooling
from classroom.widgets.heat_scales import HeatScales
from classroom.widgets.mask_grid import MaskGrid
from classroom.widgets.matching import SetMatcher
from classroom.widgets.page import page
from classroom.widgets.pictures import Camera, PhotoFile, PhotoInput
from classroom.widgets.precision_recall import PrecisionRecall
from classroom.widgets.proposing import ProposalStepper
from classroom.widgets.query_attention import QueryAttention
from classroom.widgets.query_matching import QueryMatcher
from classroom.widgets.roi_pooling import RoiPooling
from classroom.widgets.stack_peeling import StackPeeler
from classroom.widgets.stamping import TransposedStepper
from classroom.widgets.suppression import NmsStepper, ThresholdSlider

__all__ = [
    "AnchorMatcher",
    "AnnotationCanvas",
    "Annotator",
    "BoxIoU",
    "Camera",
    "ClickSegmenter",
    "CornerPooling",
    "HeatScales",
    "MaskGrid",
    "NmsStepper",
    "PhotoFile",
    "PhotoInput",
    "PrecisionRecall",
    "PredictionBrowser",
    "ProposalStepper",
    "QueryAttention",
    "QueryMatcher",
    "RoiPooling",
    "SetMatcher",
    "StackPeeler",
    "ThresholdSlider",
    "TransposedStepper",
    "page",
]
