"""Prints the commands of the client's command line as a JSON list; one with several names is there under the first."""

import json

from prefect.cli import flow  # noqa: F401: loading one registers all
from prefect.cli._app import _app


def commands(app, path):
    for name in app:
        if name.startswith("-"):
            continue
        below = app[name]
        if below.default_command is not None:
            yield below.default_command, " ".join([*path, name])
        yield from commands(below, [*path, name])


first = {}
for function, name in commands(_app, []):
    known = first.setdefault(f"{function.__module__}.{function.__qualname__}", name)
    if name < known:
        first[f"{function.__module__}.{function.__qualname__}"] = name
print(json.dumps(sorted(first.values())))
