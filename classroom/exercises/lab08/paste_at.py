"""Lab 08, exercise 1: one object of another scene, moved and put on top."""

from classroom.exercises.compare import explain
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab08.paste_at_mistakes import MISTAKES, paste_at, shifted
from classroom.exercises.lab08.pictures import scene_picture
from classroom.exercises.lab08.scenes import Scene, in_single_precision, masked_scene, measured


def judge_scene(arguments: tuple, value: Scene) -> Scene:
    """Return the value; an object too small for the target may be painted or not."""
    image, target = value
    target = in_single_precision(target)
    old, before, _, donor_target, row, shift, min_pixels = arguments
    small = shifted(donor_target["masks"][row], shift).sum() < min_pixels
    unpainted = old, measured(before["masks"], before["labels"], min_pixels)
    if small and explain((image, target), unpainted) is None:
        return paste_at(*arguments)
    return image, target


TABLE = masked_scene(14, 22, (1, 2, 9, 9), (11, 4, 16, 8), (14, 9, 21, 13))
OTHER = masked_scene(14, 22, (5, 1, 16, 9), (2, 10, 20, 13), (0, 0, 6, 4), seed=1)
EMPTY = masked_scene(14, 22, seed=2)

PASTE_AT = Exercise(
    paste_at,
    picture=scene_picture,
    judge=judge_scene,
    hints=(
        "Move the mask, and move the donor's image in the same way. Then the rest is about the moved mask: which pixels "
        "of the image change, and which pixels do the other masks lose?",
        "F.pad(x, (right, -right, down, -down)) moves x and cuts off what leaves the image. image: moved donor where the moved "
        "mask is; masks below: & ~mask; the moved mask last; keep those with at least min_pixels; boxes and areas from them.",
        "right, down = shift\n"
        'mask, pixels = (F.pad(x, (right, -right, down, -down)) for x in (donor_target["masks"][row], donor))\n'
        'masks = torch.cat([target["masks"] & ~mask, mask[None]])\n'
        'labels = torch.cat([target["labels"], donor_target["labels"][row][None]])\n'
        "area = masks.sum((1, 2)).float()\n"
        "kept = area >= min_pixels\n"
        'new = {"masks": masks[kept], "boxes": ops.masks_to_boxes(masks[kept]), "labels": labels[kept], "area": area[kept]}\n'
        "return torch.where(mask, pixels, image), new",
    ),
    cases=(
        Case("onto an empty table, not moved", (*EMPTY, *OTHER, 0, (0, 0), 1)),
        Case("moved to the right and down", (*EMPTY, *OTHER, 2, (7, 3), 1)),
        Case("one object that hides parts of two", (*TABLE, *OTHER, 0, (1, 2), 4)),
        Case("moved out of the image on the left and above", (*TABLE, *OTHER, 0, (-9, -3), 4)),
        Case("moved out of the image on the right and below", (*TABLE, *OTHER, 2, (18, 11), 4)),
        Case("exactly as many pixels as are required", (*TABLE, *OTHER, 2, (5, 2), 22)),
        Case("one below vanishes", (*TABLE, *OTHER, 0, (5, 2), 3)),
        Case("nothing left", (*EMPTY, *OTHER, 2, (20, 12), 40)),
        Case("nearly all of it outside", (*TABLE, *OTHER, 2, (19, 11), 8)),
    ),
)

PASTE_AT.wrong_answers.extend(MISTAKES)

EXERCISES = (PASTE_AT,)
