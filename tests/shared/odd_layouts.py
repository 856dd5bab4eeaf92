"""Folders as people download, copy or export them; each with what is said of it. `OK` is said of all three pictures."""

import json
import shutil
from functools import partial

from odd_folders import (
    BOXES,
    NAMES,
    YAML,
    coco,
    coco_dict,
    cvat,
    labelme,
    penn_fudan,
    picture,
    pictures,
    put,
    text,
    voc,
    yolo,
    yolo_line,
)

OK = "3 images, 2 cats, 1 dog"
HEAD = "filename,width,height,class,xmin,ymin,xmax,ymax\n"


def then(build, *changes):
    """A folder, changed after it was written; a change is called with its path."""

    def whole(root):
        build(root)
        for change in changes:
            change(root)

    return whole


def at(way, build, **options):
    return lambda root: build(root / way, **options)


def writing(way, content="x"):
    return lambda root: text(root / way, content)


def csv_line(i, form="{name},40,30,{label},{x1},{y1},{x2},{y2}\n"):
    x, y, w, h = BOXES[i]
    return form.format(name=f"{i}.png", label=NAMES[i], x1=x, y1=y, x2=x + w, y2=y + h)


def table(root, file="raccoon_labels.csv", folder="images", head=HEAD, changed=None, **options):
    pictures(root / folder)
    lines = [(changed or {}).get(i, csv_line(i, **options)) for i in range(3)]
    text(root / file, head + "".join(lines))


def mac(root):
    """What macOS and Windows leave behind."""
    for way in ("._annotations.json", "images/._0.png", "images/.DS_Store", "images/Thumbs.db"):
        text(root / way, b"\0\5\26\7\0")
    text(root / "__MACOSX" / "._annotations.json", b"\0\5\26\7\0")


def linked(root):
    coco(root)
    (root / "images").rename(root / "elsewhere")
    (root / "images").symlink_to(root / "elsewhere", target_is_directory=True)
    (root / "elsewhere" / "0.png").rename(root / "0.png")
    (root / "elsewhere" / "0.png").symlink_to(root / "0.png")


def dangling(root):
    coco(root)
    (root / "images" / "0.png").unlink()
    (root / "images" / "0.png").symlink_to(root / "nowhere.png")


def renamed(old, new):
    return lambda root: (root / old).rename(root / new)


def twins(root):
    """Pictures of one name in several folders."""
    coco(
        root, change=lambda c: [image.update(file_name=f"{image['id']}/a.png") for image in c["images"]] and c
    )
    for i in range(3):
        picture(root / "images" / f"{i + 1}" / "a.png")


def bccd(root):
    voc(root / "BCCD", sets={"train": "012", "val": "0", "test": "1", "trainval": "012"})
    text(root / "test.csv", "filename,cell_type,xmin,xmax,ymin,ymax\n0.png,RBC,1,2,1,2\n")
    pictures(root / "dataset")


def roboflow(root):
    for name in ("train", "valid", "test"):
        coco(root, f"{name}/_annotations.coco.json", name)
    text(root / "README.roboflow.txt", "exported")


def deep_yolo(root):
    for i in range(3):
        picture(root / "images" / "train" / f"day {i}" / "a.png")
        text(root / "labels" / "train" / f"day {i}" / "a.txt", yolo_line(i))
    text(root / "data.yaml", YAML)


def penn_fudan_whole(root):
    penn_fudan(root / "PennFudanPed")
    for i in range(3):
        text(
            root / "PennFudanPed" / "Annotation" / f"{i}.txt",
            "# Compatible with PASCAL Annotation Version 1.00\n",
        )
    text(root / "PennFudanPed" / "readme.txt", "1. Directory structure")


def turned_labelme(root):
    labelme(root)
    for i in range(3):
        whole = json.loads((root / f"{i}.json").read_text())
        text(
            root / f"{i}.json", json.dumps(whole | {"imagePath": f"..\\pictures\\{i}.png", "imageData": None})
        )


def with_umlauts(root):
    coco(root, names="Größe {}.png")
    for i in range(3):
        renamed(f"images/{i}.png", f"images/Größe {i}.png")(root)


def both(root):
    coco(root)
    voc(root)


VIA = {"0.png9": {"filename": "0.png", "size": 9, "regions": [], "file_attributes": {}}}
LAYOUTS = {
    "voc2007 as unpacked": (
        then(at("VOCdevkit/VOC2007", voc, sets={"train": "01", "val": "2", "trainval": "012", "cat_train": "0"}),
             writing("VOCdevkit/VOC2007/ImageSets/Layout/train.txt", "0 1\n")),
        "2 images, 1 cat, 1 dog, VOC, from VOCdevkit/VOC2007/Annotations/, train",
    ),
    "bccd": (bccd, f"{OK}, VOC, from BCCD/Annotations/, train"),
    "kangaroo": (partial(voc, annotations="annots", folder="images", names=["kangaroo"] * 3), "3 images, 3 kangaroos, VOC, from annots/"),
    "roboflow's three": (roboflow, f"{OK}, COCO, from train/_annotations.coco.json"),
    "penn-fudan as unpacked": (penn_fudan_whole, "3 images, 6 pedestrians, masks, from PennFudanPed/PedMasks/"),
    "raccoon": (table, f"{OK}, CSV, from raccoon_labels.csv"),
    "raccoon's master": (at("raccoon_dataset-master", table, file="data/raccoon_labels.csv"), f"{OK}, CSV, from raccoon_dataset-master/data/raccoon_labels.csv"),
    "two tables": (then(partial(table, file="train_labels.csv"), partial(table, file="test_labels.csv")), f"{OK}, CSV, from train_labels.csv"),
    "a table of Excel": (
        then(partial(table, head="\ufeff" + HEAD.replace(",", ";"), form="{name};40;30;{label};{x1};{y1};{x2};{y2}\r\n")), f"{OK}, CSV"
    ),
    "a table without names": (partial(table, head="", form="{name},{x1},{y1},{x2},{y2},{label}\n"), f"{OK}, CSV"),
    "a table in other words": (partial(table, head="image_path,label,x_min,y_min,x_max,y_max\n", form="{name},{label},{x1},{y1},{x2},{y2}\n"), f"{OK}, CSV"),
    "a table beside the pictures": (partial(table, folder=""), f"{OK}, CSV"),
    "macOS": (then(coco, mac), f"{OK}, COCO, from annotations.json"),
    "links": (linked, OK),
    "umlauts and spaces": (at("Äpfel und Birnen", with_umlauts), f"{OK}, COCO, from Äpfel und Birnen/annotations.json"),
    "capitals": (then(coco, *(renamed(f"images/{i}.png", f"images/{i}.PNG") for i in range(3))), OK),
    "umlauts of macOS": (then(with_umlauts, *(renamed(f"images/Größe {i}.png", f"images/Gro\u0308ße {i}.png") for i in range(3))), OK),
    "twins": (twins, OK),
    "COCO and VOC": (both, "There are annotations in Annotations too (VOC), which are not read: name"),
    "other JSON files": (then(coco, writing("package.json", "{}"), writing("results.json", "[]"), writing("list.json", "[1, 2]")), OK),
    "yolo of Windows": (partial(yolo, yaml=YAML.replace("images/", "C:\\Users\\me\\data\\images\\")), f"{OK}, YOLO, from data.yaml, train"),
    "yolo of Colab": (partial(yolo, yaml=YAML.replace("images/", "/content/data/images/")), f"{OK}, YOLO, from data.yaml, train"),
    "yolo in folders": (deep_yolo, f"{OK}, YOLO, from data.yaml, train"),
    "yolo's list": (then(partial(yolo, yaml=YAML.replace("images/train", "train.txt")), writing("train.txt", "".join(f"./images/train/{i}.png\n" for i in range(3)))), f"{OK}, YOLO"),
    "yolo's list of Colab": (
        then(partial(yolo, yaml=YAML.replace("images/train", "train.txt")), writing("train.txt", "".join(f"/content/images/train/{i}.png\n" for i in range(3)))), f"{OK}, YOLO"
    ),
    "empty label files": (partial(yolo, classes="classes.txt", changed={1: "", 2: "\n"}), "3 images, 1 cat, 0 dogs, YOLO"),
    "two YAML files": (then(partial(yolo, yaml=YAML), writing("args.yaml", "task: detect\nmode: train\n")), f"{OK}, YOLO, from data.yaml"),
    "XML in capitals": (then(voc, *(renamed(f"Annotations/{i}.xml", f"Annotations/{i}.XML") for i in range(3))), f"{OK}, VOC"),
    "labelme of Windows": (turned_labelme, f"{OK}, labelme"),
    "cvat beside its pictures": (then(cvat, *(renamed(f"images/{i}.png", f"{i}.png") for i in range(3))), "3 images, 3 cats, CVAT"),
}  # fmt: skip


def zipped(root):
    coco(root / "inside")
    shutil.make_archive(str(root), "zip", root)
    shutil.rmtree(root)
    root.with_suffix(".zip").rename(root)


REFUSED_LAYOUTS = {
    "a broken link": (dangling, "image 1 has no file"),
    "VIA": (then(pictures, writing("via_region_data.json", json.dumps(VIA))), "1 .json (via_region_data.json)"),
    "COCO's results": (then(pictures, writing("results.json", '[{"image_id": 1, "bbox": [1, 2, 3, 4]}]')), "1 .json (results.json)"),
    "a list of dicts": (then(coco, writing("annotations.json", json.dumps([coco_dict()]))), "1 .json (annotations.json)"),
    "JSON lines": (then(coco, writing("annotations.json", '{"images": []}\n{"annotations": []}\n')), "annotations.json is not JSON (line 2"),
    "an empty JSON file": (then(coco, writing("annotations.json", "")), "1 .json (annotations.json)"),
    "a table with a hole": (partial(table, changed={1: "1.png,40,30,dog,20,10,32\n"}), "raccoon_labels.csv, line 3 has 7 cells"),
    "a table of words": (partial(table, changed={1: "1.png,40,30,dog,left,10,32,25\n"}), "raccoon_labels.csv, line 3: xmin is 'left'"),
    "a table, turned": (partial(table, changed={1: "1.png,40,30,dog,32,10,20,25\n"}), "raccoon_labels.csv, line 3: its box"),
    "a table without a class": (partial(table, changed={1: "1.png,40,30,,20,10,32,25\n"}), "line 3: it has no class"),
    "a table of shares": (partial(table, form="{name},40,30,{label},0.1,0.1,0.5,0.6\n"), "raccoon_labels.csv: all 3 boxes lie in [0, 1]: normalised?"),
    "a table without pictures": (then(table, lambda root: shutil.rmtree(root / "images")), "the pictures of"),
    "another table": (then(pictures, writing("labels.csv", "step,loss\n1,2\n")), "1 .csv (labels.csv)"),
    "a name of another folder": (partial(coco, change=put("images", 1, "file_name", "https://a.b/1.jpg")), "image 2 has no file"),
    "no pictures in the lists": (partial(yolo, yaml=YAML, changed={0: None, 1: None, 2: None}), "There is nothing to learn from"),
    "yolo's commas": (partial(yolo, classes="classes.txt", changed={1: "0,0.5,0.5,0.1,0.1\n"}), "1.txt, line 1: a number is '0,0.5"),
    "yolo's words": (partial(yolo, classes="classes.txt", changed={1: "dog 0.5 0.5 0.1 0.1\n"}), "1.txt, line 1: a number is 'dog'"),
    "yolo's -1": (partial(yolo, classes="classes.txt", changed={1: "-1 0.5 0.5 0.1 0.1\n"}), "1.txt, line 1: the class is -1"),
    "a list of missing pictures": (
        then(partial(yolo, yaml=YAML.replace("images/train", "train.txt")), writing("train.txt", "images/train/8.png\n")), "8.png"
    ),
    "text for names": (partial(yolo, yaml="train: images/train\nnames: cat, dog\n"), "data.yaml: `names` is not a list"),
    "masks of other sizes": (then(penn_fudan, lambda root: picture(root / "PNGImages" / "1.png", (20, 20))), "20 x 20 pixels, but 40 x 30"),
    "cvat's video": (then(cvat, writing("annotations.xml", "<annotations><track id='0' label='cat'><box frame='0'/></track></annotations>")), "annotations.xml"),
    "class by class": (lambda root: [voc(root / name, "", "") for name in ("cats", "dogs")], "several annotation files: name one of them, cats, dogs"),
    "an archive": (zipped, "unpack it"),
}  # fmt: skip
