"""`coursekit predict` on several pictures, folders and videos, with shipped weights, drawn and as COCO's JSON."""

import json
import shutil

import numpy as np
import pytest
import torch
from PIL import Image
from pycocotools import mask as coco_mask

from coursekit.cli import main
from coursekit.commands.finding import coco_rows, found_in, lines
from coursekit.commands.predict import drawn
from coursekit.commands.sources import FilmWriter, open_film
from coursekit.data import coco_folder
from coursekit.data.still_life import still_life
from coursekit.draw import room_below
from coursekit.folders import checkpoint

pytestmark = pytest.mark.usefixtures("here")


def test_a_folder_is_drawn_without_two_drawings_of_one_name_and_written_as_coco(folder, whole, here, capsys):
    for place in ("a", "b", "b/deep"):
        (here / place).mkdir()
        shutil.copy(folder / "images" / "0.png", here / place / "0.png")
    words = [
        "predict",
        "a",
        "b",
        "a/0.png",
        "--weights",
        str(whole),
        "--threshold",
        "0.02",
        "--json",
        "f.json",
    ]
    assert main(words) == 0
    drawings = sorted(path.relative_to(here).as_posix() for path in (here / "found").rglob("*.webp"))
    assert drawings == [
        "found/0_2_found.webp",
        "found/0_3_found.webp",
        "found/0_found.webp",
        "found/deep/0_found.webp",
    ]
    found = json.loads((here / "f.json").read_text())
    assert [image["file_name"] for image in found["images"]] == [
        "a/0.png",
        "b/0.png",
        "b/deep/0.png",
        "a/0.png",
    ]
    assert [each["name"] for each in found["categories"]] == ["bar", "square"]
    assert capsys.readouterr().out.count("  box (") == len(found["annotations"]) > 0
    assert all(row["score"] > 0.02 for row in found["annotations"])
    del found["images"][3]  # the file that was named twice
    found["annotations"] = [row for row in found["annotations"] if row["image_id"] < 4]
    (here / "read.json").write_text(json.dumps(found))
    again = coco_folder(here / "read.json")
    assert again.target(0)["boxes"].tolist() == again.target(1)["boxes"].tolist()


def test_one_bad_file_among_several_is_said_and_the_others_are_looked_at(folder, whole, here, capsys):
    (here / "bad.png").write_bytes(b"\x89PNG cut")
    assert main(["predict", "bad.png", str(folder / "images" / "1.png"), "--weights", str(whole)]) == 1
    said = capsys.readouterr()
    assert "bad.png is not in a format that can be read" in said.err and "1 of 2 files could not" in said.err
    assert (here / "found" / "1_found.webp").exists()
    (here / "empty").mkdir()
    assert main(["predict", "empty", "--weights", str(whole)]) == 1
    assert "The folder empty holds no images and no videos." in capsys.readouterr().err
    assert main(["predict", "--weights", str(whole)]) == 1
    assert "Name images, folders or videos to look at" in capsys.readouterr().err


@pytest.mark.parametrize("threshold", ["nan", "1.5", "-0.1", "high"])
def test_a_threshold_that_is_no_share_is_refused(capsys, threshold):
    with pytest.raises(SystemExit):
        main(["predict", "a.png", "--weights", "w", f"--threshold={threshold}"])
    assert "is not a number from 0 to 1" in capsys.readouterr().err


def test_a_picture_with_too_many_pixels_is_said(folder, whole, capsys, monkeypatch):
    monkeypatch.setattr("coursekit.data.image_files.MOST_PIXELS", 1000)
    assert main(["predict", str(folder / "images" / "0.png"), "--weights", str(whole)]) == 1
    assert "0.png has 120 x 90 pixels; at most" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["yolox_nano", "retinanet_real", "unet", "hourglass"])
def test_shipped_weights_by_name(folder, here, capsys, name):
    words = ["predict", str(folder / "images" / "0.png"), "--weights", name, "--threshold", "0.05"]
    assert main([*words, "--json", "f.json"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[-1].endswith("drawn in 0_found.webp.")
    assert len(json.loads((here / "f.json").read_text())["annotations"]) == len(said) - 1


def test_objects_of_one_class_have_colours_of_their_own():
    image, boxes = torch.full((3, 40, 60), 0.5), torch.tensor([[2.0, 2, 25, 38], [30.0, 2, 58, 38]])
    pictures = []
    for labels in ([1, 1], [1, 2], [1, 1]):
        found = {"boxes": boxes, "labels": torch.tensor(labels), "scores": torch.tensor([0.9, 0.8])}
        pictures.append(drawn(image, found, ("a", "a")))
    assert np.array_equal(pictures[0], pictures[1])  # the colours of the first and of the second class
    assert not np.array_equal(pictures[0], drawn(image, found | {"labels": torch.tensor([2, 1])}, ("a", "a")))


def test_words_move_down_to_where_no_others_are():
    from matplotlib.transforms import Bbox

    others = [Bbox([[0, 10], [9, 14]]), Bbox([[0, 5], [9, 9]])]
    words = Bbox([[5, 8], [12, 12]])
    moved = words.translated(0, room_below(words, others, bottom=0))
    assert not any(moved.fully_overlaps(other) for other in others) and moved.y1 <= 5
    assert room_below(words, others, bottom=4) == 0  # no room: they stay


def test_a_label_map_as_coco_has_the_masks_of_its_classes():
    semantic = torch.tensor([[0, 2, 2], [1, 2, 0]])
    rows = list(coco_rows({"semantic": semantic}))
    assert [row["category_id"] for row in rows] == [1, 2] and [row["area"] for row in rows] == [1, 3]
    assert rows[1]["bbox"] == [1, 0, 2, 2]
    assert (coco_mask.decode(rows[1]["segmentation"]) == (semantic == 2).numpy()).all()
    assert list(lines({"semantic": semantic}, ("a", "b")))[1].split() == [
        "b",
        "50.0",
        "%",
        "of",
        "the",
        "pixels",
    ]


def test_what_is_found_in_a_letterbox_comes_back_to_the_picture():
    """A model that reports where the bright pixels are, in a picture twice as wide as high."""

    class Bright(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = torch.nn.Parameter(torch.zeros(1))

        def forward(self, images):
            y, x = (images[0].mean(0) > 0.9).nonzero().unbind(1)
            box = torch.stack([x.min(), y.min(), x.max() + 1, y.max() + 1]).float()
            grey = torch.tensor([0.0, 40, 64, 64])  # beside the picture
            return [
                {"boxes": torch.stack([box, grey]), "labels": torch.ones(2).long(), "scores": torch.ones(2)}
            ]

    image = torch.zeros(3, 64, 128)
    image[:, 16:48, 32:96] = 1
    found = found_in(Bright(), image, (64, 64), True, 0.5)
    torch.testing.assert_close(found["boxes"], torch.tensor([[32.0, 16, 96, 48]]), rtol=0, atol=2)


class FakeCV:
    """As much of OpenCV as a film of three frames needs."""

    CAP_PROP_FPS = 5

    class VideoCapture:
        def __init__(self, source):
            self.left, self.there = 3, source != "none.mp4"

        def isOpened(self):  # noqa: N802
            return self.there

        def get(self, name):
            return 10.0

        def read(self):
            self.left -= 1
            return self.left >= 0, np.full((6, 8, 3), (255, 0, 0), np.uint8)  # blue

        def release(self):
            self.left = -1


def test_the_frames_of_a_film(monkeypatch):
    monkeypatch.setattr("coursekit.commands.sources.open_cv", lambda: FakeCV)
    film = open_film("a.mp4")
    frames = list(film.frames)
    assert film.rate == 10 and len(frames) == 3 and frames[0].shape == (3, 6, 8)
    assert frames[0][:, 0, 0].tolist() == [0, 0, 1]
    assert len(list(open_film(0, most=2).frames)) == 2
    with pytest.raises(ValueError, match="cannot open the video none.mp4"):
        open_film("none.mp4")


def test_without_opencv_the_extra_is_named(monkeypatch, tmp_path):
    def missing(name):
        raise ImportError(name)

    monkeypatch.setattr("coursekit.commands.sources.import_module", missing)
    with pytest.raises(ValueError, match=r"coursekit\[video\]"):
        FilmWriter(tmp_path / "a.mp4", 10).add(np.zeros((4, 4, 3), np.uint8))


def test_everything_is_segmented_by_name_and_a_file_of_that_model_is_explained(here, capsys):
    image = (still_life("val")[28][0].permute(1, 2, 0) * 255).byte().numpy()
    Image.fromarray(image).save(here / "table.png")
    words = ["predict", "table.png", "--threshold", "0.7", "--json", "all.json", "--weights"]
    assert main([*words, "promptable"]) == 0
    assert "object " in capsys.readouterr().out
    found = json.loads((here / "all.json").read_text())
    assert [category["name"] for category in found["categories"]] == ["object"]
    assert len(found["annotations"]) > 1 and all(row["segmentation"] for row in found["annotations"])
    assert main([*words, str(checkpoint("promptable"))]) == 1
    assert "give the name of the shipped weights, promptable" in capsys.readouterr().err
