"""What the annotation widget does with objects, history and file, without a browser."""

import io
import json

import pytest
from PIL import Image

from classroom.widgets import Annotator
from classroom.widgets.annotation_file import AnnotationFile
from coursekit.data import coco_folder

BOX, OTHER = [10, 20, 60, 90], [100, 40, 150, 70]
OUTLINE = [100.0, 40.0, 150.0, 40.0, 125.0, 70.0]


@pytest.fixture
def folder(tmp_path):
    for name, size in (("a.jpg", (200, 120)), ("b.png", (120, 200))):
        Image.new("RGB", size, "olive").save(tmp_path / name)
    return tmp_path


def one(identity, label=1, box=BOX, outline=()):
    return {"id": identity, "label": label, "box": list(box), "outline": list(outline)}


def draw(annotator, *objects):
    """As the page does it."""
    canvas = annotator.canvas
    canvas.sheet = {"photograph": canvas.photographs[canvas.shown], "objects": list(objects)}


def saved(folder):
    return json.loads((folder / "annotations.json").read_text())


def test_a_box_is_saved_at_once_and_read_as_a_dataset(folder):
    annotator = Annotator(folder, ("mug", "book"))
    assert annotator.canvas.label == "a.jpg, 1 of 2: no objects." and not annotator.path.exists()
    draw(annotator, one(1, label=2))
    assert annotator.canvas.label == f"a.jpg, 1 of 2: 1 object. Saved in {annotator.path}."
    dataset = coco_folder(folder)
    assert dataset.classes == ("mug", "book") and len(dataset) == 1  # b.png still waits for its objects
    image, target = dataset[0]
    assert (
        image.shape == (3, 120, 200)
        and target["boxes"].tolist() == [BOX]
        and target["labels"].tolist() == [2]
    )
    assert "masks" not in target and not list(folder.glob(".*"))


def test_an_outline_is_a_mask(folder):
    annotator = Annotator(folder, ("mug",))
    draw(annotator, one(1, box=OTHER, outline=OUTLINE))
    _, target = coco_folder(folder)[0]
    assert saved(folder)["annotations"][0]["segmentation"] == [OUTLINE]
    assert target["masks"].sum() == target["area"] > 0.4 * 50 * 30


def test_two_photographs_another_day_and_ids_that_stay(folder):
    annotator = Annotator(folder, ("mug", "book"))
    draw(annotator, one(1), one(2, box=OTHER))
    annotator.canvas.shown = 1
    assert annotator.canvas.sheet == {"photograph": "b.png", "objects": []} and annotator.canvas.next_id == 3
    assert (annotator.canvas.width, annotator.canvas.height) == (120, 200)
    draw(annotator, one(3, label=2))
    again = Annotator(folder, ("lid", "book"))
    assert again.canvas.classes == ["mug", "book", "lid"] and again.canvas.counts == [2, 1]
    draw(again, one(2, box=OTHER))
    again.canvas.shown = 1
    draw(again, one(3, label=2), one(again.canvas.next_id, label=3, box=[0, 0, 9, 9]))
    assert [(row["id"], row["image_id"], row["category_id"]) for row in saved(folder)["annotations"]] == [
        (2, 1, 1), (3, 2, 2), (4, 2, 3)
    ]  # fmt: skip
    assert "4 objects" not in repr(again) and repr(again).startswith("Annotator: 3 objects on 2 photographs.")


def test_undo_and_redo_go_back_to_their_photograph(folder):
    annotator = Annotator(folder, ("mug",))
    canvas = annotator.canvas
    draw(annotator, one(1))
    draw(annotator, one(1, box=OTHER))
    canvas.shown = 1
    canvas.undos += 1
    assert (
        canvas.shown == 0
        and canvas.sheet["objects"] == [one(1)]
        and (canvas.to_undo, canvas.to_redo) == (1, 1)
    )
    canvas.undos += 2  # one more than there is
    assert canvas.sheet["objects"] == [] and saved(folder)["annotations"] == saved(folder)["images"] == []
    canvas.redos += 2
    assert canvas.sheet["objects"] == [one(1, box=OTHER)] and saved(folder)["annotations"][0]["id"] == 1
    canvas.undos += 1
    draw(annotator)
    assert canvas.to_redo == 0


def test_an_arrow_key_that_is_held_down_is_undone_at_once(folder):
    annotator = Annotator(folder, ("mug",))
    draw(annotator, one(1))
    for by in range(1, 6):
        draw(annotator, one(1, box=[10 + by, 20, 60 + by, 90]))
    assert annotator.canvas.to_undo == 2
    annotator.canvas.moved_at -= 5  # seconds later
    draw(annotator, one(1, box=OTHER))
    annotator.canvas.undos += 2
    assert annotator.canvas.sheet["objects"] == [one(1)]
    annotator.canvas.redos += 1
    assert annotator.canvas.sheet["objects"] == [one(1, box=[15, 20, 65, 90])]


def test_changes_of_a_photograph_that_is_not_on_show_any_more(folder):
    """The page may have sent them before it heard of the next photograph, with which they come at once."""
    canvas = Annotator(folder, ("mug",)).canvas
    late = {"photograph": "a.jpg", "objects": [one(1)]}
    canvas.set_state({"sheet": late, "shown": 1})
    assert canvas.counts == [1, 0] and canvas.sheet == {"photograph": "b.png", "objects": []}
    canvas.set_state({"sheet": {"photograph": "a.jpg", "objects": []}})
    assert canvas.counts == [0, 0] and canvas.sheet["photograph"] == "b.png"


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (one(1, box=[10, 10, 300, 20]), "not inside 200 x 120 pixels"),
        (one(1, box=[10, 10, 10, 20]), "not inside"),
        (one(1, box=[10, 10, 20]), "not four numbers"),
        (one(1, label=4), "label 4, but there are 2 classes"),
        (one(1, outline=[1, 2, 3, 4]), "fewer than three corners"),
    ],
)
def test_an_impossible_object_is_refused_and_the_others_stay(folder, wrong, words):
    annotator = Annotator(folder, ("mug", "book"))
    draw(annotator, one(7))
    draw(annotator, one(7), wrong)
    assert words in annotator.canvas.label and annotator.canvas.sheet["objects"] == [one(7)]
    assert len(saved(folder)["annotations"]) == 1 and annotator.canvas.to_undo == 1


@pytest.mark.parametrize("content", [b'{"images": [', b"\xff\xfe\x00", b'{"images": []}', b"[]"])
def test_a_damaged_file_is_refused_and_left_alone(folder, content):
    (folder / "annotations.json").write_bytes(content)
    with pytest.raises(ValueError, match="annotations.json"):
        Annotator(folder)
    assert (folder / "annotations.json").read_bytes() == content


def test_a_file_that_another_program_has_changed_is_not_overwritten(folder):
    annotator = Annotator(folder, ("mug",))
    draw(annotator, one(1))
    other = Annotator(folder, ("mug",))
    draw(other, one(1), one(2, box=OTHER))
    draw(annotator)
    assert "changed by another program" in annotator.canvas.label and len(saved(folder)["annotations"]) == 2


def test_what_others_have_written_stays(folder):
    code = {"size": [120, 200], "counts": [200, 24000 - 200]}
    rows = [
        {
            "id": 5,
            "image_id": 9,
            "category_id": 30,
            "bbox": [-5, 0, 250, 130],
            "segmentation": code,
            "author": "X",
        }
    ]
    images = [{"id": 9, "file_name": "a.jpg", "width": 200, "height": 120, "license": 3}]
    content = {
        "images": images,
        "annotations": rows,
        "categories": [{"id": 30, "name": "pear"}],
        "info": {"year": 2026},
    }
    (folder / "annotations.json").write_text(json.dumps(content))
    annotator = Annotator(folder, ("mug", "pear"))
    assert annotator.canvas.classes == ["pear", "mug"]
    old = annotator.canvas.sheet["objects"][0]
    draw(annotator, old | {"label": 2}, one(annotator.canvas.next_id))
    now = saved(folder)
    assert now["annotations"][0] == rows[0] | {"category_id": 31} and now["info"] == {"year": 2026}
    assert now["images"] == images and now["annotations"][1]["id"] == 6
    draw(annotator, old | {"box": [0, 0, 50, 50]})
    assert (
        "segmentation" not in saved(folder)["annotations"][0]
        and saved(folder)["annotations"][0]["author"] == "X"
    )


def jpeg(size, orientation=None):
    picture, content = Image.new("RGB", size, "teal"), io.BytesIO()
    exif = picture.getexif()
    if orientation:
        exif[0x0112] = orientation
    picture.save(content, "jpeg", exif=exif)
    return content.getvalue()


def test_a_photograph_from_a_phone_is_upright_smaller_and_under_its_own_name(tmp_path):
    annotator = Annotator(tmp_path / "mine", ("mug",), longest_side=300)
    assert annotator.canvas.label == f"There are no photographs in {tmp_path / 'mine'} yet: add some."
    for _ in range(2):
        annotator.upload._take("../IMG 1.JPEG", jpeg((1200, 800), orientation=6))
    assert annotator.canvas.photographs == ["IMG 1.jpg", "IMG 1_2.jpg"] and annotator.canvas.shown == 1
    assert (annotator.canvas.width, annotator.canvas.height) == (200, 300)
    assert Image.open(tmp_path / "mine" / "IMG 1.jpg").size == (200, 300)
    assert not Image.open(tmp_path / "mine" / "IMG 1.jpg").getexif()
    annotator.upload._take("notes.txt", b"no picture")
    assert "notes.txt cannot be used" in annotator.status.value and len(annotator.canvas.photographs) == 2


def test_photographs_that_are_there_keep_their_pixels(tmp_path):
    (tmp_path / "large.jpg").write_bytes(jpeg((2400, 1600), orientation=8))
    (tmp_path / "broken.jpg").write_bytes(jpeg((40, 40))[:200])
    annotator = Annotator(tmp_path, ("mug",))
    assert "truncated or damaged" in annotator.canvas.label and annotator.canvas.sheet["photograph"] == ""
    annotator.canvas.sheet = {"photograph": "", "objects": [one(1)]}
    assert annotator.canvas.sheet["objects"] == [] and not annotator.path.exists()
    annotator.canvas.shown = 1
    assert (annotator.canvas.width, annotator.canvas.height) == (1600, 2400)
    draw(annotator, one(1, box=[0, 0, 1600, 2400]))
    assert coco_folder(tmp_path)[0][0].shape == (3, 2400, 1600)


def test_a_class_of_ones_own(folder):
    annotator = Annotator(folder, ("mug",))
    annotator.canvas.classes = ["mug", "kettle"]
    draw(annotator, one(1, label=2))
    assert coco_folder(folder).classes == ("mug", "kettle") and AnnotationFile(folder, ()).classes == [
        "mug",
        "kettle",
    ]


def test_a_size_that_is_not_the_files(folder):
    draw(Annotator(folder, ("mug",)), one(1))
    Image.new("RGB", (100, 60)).save(folder / "a.jpg")
    assert "was it resized without its annotations?" in Annotator(folder).canvas.label
