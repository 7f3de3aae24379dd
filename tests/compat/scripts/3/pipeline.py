"""A small data pipeline with pandas: read, clean, aggregate, with a table for people to look at."""
from io import StringIO

import pandas
from prefect import flow, task
from prefect.artifacts import create_table_artifact

from readback import note, report

CSV = "day,shop,amount\n1,a,10.5\n2,b,\n2,a,3.0\n3,,7\n"


@task(retries=1)
def extract():
    return pandas.read_csv(StringIO(CSV))


@task
def clean(frame):
    return frame.dropna()


@task
def summarize(frame):
    totals = frame.groupby("shop")["amount"].sum().reset_index()
    create_table_artifact(totals.to_dict(orient="records"), key="totals")
    return totals


@flow(name="sales", log_prints=True)
def sales():
    frame = clean.submit(extract.submit())
    totals = summarize(frame)
    print(len(totals), "shops")
    return totals["amount"].sum()


if __name__ == "__main__":
    note("total", float(sales()))
    report()
