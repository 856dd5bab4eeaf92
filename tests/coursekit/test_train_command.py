"""`coursekit train`, `evaluate` and `predict`, as a person calls them, on a COCO folder with pictures of many sizes."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest
import torch
from PIL import Image
from shapes_folder import write_folder

from coursekit.cli import main
from coursekit.commands.datasets import open_data, training_items
from coursekit.commands.models import MODELS, read_facts
from coursekit.models.retinanet import RetinaNet
from coursekit.nets.backbone import efficientnet_lite0
from coursekit.training import fit
from coursekit.weights import own_state, read_tensors

TWELVE = "AP AP50 AP75 APs APm APl AR1 AR10 AR100 ARs ARm ARl".split()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_folder(tmp_path_factory.mktemp("coco") / "shapes")


@pytest.fixture(autouse=True)
def here(tmp_path, tmp_path_factory, monkeypatch):
    """An empty working folder; the features of the module are kept together."""
    kept = tmp_path_factory.getbasetemp() / "features"
    monkeypatch.setenv("COURSEKIT_CACHE", str(kept))
    monkeypatch.delenv("COURSEKIT_STEPS", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def train(folder, *options, model="retinanet", steps=6, out="w.safetensors"):
    small = ["--data", str(folder), "--size", "64", "--batch-size", "2", "--steps", str(steps)]
    return main(["train", model, *small, "--weights", out, *options])


@pytest.fixture(scope="module")
def whole(folder, tmp_path_factory):
    """The file of a training that nobody disturbed."""
    out = tmp_path_factory.mktemp("whole") / "w.safetensors"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COURSEKIT_CACHE", str(tmp_path_factory.getbasetemp() / "features"))
        assert train(folder, out=str(out)) == 0
    return out


def assert_same(file, other):
    (ours, our_header), (theirs, their_header) = read_tensors(file), read_tensors(other)
    assert our_header == their_header and ours.keys() == theirs.keys()
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)


def test_train_says_beforehand_how_long_and_where_the_weights_are(folder, here, capsys):
    assert train(folder) == 0
    said = capsys.readouterr().out
    assert said.startswith("Training takes about ") and "6 steps of 2 images" in said
    assert "The weights after 6 of 6 steps are in w.safetensors." in said
    assert [path.name for path in here.iterdir()] == ["w.safetensors"]
    facts = read_facts(here / "w.safetensors")
    assert (facts.name, facts.classes, facts.size, facts.steps) == (
        "retinanet",
        ("bar", "square"),
        (64, 64),
        6,
    )


def test_evaluate_writes_the_twelve_numbers(folder, whole, here, capsys):
    assert main(["evaluate", "--weights", str(whole), "--data", str(folder), "--json", "s.json"]) == 0
    said, report = capsys.readouterr().out, json.loads((here / "s.json").read_text())
    assert list(report["scores"]) == TWELVE and report["images"] == 6 and report["step"] == 6
    assert said.splitlines()[0].startswith("retinanet on 6 images of ")
    assert [line.split()[0] for line in said.splitlines()[1:]] == TWELVE


@pytest.fixture(scope="module")
def masks(folder, tmp_path_factory):
    """The file of a Mask R-CNN."""
    out = tmp_path_factory.mktemp("masks") / "w.safetensors"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COURSEKIT_CACHE", str(tmp_path_factory.getbasetemp() / "features"))
        assert train(folder, model="mask_rcnn", steps=20, out=str(out)) == 0
    return out


def test_the_masks_of_mask_rcnn_are_scored_too(folder, masks, here, capsys):
    assert main(["evaluate", "--weights", str(masks), "--data", str(folder), "--json", "s.json"]) == 0
    said, report = capsys.readouterr().out, json.loads((here / "s.json").read_text())
    assert list(report["scores"]) == [*TWELVE, *(f"mask_{name}" for name in TWELVE)]
    assert said.splitlines()[1].split() == ["boxes", "masks"]
    assert [len(line.split()) for line in said.splitlines()[2:]] == [3] * 12


def test_masks_of_data_without_segmentations_are_not_scored_and_that_is_said(folder, masks, here, capsys):
    boxes_alone = write_without_segmentations(folder, here)
    assert main(["evaluate", "--weights", str(masks), "--data", str(boxes_alone), "--json", "s.json"]) == 0
    assert "Its masks are not scored: the data has no segmentations." in capsys.readouterr().out
    assert list(json.loads((here / "s.json").read_text())["scores"]) == TWELVE


def write_without_segmentations(folder, here, left=None):
    """The same pictures; `left` stands in the place of each outline, if at all."""
    coco = json.loads((folder / "annotations.json").read_text())
    for row in coco["annotations"]:
        row["segmentation"] = left
        if left is None:
            del row["segmentation"]
    (here / "boxes").mkdir()
    (here / "boxes" / "a.json").write_text(json.dumps(coco), encoding="utf-8")
    (here / "boxes" / "images").symlink_to(folder / "images")
    return here / "boxes"


def test_predict_says_and_draws_the_masks(folder, masks, here, capsys):
    picture = str(folder / "images" / "0.png")
    assert main(["predict", picture, "--weights", str(masks), "--threshold", "0", "--out", "a.png"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) > 1 and all("  mask of " in line for line in lines[:-1])
    assert main(["predict", picture, "--weights", str(masks), "--threshold", "1", "--out", "b.png"]) == 0
    assert capsys.readouterr().out.startswith("0 objects")
    drawn, plain = Image.open(here / "a.png"), Image.open(here / "b.png")
    assert drawn.size == plain.size and drawn.tobytes() != plain.tobytes()


@pytest.mark.parametrize("out", [None, "deep/found.png"])
def test_predict_needs_no_model_and_draws(folder, whole, here, capsys, out):
    picture = folder / "images" / "0.png"
    options = ["--out", out] if out else []
    assert main(["predict", str(picture), "--weights", str(whole), "--threshold", "0", *options]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) > 1 and all(line.split()[0] in ("bar", "square") for line in lines[:-1])
    assert f"drawn in {out or '0_found.webp'}." in lines[-1]
    drawn = Image.open(here / (out or "0_found.webp"))
    assert drawn.width / drawn.height == pytest.approx(120 / 90, rel=0.05)


@pytest.mark.parametrize("model", MODELS)
def test_every_model_of_the_table_trains_and_evaluates(folder, here, model, capsys):
    single = write_single(folder, here) if model == "localiser" else folder
    assert train(single, model=model, steps=2) == 0
    assert main(["evaluate", model, "--weights", "w.safetensors", "--data", str(single)]) == 0
    assert read_facts(here / "w.safetensors").name == model


def write_single(folder, here):
    """The same pictures without the bars and without the empty one."""
    coco = json.loads((folder / "annotations.json").read_text())
    coco["annotations"] = [row for row in coco["annotations"] if row["category_id"] == 7]
    seen = {row["image_id"] for row in coco["annotations"]}
    coco["images"] = [image for image in coco["images"] if image["id"] in seen]
    (here / "single").mkdir()
    (here / "single" / "a.json").write_text(json.dumps(coco), encoding="utf-8")
    (here / "single" / "images").symlink_to(folder / "images")
    return here / "single"


@pytest.mark.parametrize("model", ["retinanet", "mask_rcnn"])
def test_fine_tuning_changes_the_backbone_and_keeps_it_in_the_file(folder, here, capsys, model):
    assert train(folder, "--fine-tune", model=model, steps=3) == 0
    tensors, _ = read_tensors(here / "w.safetensors")
    before = {f"backbone.{name}": value for name, value in efficientnet_lite0().state_dict().items()}
    changed = {name.split(".")[2] for name in before if not torch.equal(tensors[name], before[name])}
    assert changed == {"C5"}
    assert main(["evaluate", "--weights", "w.safetensors", "--data", str(folder)]) == 0
    assert main(["predict", str(folder / "images" / "1.png"), "--weights", "w.safetensors"]) == 0


class Disturbed:
    """The losses of RetinaNet, and something that happens in a call of them, after the two trial steps."""

    def __init__(self, monkeypatch, step, happens):
        original, self.calls = RetinaNet.losses, 0

        def losses(model, batch, targets):
            self.calls += 1
            found = original(model, batch, targets)
            return happens(found) if self.calls == step + 2 else found

        monkeypatch.setattr(RetinaNet, "losses", losses)


def press_ctrl_c(losses):
    signal.raise_signal(signal.SIGINT)
    return losses


def test_ctrl_c_keeps_the_weights_and_the_same_command_goes_on(folder, whole, here, capsys, monkeypatch):
    before = signal.getsignal(signal.SIGINT)
    with monkeypatch.context() as patch:
        Disturbed(patch, 4, press_ctrl_c)
        assert train(folder) == 130
    said = capsys.readouterr().out
    assert "The weights after 4 of 6 steps are in w.safetensors." in said
    assert "The same command goes on from w.safetensors.checkpoint." in said
    assert read_facts(here / "w.safetensors").step == 4 and signal.getsignal(signal.SIGINT) == before
    assert train(folder) == 0
    assert "Going on from w.safetensors.checkpoint" in capsys.readouterr().out
    assert_same(here / "w.safetensors", whole)
    assert [path.name for path in here.iterdir()] == ["w.safetensors"]


def test_the_second_ctrl_c_stops_at_once(folder, here, capsys, monkeypatch):
    Disturbed(monkeypatch, 4, lambda losses: press_ctrl_c(press_ctrl_c(losses)))
    assert train(folder, "--save-every", "2") == 1
    assert "Stopped." in capsys.readouterr().err
    assert read_tensors(here / "w.safetensors.checkpoint")[1]["done"] == "2"


def make_nan(losses):
    return {name: loss * torch.nan for name, loss in losses.items()}


def test_nan_stops_and_keeps_the_last_good_weights(folder, here, capsys, monkeypatch):
    torch.manual_seed(0)
    model, states = RetinaNet(2), []
    items = training_items(open_data(str(folder), "train"), (64, 64), efficientnet_lite0(), True)
    for _ in fit(model, items, 6, batch_size=2, lr=MODELS["retinanet"].lr):
        states.append({name: value.clone() for name, value in own_state(model).items()})
    Disturbed(monkeypatch, 5, make_nan)
    assert train(folder) == 1
    said = capsys.readouterr().err
    assert "The class loss is nan at step 5: is the learning rate too high?" in said
    assert "The weights after step 3, the last good ones, are in w.safetensors." in said
    tensors, _ = read_tensors(here / "w.safetensors")
    assert all(torch.equal(tensors[name], value) for name, value in states[2].items())
    assert [path.name for path in here.iterdir()] == ["w.safetensors"]  # the checkpoint would end so again


@pytest.mark.parametrize("model", ["retinanet", "faster_rcnn", "mask_rcnn"])
def test_a_learning_rate_that_is_too_high_is_said(folder, here, capsys, model):
    assert train(folder, "--lr", "1e20", model=model, steps=20) == 1
    assert "at step 2: is the learning rate too high? That is too early" in capsys.readouterr().err
    assert list(here.iterdir()) == []


def test_a_finished_file_is_not_replaced(folder, whole, capsys):
    before = whole.read_bytes()
    assert train(folder, "--seed", "1", out=str(whole)) == 1
    assert "w.safetensors is there already: remove it, or name another" in capsys.readouterr().err
    assert whole.read_bytes() == before


def test_a_checkpoint_of_other_options_is_refused(folder, here, capsys, monkeypatch):
    with monkeypatch.context() as patch:
        Disturbed(patch, 4, press_ctrl_c)
        train(folder)
    assert train(folder, "--lr", "0.001") == 1
    assert "is the checkpoint of another run, whose lr differs" in capsys.readouterr().err


WRONG = {
    "unknown model": (["train", "rcnn"], "There is no model 'rcnn': choose localiser, yolo"),
    "unknown split": (["train", "ssd", "--data", "tset"], "There is no data 'tset': name a folder"),
    "unknown split to evaluate": (["evaluate", "--weights", "W", "--data", "x"], "There is no data 'x'"),
    "odd size": (["train", "ssd", "--data", "DATA", "--size", "100"], "100 is no multiple of 32"),
    "no weights": (["evaluate", "--weights", "none.safetensors"], "There is no file of weights none"),
    "no weights to predict": (["predict", "I", "--weights", "none.safetensors"], "no file of weights none"),
    "truncated": (["evaluate", "--weights", "CUT"], "cut.safetensors is truncated"),
    "pickle": (["predict", "I", "--weights", "PICKLE"], "pickle.safetensors is truncated or no safetensors"),
    "another model": (["evaluate", "ssd", "--weights", "W"], "holds the weights of retinanet, not of ssd"),
    "no model": (["evaluate", "frcnn", "--weights", "W"], "There is no model 'frcnn'"),
    "not ours": (["evaluate", "--weights", "FOREIGN"], "holds no model that this command knows"),
    "other tensors": (["predict", "I", "--weights", "LYING"], "does not hold the weights of this SSD"),
    "other classes": (
        ["evaluate", "--weights", "W"],
        "trained on the classes bar, square, but the data has apple",
    ),
    "no picture": (["predict", "none.png", "--weights", "W"], "there is no picture none.png"),
    "corrupt picture": (["predict", "CORRUPT", "--weights", "W"], "corrupt.png is truncated or damaged"),
    "no picture at all": (["predict", "CUT", "--weights", "W"], "is in no format that can be read"),
    "odd drawing": (["predict", "I", "--weights", "W", "--out", "a.docx"], "a.docx is no kind of picture"),
    "over the picture": (["predict", "I", "--weights", "W", "--out", "I"], "is the picture itself"),
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
    said = capsys.readouterr().err.splitlines()[-1]
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


COMMAND = [sys.executable, "-m", "coursekit", "train"]


@pytest.mark.slow
@pytest.mark.parametrize("model", ["retinanet", "faster_rcnn", "mask_rcnn"])
def test_kill_9_then_the_same_command_gives_the_weights_of_an_uninterrupted_run(folder, here, model):
    options = ["--size", "64", "--batch-size", "2", "--steps", "40", "--save-every", "7"]
    run = [*COMMAND, model, "--data", str(folder), *options, "--weights"]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    subprocess.run([*run, "whole.safetensors"], check=True, env=environment)
    process = subprocess.Popen([*run, "killed.safetensors"], env=environment)
    checkpoint = here / "killed.safetensors.checkpoint"
    while not checkpoint.exists() and process.poll() is None:
        time.sleep(0.01)
    process.kill()
    assert process.wait() == -signal.SIGKILL and not (here / "killed.safetensors").exists()
    again = subprocess.run([*run, "killed.safetensors"], check=True, env=environment, capture_output=True)
    assert b"Going on from killed.safetensors.checkpoint" in again.stdout
    assert_same(here / "killed.safetensors", here / "whole.safetensors")
    assert not checkpoint.exists()


@pytest.mark.slow
@pytest.mark.parametrize(
    "model, options",
    [
        ("retinanet", []),
        ("retinanet", ["--fine-tune", "--lr", "0.003"]),
        ("faster_rcnn", []),
        ("mask_rcnn", []),
    ],
    ids=["on features", "end to end", "two stages", "masks"],
)
def test_it_learns_to_find_what_it_was_shown(folder, here, capsys, model, options):
    """The whole way, in pixels of pictures of five shapes: a box that came back wrong would not overlap."""
    options = ["--size", "128", "--batch-size", "4", "--steps", "150", *options]
    assert main(["train", model, "--data", str(folder), "--weights", "w.safetensors", *options]) == 0
    assert main(["evaluate", "--weights", "w.safetensors", "--data", str(folder), "--json", "s.json"]) == 0
    scores = json.loads((here / "s.json").read_text())["scores"]
    for kind in ("", "mask_") if model == "mask_rcnn" else ("",):
        assert scores[f"{kind}AP50"] > 0.75 and scores[f"{kind}AP"] > 0.4, scores
