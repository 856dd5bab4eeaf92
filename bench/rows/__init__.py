"""The rows of the comparison, one file a family of operators; importing it fills `compare.ROWS`."""

from rows import (  # noqa: F401
    box,
    heatmap,
    keypoint,
    loss,
    mask,
    match,
    metric,
    pool,
    rotated_box,
    semantic,
    suppress,
    upsample,
)
