"""Bottles with labels and caps, and wine glasses."""

from dataclasses import replace

import lettering
import numpy as np
from geometry import Part, Surface, curve, glaze, lathe, panel
from scipy.interpolate import PchipInterpolator

FAMILIES = {
    "bottle": ("wine", "beer", "water", "spirits", "flask"),
    "wine glass": ("balloon", "tulip", "angular", "flute"),
}
BOTTLE_WALLS = {  # (radius / body radius, z / height) from the base to below the mouth
    "wine": [(0.9, 0), (1, 0.02), (1, 0.3), (1, 0.6), (0.9, 0.66), (0.5, 0.73), (0.38, 0.78), (0.36, 0.97)],
    "beer": [(0.9, 0), (1, 0.025), (1, 0.3), (1, 0.54), (0.86, 0.64), (0.56, 0.78), (0.42, 0.9), (0.4, 0.97)],
    "water": [
        (0.85, 0),
        (1, 0.04),
        (1, 0.3),
        (1, 0.66),
        (0.88, 0.76),
        (0.58, 0.86),
        (0.44, 0.9),
        (0.43, 0.97),
    ],
    "spirits": [(0.92, 0), (1, 0.03), (1, 0.4), (1, 0.64), (0.93, 0.7), (0.5, 0.76), (0.4, 0.8), (0.4, 0.97)],
    "flask": [
        (0.88, 0),
        (1, 0.05),
        (1.02, 0.16),
        (0.86, 0.36),
        (0.5, 0.54),
        (0.32, 0.66),
        (0.28, 0.8),
        (0.3, 0.97),
    ],
}
SIZES = {
    "wine": (0.31, 2.0),
    "beer": (0.26, 1.62),
    "water": (0.28, 1.66),
    "spirits": (0.36, 1.65),
    "flask": (0.4, 1.5),
}
BODIES = {  # opaque glass full of drink, or a clear tint with the drink as a part of its own
    "wine": [((0.014, 0.035, 0.014), None), ((0.02, 0.05, 0.015), None), ((0.025, 0.01, 0.01), None),
             ((0.86, 0.93, 0.78), (0.94, 0.89, 0.58)), ((0.97, 0.95, 0.95), (0.92, 0.55, 0.45))],
    "beer": [((0.065, 0.021, 0.006), None), ((0.04, 0.013, 0.005), None), ((0.012, 0.055, 0.015), None)],
    "water": [((0.96, 0.98, 0.98), None), ((0.78, 0.9, 0.96), None), ((0.72, 0.9, 0.78), None),
              ((0.98, 0.97, 0.95), (0.8, 0.36, 0.02)), ((0.98, 0.97, 0.95), (0.07, 0.02, 0.01))],
    "spirits": [((0.97, 0.97, 0.96), (0.8, 0.42, 0.1)), ((0.97, 0.97, 0.96), (0.88, 0.62, 0.25)),
                ((0.95, 0.98, 0.98), None)],
    "flask": [((0.95, 0.97, 0.93), (0.42, 0.4, 0.03)), ((0.96, 0.97, 0.94), (0.2, 0.03, 0.015)),
              ((0.95, 0.97, 0.93), (0.6, 0.47, 0.07))],
}  # fmt: skip
WORDS = {
    "wine": ("Château\nLarose", "Monte\nAlto", "Riesling", "Quinta\nNova", "Domaine\nBelair", "Tempranillo"),
    "beer": ("LAGER", "Pilsner", "Old\nAnchor", "PALE ALE", "Hopfen\nBräu", "Stout"),
    "water": ("AQUA", "Spring", "Fresh\nOrange", "COLA", "Bergquell", "Limón"),
    "spirits": ("WHISKY", "Old\nHarbour", "RUM", "Dry Gin", "Cognac"),
    "flask": ("Olive Oil", "ACETO", "Vinegar", "Extra\nVirgin"),
}  # fmt: skip
CAPSULES = ((0.4, 0.02, 0.03), (0.5, 0.36, 0.1), (0.03, 0.03, 0.035), (0.12, 0.02, 0.04), (0.05, 0.1, 0.05))
STOPPERS = {  # (radius / neck radius, z above the mouth)
    "beer": [(1.25, -0.03), (1.3, -0.025), (1.2, 0.015), (1.0, 0.03), (0, 0.03)],
    "water": [(1.3, -0.09), (1.35, -0.08), (1.35, 0.03), (1.2, 0.045), (0, 0.045)],
    "cork": [(0.92, -0.04), (0.98, 0.06), (1.0, 0.09), (0.9, 0.1), (0, 0.1)],
}
CORK = (0.5, 0.33, 0.18)
GLASS_WALLS = {  # the cup only: (radius / widest radius, z / cup height)
    "balloon": [(0.07, 0), (0.4, 0.05), (0.82, 0.22), (1, 0.46), (0.93, 0.74), (0.74, 1)],
    "tulip": [(0.08, 0), (0.45, 0.08), (0.86, 0.3), (0.94, 0.5), (0.84, 0.78), (0.78, 1)],
    "angular": [(0.08, 0), (0.6, 0.12), (0.98, 0.3), (1, 0.36), (0.88, 0.7), (0.76, 1)],
    "flute": [(0.08, 0), (0.5, 0.12), (0.82, 0.35), (0.96, 0.62), (0.97, 0.8), (0.9, 1)],
}
GLASS_SIZES = {"balloon": (0.42, 0.82), "tulip": (0.35, 0.8), "angular": (0.4, 0.78), "flute": (0.22, 1.05)}
WINES = ((0.032, 0.003, 0.007), (0.06, 0.004, 0.01), (0.9, 0.48, 0.38), (0.93, 0.84, 0.48))


def flat(colour) -> np.ndarray:
    """A texture of one colour."""
    return np.broadcast_to(np.clip(colour, 0.01, 0.95), (4, 4, 3)).astype(np.float32)


def with_lids(profile) -> np.ndarray:
    """The profile closed flat at both ends; doubled end points keep the edges sharp when shaded."""
    first, last = profile[:1], profile[-1:]
    return np.concatenate([first * [0, 1], first, profile, last, last * [0, 1]])


def bottle(random, seed: int, family: str) -> list[Part]:
    """A bottle of 14 to 21 cm, stoppered, usually labelled."""
    radius, height = np.array(SIZES[family]) * random.uniform(0.92, 1.08, 2)
    wall = curve(np.array(BOTTLE_WALLS[family]) * [radius, height], 150, PchipInterpolator)
    colour, content = BODIES[family][random.integers(len(BODIES[family]))]
    clear = content is not None or family in ("water", "spirits")
    base = np.stack([np.linspace(0, wall[0, 0], 8), 0.03 * np.cos(np.linspace(0, np.pi / 2, 8))], 1)
    mouth = wall[-1] * [[0.8, 1], [0, 1]]
    ribs = (lambda theta, z: 1 + ribbing * np.cos(z * 34) * (z < 0.9 * height)) if family == "water" else None
    ribbing = 0.012 if random.random() < 0.6 else 0.0
    body = lathe(np.concatenate([base[:-1], wall, mouth]), 72, ribs)
    parts = [
        Part(body, flat(np.array(colour) * random.uniform(0.9, 1.1)), "glass" if clear else "glossy", 0.08)
    ]
    if content is not None:
        parts.append(filling(random, wall, content, "glass" if family in ("wine", "spirits") else "glossy"))
    if random.random() < 0.9:
        low, high = {"wine": (0.14, 0.48), "flask": (0.1, 0.34)}.get(family, (0.16, 0.54))
        wrap = random.choice([1.15, 1.5, np.pi]) if family != "water" else np.pi
        parts += labels(random, family, wall, low * height, high * height, wrap)
    return parts + stopper(random, family, wall)


def filling(random, wall, colour, material: str) -> Part:
    """What is in the bottle, up to the shoulder or the neck."""
    inner = wall[(wall[:, 1] > 0.04) & (wall[:, 1] < random.uniform(0.5, 0.86) * wall[-1, 1])] * [0.94, 1]
    return Part(lathe(with_lids(inner), 64), flat(colour), material, 0.12)


def labels(random, family: str, wall, low: float, high: float, wrap: float) -> list[Part]:
    """The main label and, on beer, often a small one on the neck."""
    name = str(random.choice(WORDS[family]))
    paper = np.array([0.84, 0.81, 0.72]) if random.random() < 0.5 else glaze(random)
    ink = np.array([0.02, 0.02, 0.025]) if paper.mean() > 0.3 else np.array([0.85, 0.75, 0.45])
    aspect = wrap * 2 * wall[:, 0].max() / (high - low)
    parts = [
        Part(patch(wall, low, high, wrap), label(random, name, paper, ink, aspect, wrap), "glossy", 0.55)
    ]
    if family == "beer" and random.random() < 0.6:
        top = 0.8 * wall[-1, 1]
        parts.append(Part(patch(wall, top, 1.08 * top, np.pi), flat(paper * 0.9), "glossy", 0.55))
    return parts


def patch(wall, low: float, high: float, wrap: float, facing: float = 0.0) -> Surface:
    """Paper glued around a wall of revolution between two heights, wrap to either side of facing."""
    z, theta = np.linspace(low, high, 12), facing + np.linspace(-wrap, wrap, 49)
    radius = np.interp(z, wall[:, 1], wall[:, 0])[:, None] + 0.005
    points = np.stack(np.broadcast_arrays(radius * np.cos(theta), radius * np.sin(theta), z[:, None]), -1)
    surface = panel([(0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0)], 12, 49)
    return replace(surface, vertices=points.reshape(-1, 3).astype(np.float32))


def label(random, name: str, paper, ink, aspect: float, wrap: float) -> np.ndarray:
    """A printed label: a name, a picture, small print; twice when it goes all around."""
    height, columns = 256, 2 if aspect > 2.6 else 1
    width = int(np.clip(height * aspect / columns, 160, 512))
    image, accent = lettering.sheet(width, height, paper), glaze(random)
    seen = min(0.42, 0.85 * columns / (2 * wrap))  # half the part of the width that faces a viewer
    box = np.array([(0.5 - seen) * width, 0, (0.5 + seen) * width, 0])
    rows = [(0.06, 0.42), (0.46, 0.8)] if random.random() < 0.6 else [(0.58, 0.92), (0.1, 0.52)]
    (name_top, name_bottom), (art_top, art_bottom) = rows
    if random.random() < 0.4:
        band = lettering.sheet(width, (name_bottom - name_top + 0.06) * height, accent)
        image.paste(band, (0, int((name_top - 0.03) * height)))
        ink = np.array([0.88, 0.86, 0.8]) if accent.mean() < 0.35 else np.array([0.02, 0.02, 0.03])
    name_box = box + [0, name_top * height, 0, name_bottom * height]
    lettering.write(image, name_box, name, ink, random.choice([0, 1]))
    size = int(0.84 * width), int((art_bottom - art_top) * height)
    art = lettering.landscape if random.random() < 0.6 else lettering.shapes
    picture = art(random, *size, (paper * 0.8, accent * 0.7, glaze(random)))
    image.paste(picture, (int(0.08 * width), int(art_top * height)))
    lettering.write(image, box + [0, 0.93 * height, 0, height], "750 ml   product of the old valley", ink)
    return np.tile(lettering.linear(image)[::-1], (1, columns, 1))


def stopper(random, family: str, wall) -> list[Part]:
    """A capsule over the neck of wine, a crown cap, a screw cap, or a cork."""
    radius, top = wall[-1]
    colour = CAPSULES[random.integers(len(CAPSULES))] if random.random() < 0.6 else glaze(random)
    if family == "wine" and random.random() < 0.85:
        neck = wall[wall[:, 1] > random.uniform(0.78, 0.84) * top] + [0.006, 0]
        lip = np.array([(1.15, 0), (1.15, 0.05), (0.9, 0.07), (0, 0.07)]) * [radius, 1] + [0, top]
        return [Part(lathe(np.concatenate([neck, lip]), 48), flat(colour), "glossy", 0.35)]
    teeth, depth = {"beer": (21, 0.05), "water": (40, 0.02)}.get(family, (0, 0))
    kind = family if family in STOPPERS else "cork"
    profile = np.array(STOPPERS[kind]) * [radius, 1] + [0, top]
    surface = lathe(profile, 120, lambda theta, z: 1 + depth * np.cos(teeth * theta) * (z < top))
    if kind == "cork":
        return [Part(surface, flat(CORK if random.random() < 0.7 else colour), "glossy", 0.7)]
    return [
        Part(
            surface, flat(colour), "metal:Al" if kind == "beer" and random.random() < 0.3 else "glossy", 0.35
        )
    ]


def wine_glass(random, seed: int, family: str) -> list[Part]:
    """A stemmed glass of 14 to 19 cm, two times in three with wine."""
    radius, cup = np.array(GLASS_SIZES[family]) * random.uniform(0.92, 1.08, 2)
    stem, foot = random.uniform(0.62, 0.8), random.uniform(0.28, 0.36)
    wall = curve(np.array(GLASS_WALLS[family]) * [radius, cup] + [0, stem], 70, PchipInterpolator)
    level, full = stem + cup * random.uniform(0.32, 0.58), random.random() < 0.7
    dry = wall[:, 1] > (level if full else stem + 0.05)
    inner = wall[dry][::-1] - [0.01, 0]  # a second wall before the wine would veil it
    plate = [(foot, 0.012), (0.6 * foot, 0.03), (0.2 * foot, 0.06), (0.034, 0.13)]
    stalk = [(0.034, 0.13), (0.024, 0.5 * stem), (0.026, 0.9 * stem), (wall[6, 0], wall[6, 1])]
    parts = [
        blown(np.concatenate([wall, inner]), 0.95),
        blown(np.concatenate([[(foot, 0)], curve(plate, 24, PchipInterpolator)]), 0.97),
        blown(curve(stalk, 40, PchipInterpolator), 0.72),
        blown(ring(foot, 0.01, 0.009), 0.72),
        blown(ring(*wall[-1], 0.008), 0.78),
    ]
    return parts + ([wine(random, wall, level)] if full else [])


def blown(profile, clarity: float) -> Part:
    """Clear glass; thick glass is less clear, as its edges bend the light away."""
    return Part(lathe(profile, 80), flat(clarity * np.array([0.99, 1, 1])), "glass", 0.05)


def ring(radius: float, z: float, thickness: float) -> np.ndarray:
    """The profile of a ring."""
    angle = np.linspace(-np.pi, np.pi, 11)
    return np.stack([radius + thickness * np.cos(angle), z + thickness * np.sin(angle)], 1)


def wine(random, wall, level: float) -> Part:
    """Red, rosé or white wine in the lower part of the cup."""
    kind = random.choice(4, p=[0.4, 0.25, 0.12, 0.23])
    clearance = 0.95 if kind > 1 else 1.008  # red wine hides the wall, which would veil it
    wetted = wall[(wall[:, 1] > wall[0, 1] + 0.012) & (wall[:, 1] < level)] * [clearance, 1]
    return Part(lathe(with_lids(wetted), 72), flat(WINES[kind]), "glass" if kind > 1 else "glossy", 0.08)
