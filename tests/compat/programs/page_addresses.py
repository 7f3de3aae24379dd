"""Prints, as JSON, each address of a web page that the installed client makes, with `ID` and the like where something is filled in."""
import json
import pathlib
import re

import prefect

WRITTEN = re.compile(r"""\{(?:PREFECT_UI_URL\.value\(\)|ui_url)\}(/[^"'\\\s]*?)(?=\[/|["'\\\s])""")

found = {}
package = pathlib.Path(prefect.__file__).parent
for file in sorted(package.rglob("*.py")):
    if "server" in file.relative_to(package).parts:
        continue
    for path in WRITTEN.findall(file.read_text(encoding="utf-8")):
        found.setdefault(path, str(file.relative_to(package)))
try:
    from prefect.utilities.urls import UI_URL_FORMATS
except ImportError:
    UI_URL_FORMATS = {}
for noun, path in UI_URL_FORMATS.items():
    found.setdefault("/" + path, f"UI_URL_FORMATS[{noun!r}]")
print(json.dumps(found))
