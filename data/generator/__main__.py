"""Model and path-trace the still lifes: needs the optional extra, `pip install -e .[render]`.

python data/generator SPLIT --workers 2         render what is missing, then write data/still_life/SPLIT
python data/generator SPLIT --collect           write the scenes that are finished so far
python data/generator secret SEED FOLDER 100    render a hundred scenes that only a secret text selects, into a folder of one's own
python data/generator keypoints SPLIT           write data/still_life/keypoints/SPLIT.json, without the renderer
python data/generator clips SPLIT --workers 1   render the clips of data/clips/SPLIT that are missing
python data/generator preview CLASS out.png     look at a class; identities as 0,1,50 behind it
python data/generator sheet SPLIT out.png       look at a split, with boxes and masks
python data/generator report                    rewrite the tables and the contact sheets of data/README.md
"""

import argparse
import sys
from pathlib import Path

from PIL import Image
from production import OUTPUT, build_folder, collect, produce, write_split
from splits import SPLITS, secret_split


def main(words: list[str]) -> None:
    """Do what the command line says."""
    if words[:1] == ["preview"] and len(words) >= 3 and not words[1].startswith("-"):
        preview_class(*words[1:])
    elif words[:1] == ["sheet"] and len(words) == 3:
        from sheet import contact_sheet

        contact_sheet(OUTPUT, words[1]).save(words[2])
    elif words[:1] == ["keypoints"] and len(words) == 2 and words[1] in SPLITS:
        from keypoints import write_keypoints

        print(f"{words[1]}: key points of {write_keypoints(SPLITS[words[1]])} objects written")
    elif words[:1] == ["secret"] and len(words) == 4 and words[3].isdecimal():
        make_secret(words[1], Path(words[2]), int(words[3]))
    elif words[:1] == ["clips"]:
        make_clips(words[1:])
    elif words == ["report"]:
        from report import report

        report()
    else:
        make_split(words)


def preview_class(class_name: str, file: str, identities: str = "0,1,2,3,4,5,50,51") -> None:
    """Save a picture of some identities of a class."""
    from preview import preview

    Image.fromarray(preview(class_name, [int(number) for number in identities.split(",")])).save(file)


def make_secret(secret: str, folder: Path, scenes: int) -> None:
    """Render a hidden test of the final project; the folder is outside of the course's data."""
    split = secret_split(secret, scenes)
    produce(split, folder / "build", workers=2)
    print(f"{write_split(split, folder / 'build', folder)} of {scenes} scenes written to {folder}")


def make_clips(words: list[str]) -> None:
    """Render the clips of a split."""
    from clips import CLIPS
    from filming import produce_clips

    parser = argparse.ArgumentParser("python data/generator clips")
    parser.add_argument("split", choices=CLIPS)
    parser.add_argument("--workers", type=int, default=1)
    options = parser.parse_args(words)
    produce_clips(CLIPS[options.split], options.workers)


def make_split(words: list[str]) -> None:
    """Render and collect a split."""
    parser = argparse.ArgumentParser("python data/generator", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("split", choices=SPLITS)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument(
        "--work", type=Path, default=build_folder(), help="folder of the scenes (%(default)s)"
    )
    parser.add_argument("--collect", action="store_true", help="do not render, write what is finished")
    options = parser.parse_args(words)
    split = SPLITS[options.split]
    if not options.collect:
        produce(split, options.work, options.workers)
    print(f"{split.name}: {collect(split, options.work)} of {split.scenes} scenes written to {OUTPUT}")


if __name__ == "__main__":
    main(sys.argv[1:])
