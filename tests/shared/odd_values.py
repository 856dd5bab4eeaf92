"""Annotation files and pictures with odd values; each with what is said of it."""

from functools import partial

import numpy as np
from odd_folders import (
    BOXES,
    NAMES,
    SIZE,
    coco,
    every,
    picture,
    put,
    text,
    voc,
    xml,
    yolo,
)
from odd_layouts import OK, then
from PIL import Image

CORNERS = [{"x": 1, "y": 2, "width": 3, "height": 4}]
CODE = {"size": [30, 40], "counts": [100, 20, 1080]}


def categories(*ids, **options):
    """COCO's two categories with other ids."""

    def change(content):
        new = dict(zip((1, 2), ids, strict=True))
        for each in content["categories"]:
            each["id"] = new[each["id"]]
        for row in content["annotations"]:
            row["category_id"] = new[row["category_id"]]

    return partial(coco, change=change, **options)


def without(table, key):
    def change(content):
        for entry in content[table]:
            entry.pop(key)

    return partial(coco, change=change)


def row(key, value, position=0):
    return partial(coco, change=put("annotations", position, key, value))


def rows(key, value):
    return partial(coco, change=every("annotations", key, value))


def saved(mode, ending="png", values=None, **options):
    """A COCO folder whose first picture is in another mode of Pillow's, or another kind of file."""

    def build(root):
        coco(root, change=put("images", 0, "file_name", f"0.{ending}"))
        image = Image.effect_noise(SIZE, 90)
        image = image.convert(mode) if values is None else Image.fromarray(np.asarray(values))
        image.save(root / "images" / f"0.{ending}", **options)

    return build


def named_as(ending, real):
    """A picture whose name promises another kind of file."""

    def build(root):
        coco(root, change=put("images", 0, "file_name", f"0.{ending}"))
        picture(root / "images" / "0.bmp")
        Image.open(root / "images" / "0.bmp").save(root / "images" / f"0.{ending}", format=real)

    return build


def voc_of(old, new, **options):
    """VOC with a change of the text of its second file."""
    return partial(voc, changed={1: xml(1, **options).replace(old, new)})


DEEP = np.full(SIZE[::-1], 40_000, np.uint16)
PARTS = (
    "<part><name>head</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>5</xmax><ymax>5</ymax></bndbox></part>"
)
ODD_VALUES = {
    "categories from 0": (categories(0, 1), OK),
    "categories with gaps": (categories(90, 7), "3 images, 2 cats, 1 dog"),
    "categories of large ids": (categories(10**12, 10**15), OK),
    "negative categories": (categories(-1, 5), OK),
    "classes that no object has": (partial(coco, change=lambda c: c["categories"].append({"id": 9, "name": "elk"})), f"{OK}, 0 elks"),
    "names of other letters": (partial(coco, change=put("categories", 0, "name", "Кот, 猫 & Kätzchen")), "2 Кот, 猫 & Kätzchens"),
    "no licences": (partial(coco, change=lambda c: {**c, "info": None, "licenses": None}), OK),
    "no area, no crowd": (without("annotations", "area"), OK),
    "nulls beside": (partial(coco, change=every("images", "license", None)), OK),
    "a picture without objects": (partial(coco, change=lambda c: c["annotations"].pop() and c), "3 images, 1 cat, 1 dog"),
    "halves of pixels": (row("bbox", [5.5, 4.25, 10.125, 8.0]), OK),
    "a crowd of a code": (partial(coco, change=lambda c: c["annotations"][0].update(iscrowd=1, segmentation=CODE) or c), OK),
    "codes": (rows("segmentation", CODE), OK),
    "half of the masks": (row("segmentation", [[5, 4, 15, 4, 15, 12]]), OK),
    "True for a crowd": (row("iscrowd", False), OK),
    "a score beside": (rows("score", 0.9), OK),
    "16 bits": (saved("L", values=DEEP), OK),
    "CMYK": (saved("CMYK", "jpg"), OK),
    "a palette": (saved("P"), OK),
    "a palette with a hole": (saved("P", transparency=0), OK),
    "grey and opacity": (saved("LA"), OK),
    "one bit": (saved("1"), OK),
    "a TIFF": (saved("RGB", "tif"), OK),
    "a BMP": (saved("RGB", "bmp"), OK),
    "WebP": (saved("RGBA", "webp"), OK),
    "a GIF that moves": (saved("P", "gif", save_all=True, append_images=[Image.new("P", SIZE)]), OK),
    "a progressive JPEG": (saved("L", "jpeg", progressive=True), OK),
    "a PNG by the name of a JPEG": (named_as("jpg", "PNG"), OK),
    "a JPEG by the name of a PNG": (named_as("png", "JPEG"), OK),
    "parts of objects": (voc_of("<bndbox>", PARTS + "<bndbox>"), OK),
    "fractions in VOC": (voc_of("<xmin>21", "<xmin> 21.0 "), OK),
    "a picture of VOC's by its path": (partial(voc, filename="C:\\data\\x.jpg"), OK),
    "VOC of no size": (voc_of("<width>40", "<width>0"), OK),
    "VOC in Latin 1": (then(voc, lambda root: text(root / "Annotations/1.xml", ("<?xml version='1.0' encoding='latin-1'?>" + xml(1)).encode("latin-1"))), OK),
    "a picture of VOC's without objects": (partial(voc, changed={1: xml(1, [])}), "3 images, 2 cats"),
    "a little outside": (partial(yolo, classes="classes.txt", changed={1: "1 0.95 0.5 0.11 0.2\n"}), OK),
    "scores behind": (partial(yolo, classes="classes.txt", changed={1: "1 0.5 0.5 0.1 0.2 0.93\n"}), OK),
    "1e-1": (partial(yolo, classes="classes.txt", changed={1: "1.0 5e-1 0.5 1e-1 .2  \n\n"}), OK),
}  # fmt: skip
REFUSED_VALUES = {
    "categories in quotes": (categories("1", "2"), "an id of 'categories' is '1', not a whole number"),
    "categories of fractions": (categories(1.5, 2.5), "an id of 'categories' is 1.5, not a whole number"),
    "groups alone": (partial(coco, change=lambda c: [(each.pop("name"), each.update(supercategory="pet")) for each in c["categories"]] and c), "with id 1 has no 'name'"),
    "a category twice": (partial(coco, change=put("categories", 1, "id", 1)), "the id 1 is used more than once in 'categories'"),
    "a picture's id twice": (partial(coco, change=put("images", 1, "id", 1)), "the id 1 is used more than once in 'images'"),
    "a picture's id in quotes": (partial(coco, change=put("images", 1, "id", "2")), "an id of 'images' is '2', not a whole number"),
    "no ids": (without("annotations", "id"), "the entry of 'annotations' with number 0 has no 'id'"),
    "no sizes": (without("images", "width"), "the entry of 'images' with id 1 has no 'width'"),
    "a size of fractions": (partial(coco, change=put("images", 0, "width", 40.5)), "image 1 has a side of 40.5"),
    "a size of 0": (partial(coco, change=put("images", 0, "height", 0)), "image 1 has a side of 0"),
    "a size, turned": (partial(coco, change=lambda c: [image.update(width=30, height=40) for image in c["images"]] and c), "is 40 x 30 pixels, but 30 x 40 in annotations.json"),
    "a box in words": (row("bbox", "5,4,10,8"), "annotation 1 has bbox '5,4,10,8'"),
    "a box of keys": (row("bbox", CORNERS[0]), "annotation 1 has bbox {'x': 1"),
    "a box of null": (row("bbox", None), "annotation 1 has bbox None"),
    "an empty box": (row("bbox", []), "annotation 1 has bbox []"),
    "a box of five": (row("bbox", [1, 2, 3, 4, 5]), "annotation 1 has bbox [1, 2, 3, 4, 5]"),
    "a box of NaN": (row("bbox", [1, 2, float("nan"), 4]), "annotation 1 has bbox [1, 2, nan, 4]"),
    "a negative box": (row("bbox", [10, 10, -4, 4]), "annotation 1 has bbox [10, 10, -4, 4] with a negative side"),
    "an annotation of null": (partial(coco, change=lambda c: c["annotations"].append(None)), "the entry of 'annotations' with number 3 has no 'id'"),
    "annotations of null": (partial(coco, change=lambda c: {**c, "annotations": None}), "annotations.json: 'annotations' is not a list"),
    "annotations by id": (partial(coco, change=lambda c: {**c, "annotations": {"1": c["annotations"][0]}}), "annotations.json: 'annotations' is not a list"),
    "a file name of null": (partial(coco, change=put("images", 0, "file_name", None)), "image 1 has the file name None"),
    "an unknown category": (row("category_id", 3), "annotation 1 has category 3, which does not exist"),
    "a flat polygon": (rows("segmentation", [1, 1, 20, 1, 20, 20]), "annotation 1: malformed polygon"),
    "a polygon in words": (rows("segmentation", "1 1 20 1 20 20"), "annotation 1: malformed run-length code"),
    "a code of another size": (rows("segmentation", {"size": [40, 30], "counts": [100, 20, 1080]}), "annotation 1: the mask has size [40, 30]"),
    "a short code": (rows("segmentation", {"size": [30, 40], "counts": [100, 20]}), "annotation 1: malformed run-length code"),
    "a picture of no bytes": (then(coco, lambda root: text(root / "images/1.png", b"")), "1.png is not in a format"),
    "a folder for a picture": (then(coco, lambda root: ((root / "images/1.png").unlink(), (root / "images/1.png").mkdir())), "image 2 has no file"),
    "one class without a name": (partial(voc, names=["", "cat", "cat"]), "0.xml, object 1: it has no <name>"),
    "a turned box of roLabelImg": (voc_of("bndbox", "robndbox"), "1.xml, object 1: it has no <bndbox>"),
    "a comma in VOC": (voc_of("<xmin>21", "<xmin>20,5"), "1.xml, object 1: <xmin> is '20,5'"),
    "a name space": (partial(voc, changed={1: "<html><body></body></html>", 0: "<html></html>", 2: "<html></html>"}), "it holds 3 .xml, 3 .png"),
}  # fmt: skip
assert len(BOXES) == len(NAMES) == 3
