"""The practice of deployments in Python, with Prefect 2 (2.20.25) on a server of Ostinato: see README.md beside this file."""
from prefect import flow, task

ROWS = [
    {"day": "2025-03-03", "amount": "120.50"},
    {"day": "2025-03-03", "amount": "80"},
    {"day": "2025-03-04", "amount": "NA"},
    {"day": "2025-03-05", "amount": "forty"},
    {"day": "2025-03-05", "amount": "45"},
]


@task(retries=2)
def read_sales():
    return ROWS


@task
def clean(rows):
    """Malformed rows are set aside with their reason, not lost."""
    kept, malformed = [], []
    for row in rows:
        try:
            kept.append(float(row["amount"]))
        except ValueError as error:
            malformed.append(f"{row['day']}: {error}")
    return kept, malformed


@flow(log_prints=True)
def main_flow_sales(minimum: int = 100):
    kept, malformed = clean(read_sales())
    amount = sum(kept)
    print(f"{len(kept)} sales of {amount}, {len(malformed)} rows set aside")
    if amount < minimum:
        raise ValueError(f"sales of {amount} are below {minimum}")
    return amount
