"""Still lifes: `python data/generator SPLIT --workers 2`, `... preview CLASS out.png`, `... sheet SPLIT out.png`."""

import sys

from PIL import Image

if sys.argv[1] == "preview" and len(sys.argv) > 3:
    from preview import preview

    identities = [int(x) for x in sys.argv[4].split(",")] if len(sys.argv) > 4 else [0, 1, 2, 3, 4, 5, 50, 51]
    Image.fromarray(preview(sys.argv[2], identities)).save(sys.argv[3])
