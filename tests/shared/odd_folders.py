"""Folders of two or three tiny annotated pictures in many formats and layouts, and with many things wrong."""

import json

from PIL import Image

SIZE = 40, 30  # width, height
BOXES = ([5, 4, 10, 8], [20, 10, 12, 15], [1, 2, 30, 20])  # xywh, one in each picture
NAMES = ("cat", "dog", "cat")


def picture(path, size=SIZE, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, (90, 120, 200)).save(path, **options)


def pictures(folder, ending="png"):
    for i in range(3):
        picture(folder / f"{i}.{ending}")


def text(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        path.write_text(content, encoding="utf-8")


def coco_dict(names="{}.png"):
    width, height = SIZE
    return {
        "images": [
            {"id": i + 1, "file_name": names.format(i), "width": width, "height": height} for i in range(3)
        ],
        "annotations": [
            {"id": i + 1, "image_id": i + 1, "category_id": 1 + (NAMES[i] == "dog"), "bbox": list(BOXES[i])}
            | {"area": BOXES[i][2] * BOXES[i][3], "iscrowd": 0}
            for i in range(3)
        ],
        "categories": [{"id": 1, "name": "cat"}, {"id": 2, "name": "dog"}],
    }


def coco(root, file="annotations.json", folder="images", change=None, names="{}.png", encoding="utf-8"):
    """A folder in COCO's format; `change` is called with the dict, and may return another."""
    content = coco_dict(names)
    content = (change and change(content)) or content
    pictures(root / folder)
    path = root / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(json.dumps(content).encode(encoding))


def put(table, position, key, value):
    """A change of one value of a COCO dict."""

    def change(content):
        content[table][position][key] = value

    return change


def every(table, key, value):
    def change(content):
        for entry in content[table]:
            entry[key] = value(entry) if callable(value) else value

    return change


def xml(i, boxes=None, size=SIZE, filename=None, more="", names=None):
    boxes = [BOXES[i]] if boxes is None else boxes
    objects = "".join(
        f"<object><name>{(names or NAMES)[i]}</name>{more}<bndbox><xmin>{x + 1}</xmin><ymin>{y + 1}</ymin>"
        f"<xmax>{x + w}</xmax><ymax>{y + h}</ymax></bndbox></object>"
        for x, y, w, h in boxes
    )
    said = f"<size><width>{size[0]}</width><height>{size[1]}</height><depth>3</depth></size>" if size else ""
    return f"<annotation><filename>{filename or f'{i}.png'}</filename>{said}{objects}</annotation>"


def voc(root, annotations="Annotations", folder="JPEGImages", changed=None, sets=None, **options):
    """A folder in VOC's format; `changed` has the XML text of some pictures."""
    pictures(root / folder)
    for i in range(3):
        text(root / annotations / f"{i}.xml", (changed or {}).get(i, xml(i, **options)))
    for name, stems in (sets or {}).items():
        text((root / annotations).parent / "ImageSets" / "Main" / f"{name}.txt", "\n".join(stems) + "\n")


def yolo_line(i):
    (x, y, w, h), (width, height) = BOXES[i], SIZE
    numbers = (x + w / 2) / width, (y + h / 2) / height, w / width, h / height
    return f"{int(NAMES[i] == 'dog')} " + " ".join(f"{number:.6f}" for number in numbers) + "\n"


def yolo(root, labels="labels/train", folder="images/train", changed=None, yaml=None, classes=None):
    """A folder in YOLO's format; `changed` has the text of some pictures, None for no file."""
    pictures(root / folder)
    for i in range(3):
        content = (changed or {}).get(i, yolo_line(i))
        if content is not None:
            text(root / labels / f"{i}.txt", content)
    if yaml is not None:
        text(root / "data.yaml", yaml)
    if classes is not None:
        text(root / classes, "cat\ndog\n")


YAML = "train: images/train\nval: images/val\nnames: [cat, dog]\n"


def labelme(root, folder="", changed=None):
    for i in range(3):
        picture(root / folder / f"{i}.png")
        x, y, w, h = BOXES[i]
        shape = {"label": NAMES[i], "points": [[x, y], [x + w, y + h]], "shape_type": "rectangle"}
        whole = {"shapes": [shape], "imagePath": f"{i}.png", "imageWidth": SIZE[0], "imageHeight": SIZE[1]}
        text(root / folder / f"{i}.json", (changed or {}).get(i) or json.dumps(whole))


def penn_fudan(root, values=(0, 1, 2)):
    for i in range(3):
        picture(root / "PNGImages" / f"{i}.png")
        mask = Image.new("L", SIZE, values[0])
        mask.paste(values[1], (5, 4, 15, 12))
        mask.paste(values[2], (20, 10, 32, 25))
        (root / "PedMasks").mkdir(exist_ok=True)
        mask.save(root / "PedMasks" / f"{i}_mask.png")


def cvat(root, shapes=None):
    box = '<box label="cat" xtl="5" ytl="4" xbr="15" ybr="12"/>'
    images = "".join(
        f'<image id="{i}" name="{i}.png" width="40" height="30">{shapes or box}</image>' for i in range(3)
    )
    pictures(root / "images")
    text(root / "annotations.xml", f"<annotations><version>1.1</version>{images}</annotations>")


def truncated(path):
    """Cut the last bytes of a picture that is larger than the others, so that its header stays whole."""
    Image.effect_noise(SIZE, 90).convert("RGB").save(path)
    path.write_bytes(path.read_bytes()[:-400])
