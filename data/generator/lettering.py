"""Words set in type, and pictures. Images are 8-bit sRGB until `linear` makes textures of them."""

from functools import cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont

NOUNS = (
    "Meadow Garden River House Silver Orchard Harbour Letters Shadow Mountain Kitchen Painter Island "
    "Clock Summer Forest Mirror Bridge Ocean Stranger Lantern Atlas Map Secret Fox Sparrow Harvest "
    "Voyage Night Stone"
).split()
ADJECTIVES = (
    "Lost Quiet Golden Last Hidden Broken Little Distant White Burning Forgotten Long Blue Wild".split()
)
NAMES = (
    "Anna Brandt,Marc Oliver,J. R. Keller,Lena Moreau,David Okafor,Ida Lindgren,P. Castellan,Ruth Amsel,"
    "T. Nakagawa,Clara Weiss,Hugo Ferreira,M. Ashby"
).split(",")
PROSE = (
    "the and of in a to was he she it that had with as for on at by his her they from were not but which "
    "all when there one would so what their out if about who up no time into than some could them other "
    "then now only over such after also these first any like where most before must through back years "
    "much way down should because each house water light evening morning street window across nothing "
    "together another"
).split()


def pixel(colour) -> tuple[int, ...]:
    """The 8-bit sRGB triple of a linear colour."""
    return tuple(int(255 * np.clip(channel, 0, 1) ** (1 / 2.2)) for channel in np.broadcast_to(colour, 3))


def sheet(width: int, height: int, colour) -> Image.Image:
    """A blank sheet of one linear colour."""
    return Image.new("RGB", (int(width), int(height)), pixel(colour))


def linear(image) -> np.ndarray:
    """The linear-RGB float32 texture of an image."""
    return np.clip((np.asarray(image, np.float32) / 255) ** 2.2, 0.01, 0.95).astype(np.float32)


@cache
def font(size: int) -> ImageFont.FreeTypeFont:
    """Pillow's own scalable font."""
    return ImageFont.load_default(size=size)


def write(image, box, text: str, colour, weight: float = 0.0, align: str = "center") -> None:
    """Set text, as large as fits, in a box (left, top, right, bottom); weight thickens the strokes."""
    left, top, right, bottom = box
    draw = ImageDraw.Draw(image)
    _, _, wide, high = draw.multiline_textbbox((0, 0), text, font=font(64), align=align)
    size = max(5, int(64 * min((right - left) / wide, (bottom - top) / high)))
    stroke = round(weight * size / 28)
    anchor, x = ("mm", (left + right) / 2) if align == "center" else ("lm", left)
    position = x, (top + bottom) / 2
    draw.multiline_text(
        position, text, fill=pixel(colour), font=font(size), anchor=anchor, align=align, stroke_width=stroke
    )


def title(random) -> str:
    """A made-up book title."""
    first, second = random.choice(NOUNS, 2, replace=False)
    adjective = random.choice(ADJECTIVES)
    plural = second if second.endswith("s") else f"{second}s"
    forms = (
        f"The {adjective}\n{first}",
        f"{first}\nand {second}",
        f"A {first}\nof {plural}",
        f"{adjective}\n{plural}",
    )
    text = forms[random.integers(len(forms))]
    return text.upper() if random.random() < 0.5 else text


def author(random) -> str:
    """A made-up author."""
    return str(random.choice(NAMES))


def prose(random, image, box, size: int, ink, leading: float = 1.45) -> None:
    """Fill a box with justified lines of words, now and then an indented or a short last line."""
    left, top, right, bottom = box
    draw, face = ImageDraw.Draw(image), font(size)
    words = random.choice(PROSE, 4000 // size)
    for row, y in enumerate(np.arange(top, bottom - size, size * leading)):
        indent = size * 1.6 if random.random() < 0.15 else 0
        width = (right - left - indent) * (random.uniform(0.3, 0.8) if random.random() < 0.15 else 1)
        line = " ".join(np.roll(words, -7 * row)[: int(width / size / 2)])
        while draw.textlength(line, face) > width and " " in line:
            line = line.rsplit(" ", 1)[0]
        draw.text((left + indent, y), line, fill=pixel(ink), font=face)


def landscape(random, width: int, height: int, colours) -> Image.Image:
    """Hills under a sky with a sun or a moon, in three colours."""
    picture = sheet(width, height, colours[0])
    draw = ImageDraw.Draw(picture)
    for row in range(height // 2):
        fade = np.asarray(colours[0]) * (0.55 + 0.9 * row / height)
        draw.line((0, row, width, row), fill=pixel(fade))
    x, y, radius = (
        random.uniform(0.2, 0.8) * width,
        random.uniform(0.15, 0.4) * height,
        random.uniform(0.06, 0.15) * width,
    )
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=pixel(colours[2]))
    columns = np.arange(0, width + 4, 4)
    for layer in range(4):
        wave = np.sin(columns / width * random.uniform(3, 14) + random.uniform(0, 6))
        ridge = height * (0.42 + 0.14 * layer + random.uniform(0.02, 0.09) * wave)
        shade = np.asarray(colours[1]) * (1.5 - 0.38 * layer)
        draw.polygon([(0, height), *zip(columns, ridge, strict=True), (width, height)], fill=pixel(shade))
    return picture


def shapes(random, width: int, height: int, colours) -> Image.Image:
    """Abstract discs, bars or rays, in three colours."""
    picture = sheet(width, height, colours[0])
    draw, kind = ImageDraw.Draw(picture), random.integers(3)
    for index in range(random.integers(3, 8)):
        x, y = random.uniform(0, width), random.uniform(0, height)
        size, fill = random.uniform(0.1, 0.35) * width, pixel(colours[1 + index % 2])
        if kind == 0:
            draw.ellipse((x - size, y - size, x + size, y + size), fill=fill)
        elif kind == 1:
            draw.rectangle((0, y, width, y + size / 2), fill=fill)
        else:
            draw.polygon([(width / 2, height / 2), (x, 0), (x + size, 0)], fill=fill)
            draw.polygon([(width / 2, height / 2), (x, height), (x + size, height)], fill=fill)
    return picture


def flower(draw, x: float, y: float, radius: float, colour, centre) -> None:
    """A small flower with six petals."""
    for angle in np.arange(6) * np.pi / 3:
        u, v, r = x + 0.6 * radius * np.cos(angle), y + 0.6 * radius * np.sin(angle), 0.4 * radius
        draw.ellipse((u - r, v - r, u + r, v + r), fill=pixel(colour))
    r = 0.35 * radius
    draw.ellipse((x - r, y - r, x + r, y + r), fill=pixel(centre))


def heart(draw, x: float, y: float, radius: float, colour, _=None) -> None:
    """A heart."""
    t = np.linspace(0, 2 * np.pi, 40)
    u = x + radius * np.sin(t) ** 3
    v = y - radius / 16 * (13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t))
    draw.polygon(list(zip(u, v, strict=True)), fill=pixel(colour))
