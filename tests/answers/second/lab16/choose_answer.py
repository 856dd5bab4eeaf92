import torch
from torch import Tensor


def right_indexing(masks: Tensor, iou: Tensor) -> Tensor:
    """Vectorised indexing with argmax; the text does not say which of equal IoUs: argmax decides."""
    return masks[torch.arange(len(masks)), iou.argmax(1)]


def right_take_along_dim(masks: Tensor, iou: Tensor) -> Tensor:
    """Other functions: sort the answers and take the first along the dimension; among equal IoUs the last (flipped, stable sort)."""
    order = iou.flip(1).sort(dim=1, descending=True, stable=True).indices[:, :1]
    best = iou.shape[1] - 1 - order
    return masks.take_along_dim(best[:, :, None, None], dim=1)[:, 0]


def right_loops(masks: Tensor, iou: Tensor) -> Tensor:
    """Loops into an empty tensor of the same dtype; the first of equal IoUs."""
    out = masks.new_empty(masks.shape[0], *masks.shape[2:])
    for p, row in enumerate(iou.tolist()):
        out[p] = masks[p, row.index(max(row))]
    return out


def wrong_largest_value_of_each_cell(masks: Tensor, iou: Tensor) -> Tensor:
    """Takes the largest value over the answers cell by cell (a union) and ignores the IoU."""
    return masks.amax(1)


def wrong_weighted_mean(masks: Tensor, iou: Tensor) -> Tensor:
    """Averages the answers, weighted by the predicted IoU."""
    weights = iou / iou.sum(1, keepdim=True)
    return (masks * weights[:, :, None, None]).sum(1)


def wrong_one_answer_for_all(masks: Tensor, iou: Tensor) -> Tensor:
    """Takes the answer that is best on average over the prompts for all of them."""
    return masks[:, iou.sum(0).argmax()]


def wrong_squeeze(masks: Tensor, iou: Tensor) -> Tensor:
    """Squeezes everything, so a single prompt loses its dimension."""
    best = iou.argmax(1)[:, None, None, None].expand(-1, 1, *masks.shape[2:])
    return masks.gather(1, best).squeeze()


def wrong_thresholded(masks: Tensor, iou: Tensor) -> Tensor:
    """Makes a bool mask of the chosen logits instead of returning them as they are."""
    return masks[torch.arange(len(masks)), iou.argmax(1)] > 0


def wrong_no_prompts_fails(masks: Tensor, iou: Tensor) -> Tensor:
    """Stacks a list of masks, an error when there are no prompts."""
    return torch.stack([m[i.argmax()] for m, i in zip(masks, iou, strict=False)])
