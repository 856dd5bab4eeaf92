"""Mushrooms with real gills: a cap, what hangs under it, and a stem."""

from dataclasses import dataclass

import numpy as np
from geometry import Part, Surface, curve, lathe, mix, smoothstep
from skin import along_meridians, azimuth, lumpy, noise, painted, scatter, spots, texels, with_vertices

CREAM, EARTH = (0.74, 0.67, 0.55), (0.16, 0.10, 0.06)
CAPS = {  # outline from the rim to the crown, fractions of the cap's radius and height
    "button": "0.80 -.10  0.93 -.09  1. .08  0.985 .32  0.87 .62  0.62 .86  0.3 .97  0 1",
    "open": "0.93 .03  0.99 .0  1. .10  0.92 .38  0.72 .72  0.44 .92  0.2 .985  0 1",
    "bolete": "0.88 -.04  0.97 -.04  1. .10  0.96 .36  0.80 .68  0.54 .90  0.25 .985  0 1",
    "agaric": "0.95 .02  0.995 .0  1. .07  0.93 .36  0.75 .68  0.48 .90  0.22 .985  0 1",
    "parasol": "0.95 .04  0.995 .0  1. .05  0.88 .26  0.64 .48  0.38 .66  0.22 .82  0.1 .97  0 1",
}
SKINS = {
    "button": [((0.74, 0.67, 0.56), (0.80, 0.75, 0.66)), ((0.25, 0.155, 0.09), (0.42, 0.30, 0.19))],
    "open": [((0.24, 0.14, 0.075), (0.42, 0.29, 0.18)), ((0.60, 0.50, 0.37), (0.72, 0.64, 0.52))],
    "bolete": [((0.14, 0.06, 0.028), (0.25, 0.125, 0.06)), ((0.22, 0.115, 0.05), (0.38, 0.24, 0.125))],
    "agaric": [((0.50, 0.025, 0.012), (0.56, 0.07, 0.02)), ((0.58, 0.16, 0.03), (0.62, 0.26, 0.06))],
    "parasol": [((0.27, 0.16, 0.09), (0.70, 0.62, 0.48)), ((0.34, 0.22, 0.12), (0.66, 0.56, 0.42))],
}
GILLS = {
    "button": (0.50, 0.33, 0.25),
    "open": (0.17, 0.095, 0.065),
    "bolete": (0.62, 0.55, 0.22),
    "agaric": (0.76, 0.70, 0.56),
    "parasol": (0.74, 0.68, 0.56),
}
STEMS = {  # radius (of the stem's) and height (of its height), from the foot
    "button": "0 0  .85 0  1.0 .05  1.05 .25  .98 .6  .95 1",
    "open": "0 0  .9 0  1.06 .05  1.0 .3  .93 .6  1.0 1",
    "bolete": "0 .01  .8 .0  1.35 .10  1.45 .26  1.15 .6  .95 1",
    "agaric": "0 .0  .9 .0  1.55 .05  1.6 .14  1.05 .3  .92 .65  .85 1",
    "parasol": "0 .0  1.0 .0  1.7 .03  1.75 .09  1.1 .18  .9 .55  .8 1",
}
PROPORTIONS = {  # least and most of: cap radius, then cap height, stem radius and stem height in cap radii
    "button": ((0.25, 0.80, 0.40, 0.55), (0.36, 1.00, 0.50, 0.80)),
    "open": ((0.36, 0.34, 0.26, 0.60), (0.50, 0.52, 0.34, 0.85)),
    "bolete": ((0.34, 0.55, 0.36, 1.00), (0.46, 0.72, 0.46, 1.35)),
    "agaric": ((0.34, 0.34, 0.19, 1.15), (0.46, 0.60, 0.25, 1.50)),
    "parasol": ((0.40, 0.42, 0.10, 1.50), (0.54, 0.60, 0.13, 1.90)),
}
STREAKS = {"button": 0.05, "open": 0.13, "bolete": 0.05, "agaric": 0.1, "parasol": 0.13}
SCALES = {"button": (120, 0.45), "open": (160, 0.35), "parasol": (240, 0.9)}  # how many, how dark


@dataclass
class Build:
    """The proportions of one mushroom."""

    family: str
    radius: float  # of the cap
    cap: float  # height of the cap above its rim
    stem: float  # radius of the stem
    height: float  # of the rim above the ground


def build(random: np.random.Generator, family: str) -> Build:
    radius, cap, stem, height = random.uniform(*PROPORTIONS[family])
    return Build(family, radius, cap * radius, stem * radius, height * radius)


def outline(text: str, radius: float, height: float, base: float = 0.0, samples: int = 60) -> np.ndarray:
    points = np.array(text.split(), float).reshape(-1, 2)
    return curve(points * [radius, height] + [0, base], samples)


def cap_colour(points, seed: int, b: Build, random: np.random.Generator) -> np.ndarray:
    """The cap's skin without warts or scales."""
    _, distance = azimuth(points)
    pale = random.random() < (0.3 if b.family == "agaric" else 0.5)
    centre, edge = SKINS[b.family][int(pale)]
    out = distance / b.radius + 0.18 * noise(points, 5, seed + 1)
    colour = mix(centre, edge, smoothstep(0.15, 1.0, out))
    streaks = STREAKS[b.family] * noise(along_meridians(points, 5, 0.5) * [1, 1, 0.4], 3.2, seed)
    grain = 0.10 * noise(points, 9, seed + 2) + 0.07 * noise(points, 40, seed + 3)
    colour = colour * (1 + streaks + grain)[..., None]
    bruise = smoothstep(0.5, 1.0, noise(points, 7, seed + 4, 4)) * random.uniform(0.1, 0.6)
    return mix(colour, np.asarray(centre) * 0.55, bruise * (b.family not in ("agaric", "parasol")))


def scales(points, surface: Surface, seed: int, b: Build, random: np.random.Generator) -> np.ndarray:
    """Brown scales, dense at the crown and sparse at the rim, 0 to 1."""
    count, darkness = SCALES[b.family]
    centres = scatter(surface, count, random)
    centres = centres[azimuth(centres)[1] < b.radius * random.uniform(0.35, 1.1, count)]
    torn = points + 0.012 * noise(points, 25, seed + 5)[..., None]
    flakes = spots(torn, centres, b.radius * random.uniform(0.02, 0.06, len(centres)), 0.35)
    crown = smoothstep(0.24, 0.14, azimuth(points)[1] / b.radius) * (b.family == "parasol")
    return darkness * random.uniform(0.6, 1) * np.maximum(flakes, crown)


def cap(random: np.random.Generator, seed: int, b: Build) -> Part:
    """The cap, its rim at the height of the stem's end, with scales or raised warts."""
    turn, wave = random.uniform(0, 6.3), random.uniform(0.008, 0.022)

    def lobes(angle, z):
        return 1 + wave * np.cos(2 * angle + turn) + 0.4 * wave * np.cos(5 * angle - turn)

    body = lathe(outline(CAPS[b.family], b.radius, b.cap, b.height, 70), 120, lobes)
    body = lumpy(body, 0.012, 6, random)
    centres = scatter(body, int(random.integers(35, 80)), random)
    sizes = b.radius * random.uniform(0.03, 0.085, len(centres))
    if b.family == "agaric":
        raised = 0.012 * spots(body.vertices, centres, sizes, 0.3)[:, None]
        body = with_vertices(body, body.vertices + raised * np.sign(body.vertices) * [0.3, 0.3, 1])
    points = texels(body, 224, 336)
    colour = cap_colour(points, seed, b, random)
    if b.family == "agaric":
        ragged = points + 0.008 * noise(points, 30, seed + 6)[..., None]
        colour = mix(colour, (0.80, 0.74, 0.60), spots(ragged, centres, sizes, 0.25))
    elif b.family in SCALES:
        colour = mix(colour, (0.20, 0.115, 0.06), scales(points, body, seed, b, random))
    return painted(body, colour, "waxy", {"agaric": 0.3, "bolete": 0.42}.get(b.family, 0.62))


def pleated(surface: Surface, plates: int, depth: float) -> Surface:
    """The surface with plates hanging from it, four columns each, every other one only near the rim."""
    rows, cols = surface.grid
    column = np.arange(cols)[None]
    reach = np.linspace(0, 1, rows)[:, None]
    whole = np.where(column // 4 % 2 == 1, smoothstep(0.35, 0.5, reach), 1)
    hang = depth * smoothstep(1.0, 0.85, reach) * whole * (column % 4 < 2)  # (rows, cols)
    vertices = surface.vertices.copy()
    vertices[:, 2] -= hang.ravel()
    return with_vertices(surface, vertices)


def gills(random: np.random.Generator, seed: int, b: Build) -> Part:
    """Thin radial plates under the cap, every other one cut short; a bolete has a sponge of pores instead."""
    plates = 2 * int(random.integers(34, 48))
    sponge = b.family == "bolete"
    t = np.linspace(0, 1, 14)
    inner, outer = 0.8 * b.stem, {"button": 0.84, "bolete": 0.92}.get(b.family, 0.96) * b.radius
    rise = (-0.066 if sponge else 0.077) * b.cap * np.sin(np.pi * t) * (1 - 0.4 * t)
    body = lathe(np.stack([inner + (outer - inner) * t, b.height + 0.02 + rise], -1), 4 * plates)
    body = pleated(body, plates, (0.012 if sponge else 0.125) * b.radius)
    points = texels(body, 96, 768)
    place = (np.arange(768) + 0.5) / 768 * plates % 1  # 0 to 1 from one plate to the next
    groove = (0.1 if sponge else 0.55) * smoothstep(0.35, 0.6, place) * smoothstep(1.0, 0.9, place)
    shade = (1 - groove) * (1 + 0.12 * noise(points, 16, seed + 8))
    shade *= 1 - sponge * 0.3 * (noise(points, 70, seed + 9, 1) > 0.2)
    return painted(body, np.asarray(GILLS[b.family]) * shade[..., None], "matte", smooth=sponge)


def stem_colour(points, seed: int, b: Build, random: np.random.Generator) -> np.ndarray:
    fibre = noise(along_meridians(points, 0.35, 3.0), 26, seed + 10)
    tint = {"parasol": (0.60, 0.50, 0.37), "bolete": (0.66, 0.54, 0.36)}.get(b.family, CREAM)
    colour = np.asarray(tint) * (1 + 0.13 * fibre + 0.08 * noise(points, 11, seed + 11))[..., None]
    if b.family == "bolete":  # a pale net
        net = np.abs(noise(points * [1, 1, 0.6], 24, seed + 12, 1)) < 0.12
        colour = mix(colour, (0.44, 0.28, 0.13), 0.28 * net)
    if b.family == "parasol":  # bands like a snake's
        bands = noise(points * [1, 1, 1.6], 14, seed + 13) > -0.15
        colour = mix(colour, (0.30, 0.19, 0.11), 0.7 * bands)
    foot = smoothstep(0.16, 0.0, points[..., 2] / b.height + 0.05 * noise(points, 14, seed + 14))
    earth = random.uniform(0.3, 0.9) * foot * (0.6 + 0.6 * noise(points, 18, seed + 15))
    cut = (points[..., 2] < 0.006) * smoothstep(b.stem, 0.3 * b.stem, azimuth(points)[1])
    return mix(mix(colour, EARTH, earth), (0.68, 0.58, 0.43), 0.9 * cut)


def stem(random: np.random.Generator, seed: int, b: Build) -> Part:
    """A fibrous stem with earth at its cut foot."""
    turn = random.uniform(0, 6.3)

    def lobes(angle, z):
        return 1 + 0.03 * np.cos(3 * angle + turn) + 0.02 * np.cos(2 * angle)

    body = lathe(outline(STEMS[b.family], b.stem, b.height + 0.045, samples=56), 48, lobes)
    body = lumpy(body, 0.012, 9, random)
    return painted(body, stem_colour(texels(body, 192, 192), seed, b, random), "matte")


def ring(random: np.random.Generator, b: Build) -> Part:
    """The skirt left on the stem by the veil."""
    top, width = 0.78 * b.height, b.stem * random.uniform(0.9, 1.5)
    folds = int(random.integers(9, 15))
    out = [0.85 * b.stem, *(b.stem + width * np.array([0.3, 0.75, 0.7, 0]))]
    down = top - np.array([0, 0.03, 0.10, 0.115, 0.05])

    def lobes(angle, z):
        return 1 + 0.06 * np.cos(folds * angle) * smoothstep(top, top - 0.1, z)

    body = lathe(curve(np.stack([out, down], -1), 24), 72, lobes)
    return painted(body, np.array((0.76, 0.70, 0.58)), "matte")


def mushroom(random: np.random.Generator, seed: int, family: str) -> list[Part]:
    """A standing mushroom: cap, gills or pores, stem, and a ring where the kind has one."""
    b = build(random, family)
    parts = [cap(random, seed, b), gills(random, seed, b), stem(random, seed, b)]
    if family in ("agaric", "parasol"):
        parts.append(ring(random, b))
    tall = b.height + b.cap
    lean = random.normal(0, 0.05, 2) * tall
    for part in parts:
        vertices = part.surface.vertices.copy()
        vertices[:, :2] += lean * (vertices[:, 2:] / tall) ** 2
        part.surface = with_vertices(part.surface, vertices)
    return parts
