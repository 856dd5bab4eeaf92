"""The labs, which run from top to bottom in a browser, and what a person then does with the widget of each."""

from hands_on_boxes import (
    exercise_the_anchors,
    exercise_the_boxes,
    exercise_the_curve,
    exercise_the_matching,
    exercise_the_proposals,
    exercise_the_regions,
    exercise_the_suppression,
)
from hands_on_clicks import exercise_the_clicks
from hands_on_maps import (
    exercise_the_corners,
    exercise_the_mask,
    exercise_the_scales,
    exercise_the_stacks,
    exercise_the_stamps,
)
from hands_on_photographs import exercise_the_annotator
from hands_on_queries import exercise_the_queries


def look_on(page):
    """Do nothing: labs 08 and 17 have no widget."""


LABS = {
    "01_localisation": exercise_the_boxes,
    "02_classification_and_localisation": exercise_the_matching,
    "03_grid_detection": exercise_the_suppression,
    "04_scales_and_imbalance": exercise_the_anchors,
    "05_proposals_and_roi_pooling": exercise_the_regions,
    "06_faster_rcnn": exercise_the_proposals,
    "07_measuring": exercise_the_curve,
    "08_better_data_better_features": look_on,
    "09_boxes_without_anchors": exercise_the_corners,
    "10_a_set_of_boxes": exercise_the_queries,
    "11_from_class_to_map": exercise_the_scales,
    "12_going_back_up": exercise_the_stamps,
    "13_hourglass": exercise_the_stacks,
    "14_mask_rcnn": exercise_the_mask,
    "15_the_league_and_your_own_detector": exercise_the_annotator,
    "16_click_to_segment": exercise_the_clicks,
    "17_follow_an_object": look_on,
}
