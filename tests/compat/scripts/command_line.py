"""The client's command line, command by command, in one process."""
import contextlib
import io
import re
import sys

from prefect.cli import app

from readback import note, notes

AGO = re.compile(r"\b(just now|now|a moment ago|(\d+|an?|a few) \w+ (ago|from now))\b")
MILLISECONDS = re.compile(r"UTC\.\d+")
FRAME = re.compile(r"[\u2500-\u257f]+")


def prefect(*words):
    """Exit code and output, without frames and times."""
    out, arguments = io.StringIO(), sys.argv
    sys.argv = ["prefect", *words]
    code = 0
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            app()
    except SystemExit as end:
        code = end.code or 0
    finally:
        sys.argv = arguments
    text, *trace = out.getvalue().split("Traceback (most recent call last):")
    # Of a trace only the error counts.
    lines = [*text.splitlines(), *([line for line in trace[-1].splitlines() if line and line[0] != " "][:1] if trace else [])]
    return [code, [line for line in (plain_line(line) for line in lines) if line]]


def plain_line(line):
    return " ".join(FRAME.sub(" ", MILLISECONDS.sub("UTC", AGO.sub("<ago>", line))).split())


def told(name, *words):
    name = name or " ".join(words)
    while name in notes:
        name += ", again"
    note(name, prefect(*words))
