"""Assets that tasks materialize: told in events."""
from prefect import flow
from prefect.assets import Asset, AssetProperties, materialize

from readback import note, report


@materialize(Asset(key="s3://bucket/raw.csv", properties=AssetProperties(name="raw", description="d", owners=["me"])))
def raw():
    return [1, 2]


@materialize("s3://bucket/clean.csv", by="dbt")
def clean(rows):
    return rows


@flow
def materializing():
    return clean(raw())


if __name__ == "__main__":
    note("result", materializing())
    report(events=True)
