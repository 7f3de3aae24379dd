"""Runs tagged tasks and writes when each begins and ends. Start: python tag_limits.py COUNT LOG"""
import os
import sys
import time

from prefect import flow, task

count, log = int(sys.argv[1]), sys.argv[2]


def write(sign):
    with open(log, "a") as file:
        file.write(f"{sign}{os.getpid()}\n")


@task(tags=["db"])
def use(n):
    write("+")
    time.sleep(0.05)
    write("-")
    return n


@flow
def users():
    return [future.result() for future in [use.submit(n) for n in range(count)]]


print(users())
