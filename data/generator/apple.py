"""Apples: four outlines, six skins, a wrinkled hollow around the stalk."""

from typing import NamedTuple

import numpy as np
from geometry import Part, Surface, curve, lathe, mix, smoothstep
from skin import (
    along_meridians,
    azimuth,
    leaning,
    lumps,
    lumpy,
    noise,
    painted,
    profile,
    scatter,
    spots,
    stalk,
    texels,
    with_vertices,
)

# profiles: radius and height as fractions of the largest radius and of the height
PROFILE = {
    "round": (
        ".0 .09  .13 .06  .36 .0  .66 .05  .90 .23  1. .48  .97 .70  "
        ".82 .89  .58 .99  .36 .98  .17 .91  .06 .84  0 .82"
    ),
    "flat": (
        ".0 .13  .13 .09  .40 .0  .74 .06  .95 .26  1. .50  .96 .72  "
        ".82 .90  .62 .99  .40 .97  .19 .87  .06 .78  0 .76"
    ),
    "conical": (
        ".0 .09  .12 .06  .30 .0  .54 .04  .80 .23  .97 .50  1. .66  "
        ".93 .83  .70 .97  .42 .99  .18 .91  .06 .84  0 .82"
    ),
    "five-crowned": (
        ".0 .10  .12 .06  .28 .0  .52 .01  .76 .20  .91 .46  1. .70  "
        ".96 .86  .74 .98  .42 .97  .18 .87  .06 .79  0 .77"
    ),
}
SLIMNESS = {"round": 1.72, "flat": 1.48, "conical": 1.8, "five-crowned": 2.02}  # height / largest radius

Colour = tuple[float, float, float]


class Skin(NamedTuple):
    ground: Colour
    other_ground: Colour
    blush: Colour
    deep_blush: Colour
    cover: float
    stripes: float
    dots: Colour


SKIN = {
    "granny": Skin(
        (0.29, 0.44, 0.04),
        (0.38, 0.51, 0.08),
        (0.46, 0.36, 0.10),
        (0.46, 0.30, 0.10),
        -0.75,
        0.1,
        (0.66, 0.72, 0.42),
    ),
    "golden": Skin(
        (0.66, 0.60, 0.14),
        (0.50, 0.56, 0.11),
        (0.66, 0.38, 0.13),
        (0.62, 0.28, 0.10),
        -0.75,
        0.1,
        (0.42, 0.33, 0.10),
    ),
    "gala": Skin(
        (0.72, 0.50, 0.13),
        (0.62, 0.54, 0.16),
        (0.53, 0.10, 0.045),
        (0.38, 0.022, 0.018),
        0.25,
        0.9,
        (0.75, 0.52, 0.25),
    ),
    "fuji": Skin(
        (0.58, 0.50, 0.17),
        (0.52, 0.52, 0.16),
        (0.47, 0.10, 0.07),
        (0.36, 0.03, 0.028),
        0.45,
        0.5,
        (0.72, 0.50, 0.30),
    ),
    "red": Skin(
        (0.50, 0.07, 0.035),
        (0.45, 0.03, 0.02),
        (0.34, 0.014, 0.014),
        (0.20, 0.007, 0.01),
        0.5,
        0.5,
        (0.62, 0.33, 0.2),
    ),
    "macoun": Skin(
        (0.36, 0.46, 0.08),
        (0.42, 0.50, 0.11),
        (0.40, 0.035, 0.03),
        (0.26, 0.012, 0.018),
        0.3,
        0.35,
        (0.66, 0.45, 0.3),
    ),
}
SKINS = {
    "round": ("granny", "gala", "fuji", "golden", "red"),
    "flat": ("macoun", "granny", "fuji", "red"),
    "conical": ("gala", "golden", "red", "granny"),
    "five-crowned": ("red", "red", "golden"),
}


def wrinkled_well(surface: Surface, width: float, random: np.random.Generator) -> Surface:
    """The folds that radiate in the hollow around an apple's stalk."""
    vertices = surface.vertices.copy()
    angle, distance = azimuth(vertices)
    folds = sum(np.cos(k * angle + random.uniform(0, 6.3)) / k for k in (2, 3, 5, 7, 11))
    depth = smoothstep(0.75 * width, 0.2 * width, distance) * (vertices[:, 2] > 0.6 * vertices[:, 2].max())
    vertices[:, :2] *= 1 + 0.16 * (folds * depth)[:, None]
    vertices[:, 2] -= 0.018 * folds * depth * smoothstep(0, 0.3 * width, distance)
    return with_vertices(surface, vertices)


def shape(random: np.random.Generator, family: str, width: float, height: float) -> Surface:
    crowns = {"five-crowned": 0.075, "conical": 0.035}.get(family, 0.018) * random.uniform(0.7, 1.3)
    turn = random.uniform(0, 2 * np.pi)

    def lobes(angle, z):
        ends = np.clip(1 - z / height, 0, 1) ** 2 + 0.35 * smoothstep(0.7, 1, z / height)
        return 1 + crowns * np.cos(5 * angle + turn) * ends + 0.02 * np.cos(2 * angle + 2 * turn)

    body = lathe(profile(PROFILE[family], width, height, random), 96, lobes)
    return leaning(lumpy(wrinkled_well(body, width, random), 0.012, 4, random), height, random, 0.02)


def peel(random: np.random.Generator, seed: int, body: Surface, variety: str, width: float, height: float):
    look = SKIN[variety]
    points = texels(body)
    angle, distance = azimuth(points)
    stripe = noise(along_meridians(points, 4.5, 1.1), 2.6, seed + 1)
    sunny = 0.55 * np.cos(angle - random.uniform(0, 6.3)) + 0.5 * lumps(points, 2.5, random)
    cover = look.cover + random.uniform(-0.15, 0.2) + sunny + 0.9 * look.stripes * stripe
    blushed = smoothstep(-0.45, 0.55, cover)
    colour = mix(look.ground, look.other_ground, 0.5 + 0.5 * lumps(points, 3, random))
    colour = mix(colour, mix(look.blush, look.deep_blush, 0.4 + 0.9 * stripe + 0.4 * sunny), blushed)
    colour *= 1 + 0.07 * noise(points, 24, seed + 2)[..., None]
    centres = scatter(body, int(random.integers(300, 700)), random)
    specks = spots(points, centres, random.uniform(0.002, 0.0055, len(centres)))
    colour = mix(colour, look.dots, random.uniform(0.12, 0.5) * specks)
    top = points[..., 2] > 0.6 * height
    rays = 0.1 * noise(along_meridians(points, 4, 9.0), 3, seed + 3)
    star = 0.55 * smoothstep(0.42 * width, 0.05, distance + rays)
    hollow = top * smoothstep(0.65 * width, 0.2 * width, distance)
    green = 0.5 * np.array(look.other_ground) + (0.20, 0.21, 0.05)
    colour = mix(colour, green, 0.8 * hollow * (variety != "red"))
    colour = mix(colour, (0.33, 0.22, 0.08), top * star * random.uniform(0.4, 1.6))
    return mix(colour, (0.10, 0.06, 0.025), ~top * smoothstep(0.17 * width, 0.06 * width, distance))


def apple(random: np.random.Generator, seed: int, family: str) -> list[Part]:
    """An apple with its stalk and the dried flower below."""
    width = random.uniform(0.36, 0.46)
    height = width * SLIMNESS[family] * random.uniform(0.95, 1.05)
    body = shape(random, family, width, height)
    variety = random.choice(SKINS[family])
    skin = painted(body, peel(random, seed, body, variety, width, height), "waxy", random.uniform(0.24, 0.42))
    pole, foot = body.vertices[-1].astype(float), body.vertices[0].astype(float)
    sepals = curve([(0, 0.03), (0.05 * width, 0.02), (0.11 * width, -0.02), (0.03, 0.05)], 12)
    flower = lathe(sepals, 20, lambda a, z: 1 + 0.4 * np.cos(5 * a))
    flower = with_vertices(flower, flower.vertices + foot)
    return [
        skin,
        stalk(random, seed, pole - [0, 0, 0.02], random.uniform(0.16, 0.27), random.uniform(0.012, 0.018)),
        painted(flower, np.array([0.10, 0.06, 0.03]), "matte"),
    ]
