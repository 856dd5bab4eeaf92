import torch
import torch.nn.functional as F
from torch import Tensor

from coursekit import ops


def right_vectorised(logits: Tensor, truth: Tensor) -> Tensor:
    """Vectorised with the library's losses; amin shares the gradient among equally good answers."""
    p, a = logits.shape[:2]
    target = truth[:, None].expand_as(logits).to(logits.dtype)
    bce = F.binary_cross_entropy_with_logits(logits, target, reduction="none").mean((2, 3))
    dice = ops.dice_loss(logits.flatten(0, 1), target.flatten(0, 1)).reshape(p, a)
    return (5 * bce + dice).amin(1)


def right_loops(logits: Tensor, truth: Tensor) -> Tensor:
    """Loops over prompts and answers; of equal answers only the first gets the gradient."""
    rows = []
    for answers, mask in zip(logits, truth, strict=False):
        target, best = mask.to(logits.dtype), None
        for answer in answers:
            loss = (
                5 * F.binary_cross_entropy_with_logits(answer, target)
                + ops.dice_loss(answer[None], target[None])[0]
            )
            if best is None or loss < best:
                best = loss
        rows.append(best)
    return torch.stack(rows) if rows else logits.sum((1, 2, 3))


def right_by_hand(logits: Tensor, truth: Tensor) -> Tensor:
    """Formulas by hand: softplus(x) - x t, Dice with the 1 above and below, the best answer found without gradient and gathered."""
    target = truth[:, None].to(logits.dtype)
    bce = (F.softplus(logits) - logits * target).flatten(2).mean(2)
    prob = logits.sigmoid()
    both = (prob * target).sum((2, 3))
    dice = 1 - (2 * both + 1) / (prob.sum((2, 3)) + target.sum((2, 3)) + 1)
    loss = 5 * bce + dice
    return loss.gather(1, loss.detach().argmin(1, keepdim=True))[:, 0]


def _parts(logits: Tensor, truth: Tensor) -> tuple[Tensor, Tensor]:
    target = truth[:, None].expand_as(logits).to(logits.dtype)
    bce = F.binary_cross_entropy_with_logits(logits, target, reduction="none").mean((2, 3))
    dice = ops.dice_loss(logits.flatten(0, 1), target.flatten(0, 1)).reshape(logits.shape[:2])
    return bce, dice


def wrong_smallest_of_each_part(logits: Tensor, truth: Tensor) -> Tensor:
    """Takes the smallest BCE and the smallest Dice loss apart, perhaps from different answers."""
    bce, dice = _parts(logits, truth)
    return 5 * bce.amin(1) + dice.amin(1)


def wrong_best_by_bce(logits: Tensor, truth: Tensor) -> Tensor:
    """Chooses the answer by the BCE alone and returns its whole loss."""
    bce, dice = _parts(logits, truth)
    return (5 * bce + dice).gather(1, bce.argmin(1, keepdim=True))[:, 0]


def wrong_truths_in_the_wrong_order(logits: Tensor, truth: Tensor) -> Tensor:
    """Repeats the truths as 0 1 2 0 1 2 although the flattened answers are in the order 0 0 1 1 2 2."""
    p, a = logits.shape[:2]
    flat, target = logits.flatten(0, 1), truth.repeat(a, 1, 1).to(logits.dtype)
    bce = F.binary_cross_entropy_with_logits(flat, target, reduction="none").mean((1, 2))
    return (5 * bce + ops.dice_loss(flat, target)).reshape(p, a).amin(1)


def wrong_sigmoid_then_bce(logits: Tensor, truth: Tensor) -> Tensor:
    """Sigmoid and then F.binary_cross_entropy, which cuts the loss of a logit of 200 off at 100 and has no gradient there."""
    target = truth[:, None].expand_as(logits).to(logits.dtype)
    bce = F.binary_cross_entropy(logits.sigmoid(), target, reduction="none").mean((2, 3))
    return (5 * bce + _parts(logits, truth)[1]).amin(1)


def wrong_no_gradient(logits: Tensor, truth: Tensor) -> Tensor:
    """Right values, but a new tensor of Python numbers: no gradient reaches the logits."""
    bce, dice = _parts(logits, truth)
    return torch.tensor([min(row) for row in (5 * bce + dice).tolist()], dtype=logits.dtype)


def wrong_five_times_both(logits: Tensor, truth: Tensor) -> Tensor:
    """Multiplies the Dice loss by five as well."""
    bce, dice = _parts(logits, truth)
    return (5 * (bce + dice)).amin(1)
