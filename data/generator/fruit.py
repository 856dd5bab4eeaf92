"""Everything in the still lifes that grew, and the shape families of each."""

from apple import apple
from banana import banana
from lemon import lemon
from mushroom import mushroom
from pear import pear

__all__ = ["FAMILIES", "apple", "banana", "lemon", "mushroom", "pear"]

FAMILIES = {  # the last family of a class is held out for the unseen objects
    "apple": ("round", "flat", "conical", "five-crowned"),
    "pear": ("bell", "egg", "calabash", "slender"),
    "lemon": ("oval", "round", "long", "knobbly"),
    "banana": ("single", "pair", "hand", "stubby"),
    "mushroom": ("button", "open", "bolete", "agaric", "parasol"),
}
