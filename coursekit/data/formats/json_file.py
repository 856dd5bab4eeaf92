"""A JSON file of annotations, as any system writes it."""

import json
from pathlib import Path
from typing import Any


def read_json(path: Path) -> Any:
    """Return the content of a JSON file, with or without the byte-order mark of Windows.

    Raises:
        FileNotFoundError: the file does not exist.
        ValueError: it is not JSON, or cut off.
    """
    if not path.is_file():
        raise FileNotFoundError(f"the annotation file {path} does not exist: check the path.")
    content = path.read_bytes()
    try:
        text = content.decode("utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
        return json.loads(text)
    except UnicodeDecodeError:
        raise ValueError(f"{path} is not JSON but binary data: pass COCO's .json file.") from None
    except json.JSONDecodeError as error:
        cut_off = error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string")
        if cut_off and text.lstrip()[:1] in ("{", "["):
            raise ValueError(f"{path} is cut off after {len(content)} bytes: fetch it again.") from None
        where = f"line {error.lineno}, column {error.colno}"
        raise ValueError(f"{path} is not JSON ({where}: {error.msg}).") from None
    except (RecursionError, ValueError) as error:  # brackets in brackets; a number of 5,000 digits
        raise ValueError(f"{path} is not JSON that can be read ({error}).") from None
