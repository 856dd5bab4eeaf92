"""Image files of every kind become RGB in [0, 1], large ones while they are read; broken ones are answered in words."""

import sys
from io import BytesIO

import numpy as np
import pillow_heif
import pytest
import torch
from PIL import Image

from coursekit.data import image_files
from coursekit.data.image_files import read_image, read_photograph, shrink

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
    with pytest.raises(ValueError, match="half is (truncated or damaged|not in a format)"):
        read_image(tmp_path / "half")


def test_what_is_no_picture_is_answered_in_words(tmp_path):
    (tmp_path / "text.jpg").write_text("not a picture")
    with pytest.raises(ValueError, match="save it as JPEG or PNG"):
        read_image(tmp_path / "text.jpg")
    with pytest.raises(ValueError, match="save it as JPEG or PNG"):
        read_image(b"")
    with pytest.raises(FileNotFoundError, match="the image file .* does not exist"):
        read_image(tmp_path / "missing.jpg")
    with pytest.raises(FileNotFoundError, match="the image file .* does not exist"):
        read_image(tmp_path)


@pytest.mark.parametrize(
    "array, words",
    [
        (np.full((4, 5), 128.0), "divide bytes by 255"),
        (np.full((4, 5), np.nan), "NaN"),
        (np.zeros((4, 5), dtype=np.int64), "no known range"),
        (np.zeros((3, 40, 50)), "is not an image"),
        (np.zeros(4), "is not an image"),
        (np.zeros((0, 5)), "is not an image"),
    ],
)
def test_arrays_that_are_no_picture_are_answered_in_words(array, words):
    with pytest.raises(ValueError, match=words):
        read_image(array)


def test_small_images_are_not_enlarged():
    image = torch.rand(3, 10, 20)
    assert shrink(image, 20) is image
    assert shrink(image, 10).shape == (3, 5, 10)


SMOOTH = np.stack(
    [*np.meshgrid(np.linspace(0, 255, 900), np.linspace(0, 255, 600)), np.full((600, 900), 90)], -1
)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_a_large_photograph_is_read_smaller_and_its_true_size_said(form, tmp_path):
    pillow_heif.register_heif_opener()
    (tmp_path / "large").write_bytes(encode(Image.fromarray(SMOOTH.astype(np.uint8)), form, quality=95))
    image, size = read_photograph(tmp_path / "large", 90)
    assert size == (900, 600) and image.shape == (3, 60, 90)
    witness = torch.tensor(SMOOTH).reshape(60, 10, 90, 10, 3).mean((1, 3)).permute(2, 0, 1) / 255
    assert (image - witness).abs().max() < 0.03


def test_a_small_photograph_is_read_as_it_is():
    image, size = read_photograph(encode(Image.fromarray(COLOURS)), 640)
    assert size == (7, 5) and image.equal(expected(COLOURS))


def test_a_photograph_is_turned_before_its_size_is_said():
    exif = Image.Exif()
    exif[0x0112] = 6
    image, size = read_photograph(encode(Image.fromarray(SMOOTH.astype(np.uint8)), "JPEG", exif=exif), 90)
    assert size == (600, 900) and image.shape == (3, 90, 60)


def test_too_many_pixels_are_said_before_they_are_decoded(monkeypatch, recwarn):
    monkeypatch.setattr(image_files, "MOST_PIXELS", 10_000_000)
    huge = encode(Image.new("1", (12_000, 9_000)))  # as many as make Pillow warn
    with pytest.raises(
        ValueError, match=r"12,000 x 9,000 pixels; at most 10 million can be read: make it smaller"
    ):
        read_photograph(huge, 640)
    assert not recwarn.list


def test_heic_without_its_reader_names_the_package(monkeypatch):
    content = encode(Image.fromarray(COLOURS), "HEIF")
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    with pytest.raises(
        ValueError, match="HEIC photograph: run `pip install pillow-heif`, or save it as JPEG"
    ):
        read_image(content)
