"""Pears: the outline carries the neck, the skin its dots and russet."""

from typing import NamedTuple

import numpy as np
from geometry import Part, Surface, lathe, mix, smoothstep
from skin import azimuth, leaning, lumps, lumpy, noise, painted, profile, scatter, spots, stalk, texels

PROFILE = {
    "bell": (
        "0 .035  .10 .02  .28 .0  .60 .03  .89 .15  1. .31  .94 .46  "
        ".77 .61  .60 .75  .50 .86  .38 .945  .19 .985  .06 .975  0 .965"
    ),
    "egg": (
        "0 .035  .10 .02  .30 .0  .64 .03  .92 .17  1. .35  .96 .51  "
        ".82 .67  .63 .81  .46 .91  .29 .97  .14 .99  .05 .975  0 .965"
    ),
    "calabash": (
        "0 .03  .10 .02  .28 .0  .60 .02  .89 .12  1. .27  .92 .41  "
        ".72 .55  .51 .68  .385 .80  .31 .90  .21 .97  .10 .995  0 .985"
    ),
    "slender": (
        "0 .03  .10 .02  .28 .0  .56 .025  .86 .14  1. .34  .98 .47  "
        ".86 .60  .69 .73  .52 .85  .35 .94  .19 .985  .06 .98  0 .975"
    ),
}
RADIUS_AND_SLIMNESS = {
    "bell": (0.38, 2.55),
    "egg": (0.39, 2.2),
    "calabash": (0.36, 2.9),
    "slender": (0.31, 3.3),
}
Colour = tuple[float, float, float]


class Skin(NamedTuple):
    ground: Colour
    other_ground: Colour
    blush: Colour
    russet: float


SKIN = {
    "green": Skin((0.36, 0.44, 0.07), (0.45, 0.50, 0.11), (0.40, 0.34, 0.10), 0.1),
    "yellow": Skin((0.68, 0.58, 0.13), (0.60, 0.58, 0.14), (0.62, 0.30, 0.10), 0.12),
    "blushed": Skin((0.62, 0.56, 0.14), (0.55, 0.52, 0.12), (0.52, 0.11, 0.05), 0.1),
    "russet": Skin((0.38, 0.26, 0.10), (0.46, 0.34, 0.12), (0.33, 0.18, 0.07), 0.8),
    "wine": Skin((0.30, 0.05, 0.035), (0.40, 0.12, 0.06), (0.24, 0.025, 0.025), 0.05),
    "half-russet": Skin((0.44, 0.44, 0.12), (0.50, 0.46, 0.14), (0.40, 0.28, 0.10), 0.45),
}
SKINS = {
    "bell": ("green", "yellow", "blushed", "wine"),
    "egg": ("green", "green", "wine", "yellow"),
    "calabash": ("russet", "russet", "half-russet"),
    "slender": ("half-russet", "green", "yellow"),
}


def peel(random: np.random.Generator, seed: int, body: Surface, variety: str, width: float, height: float):
    look = SKIN[variety]
    points = texels(body)
    angle, distance = azimuth(points)
    tall = points[..., 2] / height
    patches = 0.5 + 0.5 * lumps(points, 3, random) + 0.3 * noise(points, 7, seed)
    colour = mix(look.ground, look.other_ground, patches)
    sunny = np.cos(angle - random.uniform(0, 6.3)) + 0.6 * lumps(points, 3, random)
    blushed = smoothstep(-0.1, 1.1, sunny + 0.35 * noise(points, 9, seed + 1))
    colour = mix(colour, look.blush, random.uniform(0.3, 0.95) * blushed)
    ends = 0.7 * smoothstep(0.87, 1.0, tall) + 0.7 * smoothstep(0.1, 0.0, tall)
    russet = look.russet + ends * random.uniform(0.5, 1.1) + 0.4 * noise(points, 10, seed + 2)
    cork = mix((0.36, 0.24, 0.09), (0.44, 0.31, 0.12), noise(points, 30, seed + 3))
    colour = mix(colour, cork, 0.85 * smoothstep(0.45, 0.95, russet))
    colour *= 1 + 0.06 * noise(points, 26, seed + 4)[..., None]
    centres = scatter(body, int(random.integers(400, 900)), random)
    specks = spots(points, centres, random.uniform(0.003, 0.009, len(centres)))
    speck_colour = (0.60, 0.46, 0.22) if variety in ("wine", "russet") else (0.26, 0.20, 0.06)
    colour = mix(colour, speck_colour, random.uniform(0.2, 0.6) * specks)
    bruises = spots(points, scatter(body, 5, random), random.uniform(0.01, 0.05, 5), 0.8)
    colour = mix(colour, (0.22, 0.13, 0.05), 0.45 * bruises * (noise(points, 20, seed + 5) > -0.2))
    return mix(colour, (0.09, 0.055, 0.025), (tall < 0.3) * smoothstep(0.16 * width, 0.07 * width, distance))


def pear(random: np.random.Generator, seed: int, family: str) -> list[Part]:
    """A pear with its stalk."""
    width, slimness = RADIUS_AND_SLIMNESS[family]
    width *= random.uniform(0.92, 1.1)
    height = width * slimness * random.uniform(0.95, 1.06)
    turn = random.uniform(0, 2 * np.pi)
    outline = profile(PROFILE[family], width, height, random)
    body = lathe(outline, 96, lambda a, z: 1 + 0.02 * np.cos(3 * a + turn) + 0.015 * np.cos(2 * a - turn))
    body = leaning(lumpy(body, 0.014, 5, random), height, random, 0.05)
    variety = random.choice(SKINS[family])
    skin = peel(random, seed, body, variety, width, height)
    pole = body.vertices[-1].astype(float)
    tail = stalk(random, seed, pole - [0, 0, 0.03], random.uniform(0.15, 0.27), random.uniform(0.013, 0.019))
    return [painted(body, skin, "waxy", random.uniform(0.36, 0.55)), tail]
