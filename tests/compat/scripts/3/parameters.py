"""Parameters of every kind that a client turns into JSON."""
import datetime
import enum
import uuid
from dataclasses import dataclass

from prefect import flow, task
from pydantic import BaseModel

from readback import note, report


class Kind(enum.Enum):
    SMALL = "small"


class Model(BaseModel):
    name: str
    ratio: float = 1.0
    kind: Kind = Kind.SMALL


@dataclass
class Point:
    x: int
    y: float


@task
def use(value):
    return str(type(value).__name__)


@flow
def typed(model: Model, when: datetime.datetime, day: datetime.date, length: datetime.timedelta, kind: Kind, ident: uuid.UUID, pairs: dict[str, tuple[int, float]]):
    return use(model)


@flow
def anything(value=None, **more):
    return use(value)


VALUES = {
    "float": 1.0,
    "small float": 5e-324,
    "negative zero": -0.0,
    "big": 18446744073709551615,
    "text": "é ☃ \u2028 \U0001f600 \x7f \"quoted\" \\",
    "deep": [[[{"a": [None, True, {}]}]]],
    "point": Point(1, 2.0),
    "set": {1},
    "bytes": b"abc",
    "object": object(),
    "empty key": {"": 1, "__proto__": {"x": 1}, "constructor": 2},
}

if __name__ == "__main__":
    note("typed", typed(Model(name="m"), datetime.datetime(2026, 1, 2, 3, 4, 5, 678901, datetime.timezone.utc), datetime.date(2026, 1, 2), datetime.timedelta(seconds=90.5), Kind.SMALL, uuid.UUID(int=7), {"a": (1, 2.0)}))
    for name, value in VALUES.items():
        state = anything.with_options(flow_run_name=name.replace(" ", "_") + "_1")(value, other=name, return_state=True)
        note(name, [state.name, state.message])
    report()
