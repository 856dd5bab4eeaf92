"""Mugs and bowls: thrown walls with a foot, a rim and glazes; decorated by bitmaps."""

import lettering
import numpy as np
from geometry import Part, Surface, glaze, lathe, mix, noise3, smoothstep, texel_points, tube
from PIL import ImageDraw
from pottery import Canvas, printable, thrown
from scipy.interpolate import PchipInterpolator

FAMILIES = {
    "mug": ("straight", "barrel", "tapered", "teacup"),
    "bowl": ("round", "steep", "flared", "lotus"),
}
MUG_WALLS = {  # (radius / widest radius, z / height), from the foot to the rim
    "straight": [(0.93, 0.0), (1, 0.06), (1, 0.5), (1, 1)],
    "barrel": [(0.72, 0.0), (0.93, 0.18), (1.03, 0.45), (0.97, 0.75), (0.9, 1)],
    "tapered": [(0.66, 0.0), (0.72, 0.08), (0.87, 0.55), (1, 1)],
    "teacup": [(0.42, 0.0), (0.46, 0.08), (0.78, 0.3), (0.95, 0.65), (1.06, 1)],
}
BOWL_WALLS = {
    "round": [(0.44, 0.0), (0.42, 0.07), (0.7, 0.2), (0.9, 0.48), (0.98, 0.78), (1, 1)],
    "steep": [(0.5, 0.0), (0.5, 0.05), (0.76, 0.14), (0.9, 0.36), (0.96, 0.7), (1, 1)],
    "flared": [(0.42, 0.0), (0.4, 0.1), (0.6, 0.22), (0.8, 0.5), (0.93, 0.85), (1.03, 1)],
    "lotus": [(0.36, 0.0), (0.34, 0.14), (0.42, 0.2), (0.66, 0.5), (0.86, 0.8), (1.02, 1)],
}
BOWL_DEPTHS = {"round": 0.8, "steep": 0.74, "flared": 0.7, "lotus": 0.82}  # height / radius
WHITE = np.array([0.82, 0.8, 0.76])
COBALT = np.array([0.03, 0.07, 0.36])
SAYINGS = ("COFFEE", "good\nmorning", "TEA", "hello", "Mum", "Café\nLuna", "No. 1", "I love\nLisbon")
DRINKS = ((0.045, 0.018, 0.008), (0.25, 0.13, 0.06), (0.28, 0.08, 0.02), (0.8, 0.77, 0.7))
SOUPS = ((0.6, 0.16, 0.04), (0.72, 0.42, 0.1), (0.3, 0.36, 0.08), (0.78, 0.74, 0.66), (0.33, 0.17, 0.08))


def mug(random, seed: int, family: str) -> list[Part]:
    """A mug of 7 to 11 cm with a handle, often filled."""
    height = random.uniform(0.56, 0.66) if family == "teacup" else random.uniform(0.74, 1.02)
    radius = random.uniform(0.42, 0.5) if family == "teacup" else random.uniform(0.36, 0.44)
    thickness = random.uniform(0.026, 0.042)
    wall = np.array(MUG_WALLS[family])
    body, rim_row = thrown(wall, radius, height, thickness)
    ground = glaze(random)
    canvas = Canvas(body, rim_row, ground)
    decorate_mug(random, seed, canvas, ground)
    roughness = random.choice([0.12, 0.2, 0.35, 0.55])
    handle_colour = ground if random.random() < 0.9 else glaze(random)
    ear = handle(random, wall, radius, height, thickness)
    parts = [Part(body, canvas.texture(), "glossy", roughness)]
    parts.append(Part(ear, printable(handle_colour + np.zeros((4, 4, 3))), "glossy", roughness))
    if random.random() < 0.5:
        parts.append(drink(random, seed, wall, radius, height, thickness))
    return parts


def handle(random, wall, radius: float, height: float, thickness: float) -> Surface:
    """An ear that meets the wall squarely; its ends stay within the wall and flare on the outside."""
    low, high = height * random.uniform([0.2, 0.76], [0.28, 0.86])
    reach, square = random.uniform(0.2, 0.3), random.choice([0.5, 0.75, 1.0])
    angle = np.linspace(-np.pi / 2, np.pi / 2, 44)
    z = (low + high) / 2 + (high - low) / 2 * np.sin(angle)
    outer = PchipInterpolator(wall[:, 1] * height, wall[:, 0] * radius)
    root = np.linspace(outer(low), outer(high), len(z)) - thickness / 2
    x = root + reach * np.cos(angle) ** square
    girth, strap = random.uniform(0.04, 0.052), random.uniform(1.1, 1.6)
    flare = 1 + 0.4 * np.exp(-np.abs(x - root) / 0.035)
    path = np.stack([x, 0 * x, z], 1)
    path = np.concatenate([path[:1] - [0.08, 0, 0], path, path[-1:] - [0.08, 0, 0]])
    ear = tube(path, girth * strap * np.pad(flare, 1, mode="edge"), 18, 1 / strap, up=(0, 1, 0))
    within = outer(np.clip(ear.vertices[:, 2], 0, height)) - thickness / 2  # the middle of the wall
    ear.vertices[:, 0] = np.maximum(ear.vertices[:, 0], np.sqrt(within**2 - ear.vertices[:, 1] ** 2))
    return ear


def drink(random, seed: int, wall, radius: float, height: float, thickness: float) -> Part:
    """Coffee, milk coffee, tea or milk, with a paler ring where it meets the wall."""
    level = random.uniform(0.78, 0.9)
    edge = PchipInterpolator(wall[:, 1], wall[:, 0])(level) * radius - 0.8 * thickness
    surface = lathe([(0, level * height), (0.5 * edge, level * height), (edge, level * height)], 64)
    points = texel_points(surface, 64, 128).reshape(64, 128, 3)
    colour = np.array(DRINKS[random.choice(4, p=[0.5, 0.22, 0.18, 0.1])])
    distance = np.hypot(points[..., 0], points[..., 1]) / edge
    foam = smoothstep(0.9, 1, distance) * 0.5 + 0.15 * noise3(points.reshape(-1, 3), 6, seed).reshape(64, 128)
    return Part(surface, printable(mix(colour, colour * 1.5 + 0.06, foam)), "glossy", 0.15)


def decorate_mug(random, seed: int, canvas: Canvas, ground) -> None:
    """One of eight usual decorations, a lining, and sometimes a coloured rim."""
    accent = glaze(random)
    while np.abs(accent - ground).max() < 0.25:
        accent = glaze(random)
    outside = ~canvas.inside
    kind = random.choice(["plain", "dipped", "bands", "speckled", "dots", "run", "words", "picture"],
                         p=[0.2, 0.1, 0.12, 0.1, 0.1, 0.1, 0.16, 0.12])  # fmt: skip
    if kind == "dipped":
        canvas.paint(accent, outside & (canvas.z < random.uniform(0.25, 0.5) + 0.01 * canvas.noise(5, seed)))
    elif kind == "bands":
        for level in random.uniform(0.12, 0.92, random.integers(2, 5)):
            canvas.paint(accent, outside & (np.abs(canvas.z - level) < random.uniform(0.012, 0.05)))
    elif kind == "speckled":
        canvas.paint(ground * 0.25, smoothstep(0.42, 0.55, canvas.noise(26, seed, 2)))
    elif kind == "run":
        canvas.paint(accent, outside * smoothstep(0.45, 0.62, canvas.z + 0.09 * canvas.noise(5, seed)))
        canvas.paint(ground * 0.7, 0.35 * canvas.noise(14, seed + 1))
    elif kind != "plain":
        canvas.paste(wrapped_print(random, kind, ground, accent), 0.12, 0.93)
    if random.random() < 0.6:
        canvas.paint(WHITE, canvas.inside)
    if random.random() < 0.25:
        canvas.paint(random.choice([0.2, 0.8]) * accent, canvas.rim)


def wrapped_print(random, kind: str, ground, accent):
    """The print around a mug: lettering or a picture on both sides of the handle, or dots all over."""
    image = lettering.sheet(768, 256, ground)
    draw = ImageDraw.Draw(image)
    text = str(random.choice(SAYINGS))
    motif, second = [lettering.heart, lettering.flower][random.integers(2)], glaze(random)
    if kind == "dots":
        for row in range(4):
            for column in range(12):
                x, y = 64 * (column + 0.5 * (row % 2)) + 16, 64 * row + 32
                if len(text) > 6:
                    motif(draw, x, y, 20, accent, second)
                else:
                    draw.ellipse((x - 15, y - 15, x + 15, y + 15), fill=lettering.pixel(accent))
        return image
    for centre in (192, 384, 576) if random.random() < 0.5 else (192, 576):
        if kind == "words":
            box = centre - 82, 60, centre + 82, 190
            lettering.write(image, box, text, accent, random.choice([0, 1]))
        elif random.random() < 0.5:
            motif(draw, centre, 126, 74, accent, second)
        else:
            image.paste(lettering.landscape(random, 170, 150, (ground, accent, second)), (centre - 85, 50))
    return image


def bowl(random, seed: int, family: str) -> list[Part]:
    """A deep bowl of 12 to 18 cm with a thick rim and a foot, sometimes with soup."""
    radius = random.uniform(0.6, 0.82)
    height = radius * BOWL_DEPTHS[family] * random.uniform(0.88, 1.1)
    thickness = random.uniform(0.035, 0.05)
    wall = np.array(BOWL_WALLS[family])
    body, rim_row = thrown(wall, radius, height, thickness)
    material = random.choice(["ceramic", "wood", "metal"], p=[0.82, 0.1, 0.08])
    if material == "metal":
        return [Part(body, np.full((4, 4, 3), 0.8, np.float32), "metal:Al", random.uniform(0.12, 0.25))]
    ground = (0.36, 0.19, 0.08) if material == "wood" else WHITE if random.random() < 0.4 else glaze(random)
    canvas = Canvas(body, rim_row, ground, (480, 512))
    if material == "wood":
        grain = noise3((canvas.points * [1, 0.2, 2.5]).reshape(-1, 3), 8, seed, 4).reshape(canvas.z.shape)
        canvas.paint((0.16, 0.07, 0.025), 0.45 + 0.8 * grain)
    else:
        decorate_bowl(random, seed, canvas, np.array(ground))
    roughness = 0.4 if material == "wood" else random.choice([0.1, 0.2, 0.4])
    parts = [Part(body, canvas.texture(), "glossy", roughness)]
    if random.random() < 0.25:
        parts.append(soup(random, seed, wall, radius, height, thickness))
    return parts


def decorate_bowl(random, seed: int, canvas: Canvas, ground) -> None:
    """Plain, banded, speckled, a run glaze, or a painted frieze; the lining and the rim often differ."""
    accent = COBALT if random.random() < 0.45 else glaze(random) * 0.7
    kind = random.choice(["plain", "bands", "speckled", "run", "frieze"], p=[0.3, 0.2, 0.12, 0.13, 0.25])
    if random.random() < 0.35 and kind != "frieze":
        canvas.paint(WHITE if random.random() < 0.6 else glaze(random), canvas.inside)
    if kind == "bands":
        for level in (0.94, 0.86, random.uniform(0.3, 0.7)):
            canvas.paint(accent, np.abs(canvas.z - level) < random.uniform(0.01, 0.03))
    elif kind == "speckled":
        canvas.paint(ground * 0.3, smoothstep(0.42, 0.55, canvas.noise(24, seed, 2)))
    elif kind == "run":
        canvas.paint(accent, smoothstep(0.5, 0.7, canvas.z + 0.1 * canvas.noise(4, seed)))
    elif kind == "frieze":
        canvas.paint(WHITE, np.ones_like(canvas.z))
        canvas.paste(frieze(random, accent), 0.3, 0.86)
        canvas.paint(accent, (np.abs(canvas.z - 0.9) < 0.018) | (np.abs(canvas.z - 0.24) < 0.012))
    if random.random() < 0.4:
        canvas.paint(accent if kind in ("bands", "frieze") else (0.3, 0.18, 0.09), canvas.rim)


def frieze(random, accent):
    """Flowers on a tendril, waves, or lozenges: white ground, one colour."""
    image, count = lettering.sheet(1024, 160, WHITE), int(random.integers(8, 14))
    draw, kind = ImageDraw.Draw(image), random.integers(3)
    x = np.arange(0, 1025, 4)
    wave = 80 + 40 * np.sin(x / 1024 * 2 * np.pi * count)
    if kind < 2:
        draw.line(list(zip(x, wave, strict=True)), fill=lettering.pixel(accent), width=9 if kind else 5)
    for index in range(count):
        centre = (index + 0.5) * 1024 / count
        if kind == 0:
            lettering.flower(draw, centre, 80, 42, accent, (0.7, 0.3, 0.05))
        elif kind == 2:
            width = 512 / count
            draw.polygon([(centre - width, 80), (centre, 12), (centre + width, 80), (centre, 148)],
                         outline=lettering.pixel(accent), width=10)  # fmt: skip
            draw.ellipse((centre - 16, 64, centre + 16, 96), fill=lettering.pixel(accent))
    return image


def soup(random, seed: int, wall, radius: float, height: float, thickness: float) -> Part:
    """Soup or porridge with an uneven surface of pieces."""
    level = random.uniform(0.6, 0.78)
    edge = PchipInterpolator(wall[:, 1], wall[:, 0])(level) * radius - 0.9 * thickness
    surface = lathe([(edge * t, level * height + 0.004 * np.sin(40 * t)) for t in np.linspace(0, 1, 12)], 64)
    points = texel_points(surface, 192, 256)
    colour = np.array(SOUPS[random.integers(len(SOUPS))])
    pieces = smoothstep(0.25, 0.4, noise3(points, 9, seed, 2)) * 0.8
    herbs = smoothstep(0.45, 0.5, noise3(points, 16, seed + 1, 1))
    texture = mix(mix(colour, colour * 1.3 + [0.1, 0.06, 0.02], pieces), (0.1, 0.22, 0.04), herbs)
    return Part(surface, printable(texture).reshape(192, 256, 3), "glossy", 0.25)
