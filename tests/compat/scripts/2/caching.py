"""Caches of the 2.x client: the server finds the state under the key, and keeps it."""
from datetime import timedelta

from prefect import flow, task
from prefect.tasks import task_input_hash

from readback import note, report

calls = []


@task(cache_key_fn=task_input_hash, persist_result=True, cache_expiration=timedelta(hours=1))
def by_inputs(number):
    calls.append("by_inputs")
    return number * 2


@task(cache_key_fn=lambda context, parameters: "fixed", persist_result=True, refresh_cache=True)
def refreshed():
    calls.append("refreshed")
    return len(calls)


@task(cache_key_fn=lambda context, parameters: "short", persist_result=True, cache_expiration=timedelta(milliseconds=1))
def soon_stale():
    calls.append("soon_stale")
    return 1


@flow(persist_result=True)
def cached():
    note(f"values {len(calls)}", [by_inputs(1), by_inputs(1), by_inputs(2)])
    refreshed(), refreshed()
    soon_stale(), soon_stale()
    return {"answer": 1.0}


if __name__ == "__main__":
    cached()
    state = cached(return_state=True)
    note("data", type(state.data).__name__)
    note("result", state.result())
    note("calls", calls)
    report()
