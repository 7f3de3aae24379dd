"""Transactions: commits, rollbacks, nested ones, isolation with locks, and what becomes of their records."""
from prefect import flow, task
from prefect.locking.memory import MemoryLockManager
from prefect.results import ResultStore
from prefect.transactions import IsolationLevel, get_transaction, transaction

from readback import note, noted, report

happened = []


@task(persist_result=True)
def write(name):
    get_transaction().set("name", name)
    return name


@write.on_rollback
def undo(transaction):
    happened.append(f"rollback {transaction.get('name')}")


@write.on_commit
def confirm(transaction):
    happened.append(f"commit {transaction.get('name')}")


@task
def check(fail):
    if fail:
        raise ValueError("the check failed")


@flow
def pipeline(fail):
    with transaction(key=f"pipeline-{fail}"):
        write(f"outer {fail}")
        with transaction():
            write(f"inner {fail}")
        check(fail)


@flow
def isolated():
    with transaction(key="alone", isolation_level=IsolationLevel.SERIALIZABLE, store=ResultStore(lock_manager=MemoryLockManager())) as current:
        if not current.is_committed():
            write("isolated")


if __name__ == "__main__":
    pipeline(False)
    noted("failing", pipeline, True)
    isolated()
    note("happened", happened)
    report()
