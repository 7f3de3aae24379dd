"""How runs fail: exceptions, returned states, states with names, failed futures that nobody asks for."""
from prefect import flow, task
from prefect.states import Cancelled, Completed, Failed

from readback import note, noted, report


class OwnError(Exception):
    pass


@task
def bad(message="bad task"):
    raise OwnError(message)


@task
def returns_failed():
    return Failed(message="returned by the task")


@task
def returns_named():
    return Completed(message="well", name="Skippy")


@flow
def raises():
    bad()


@flow
def returns_state():
    return Failed(message="custom failed")


@flow
def returns_named_state():
    returns_named()
    return Completed(message="custom", name="Skippy Flow")


@flow
def cancels_itself():
    return Cancelled(message="not today")


@flow
def ignores_future():
    future = bad.submit("nobody asks")
    future.wait()
    return "fine"


@flow
def returns_futures():
    return [bad.submit("one of two"), returns_named.submit()]


@flow
def returns_failed_task_state():
    return returns_failed(return_state=True)


@flow(validate_parameters=True)
def strict(number: int):
    return number


if __name__ == "__main__":
    for flow_function in (raises, returns_state, returns_named_state, cancels_itself, ignores_future, returns_futures, returns_failed_task_state):
        state = flow_function(return_state=True)
        note(flow_function.name, [state.type.value, state.name, state.message])
    noted("raised", raises)
    noted("parameter of a wrong type", lambda: strict(number="seven"))
    noted("missing parameter", lambda: strict())
    report()
