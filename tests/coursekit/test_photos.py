"""Pictures of every kind become RGB in [0, 1], broken ones are answered in words; our annotations hold."""

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from pycocotools import mask as coco_mask

from coursekit.data.coco import CocoDataset
from coursekit.data.photos import (
    PHOTOS,
    photo,
    photo_annotations,
    photo_folder,
    photo_target,
    read_image,
    shrink,
)
from coursekit.models.yolox_nano import COCO_CLASSES, yolox_nano
from coursekit.ops import box_iou
from coursekit.schema import validate

ANNOTATIONS = Path(__file__).parents[2] / "data" / "photos.json"
COLOURS = np.random.default_rng(0).integers(0, 256, (5, 7, 3), dtype=np.uint8)  # H != W
GREY = COLOURS[..., 0]


def encode(picture, form="PNG", **options):
    buffer = BytesIO()
    picture.save(buffer, form, **options)
    return buffer.getvalue()


def expected(pixels):
    return torch.tensor(pixels).permute(2, 0, 1) / 255


@pytest.mark.parametrize("form", ["PNG", "TIFF", "BMP", "WEBP"])
def test_a_colour_picture_keeps_its_pixels(form):
    options = {"lossless": True} if form == "WEBP" else {}
    image = read_image(encode(Image.fromarray(COLOURS), form, **options))
    assert image.dtype == torch.float32
    assert image.equal(expected(COLOURS))


def test_every_kind_of_source_gives_the_same(tmp_path):
    Image.fromarray(COLOURS).save(tmp_path / "a.png")
    sources = [tmp_path / "a.png", str(tmp_path / "a.png"), Image.fromarray(COLOURS), COLOURS, COLOURS / 255]
    assert all(read_image(source).allclose(expected(COLOURS)) for source in sources)


def test_grey_is_repeated():
    grey = expected(np.stack([GREY] * 3, -1))
    assert read_image(encode(Image.fromarray(GREY))).equal(grey)
    assert read_image(GREY).equal(grey) and read_image(GREY[..., None]).equal(grey)


def test_black_and_white_and_bool():
    flags = GREY > 128
    for source in (encode(Image.fromarray(flags)), flags):
        assert read_image(source).equal(torch.tensor(flags).float().expand(3, -1, -1))


@pytest.mark.parametrize("form", ["PNG", "TIFF"])
def test_sixteen_bits_keep_their_brightness(form):
    deep = GREY.astype(np.uint16) * 257  # 255 becomes 65535
    image = read_image(encode(Image.fromarray(deep), form))
    torch.testing.assert_close(image, expected(np.stack([GREY] * 3, -1)))
    torch.testing.assert_close(read_image(deep), image)
    torch.testing.assert_close(read_image(deep.astype(">u2")), image)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "PA"])
def test_transparent_becomes_white(mode):
    pixels = np.full((4, 6, 4), 60, dtype=np.uint8)
    pixels[..., 3] = 255
    pixels[:, :2, 3] = 0
    pixels[:, 2, 3] = 51  # a fifth
    image = read_image(Image.fromarray(pixels).convert(mode))
    row = torch.tensor([1, 1, 60 / 255 / 5 + 0.8, 60 / 255, 60 / 255, 60 / 255])
    torch.testing.assert_close(image, row.expand(3, 4, 6), atol=2e-3, rtol=0)


def test_a_transparent_colour_of_a_palette_becomes_white():
    picture = Image.fromarray(np.array([[0, 1, 1]], dtype=np.uint8), "L").convert("P")
    picture.putpalette([10, 20, 30, 40, 50, 60])
    image = read_image(encode(picture, "PNG", transparency=0))
    assert image[:, 0, 0].tolist() == [1, 1, 1]
    torch.testing.assert_close(image[:, 0, 1], torch.tensor([40, 50, 60]) / 255)


def test_cmyk_is_read_as_rgb():
    image = read_image(encode(Image.new("CMYK", (6, 4), (0, 255, 255, 0)), "JPEG"))
    assert image.shape == (3, 4, 6)
    assert image[0].min() > 0.9 and image[1:].max() < 0.1  # red


def test_exif_rotation_is_applied():
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held upright
    image = read_image(encode(Image.fromarray(COLOURS), "PNG", exif=exif))
    assert image.equal(expected(np.rot90(COLOURS, k=-1).copy()))


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "TIFF", "GIF"])
@pytest.mark.parametrize("part", [0.3, 0.6])
def test_a_truncated_file_is_answered_in_one_sentence(tmp_path, form, part):
    content = encode(
        Image.fromarray(np.random.default_rng(1).integers(0, 256, (60, 90, 3), dtype=np.uint8)), form
    )
    (tmp_path / "half").write_bytes(content[: int(len(content) * part)])
    with pytest.raises(ValueError, match="half is (truncated or damaged|in no format)"):
        read_image(tmp_path / "half")


def test_what_is_no_picture_is_answered_in_words(tmp_path):
    (tmp_path / "text.jpg").write_text("not a picture")
    with pytest.raises(ValueError, match="save it as JPEG or PNG"):
        read_image(tmp_path / "text.jpg")
    with pytest.raises(ValueError, match="save it as JPEG or PNG"):
        read_image(b"")
    with pytest.raises(FileNotFoundError, match="there is no picture"):
        read_image(tmp_path / "missing.jpg")
    with pytest.raises(FileNotFoundError, match="there is no picture"):
        read_image(tmp_path)


@pytest.mark.parametrize(
    "array, words",
    [
        (np.full((4, 5), 128.0), "divide bytes by 255"),
        (np.full((4, 5), np.nan), "NaN"),
        (np.zeros((4, 5), dtype=np.int64), "no known range"),
        (np.zeros((3, 40, 50)), "is no picture"),
        (np.zeros(4), "is no picture"),
        (np.zeros((0, 5)), "is no picture"),
    ],
)
def test_arrays_that_are_no_picture_are_answered_in_words(array, words):
    with pytest.raises(ValueError, match=words):
        read_image(array)


@pytest.mark.parametrize("name", PHOTOS)
def test_every_photograph_is_there_and_in_range(name):
    image = photo(name)
    validate([{"boxes": torch.zeros(0, 4), "labels": torch.zeros(0, dtype=torch.int64)}], [image])
    assert image.std() > 0.05


def test_an_unknown_photograph_lists_the_known_ones():
    with pytest.raises(ValueError, match="'dog'.*chelsea, coffee"):
        photo("dog")
    with pytest.raises(ValueError, match="no annotations.*chelsea, coffee"):
        photo_target("motorcycle")


def test_missing_photographs_name_the_command(monkeypatch):
    monkeypatch.setattr("coursekit.data.photos.find_spec", lambda name: None)
    with pytest.raises(FileNotFoundError, match="pip install.*scikit-image"):
        photo("chelsea")


@pytest.mark.parametrize("content, error", [(None, FileNotFoundError), ('{"images": [', ValueError)])
def test_missing_or_damaged_annotations_name_the_remedy(monkeypatch, tmp_path, content, error):
    if content:
        (tmp_path / "photos.json").write_text(content)
    monkeypatch.setenv("COURSEKIT_DATA", str(tmp_path))
    with pytest.raises(error, match="git checkout"):
        photo_annotations()


@pytest.mark.parametrize("name", ["astronaut", "camera", "chelsea", "coffee", "coins", "rocket"])
def test_the_annotations_fit_their_photographs(name):
    image, target = photo(name), photo_target(name)
    validate([target], [image], num_classes=83)
    for box, mask, area in zip(target["boxes"], target["masks"], target["area"], strict=True):
        rows, columns = mask.any(1).nonzero()[:, 0], mask.any(0).nonzero()[:, 0]
        assert box.tolist() == [columns[0], rows[0], columns[-1] + 1, rows[-1] + 1]
        assert mask.sum() == area
    assert target["masks"].sum(0).max() == 1  # a pixel belongs to one object


def test_pycocotools_reads_the_same_masks():
    rows = photo_annotations()["annotations"]
    assert [int(coco_mask.area(row["segmentation"])) for row in rows] == [row["area"] for row in rows]
    witness = coco_mask.decode(rows[1]["segmentation"]).astype(bool)
    assert torch.tensor(witness).equal(photo_target("camera")["masks"][0])


def test_the_file_is_a_coco_dataset_of_the_detectors_labels():
    dataset = CocoDataset(ANNOTATIONS, photo_folder())
    assert dataset.classes[:80] == COCO_CLASSES
    _, target = dataset[3]
    assert [dataset.classes[label - 1] for label in target["labels"]] == ["cup", "spoon", "saucer"]
    assert target["boxes"].equal(photo_target("coffee")["boxes"])


def test_the_detector_agrees_with_the_annotations():
    names = ["astronaut", "camera", "chelsea", "coffee"]
    for name, found in zip(names, yolox_nano().detect([photo(name) for name in names]), strict=True):
        target = photo_target(name)
        assert found["labels"][0] == target["labels"][0]
        assert box_iou(found["boxes"][:1], target["boxes"][:1]) > 0.8


@pytest.mark.parametrize("name, margin", [("coins", 0.25), ("rocket", 0.15)])
def test_bright_objects_are_brighter_than_what_surrounds_them(name, margin):
    image, masks = photo(name).mean(0), photo_target(name)["masks"]
    around = torch.nn.functional.max_pool2d(masks.any(0)[None].float(), 9, 1, 4)[0].bool() & ~masks.any(0)
    assert image[masks.any(0)].mean() - image[around].mean() > margin


def test_small_images_are_not_enlarged():
    image = torch.rand(3, 10, 20)
    assert shrink(image, 20) is image
    assert shrink(image, 10).shape == (3, 5, 10)
