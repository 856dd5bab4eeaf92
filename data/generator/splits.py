"""The splits: how many scenes of what, from which seeds."""

import hashlib
from dataclasses import dataclass

from shapes import TRAINING, UNSEEN, VALIDATION

ATTEMPTS = 100  # seeds a scene may use up before it turns out well


@dataclass(frozen=True)
class Split:
    """A named range of scenes; `unseen` scenes also have tables and lamps of their own."""

    name: str
    scenes: int
    identities: range
    single: bool
    first_seed: int
    size: int = 192
    unseen: bool = False

    def seed(self, number: int, attempt: int) -> int:
        """The seed of a scene's attempt: no two splits, scenes or attempts share one."""
        return self.first_seed + ATTEMPTS * number + attempt


SPLITS = {
    split.name: split
    for split in (
        Split("train", 1600, TRAINING, False, 1_000_000),
        Split("val", 200, VALIDATION, False, 2_000_000),
        Split("test_scenes", 300, TRAINING, False, 3_000_000),
        Split("test_objects", 300, UNSEEN, False, 4_000_000, unseen=True),
        Split("single_train", 600, TRAINING, True, 5_000_000),
        Split("single_val", 100, VALIDATION, True, 6_000_000),
        Split("single_test_scenes", 200, TRAINING, True, 7_000_000),
        Split("single_test_objects", 200, UNSEEN, True, 8_000_000, unseen=True),
        Split("preview", 64, TRAINING, False, 9_000_000, size=96),
    )
}


def secret_split(secret: str, scenes: int = 100) -> Split:
    """A split of unseen objects from seeds that only those can know who know the secret; none of the splits above has them."""
    digest = hashlib.sha256(f"coursekit {secret}".encode()).digest()
    first = 10_000_000 + ATTEMPTS * (int.from_bytes(digest[:3], "big") % 4_000_000)
    return Split("secret", scenes, UNSEEN, False, first, unseen=True)
