"""What `coursekit train`, `evaluate` and `predict` say in one sentence when a file, a word or a number is wrong."""

import pytest
from commanded import write_without_segmentations
from shapes_folder import write_folder

from coursekit.cli import main
from coursekit.weights import read_tensors

pytestmark = pytest.mark.usefixtures("here")

WRONG = {
    "unknown model": (["train", "rcnn"], "Unknown model 'rcnn': choose localiser, yolo"),
    "unknown split": (["train", "ssd", "--data", "tset"], "Unknown data 'tset': name a folder"),
    "unknown split to evaluate": (["evaluate", "--weights", "W", "--data", "x"], "Unknown data 'x'"),
    "odd size": (["train", "ssd", "--data", "DATA", "--size", "100"], "100 is not a multiple of 32"),
    "no weights": (["evaluate", "--weights", "none.safetensors"], "The file of weights none"),
    "no weights to predict": (["predict", "I", "--weights", "none.safetensors"], "The file of weights none"),
    "truncated": (["evaluate", "--weights", "CUT"], "cut.safetensors is truncated"),
    "pickle": (
        ["predict", "I", "--weights", "PICKLE"],
        "pickle.safetensors is truncated or not a safetensors",
    ),
    "another model": (["evaluate", "ssd", "--weights", "W"], "holds the weights of retinanet, not of ssd"),
    "no model": (["evaluate", "frcnn", "--weights", "W"], "Unknown model 'frcnn'"),
    "not ours": (["evaluate", "--weights", "FOREIGN"], "does not hold a model that this command knows"),
    "other tensors": (["predict", "I", "--weights", "LYING"], "does not hold the weights of this SSD"),
    "other classes": (
        ["evaluate", "--weights", "W"],
        "trained on the classes bar, square, but the data has apple",
    ),
    "no picture": (["predict", "none.png", "--weights", "W"], "the image file none.png does not exist"),
    "corrupt picture": (["predict", "CORRUPT", "--weights", "W"], "corrupt.png is truncated or damaged"),
    "no picture at all": (["predict", "CUT", "--weights", "W"], "is not in a format that can be read"),
    "odd drawing": (
        ["predict", "I", "--weights", "W", "--out", "a.docx"],
        "a.docx is not an image file name",
    ),
    "over the picture": (["predict", "I", "--weights", "W", "--out", "I"], "is the image itself"),
    "no segmentations": (
        ["train", "mask_rcnn", "--data", "BOXES"],
        "10 annotations of BOXES have none, first the one with the id 0: train faster_rcnn, on boxes alone.",
    ),
    "damaged segmentation": (["train", "mask_rcnn", "--data", "LINES"], "annotation 0: malformed polygon"),
    "several objects": (["train", "localiser", "--data", "DATA"], "the localiser predicts exactly one"),
    "unknown class": (["train", "ssd", "--data", "BADID"], "annotation 0 has category 9, which does not"),
    "missing picture": (["train", "ssd", "--data", "MISSING"], "image 1 has no file"),
    "empty folder": (["train", "ssd", "--data", "EMPTY"], "there is no annotation file in"),
}


@pytest.fixture(scope="module")
def broken(folder, whole, tmp_path_factory):
    """The files of the table, by the words that stand for them."""
    root = tmp_path_factory.mktemp("broken")
    (root / "cut.safetensors").write_bytes(whole.read_bytes()[:-100])
    (root / "pickle.safetensors").write_bytes(b"\x80\x04pickle")
    from safetensors.torch import save_file

    tensors, header = read_tensors(whole)
    save_file(tensors, root / "foreign.safetensors", {"model": "Mystery"})
    save_file(tensors, root / "lying.safetensors", header | {"model": "SSD"})
    (root / "corrupt.png").write_bytes((folder / "images" / "0.png").read_bytes()[:2000])
    missing, bad_id = write_folder(root / "missing"), write_folder(root / "bad_id")
    (missing / "images" / "1.png").unlink()
    annotations = (bad_id / "annotations.json").read_text()
    (bad_id / "annotations.json").write_text(annotations.replace('"category_id": 7', '"category_id": 9', 1))
    for name, left in (("boxes", []), ("lines", [[1, 2, 3, 4]])):
        (root / name).mkdir()
        write_without_segmentations(folder, root / name, left)
    (root / "empty").mkdir()
    files = {"W": whole, "I": folder / "images" / "0.png", "DATA": folder}
    return files | {
        "CUT": root / "cut.safetensors",
        "PICKLE": root / "pickle.safetensors",
        "FOREIGN": root / "foreign.safetensors",
        "LYING": root / "lying.safetensors",
        "CORRUPT": root / "corrupt.png",
        "BADID": bad_id,
        "MISSING": missing,
        "EMPTY": root / "empty",
        "BOXES": root / "boxes" / "boxes" / "a.json",
        "LINES": root / "lines" / "boxes",
    }


@pytest.mark.parametrize("words, sentence", WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_one_sentence(broken, here, capsys, words, sentence):
    assert main([str(broken.get(word, word)) for word in words]) == 1
    said = capsys.readouterr().err.strip()
    sentence = sentence.replace("BOXES", str(broken["BOXES"]))
    assert sentence in said and said.endswith(".")
    assert list(here.iterdir()) == []


@pytest.mark.parametrize(
    "option", [["--steps", "0"], ["--batch-size", "-2"], ["--lr", "nan"], ["--lr", "fast"]]
)
def test_numbers_that_make_no_sense_are_refused(capsys, option):
    with pytest.raises(SystemExit):
        main(["train", "ssd", *option])
    assert "above 0" in capsys.readouterr().err
