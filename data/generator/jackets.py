"""What is printed on and in books: jackets, covers, pages."""

import lettering
import numpy as np
from geometry import glaze, hsv

INK = (0.025, 0.025, 0.03)
GOLD = (0.7, 0.5, 0.15)
RESOLUTION = 260  # texels to a unit of length


def binding(random) -> np.ndarray:
    """The colour of a cover: mostly deep, so that the paper stands out, now and then white."""
    if random.random() < 0.2:
        return np.array([0.8, 0.78, 0.72])
    hue = random.choice([0.0, 0.03, 0.08, 0.13, 0.32, 0.42, 0.55, 0.6, 0.64, 0.8, 0.93])
    return hsv(hue, random.uniform(0.35, 0.9), random.choice([0.06, 0.2, 0.35, 0.55]))


def jacket(random, outer, length: float, width: float):
    """The wrapper laid out flat (back, spine, front), and the colour of its cloth."""
    steps = np.linalg.norm(np.diff(outer, axis=0), axis=1)
    total, height = int(steps.sum() * RESOLUTION), int(length * RESOLUTION)
    face = int(width * RESOLUTION)
    ground, accent = binding(random), glaze(random)
    while abs(accent.mean() - ground.mean()) < 0.2:
        accent = glaze(random)
    image, name, writer = (
        lettering.sheet(total, height, ground),
        lettering.title(random),
        lettering.author(random),
    )
    front = cover(random, face, height, name, writer, (ground, accent))
    image.paste(front, (total - face, 0))
    back = int(0.12 * face), int(0.2 * height), int(0.88 * face), int(0.62 * height)
    lettering.prose(random, image, back, 11, readable(ground))
    spine_width = total - 2 * face
    spine = lettering.sheet(
        height, spine_width, ground
    )  # read from head to tail: turned clockwise when glued
    if random.random() < 0.4:
        spine.paste(lettering.sheet(0.2 * height, spine_width, accent), (int(0.06 * height), 0))
    line = name.replace("\n", " ")
    ink = readable(ground)
    lettering.write(
        spine, (0.06 * height, 0.12 * spine_width, 0.64 * height, 0.88 * spine_width), line, ink, 1
    )
    lettering.write(spine, (0.7 * height, 0.28 * spine_width, 0.94 * height, 0.72 * spine_width), writer, ink)
    image.paste(spine.rotate(-90, expand=True), (face, 0))
    return image, ground


def readable(ground):
    """Ink that can be read on a ground: black, white or gold."""
    return INK if np.mean(ground) > 0.22 else (0.85, 0.82, 0.75)


def cover(random, width: int, height: int, name: str, writer: str, colours):
    """A front cover: a full or a framed picture, a title block, large type, or cloth with a stamped title."""
    ground, accent = colours
    image, third = lettering.sheet(width, height, ground), glaze(random)
    picture = lettering.landscape if random.random() < 0.6 else lettering.shapes
    kind = random.choice(["full", "framed", "block", "type", "cloth"], p=[0.35, 0.3, 0.2, 0.08, 0.07])
    title_box, writer_box, ink = (0.1, 0.08, 0.9, 0.34), (0.2, 0.88, 0.8, 0.94), readable(ground)
    if kind == "full":
        image.paste(picture(random, width, height, (accent, ground, third)), (0, 0))
        ink = readable(accent)
    elif kind == "framed":
        framed = picture(random, int(0.8 * width), int(0.44 * height), (accent, ground * 0.6, third))
        image.paste(framed, (int(0.1 * width), int(0.4 * height)))
    elif kind == "block":
        image.paste(lettering.sheet(width, 0.34 * height, accent), (0, int(0.3 * height)))
        title_box, ink = (0.08, 0.34, 0.92, 0.6), readable(accent)
    elif kind == "type":
        title_box, ink = (0.06, 0.1, 0.94, 0.6), accent
    else:
        title_box, ink = (0.25, 0.2, 0.75, 0.34), GOLD if ground.mean() < 0.3 else INK
    scale = np.array([width, height, width, height])
    lettering.write(image, np.array(title_box) * scale, name, ink, random.choice([0, 1, 1.5]))
    writer_ink = readable(ground) if kind == "block" else ink
    lettering.write(image, np.array(writer_box) * scale, writer, writer_ink, 1)
    return image


def page(random, width: int, height: int, paper):
    """A printed page: text, perhaps with a heading or a picture."""
    image = lettering.sheet(width, height, paper)
    left, right, top, bottom = 0.1 * width, 0.9 * width, 0.08 * height, 0.92 * height
    if random.random() < 0.3:
        heading = lettering.title(random).split("\n")[0]
        lettering.write(image, (left, top, right, top + 0.09 * height), heading, INK, 1)
        top += 0.15 * height
    if random.random() < 0.35:
        size = int(right - left), int(0.36 * height)
        colours = glaze(random), glaze(random) * 0.6, glaze(random)
        where = top if random.random() < 0.5 else bottom - size[1]
        image.paste(lettering.landscape(random, *size, colours), (int(left), int(where)))
        top, bottom = (top + size[1] + 10, bottom) if where == top else (top, where - 6)
    lettering.prose(random, image, (left, top, right, bottom), int(random.choice([9, 10, 12])), INK)
    return image
