"""The ten classes: an object is (class name, identity), and the identity seeds everything about it."""

from functools import lru_cache

import book
import fruit
import glassware
import numpy as np
import ware
from geometry import Part, transformed

CLASSES = ("apple", "pear", "lemon", "banana", "mushroom", "mug", "bowl", "bottle", "wine glass", "book")
FAMILIES = {**fruit.FAMILIES, **ware.FAMILIES, **glassware.FAMILIES, **book.FAMILIES}
MODELLERS = {
    name: getattr(module, name.replace(" ", "_"))
    for module in (fruit, ware, glassware, book)
    for name in module.FAMILIES
}
TRAINING, VALIDATION, UNSEEN = range(0, 40), range(40, 50), range(50, 65)


def family_of(class_name: str, identity: int) -> str:
    """The shape family of an identity: the last one of a class is kept for every other unseen identity."""
    *known, held_out = FAMILIES[class_name]
    if identity in UNSEEN and identity % 2 == 0:
        return held_out
    return known[(identity // 2 if identity in UNSEEN else identity) % len(known)]


@lru_cache(maxsize=512)
def make(class_name: str, identity: int) -> list[Part]:
    """The parts of one object, standing on z = 0 with its bounding box centred on the z axis."""
    index = CLASSES.index(class_name)
    random = np.random.default_rng([index, identity])
    parts = MODELLERS[class_name](random, 1000 * index + identity, family_of(class_name, identity))
    points = np.concatenate([part.surface.vertices for part in parts])
    low, high = points.min(0), points.max(0)
    shift = -np.array([(low[0] + high[0]) / 2, (low[1] + high[1]) / 2, low[2]])
    return [transformed(part, np.eye(3), 1.0, shift) for part in parts]
