"""Answers to `spot_formats` (lab 01), written from the student's notebook alone."""

ARRAYS = {
    "A": (173, 18, 409, 309),
    "B": (291, 163.5, 236, 291),
    "C": (18, 173, 309, 409),
    "D": (0.485, 0.409, 0.393, 0.728),
    "E": (173, 18, 236, 291),
    "F": (0.288, 0.045, 0.682, 0.773),
}


def right_by_hand() -> dict[str, str]:
    """Looked at and written down."""
    return {
        "A": "xyxy",
        "B": "cxcywh",
        "C": "yxyx",
        "D": "cxcywh, normalised",
        "E": "xywh",
        "F": "xyxy, normalised",
    }


def right_by_trying_every_format() -> dict[str, str]:
    """Writes the cup in every format and gives each array the nearest one."""
    x1, y1, x2, y2, high, wide = 173, 18, 409, 309, 400, 600
    w, h, cx, cy = x2 - x1, y2 - y1, (x1 + x2) / 2, (y1 + y2) / 2
    formats = {
        "xyxy": (x1, y1, x2, y2),
        "xywh": (x1, y1, w, h),
        "cxcywh": (cx, cy, w, h),
        "yxyx": (y1, x1, y2, x2),
        "xyxy, normalised": (x1 / wide, y1 / high, x2 / wide, y2 / high),
        "cxcywh, normalised": (cx / wide, cy / high, w / wide, h / high),
    }

    def distance(name: str, array: tuple) -> float:
        return sum(abs(a - b) for a, b in zip(formats[name], array, strict=True))

    return {letter: min(formats, key=lambda name: distance(name, array)) for letter, array in ARRAYS.items()}


def right_format_by_format() -> dict[str, str]:
    """The same dict the other way round first, so its letters come in another order."""
    letters = {"xyxy": "A", "yxyx": "C", "xywh": "E", "cxcywh": "B"}
    letters |= {f"{name}, normalised": letter for name, letter in (("xyxy", "F"), ("cxcywh", "D"))}
    return {letter: name for name, letter in letters.items()}


def wrong_sizes_from_centre_and_corner() -> dict[str, str]:
    """B and E swapped: both hold 236 and 291, but only B starts at the centre, 291 and 163.5."""
    return right_by_hand() | {"B": "xywh", "E": "cxcywh"}


def wrong_rows_and_columns() -> dict[str, str]:
    """A and C swapped: 409 is an x, for the photograph is only 400 pixels high."""
    return right_by_hand() | {"A": "yxyx", "C": "xyxy"}


def wrong_fractions_swapped() -> dict[str, str]:
    """D and F swapped: the third number of D is smaller than the first, so it cannot be a right edge."""
    return right_by_hand() | {"D": "xyxy, normalised", "F": "cxcywh, normalised"}


def wrong_units_ignored() -> dict[str, str]:
    """D and F named as if they were pixels: "normalised" is missing for both."""
    return {letter: name.removesuffix(", normalised") for letter, name in right_by_hand().items()}


def wrong_names_to_letters() -> dict[str, str]:
    """The dict is inside out: its keys are the formats, where the letters should be."""
    return {name: letter for letter, name in right_by_hand().items()}


def wrong_every_pair_of_corners_is_xyxy() -> dict[str, str]:
    """C is taken for a second xyxy: drawn like that, it is not the cup."""
    return right_by_hand() | {"C": "xyxy"}


def wrong_sizes_first() -> dict[str, str]:
    """B, C and E in a ring: 291 in B is the centre, which only happens to equal the height of the box."""
    return right_by_hand() | {"B": "yxyx", "C": "xywh", "E": "cxcywh"}


def wrong_only_the_easy_ones() -> dict[str, str]:
    """The two arrays of fractions are left out, although all six are asked for."""
    return {letter: name for letter, name in right_by_hand().items() if letter not in "DF"}


def wrong_arrays_for_keys() -> dict[str, str]:
    """The keys are the arrays themselves and not their letters."""
    return {ARRAYS[letter]: name for letter, name in right_by_hand().items()}
