"""Compute the features that the labs, the slides and the tests ask for: once, two splits at a time, before any of them."""

import sys
from multiprocessing import get_context

import torch

from coursekit.data.features import cached_features
from coursekit.data.mirrored import COMMON
from coursekit.data.still_life import still_life
from coursekit.data.transforms import Flipped
from coursekit.nets.efficientnet import efficientnet_lite0

ALONE = ("single_val", "single_test_scenes", "single_test_objects", "val", "test_scenes", "test_objects")
MIRRORED_TOO = ("single_train", "train")
FINE = ("train", "val", "test_scenes", "test_objects")  # the segmenters look at C2 too


def main() -> None:
    """Compute what is missing; what is there is only verified."""
    jobs = [(split, flipped, COMMON) for split in MIRRORED_TOO for flipped in (False, True)]
    jobs += [(split, False, COMMON) for split in ALONE]
    jobs += [(split, False, ("C2",)) for split in FINE] + [("train", True, ("C2",))]
    with get_context("spawn").Pool(2) as pool:
        for job in pool.imap_unordered(compute, jobs):
            print(*job, flush=True)


def compute(job: tuple[str, bool, tuple[str, ...]]) -> tuple[str, bool, tuple[str, ...]]:
    split, flipped, levels = job
    torch.set_num_threads(1)
    images = still_life(split)
    cached_features(Flipped(images) if flipped else images, efficientnet_lite0(), levels)
    return job


if __name__ == "__main__":
    sys.exit(main())
