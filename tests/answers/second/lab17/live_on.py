import torch
from torch import Tensor

from coursekit.tracking import Lives


def right_where(hits: Tensor, missed: Tensor, matched: Tensor, min_hits: int, max_missed: int) -> Lives:
    """Vectorised, with where."""
    hits = hits + matched
    missed = torch.where(matched, 0, missed + 1)
    return Lives(hits, missed, matched | ((hits >= min_hits) & (missed <= max_missed)))


def right_loop(hits: Tensor, missed: Tensor, matched: Tensor, min_hits: int, max_missed: int) -> Lives:
    """A loop with if and else over the tracks; dtypes are given, so it also works for T = 0 (which the text does not mention)."""
    new_hits, new_missed, alive = [], [], []
    for h, m, yes in zip(hits.tolist(), missed.tolist(), matched.tolist(), strict=False):
        if yes:
            h, m, lives = h + 1, 0, True
        else:
            m += 1
            lives = h >= min_hits and m <= max_missed
        new_hits.append(h)
        new_missed.append(m)
        alive.append(lives)
    return Lives(
        torch.tensor(new_hits, dtype=torch.int64),
        torch.tensor(new_missed, dtype=torch.int64),
        torch.tensor(alive, dtype=torch.bool),
    )


def right_clone_and_index(
    hits: Tensor, missed: Tensor, matched: Tensor, min_hits: int, max_missed: int
) -> Lives:
    """Copies, then writes with boolean indices; alive is what is left when the dead are crossed out."""
    new_hits, new_missed = hits.clone(), missed.clone()
    new_hits[matched] += 1
    new_missed[matched] = 0
    new_missed[~matched] += 1
    alive = torch.ones_like(matched)
    alive[~matched & torch.lt(new_hits, min_hits)] = False
    alive[~matched & torch.gt(new_missed, max_missed)] = False
    return Lives(new_hits, new_missed, alive)


def wrong_old_missed(hits: Tensor, missed: Tensor, matched: Tensor, min_hits: int, max_missed: int) -> Lives:
    """Decides with the old count of missed frames: one frame too patient."""
    new_hits = hits + matched
    alive = matched | ((new_hits >= min_hits) & (missed <= max_missed))
    return Lives(new_hits, torch.where(matched, 0, missed + 1), alive)


def wrong_less_than_max(
    hits: Tensor, missed: Tensor, matched: Tensor, min_hits: int, max_missed: int
) -> Lives:
    """Missed must be less than `max_missed` instead of at most."""
    hits = hits + matched
    missed = torch.where(matched, 0, missed + 1)
    return Lives(hits, missed, matched | ((hits >= min_hits) & (missed < max_missed)))


def wrong_matched_tentative_dies(
    hits: Tensor, missed: Tensor, matched: Tensor, min_hits: int, max_missed: int
) -> Lives:
    """Forgets that a matched track lives even if it is not confirmed yet."""
    hits = hits + matched
    missed = torch.where(matched, 0, missed + 1)
    return Lives(hits, missed, (hits >= min_hits) & (missed <= max_missed))


def wrong_tentative_waits(
    hits: Tensor, missed: Tensor, matched: Tensor, min_hits: int, max_missed: int
) -> Lives:
    """Lets unmatched tentative tracks wait just as the confirmed ones do."""
    hits = hits + matched
    missed = torch.where(matched, 0, missed + 1)
    return Lives(hits, missed, matched | (missed <= max_missed))


def wrong_hits_in_a_row(
    hits: Tensor, missed: Tensor, matched: Tensor, min_hits: int, max_missed: int
) -> Lives:
    """Counts hits in a row: sets `hits` to 0 when a track is not matched (decides with the right ones)."""
    total = hits + matched
    missed = torch.where(matched, 0, missed + 1)
    alive = matched | ((total >= min_hits) & (missed <= max_missed))
    return Lives(torch.where(matched, hits + 1, 0), missed, alive)


def wrong_in_place(hits: Tensor, missed: Tensor, matched: Tensor, min_hits: int, max_missed: int) -> Lives:
    """The right numbers, but written into the inputs."""
    hits += matched
    missed += 1
    missed[matched] = 0
    return Lives(hits, missed, matched | ((hits >= min_hits) & (missed <= max_missed)))
