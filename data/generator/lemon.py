"""Lemons: a rind full of pores, a nipple, the button of the stalk."""

import numpy as np
from geometry import Part, Surface, curve, lathe, mix, smoothstep
from skin import lumps, lumpy, noise, painted, profile, scatter, spots, texels, with_vertices

PROFILE = {  # from the stalk to the nipple; the radius as a fraction, the place along the axis from -1 to 1
    "oval": (
        "0 -1.06  .10 -1.07  .20 -1.05  .34 -.96  .66 -.76  .93 -.38  1. 0  "
        ".93 .38  .70 .73  .42 .93  .27 1.04  .18 1.15  .09 1.21  0 1.22"
    ),
    "round": (
        "0 -.985  .10 -.99  .25 -.98  .46 -.90  .78 -.65  .96 -.30  1. 0  "
        ".96 .32  .78 .66  .48 .90  .24 1.0  .15 1.06  .07 1.10  0 1.11"
    ),
    "long": (
        "0 -1.14  .10 -1.15  .19 -1.12  .30 -1.01  .58 -.80  .89 -.42  1. 0  "
        ".91 .40  .62 .76  .37 .96  .25 1.09  .17 1.20  .08 1.26  0 1.27"
    ),
    "knobbly": (
        "0 -1.18  .13 -1.19  .24 -1.13  .31 -1.0  .60 -.80  .93 -.42  1. -.02  "
        ".93 .36  .68 .72  .43 .92  .33 1.08  .26 1.24  .13 1.34  0 1.35"
    ),
}
SLIMNESS = {"oval": 1.22, "round": 1.08, "long": 1.42, "knobbly": 1.2}
RIND = {"oval": 0.8, "round": 0.5, "long": 0.8, "knobbly": 1.6}  # how rough
COLOURS = {
    "orange": ((0.86, 0.50, 0.03), (0.84, 0.58, 0.05)),
    "yellow": ((0.84, 0.58, 0.04), (0.80, 0.64, 0.07)),
}


def peel(random: np.random.Generator, seed: int, body: Surface, pores: np.ndarray, family: str):
    points = texels(body)
    place = points[..., 1] / np.abs(points[..., 1]).max()
    warm, cool = (
        ((0.86, 0.50, 0.03), (0.84, 0.58, 0.05))
        if family == "round"
        else ((0.84, 0.58, 0.04), (0.80, 0.64, 0.07))
    )
    colour = mix(warm, cool, 0.5 + 0.5 * lumps(points, 3, random) + 0.3 * noise(points, 8, seed))
    unripe = random.uniform(0, 0.75) * smoothstep(
        0.62, 1.0, np.abs(place) + 0.12 * noise(points, 6, seed + 1)
    )
    colour = mix(colour, (0.48, 0.55, 0.08), unripe)
    dimple = spots(points, pores, random.uniform(0.004, 0.008, len(pores)), 0.6)
    colour = mix(colour, (0.66, 0.42, 0.02), (0.36 + 0.15 * RIND[family]) * dimple)
    colour *= 1 + 0.03 * noise(points, 30, seed + 2)[..., None]
    scars = noise(points, 14, seed + 3, 4) > random.uniform(0.85, 1.2)
    colour = mix(colour, (0.50, 0.36, 0.14), 0.6 * scars)
    button = smoothstep(0.045, 0.02, np.linalg.norm(points - body.vertices[0], axis=-1))
    tip = smoothstep(0.035, 0.01, np.linalg.norm(points - body.vertices[-1], axis=-1))
    return mix(mix(colour, (0.30, 0.28, 0.07), button), (0.30, 0.19, 0.06), 0.9 * tip)


def lemon(random: np.random.Generator, seed: int, family: str) -> list[Part]:
    """A lemon on its side, its nipple towards +y."""
    width = random.uniform(0.27, 0.34)
    half = width * SLIMNESS[family] * random.uniform(0.95, 1.06)
    turn = random.uniform(0, 2 * np.pi)
    body = lathe(
        profile(PROFILE[family], width, half, random, 96),
        110,
        lambda a, z: 1 + 0.012 * np.cos(4 * a + turn + 3 * z),
    )
    body = lumpy(lumpy(body, 0.012, 5, random), 0.006 * RIND[family], 26, random)
    body = lumpy(body, 0.0045 * RIND[family], 60, random)
    body = with_vertices(body, body.vertices[:, [0, 2, 1]] * [1, 1, -1])
    pores = scatter(body, int(random.integers(1300, 2000)), random)
    skin = painted(body, peel(random, seed, body, pores, family), "waxy", random.uniform(0.28, 0.42))
    node = body.vertices[0].astype(float)
    button = lathe(
        curve([(0, 0), (0.034, 0), (0.036, 0.006), (0.02, 0.012), (0, 0.008)], 14),
        16,
        lambda a, z: 1 + 0.15 * np.cos(5 * a),
    )
    button = with_vertices(button, button.vertices[:, [0, 2, 1]] * [1, -1, 1] + node)
    return [skin, painted(button, np.array([0.30, 0.25, 0.09]), "matte")]
