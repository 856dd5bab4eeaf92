"""Lab 08, exercise 4: other brightness, contrast and saturation, the same boxes."""

from collections.abc import Callable

from torch import Tensor

from classroom.exercises.cases import uniform
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab08.pictures import colours_picture
from classroom.exercises.lab08.scenes import Scene, boxed_scene
from coursekit.schema import Target

SHARES = (0.2989, 0.587, 0.114)  # of red, green and blue in the grey of a pixel
Step = Callable[[Tensor, float], Tensor]


def jitter_colours(
    image: Tensor, target: Target, brightness: float, contrast: float, saturation: float
) -> Scene:
    """The image with other colours, in [0, 1] after each of three steps, and its target as it was."""
    return steps(image, brightness, contrast, saturation), target


def grey_of(image: Tensor) -> Tensor:
    """The grey of each pixel: (3, H, W) -> (1, H, W)."""
    return (image * image.new_tensor(SHARES)[:, None, None]).sum(0, keepdim=True)


def brighter(image: Tensor, factor: float) -> Tensor:
    return factor * image


def contrasted(image: Tensor, factor: float) -> Tensor:
    return away_from(grey_of(image).mean(), image, factor)


def saturated(image: Tensor, factor: float) -> Tensor:
    return away_from(grey_of(image), image, factor)


def away_from(middle: Tensor | float, image: Tensor, factor: float) -> Tensor:
    """Every value's distance to the middle, multiplied."""
    return middle + factor * (image - middle)


def steps(
    image: Tensor,
    brightness: float,
    contrast: float,
    saturation: float,
    first: Step = brighter,
    second: Step = contrasted,
    third: Step = saturated,
) -> Tensor:
    """All three, and after each what is below 0 or above 1 is cut off."""
    for step, factor in ((first, brightness), (second, contrast), (third, saturation)):
        image = step(image, factor).clamp(0, 1)
    return image


SCENE = boxed_scene(5, 8, (1, 1, 4, 5), (2, 0, 8, 3))
DARK = (0.3 * uniform(3, 6, 4, seed=1), SCENE[1])

JITTER_COLOURS = Exercise(
    jitter_colours,
    picture=colours_picture,
    hints=(
        "All three are distances that are multiplied: from black, from the mean grey of the image, and from the grey of the same pixel.",
        "brightness · x; m + contrast · (x - m) with the mean m of all grey values; g + saturation · (x - g) with the pixel's own grey g; "
        "after each one clamp(0, 1).",
        "shares = torch.tensor([0.2989, 0.587, 0.114])[:, None, None]\n"
        "x = (brightness * image).clamp(0, 1)\n"
        "m = (shares * x).sum(0).mean()\n"
        "x = (m + contrast * (x - m)).clamp(0, 1)\n"
        "g = (shares * x).sum(0)\n"
        "return (g + saturation * (x - g)).clamp(0, 1), target",
    ),
    cases=(
        Case("nothing changes", (*SCENE, 1.0, 1.0, 1.0)),
        Case("darker", (*SCENE, 0.6, 1.0, 1.0)),
        Case("brighter than white", (*SCENE, 1.8, 1.0, 1.0)),
        Case("less contrast", (*SCENE, 1.0, 0.5, 1.0)),
        Case("more contrast", (*SCENE, 1.0, 1.6, 1.0)),
        Case("paler", (*SCENE, 1.0, 1.0, 0.4)),
        Case("more colourful", (*SCENE, 1.0, 1.0, 1.7)),
        Case("all three", (*SCENE, 1.4, 1.5, 0.7)),
        Case("a dark image, higher than wide", (*DARK, 0.8, 1.4, 1.5)),
    ),
)

_wrong = JITTER_COLOURS.wrong


def _other_steps(name: str, story: str, **changed: Step) -> None:
    """Add the answer in which some of the three steps are others."""

    def answer(image: Tensor, target: Target, brightness: float, contrast: float, saturation: float) -> Scene:
        return steps(image, brightness, contrast, saturation, **changed), target

    _wrong(name, story)(answer)


_other_steps(
    "a brightness that is added",
    "Brightness multiplies: black stays black, and 1 changes nothing.",
    first=lambda x, factor: x + factor - 1,
)
_other_steps(
    "contrast around 0.5",
    "The middle is the mean grey of this image: a dark image stays dark.",
    second=lambda x, factor: away_from(0.5, x, factor),
)
_other_steps(
    "contrast around the mean of each channel",
    "One middle for all three channels: otherwise the contrast also changes the colours.",
    second=lambda x, factor: away_from(x.mean((1, 2), keepdim=True), x, factor),
)
_other_steps(
    "contrast around the plain mean",
    "Green looks brighter than blue: weigh the channels before you take the mean.",
    second=lambda x, factor: away_from(x.mean(), x, factor),
)
_other_steps(
    "contrast around each pixel's own grey",
    "That is saturation. The middle of the contrast is one number, the mean of all grey values.",
    second=saturated,
)
_other_steps(
    "contrast as a second brightness",
    "Contrast multiplies the distance to the mean grey, not to black.",
    second=brighter,
)
_other_steps(
    "saturation around the plain mean of a pixel",
    "Green looks brighter than blue: weigh the channels.",
    third=lambda x, factor: away_from(x.mean(0, keepdim=True), x, factor),
)
_other_steps(
    "saturation around the mean grey of the image",
    "That is contrast. Saturation moves each pixel away from its *own* grey.",
    third=contrasted,
)
_other_steps(
    "a saturation that counts the other way",
    "1 keeps the colours and 0 leaves grey: grey + saturation · (x - grey).",
    third=lambda x, factor: away_from(grey_of(x), x, 1 - factor),
)


def _other_image(name: str, story: str):
    """Add an answer with the right target: its image comes from the image and the three factors."""

    def add(change: Callable[..., Tensor]) -> Callable[..., Tensor]:
        def answer(image: Tensor, target: Target, *factors: float) -> Scene:
            return change(image, *factors), target

        _wrong(name, story)(answer)
        return change

    return add


def _unclamped(image: Tensor, brightness: float, contrast: float, saturation: float) -> Tensor:
    return saturated(contrasted(brighter(image, brightness), contrast), saturation)


_other_image(
    "values out of range", "An image is in [0, 1]: cut off what is below 0 or above 1, with clamp(0, 1)."
)(_unclamped)


@_other_image(
    "cut off at the end alone",
    "What is whiter than white after the first step is white for the second: clamp after each step.",
)
def _clamped_last(image: Tensor, *factors: float) -> Tensor:
    return _unclamped(image, *factors).clamp(0, 1)


@_other_image("cut off at 1 alone", "Contrast and saturation can make values negative: clamp at 0 too.")
def _clamped_above(image: Tensor, brightness: float, contrast: float, saturation: float) -> Tensor:
    for step, factor in ((brighter, brightness), (contrasted, contrast), (saturated, saturation)):
        image = step(image, factor).clamp(max=1)
    return image


@_other_image(
    "stretched to the full range",
    "clamp cuts off; to stretch each image from 0 to 1 would undo the brightness.",
)
def _stretched(image: Tensor, *factors: float) -> Tensor:
    x = _unclamped(image, *factors)
    return (x - x.amin()) / (x.amax() - x.amin())


@_other_image("a range of 0 to 255", "The images of this course are in [0, 1].")
def _bytes(image: Tensor, brightness: float, contrast: float, saturation: float) -> Tensor:
    return 255 * steps(image, brightness, contrast, saturation)


@_other_image("saturation before contrast", "The order matters: brightness, contrast, saturation.")
def _other_order(image: Tensor, brightness: float, contrast: float, saturation: float) -> Tensor:
    return steps(image, brightness, saturation, contrast, second=saturated, third=contrasted)


@_other_image("contrast before brightness", "The order matters: brightness, contrast, saturation.")
def _contrast_first(image: Tensor, brightness: float, contrast: float, saturation: float) -> Tensor:
    return steps(image, contrast, brightness, saturation, first=contrasted, second=brighter)


@_other_image("the old image", "Return the new image.")
def _old(image: Tensor, *factors: float) -> Tensor:
    return image


@_wrong("boxes scaled like the colours", "Nothing moves: the target stays as it is.")
def _scaled_boxes(
    image: Tensor, target: Target, brightness: float, contrast: float, saturation: float
) -> Scene:
    new = steps(image, brightness, contrast, saturation)
    return new, target | {"boxes": brightness * contrast * saturation * target["boxes"] + 1 - brightness}


@_wrong("the image alone", "Every change returns two things, the image and its target.")
def _image_alone(image: Tensor, target: Target, *factors: float) -> Tensor:
    return steps(image, *factors)


@_wrong("the caller's image changed", "`*=` and `clamp_` write into the caller's image: make a new one.")
def _spoilt(image: Tensor, target: Target, *factors: float) -> Scene:
    return image.copy_(steps(image, *factors)), target


EXERCISES = (JITTER_COLOURS,)
