"""Folders of many kinds: each is read, or refused in one sentence that names the file."""

import json
from functools import partial

import pytest
from odd_folders import (
    BOXES,
    SIZE,
    YAML,
    coco,
    coco_dict,
    cvat,
    every,
    labelme,
    penn_fudan,
    picture,
    pictures,
    put,
    text,
    truncated,
    voc,
    xml,
    yolo,
    yolo_line,
)

from coursekit.cli import main
from coursekit.data.coco_folder import checked_folder


def then(build, *changes):
    """A folder, changed after it was written; a change is called with its path."""

    def whole(root):
        build(root)
        for change in changes:
            change(root)

    return whole


def deeper(build, way):
    return lambda root: build(root / way)


def both_splits(root):
    coco(root, "annotations/instances_train2017.json", "train2017")
    coco(root, "annotations/instances_val2017.json", "val2017")
    for name, row in (
        ("captions", {"caption": "a cat"}),
        ("person_keypoints", {"keypoints": [], "bbox": [1, 1, 2, 2]}),
    ):
        content = coco_dict() | {"annotations": [row | {"id": 1, "image_id": 1, "category_id": 1}]}
        text(root / "annotations" / f"{name}_train2017.json", json.dumps(content))


def half_outside(row):
    x, y, w, h = row["bbox"]
    return [x, y, x + w, y + h + 20]


def photograph(root, size, **options):
    coco(root)
    picture(root / "images" / "0.png", size, **options)


def turned(root, size):
    from PIL import Image

    exif = Image.Exif()
    exif[0x0112] = 6
    photograph(root, size, exif=exif)


def cut(root):
    truncated(root / "images" / "1.png")


OK = "3 images, 2 cats, 1 dog"
GROUP = [{"id": 0, "name": "pets", "supercategory": "none"}]
BOMB = (
    '<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;">]><annotation><filename>&c;</filename></annotation>'
)
POLYGON = "0 0.1 0.1 0.5 0.1 0.5 0.6\n"
READ = {
    "coco": (coco, f"{OK}, COCO, from annotations.json"),
    "coco 2017": (both_splits, f"{OK}, COCO, from annotations/instances_train2017.json"),
    "roboflow": (partial(coco, file="train/_annotations.coco.json", folder="train"), OK),
    "roboflow's group": (
        partial(coco, change=lambda c: {**c, "categories": GROUP + [k | {"supercategory": "pets"} for k in c["categories"]]}),
        OK,
    ),
    "cvat's coco": (partial(coco, file="annotations/instances_default.json", folder="images/default"), OK),
    "fiftyone": (partial(coco, file="labels.json", folder="data"), OK),
    "label studio": (partial(coco, file="result.json", names="images\\{}.png", encoding="utf-8-sig"), OK),
    "utf-16": (partial(coco, encoding="utf-16"), OK),
    "a path of another machine": (partial(coco, names="C:\\Users\\me\\{}.png"), OK),
    "nulls": (partial(coco, change=lambda c: [row.update(area=None, iscrowd=None, segmentation=None) for row in c["annotations"]] and c), OK),
    "masks of nothing": (partial(coco, change=every("annotations", "segmentation", [])), OK),
    "a wrapped folder": (deeper(coco, "pets-master"), f"{OK}, COCO, from pets-master/annotations.json"),
    "turned": (partial(turned, size=(30, 40)), "1 picture turned as the EXIF data says"),
    "annotated unturned": (partial(turned, size=SIZE), "1 picture not turned, although"),
    "no area": (partial(coco, change=put("annotations", 0, "bbox", [5, 5, 0, 3])), "1 box without width or height left out"),
    "corners": (partial(coco, change=every("annotations", "bbox", half_outside)), "3 of 3 boxes leave their picture: are they x1 y1 x2 y2?"),
    "clipped": (partial(coco, change=put("annotations", 0, "bbox", [30, 4, 20, 8])), "1 of 3 boxes leave their picture and are clipped"),
    "a class twice": (partial(coco, change=put("categories", 1, "name", "cat")), "2 categories have the name 'cat'"),
    "a picture twice": (partial(coco, change=put("images", 1, "file_name", "0.png")), "0.png is listed 2 times"),
    "voc": (voc, f"{OK}, VOC, from Annotations/"),
    "voc devkit": (
        deeper(partial(voc, sets={"train": "012", "val": "0", "trainval": "012", "cat_train": "0"}), "VOCdevkit/VOC2007"),
        f"{OK}, VOC, from VOCdevkit/VOC2007/Annotations/, train",
    ),
    "kangaroo": (deeper(partial(voc, annotations="annots", folder="images"), "kangaroo-master"), OK),
    "xml beside": (partial(voc, annotations="", folder=""), f"{OK}, VOC"),
    "roboflow's voc": (partial(voc, annotations="train", folder="train"), OK),
    "corners from 0": (partial(voc, changed={1: xml(1, [[-1, -1, 12, 15]])}), "corners count from 0"),
    "difficult": (partial(voc, more="<difficult>1</difficult>", changed={1: xml(1)}), "2 objects are `difficult`"),
    "no size": (partial(voc, size=None), OK),
    "another name": (partial(voc, filename="IMG_7.JPG"), OK),
    "yolo": (partial(yolo, yaml=YAML), f"{OK}, YOLO, from data.yaml, train"),
    "roboflow's yolo": (partial(yolo, labels="train/labels", folder="train/images", yaml=YAML.replace("images/train", "../train/images")), OK),
    "yolo's dict": (partial(yolo, yaml="path: ../elsewhere\ntrain: images\nnames:\n  0: cat\n  1: dog\n", labels="labels", folder="images"), OK),
    "yolo's classes": (partial(yolo, labels="labels", folder="images", classes="classes.txt"), OK),
    "darknet": (partial(yolo, labels="obj_train_data", folder="obj_train_data", classes="obj.names"), OK),
    "no names": (yolo, "so they are numbered"),
    "polygons": (partial(yolo, classes="classes.txt", changed={0: POLYGON}), OK),
    "no text file": (partial(yolo, classes="classes.txt", changed={0: None}), "1 of 3 pictures have no text file"),
    "Windows' text": (partial(yolo, classes="classes.txt", changed={0: "\ufeff" + yolo_line(0).replace("\n", "\r\n")}), OK),
    "labelme": (labelme, f"{OK}, labelme"),
    "labelme in splits": (partial(labelme, folder="train"), f"{OK}, labelme"),
    "penn-fudan": (penn_fudan, "3 images, 6 pedestrians, masks, from PedMasks/"),
    "cvat": (cvat, "3 images, 3 cats, CVAT, from annotations.xml"),
    "cvat's polygon": (partial(cvat, shapes='<polygon label="cat" points="5,4;15,4;15,12"/>'), "3 cats, CVAT"),
}  # fmt: skip
REFUSED = {
    "nothing": (lambda root: root.mkdir(), "it holds nothing"),
    "pictures alone": (pictures, "it holds 3 .png"),
    "a table": (then(pictures, lambda root: text(root / "a.csv", "x")), "it holds 3 .png, 1 .csv (a.csv)"),
    "damaged JSON": (then(coco, lambda root: text(root / "annotations.json", '{"images": [')), "annotations.json is cut off"),
    "no categories": (partial(coco, change=lambda c: c.pop("categories") and c), "annotations.json: the key 'categories' is missing"),
    "area": (partial(coco, change=put("annotations", 0, "area", "80")), "annotation 1 has area '80', not a number"),
    "crowd": (partial(coco, change=put("annotations", 0, "iscrowd", "0")), "annotation 1 has iscrowd '0', not 0 or 1"),
    "strings": (partial(coco, change=put("annotations", 0, "bbox", ["5", "4", "10", "8"])), "annotation 1 has bbox ['5'"),
    "a class of a number": (partial(coco, change=put("categories", 0, "name", 7)), "category 1 has the name 7, not a word"),
    "a class of null": (partial(coco, change=put("categories", 0, "name", None)), "category 1 has the name None"),
    "huge id": (partial(coco, change=put("images", 0, "id", 2**70)), "of 'images' is too large"),
    "an id twice": (partial(coco, change=put("annotations", 1, "id", 1)), "the id 1 is used more than once in 'annotations'"),
    "an id in quotes": (partial(coco, change=put("annotations", 0, "category_id", "1")), "annotation 1 has category '1', which does not"),
    "a list for an id": (partial(coco, change=put("annotations", 0, "image_id", [1])), "annotation 1 belongs to image [1]"),
    "huge number": (partial(coco, change=put("annotations", 0, "bbox", [1, 1, 10**400, 2])), "not four numbers"),
    "normalised": (partial(coco, change=every("annotations", "bbox", [0.1, 0.2, 0.5, 0.5])), "all 3 boxes lie in [0, 1]: normalised?"),
    "no objects": (partial(coco, change=lambda c: {**c, "annotations": []}), "There is nothing to learn from"),
    "all crowds": (partial(coco, change=every("annotations", "iscrowd", 1)), "all its 3 objects are crowds"),
    "no picture": (then(coco, lambda root: (root / "images" / "1.png").unlink()), "image 2 has no file"),
    "a name of no file": (partial(coco, change=put("images", 1, "file_name", "a\0" + "b" * 300)), "image 2 has no file"),
    "a cut picture": (then(coco, cut), "images/1.png is truncated or damaged"),
    "a text as picture": (then(coco, lambda root: text(root / "images" / "1.png", "x")), "1.png is not in a format"),
    "resized": (partial(photograph, size=(20, 15)), "0.png, is 20 x 15 pixels, but 40 x 30 in annotations.json"),
    "a bad polygon": (partial(coco, change=every("annotations", "segmentation", [[1, 2, 3]])), "annotation 1: malformed polygon"),
    "a far polygon": (partial(coco, change=every("annotations", "segmentation", [[0, 0, 1e300, 0, 5, 5]])), "1e+300 lies far outside"),
    "an empty polygon": (partial(coco, change=every("annotations", "segmentation", [[1, 1, 1, 1, 1, 1]])), "has no pixel"),
    "a code": (partial(coco, change=every("annotations", "segmentation", {"size": [30, 40], "counts": "1"})), "annotation 1: malformed run"),
    "entities": (partial(voc, changed={1: BOMB}), "1.xml declares entities"),
    "damaged XML": (partial(voc, changed={1: xml(1)[:100]}), "1.xml is damaged, or no XML"),
    "empty XML": (partial(voc, changed={1: ""}), "1.xml is empty"),
    "no box": (partial(voc, changed={1: xml(1).replace("bndbox", "box")}), "1.xml, object 1: it has no <bndbox>"),
    "no number": (partial(voc, changed={1: xml(1).replace("<xmin>21", "<xmin>left")}), "<xmin> is 'left', not a number"),
    "turned box": (partial(voc, changed={1: xml(1, [[20, 10, -5, 4]])}), "1.xml, object 1: its box"),
    "outside": (partial(voc, changed={1: xml(1, [[70, 10, 5, 4]])}), "1.png: annotation 2 has bbox [70, 10, 5, 4], which lies outside"),
    "no picture of VOC's": (then(voc, lambda root: (root / "JPEGImages" / "1.png").unlink()), "1.png"),
    "pixels": (partial(yolo, classes="classes.txt", changed={1: "0 5 4 10 8\n"}), "1.txt, line 1: 10 is not in [0, 1]: is it in pixels?"),
    "words": (partial(yolo, classes="classes.txt", changed={1: yolo_line(1) + "cat 0.1 0.1 0.1 0.1\n"}), "line 2: a number is 'cat'"),
    "few numbers": (partial(yolo, classes="classes.txt", changed={1: "0 0.1 0.1\n"}), "1.txt, line 1 has 3 numbers"),
    "an unknown class": (partial(yolo, classes="classes.txt", changed={1: "2 0.5 0.5 0.1 0.1\n"}), "1.txt: the class is 2, but there are 2 classes"),
    "damaged YAML": (partial(yolo, yaml="names: [cat\n"), "data.yaml is damaged, or no YAML"),
    "odd names": (partial(yolo, yaml="train: images/train\nnames: {0: cat, 2: dog}\n"), "the numbers of `names`"),
    "binary text": (partial(yolo, classes="classes.txt", changed={1: b"\xff\xd8\xff"}), "1.txt is no text"),
    "damaged labelme": (partial(labelme, changed={1: '{"shapes": ['}), "1.json is cut off"),
    "labelme's picture": (then(labelme, lambda root: (root / "1.png").unlink()), "1.json: its picture '1.png' is not there"),
    "labelme's points": (partial(labelme, changed={1: '{"shapes": [{"label": "cat", "points": [[1], 2]}]}'}), "shape 0: its points are not"),
    "coloured masks": (then(penn_fudan, lambda root: picture(root / "PedMasks" / "1_mask.png")), "1_mask.png: it is in colour"),
    "cvat's box": (partial(cvat, shapes='<box label="cat" xtl="a" ytl="4" xbr="15" ybr="12"/>'), "image 0, shape 0: xtl is 'a'"),
    "two sets": (then(partial(coco, file="a.json"), partial(coco, file="b.json")), "several annotation files: name one of them, a.json, b.json"),
}  # fmt: skip


@pytest.fixture(autouse=True)
def cache(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("COURSEKIT_CACHE", str(tmp_path_factory.getbasetemp() / "odd"))


@pytest.mark.parametrize("name", READ)
def test_it_is_read_and_what_is_odd_is_said(tmp_path, name):
    build, said = READ[name]
    build(tmp_path / "odd")
    dataset = checked_folder(tmp_path / "odd", "train")
    assert any(said in note for note in dataset.notes), dataset.notes
    assert len(dataset) == 3
    assert all(
        image.shape[1] > 0 and len(target["boxes"]) <= 2
        for image, target in map(dataset.__getitem__, range(3))
    )


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_in_words(tmp_path, name):
    build, said = REFUSED[name]
    build(tmp_path / "odd")
    with pytest.raises((ValueError, OSError)) as caught:
        checked_folder(tmp_path / "odd", "train", masks=True)
    assert said in str(caught.value), str(caught.value)
    assert str(tmp_path / "odd") in str(caught.value)


def test_what_is_wrong_is_listed_at_once_and_can_be_left_out(tmp_path):
    root = tmp_path / "odd"
    coco(root, "train.json", change=put("annotations", 0, "area", "80"))
    coco(root, "val.json", change=put("annotations", 2, "image_id", 9))
    cut(root)
    with pytest.raises(ValueError, match="4 entries are wrong") as caught:
        checked_folder(root, "train")
    lines = str(caught.value).splitlines()
    assert (
        len(lines) == 6
        and "train.json" in lines[1]
        and "val.json" in lines[4]
        and lines[5].startswith("Fix them, or go on without them")
    )
    dataset = checked_folder(root, "train", skip_bad=True)
    assert len(dataset) == 2 and [len(dataset.target(i)["boxes"]) for i in range(2)] == [0, 1]
    assert "They are left out." in dataset.notes[1]


def test_a_model_of_boxes_needs_no_segmentation(tmp_path):
    coco(tmp_path / "odd", change=every("annotations", "segmentation", [[1, 2, 3]]))
    dataset = checked_folder(tmp_path / "odd", "train").without_masks()
    assert dataset[0][1]["boxes"].tolist() == [[5, 4, 15, 12]] and "masks" not in dataset[0][1]


def test_the_command_says_the_same(tmp_path, capsys):
    voc(tmp_path / "odd", changed={1: xml(1).replace("bndbox", "box")})
    assert main(["data", str(tmp_path / "odd"), "--sheet", str(tmp_path / "sheet.png")]) == 1
    said = capsys.readouterr().out
    assert "1.xml, object 1: it has no <bndbox>" in said and "2 cats" not in said
    assert said.splitlines()[3].split() == ["all", "3", "2", "2", "0", "0", "0", "1"]
    assert (tmp_path / "sheet.png").stat().st_size > 5000
    assert main(["data", str(tmp_path / "nowhere")]) == 1 and "nowhere" in capsys.readouterr().err
    assert len(BOXES) == 3
