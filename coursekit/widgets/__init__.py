"""Things to drag, to step through and to upload. All computing is in Python traits; the pages ask nobody outside."""

from coursekit.widgets.boxes import BoxIoU
from coursekit.widgets.browser import PredictionBrowser, mean_best_iou
from coursekit.widgets.matching import SetMatcher
from coursekit.widgets.pictures import PhotoInput, shrink

__all__ = ["BoxIoU", "PhotoInput", "PredictionBrowser", "SetMatcher", "mean_best_iou", "shrink"]
