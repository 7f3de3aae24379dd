"""Cached task runs: policies, expiry, refreshing, keys of one's own, within a run and across runs."""
from datetime import timedelta

from prefect import flow, task
from prefect.cache_policies import INPUTS, NO_CACHE, RUN_ID, TASK_SOURCE
from prefect.tasks import task_input_hash

from readback import note, report

calls = []


@task(cache_policy=INPUTS + TASK_SOURCE, persist_result=True, cache_expiration=timedelta(hours=1))
def by_inputs(number):
    calls.append("by_inputs")
    return number * 2


@task(cache_policy=INPUTS - "noise", persist_result=True)
def without_noise(number, noise):
    calls.append("without_noise")
    return number


@task(cache_key_fn=task_input_hash, persist_result=True, result_storage_key="stored-{parameters[number]}")
def by_function(number):
    calls.append("by_function")
    return number * 3


@task(cache_policy=RUN_ID, persist_result=True)
def once_a_run():
    calls.append("once_a_run")
    return "run"


@task(cache_policy=NO_CACHE)
def never_cached():
    calls.append("never_cached")


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
    note(f"values {len(calls)}", [by_inputs(1), by_inputs(1), without_noise(1, "a"), without_noise(1, "b"), by_function(4), by_function(4)])
    once_a_run(), once_a_run()
    never_cached(), never_cached()
    refreshed(), refreshed()
    soon_stale(), soon_stale()
    return {"answer": 42, "exact": 1.0}


if __name__ == "__main__":
    cached()
    state = cached(return_state=True)
    note("state's data", state.data.metadata if hasattr(state.data, "metadata") else str(state.data))
    note("result", state.result())
    note("calls", calls)
    report()
