"""Runs that end because their program does: exits, interrupts, killed processes."""
import os
import signal
import subprocess
import sys
import threading
import time

from prefect import flow, task

from readback import note, report


@task
def interrupted_task():
    raise KeyboardInterrupt()


@task
def step():
    return 1


@flow
def exits():
    step()
    sys.exit(3)


@flow
def interrupted():
    interrupted_task()


@flow
def killed():
    step()
    from prefect.events.worker import EventsWorker

    EventsWorker.drain_all()
    os.kill(os.getpid(), signal.SIGKILL)


@flow
def terminated():
    step()
    threading.Timer(0.2, lambda: os.kill(os.getpid(), signal.SIGTERM)).start()
    time.sleep(30)


@flow
def base_exception():
    raise GeneratorExit("odd")


CHILDREN = {"killed": killed, "terminated": terminated}

if __name__ == "__main__":
    if len(sys.argv) > 1:
        CHILDREN[sys.argv[1]]()
        sys.exit(0)
    for flow_function in (exits, interrupted, base_exception):
        try:
            flow_function()
        except BaseException as error:
            note(flow_function.name, repr(error))
    for name in CHILDREN:
        # Whether its last lines still get away is chance.
        environment = {**os.environ, "PREFECT_LOGGING_TO_API_ENABLED": "false"}
        note(name, subprocess.run([sys.executable, __file__, name], capture_output=True, env=environment).returncode)
    report()
