"""Several sizes of an image: the boxes come back to its own pixels, for every detector and every size of image."""

import pytest
import torch
from commanded import TWELVE
from made_up_detectors import OURS, THEIRS, detector, scene, talkative
from torch import nn

from coursekit.cli import main
from coursekit.models.several_scales import SeveralScales, scaled, size_at
from coursekit.training import predict

BOXES_ALONE = [name for name in [*OURS, *THEIRS] if "Mask" not in name]
SIDES = (64, 96)


class Half(nn.Module):
    """Sees one object, the left half of each image, more surely in a larger image."""

    num_classes = 3

    def forward(self, images):
        self.sizes = [tuple(image.shape[1:]) for image in images]
        return [self.found(*image.shape[1:]) for image in images]

    def found(self, height, width):
        box = torch.tensor([[0.0, 0.0, width / 2, float(height)]])
        return {"boxes": box, "labels": torch.tensor([2]), "scores": torch.tensor([width / 1000])}


class Nothing(nn.Module):
    def forward(self, images):
        none = {"boxes": torch.zeros(0, 4), "labels": torch.zeros(0).long(), "scores": torch.zeros(0)}
        return [none for _ in images]


@pytest.mark.parametrize("size", [(640, 480), (20, 100), (7, 5), (1, 50), (50, 1), (1, 1)])
def test_boxes_are_in_the_pixels_of_the_image(size):
    height, width = size
    (found,) = SeveralScales(Half(), (100, 200))([torch.rand(3, *size)])
    assert found["boxes"][0].tolist() == pytest.approx([0.0, 0.0, width / 2, height])
    widths = [size_at(torch.zeros(3, *size), side)[1] for side in (100, 200)]
    assert found["scores"].item() == pytest.approx(sum(widths) / 2000) and found["labels"].tolist() == [2]


def test_the_detector_sees_every_size_in_its_own_proportions():
    half = Half()
    SeveralScales(half, (100,))([torch.rand(3, 480, 640), torch.rand(3, 1, 50)])
    assert half.sizes == [(75, 100), (2, 100)]


def test_an_image_of_the_right_size_is_left_as_it_is():
    image = torch.rand(3, 64, 96)
    assert scaled(image, 96) is image


def test_one_scale_finds_what_the_detector_finds():
    model, (image, _) = talkative(detector("RetinaNet")).eval(), scene(0)
    (alone,), (averaged,) = model([image]), SeveralScales(model, (96,), iou_threshold=1.0)([image])
    assert torch.equal(alone["scores"], averaged["scores"])
    assert torch.allclose(alone["boxes"], averaged["boxes"], atol=1e-4)


@pytest.mark.parametrize("name", BOXES_ALONE)
def test_every_detector_of_boxes_is_averaged(name):
    model = SeveralScales(talkative(detector(name)).eval(), SIDES)
    sizes = [(96, 64), (40, 133), (200, 1)]
    images = [scene(i)[0] if i == 0 else torch.rand(3, *size) for i, size in enumerate(sizes)]
    predictions = predict(model, [(image, None) for image in images])
    for (height, width), found in zip(sizes, predictions, strict=True):
        assert found["boxes"].shape == (len(found["scores"]), 4) and len(found["scores"]) <= 100
        assert (found["scores"].diff() <= 0).all() and (found["boxes"] >= 0).all()
        assert (found["boxes"] <= torch.tensor([width, height, width, height])).all()
    again = predict(model, [(image, None) for image in images])
    assert all(torch.equal(a["boxes"], b["boxes"]) for a, b in zip(predictions, again, strict=True))


def test_no_answer_depends_on_the_company():
    model = SeveralScales(talkative(detector("FCOS")).eval(), SIDES)
    images = [torch.rand(3, 50, 80), torch.rand(3, 96, 64)]
    for alone, together in zip([model([image])[0] for image in images], model(images), strict=True):
        assert torch.allclose(alone["boxes"], together["boxes"], atol=1e-3)


def test_nothing_found_is_nothing():
    (found,) = SeveralScales(Nothing())([torch.rand(3, 30, 40)])
    assert found["boxes"].shape == (0, 4) and found["labels"].dtype == torch.int64


@pytest.mark.parametrize(
    ("name", "inputs", "complaint"),
    [
        ("MaskRCNN", [torch.rand(3, 64, 64)], "Masks of several scales cannot be averaged"),
        ("RetinaNet", [{"C3": torch.zeros(40, 8, 8)}], "Input 0 is not an image"),
        ("RetinaNet", [torch.rand(64, 64)], r"Image 0 is \(64, 64\)"),
        ("RetinaNet", [], "at least one image"),
    ],
)
def test_what_cannot_be_averaged_is_refused_in_words(name, inputs, complaint):
    with pytest.raises(ValueError, match=complaint):
        SeveralScales(talkative(detector(name)).eval(), SIDES)(inputs)


def test_it_is_not_trained_and_says_so():
    model = SeveralScales(Half())
    assert not model.training and model.num_classes == 3
    with pytest.raises(ValueError, match="train the `detector`"):
        model.train()([torch.rand(3, 8, 8)], [{}])


@pytest.mark.parametrize("sides", [(), (96, 0)])
def test_sides_are_positive(sides):
    with pytest.raises(ValueError, match="positive numbers of pixels"):
        SeveralScales(Half(), sides)


def test_the_commands_average_over_scales(folder, whole, here, capsys):
    scales = ["--weights", str(whole), "--scales", "64,96"]
    assert main(["evaluate", "--data", str(folder), *scales]) == 0
    words = [line.split()[0] for line in capsys.readouterr().out.splitlines() if line]
    assert [word for word in words if word in TWELVE] == TWELVE
    picture = str(folder / "images" / "0.png")
    assert main(["predict", picture, "--threshold", "0", *scales]) == 0
    assert len(capsys.readouterr().out.splitlines()) > 1 and (here / "0_found.webp").exists()


def test_scales_that_are_no_numbers_are_refused(whole, capsys):
    with pytest.raises(SystemExit):
        main(["predict", "a.png", "--weights", str(whole), "--scales", "64,large"])
    assert "'large' is not a whole number above 0" in capsys.readouterr().err
