import torch
from torch import Tensor

from coursekit.tracking import Lives


def right_loop(hits: Tensor, missed: Tensor, matched: Tensor, min_hits: int, max_missed: int) -> Lives:
    """Track by track."""
    hits, missed, alive = hits.clone(), missed.clone(), torch.zeros(len(hits), dtype=torch.bool)
    for i in range(len(hits)):
        if matched[i]:
            hits[i] += 1
            missed[i] = 0
            alive[i] = True
        else:
            missed[i] += 1
            alive[i] = bool(hits[i] >= min_hits) and bool(missed[i] <= max_missed)
    return Lives(hits, missed, alive)


def right_products(hits: Tensor, missed: Tensor, matched: Tensor, min_hits: int, max_missed: int) -> Lives:
    """Arithmetic with truth values."""
    missed = (missed + 1) * ~matched
    dead = ~matched & ((hits < min_hits) | (missed > max_missed))
    return Lives(hits + matched, missed, ~dead)


def right_masks(hits: Tensor, missed: Tensor, matched: Tensor, min_hits: int, max_missed: int) -> Lives:
    """Copies, filled through masks."""
    new_hits, new_missed = hits.clone(), missed.clone() + 1
    new_hits[matched] += 1
    new_missed[matched] = 0
    alive = (new_hits >= min_hits) & (new_missed <= max_missed)
    alive[matched] = True
    return Lives(new_hits, new_missed, alive)


def wrong_off_by_one(hits: Tensor, missed: Tensor, matched: Tensor, min_hits: int, max_missed: int) -> Lives:
    """Dies when it has been missed max_missed times."""
    hits, missed = hits + matched, torch.where(matched, 0, missed + 1)
    return Lives(hits, missed, matched | ((hits >= min_hits) & (missed < max_missed)))


def wrong_tentative_live(
    hits: Tensor, missed: Tensor, matched: Tensor, min_hits: int, max_missed: int
) -> Lives:
    """Treats all tracks alike."""
    hits, missed = hits + matched, torch.where(matched, 0, missed + 1)
    return Lives(hits, missed, missed <= max_missed)


def wrong_unconfirmed_die(
    hits: Tensor, missed: Tensor, matched: Tensor, min_hits: int, max_missed: int
) -> Lives:
    """A matched track with too few hits dies as well."""
    hits, missed = hits + matched, torch.where(matched, 0, missed + 1)
    return Lives(hits, missed, (hits >= min_hits) & (missed <= max_missed))


def wrong_streak(hits: Tensor, missed: Tensor, matched: Tensor, min_hits: int, max_missed: int) -> Lives:
    """Counts hits in a row."""
    hits, missed = (hits + 1) * matched, torch.where(matched, 0, missed + 1)
    return Lives(hits, missed, matched | ((hits >= min_hits) & (missed <= max_missed)))


def wrong_never_reset(hits: Tensor, missed: Tensor, matched: Tensor, min_hits: int, max_missed: int) -> Lives:
    """A match does not set missed to 0."""
    hits, missed = hits + matched, missed + ~matched
    return Lives(hits, missed, matched | ((hits >= min_hits) & (missed <= max_missed)))


def wrong_impatient(hits: Tensor, missed: Tensor, matched: Tensor, min_hits: int, max_missed: int) -> Lives:
    """Only matched tracks live."""
    return Lives(hits + matched, torch.where(matched, 0, missed + 1), matched.clone())


def wrong_strict_hits(hits: Tensor, missed: Tensor, matched: Tensor, min_hits: int, max_missed: int) -> Lives:
    """More than min_hits."""
    hits, missed = hits + matched, torch.where(matched, 0, missed + 1)
    return Lives(hits, missed, matched | ((hits > min_hits) & (missed <= max_missed)))
