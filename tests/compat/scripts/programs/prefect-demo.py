import os

from prefect import flow, task


@task
def read_sales():
    return [120, 80, 45]


@task
def total(sales):
    return sum(sales)


@flow(log_prints=True)
def main_flow_sales(minimum: int = 100):
    amount = total(read_sales())
    print(f"sales of {amount} in {os.environ.get('PLACE', 'no place')}")
    if amount < minimum:
        raise ValueError(f"sales of {amount} are below {minimum}")
    return amount
