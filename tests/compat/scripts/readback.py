"""What a server has recorded, read back over REST and freed of what differs from run to run.

Ids become ordinals in the order of their first mention or plain marks, times and durations become marks, generated names
become ``<name>``. Lists whose order is chance are sorted. What is left must be the same on every server that records the
same script.

The script notes with :func:`note` what its client saw, and ends with :func:`report`. The report goes to the file named by
``COMPAT_REPORT``. When ``COMPAT_EXPECTED`` names a report that was recorded before, reading goes on until the server says
the same or the time is over: a server may record a little later than the client goes on.
"""
import difflib
import json
import os
import re
import sys
import time
from importlib.metadata import version
from pathlib import Path

import httpx

API = os.environ["PREFECT_API_URL"].rstrip("/")
WAIT_SECONDS = float(os.environ.get("COMPAT_WAIT_SECONDS", "20"))
"""How long reading goes on while the server does not say what is expected."""
STILL_SECONDS = float(os.environ.get("COMPAT_STILL_SECONDS", "6"))
"""Without an expectation: how long nothing may change before the report is taken."""

UUID = re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b")
INSTANT = re.compile(r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)?")
LONG_HEX = re.compile(r"\b[0-9a-f]{32,64}\b")
KEY_HASH = re.compile(r"(?<=-)[0-9a-f]{8}(?=$|-<hex>$)")
"""In keys of tasks: of the path of the script, which differs from checkout to checkout."""
OBJECT_ADDRESS = re.compile(r"0x[0-9a-f]+")
ADDRESS = re.compile(r"(127\.0\.0\.1|localhost):\d+")
SECONDS = re.compile(r"\b\d+\.\d+(?= ?(s\b|sec))|(?<=in )\d+\.\d+|\b\d+(\.\d+)?(?= seconds?\b)")
GENERATED_NAME = re.compile(r"^[a-z]+-[a-z]+$")
GENERATED_TASK_NAME = re.compile(r"(?<=-)[0-9a-f]{3}$")
QUOTED_GENERATED_NAME = re.compile(r"'[a-z]+-[a-z]+'")
DURATIONS = {"total_run_time", "estimated_run_time", "estimated_start_time_delta", "estimated_lateness"}
"""Fields whose number is a duration that was measured."""
FLOATS = {"interval", "retry_delay_seconds", "slot_decay_per_second", "retry_jitter_factor", "schedule_after", "within"}
"""Fields of a server's own that are floating-point numbers, however they are written. Users' numbers are compared to the letter."""
VERSIONS = {"prefect.version", "prefect_version"}
"""Fields in which a client says its own version."""
CLIENT_VERSION = version("prefect")
OWN_FIELDS = {
    "flow": {"description"},
    "flow run": {"durability", "entrypoint", "flow_name", "parameters_reference", "parent_flow_run_id", "process_id"},
    "task run": {"cache", "call_site", "durability", "isolation", "map_id", "map_index", "map_input", "parent_task_run_id", "step", "task_description", "task_name"},
    "state": {"evidence", "failure"},
    "policy": {"resume", "retry_delays_seconds", "timeout_seconds"},
}
"""What our server tells beside Prefect's fields; its clients pass over it."""

notes = {}


def note(name, value):
    """Keeps what the client saw, under a name that tells what was asked."""
    if name in notes:
        raise KeyError(f"{name!r} was noted already")
    notes[name] = value


def noted(name, function, *arguments, **options):
    """Notes what a call gives, or the kind of error that it raises."""
    try:
        value = function(*arguments, **options)
    except Exception as error:
        note(name, f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}")
        return None
    note(name, value)
    return value


def ask(path, body=None, method=None):
    """JSON of an answer; a body makes it a POST."""
    response = request(path, body, method)
    response.raise_for_status()
    return response.json()


def request(path, body=None, method=None):
    """An answer; one that asks to try again later is not taken for one, as clients do."""
    for attempt in range(20):
        response = _http_request(path, body, method)
        if response.status_code not in (429, 503):
            break
        time.sleep(0.1)
    return response


def _http_request(path, body, method):
    return _http.request(method or ("GET" if body is None else "POST"), API + path, json=body)


_http = httpx.Client(timeout=30, transport=httpx.HTTPTransport(retries=3), trust_env=False)


def pages(path, body=None, size=200):
    """All items of a filter endpoint, page by page."""
    items = []
    while True:
        page = ask(path, {**(body or {}), "limit": size, "offset": len(items)})
        items += page
        if len(page) < size:
            return items


class Plain:
    """Frees values of what differs from run to run."""

    def __init__(self, names=()):
        self.names = dict(names)
        longest_first = "|".join(re.escape(name) for name in sorted(self.names, key=len, reverse=True))
        # A generated name may be how another word begins: the hash in a task's key is of the same letters.
        self._pattern = re.compile(rf"(?:{longest_first})(?!\w)") if self.names else None

    def text(self, text):
        if self._pattern is not None:
            text = self._pattern.sub(lambda match: self.names[match[0]], text)
        for folder in FOLDERS:
            text = text.replace(folder, "<folder>")
        for pattern, mark in ((UUID, "<id>"), (INSTANT, "<time>"), (LONG_HEX, "<hex>"), (ADDRESS, "<address>"), (OBJECT_ADDRESS, "<address>"), (SECONDS, "<seconds>")):
            text = pattern.sub(mark, text)
        return KEY_HASH.sub("<hash>", text)

    def value(self, value, key=None):
        if key in DURATIONS and isinstance(value, (int, float)):
            return "<seconds>"
        if key in FLOATS and isinstance(value, int):
            return float(value)
        if isinstance(value, str):
            return "<version>" if key in VERSIONS and value == CLIENT_VERSION else self.text(value)
        if key == "empirical_policy" and isinstance(value, dict):
            # A client takes a policy's missing field for null.
            return {name: self.value(item, name) for name, item in value.items() if item is not None and name not in OWN_FIELDS["policy"]}
        if isinstance(value, dict):
            return {self.text(str(name)): self.value(item, name) for name, item in value.items()}
        if isinstance(value, (list, tuple)):
            items = [self.value(item) for item in value]
            return in_order(items) if key in ("tags", "pause_keys") else items
        if isinstance(value, (set, frozenset)):
            return in_order([self.value(item) for item in value])
        if value is None or isinstance(value, (bool, int, float)):
            return value
        if hasattr(value, "model_dump"):
            return self.value(value.model_dump(mode="json"))
        return self.text(str(value))


FOLDERS = sorted(
    {os.environ["PREFECT_HOME"], os.path.realpath(os.environ["PREFECT_HOME"]), os.getcwd(), str(Path(__file__).parent), str(Path(sys.argv[0]).resolve().parent)},
    key=len,
    reverse=True,
)


def in_order(items):
    return sorted(items, key=lambda item: json.dumps(item, sort_keys=True))


def report(events=False, read=True):
    """Waits until the server has everything, and writes the report.

    :param events: whether events are told in full, not only counted by name
    :param read: whether more is told than what was noted
    """
    drain_client()
    expected_path = os.environ.get("COMPAT_EXPECTED")
    if expected_path:
        text = settle_as_expected(events, read, Path(expected_path).read_text())
    else:
        text = settle_when_still(events, read)
    Path(os.environ["COMPAT_REPORT"]).write_text(text)


def settle_as_expected(events, read, expected):
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        text = read_text(events, read)
        if text == expected:
            return text
        if time.monotonic() > deadline:
            lines = difflib.unified_diff(expected.splitlines(), text.splitlines(), "expected", "recorded", lineterm="", n=6)
            Path(os.environ["COMPAT_REPORT"] + ".diff").write_text("\n".join(lines))
            return text
        time.sleep(0.1)


def settle_when_still(events, read):
    text, since = read_text(events, read), time.monotonic()
    while time.monotonic() - since < STILL_SECONDS:
        time.sleep(0.5)
        again = read_text(events, read)
        if again != text:
            text, since = again, time.monotonic()
    return text


def drain_client():
    """Sends what the client still keeps: logs, and events where it emits any."""
    from prefect.logging.handlers import APILogWorker

    APILogWorker.drain_all()
    try:
        from prefect.events.worker import EventsWorker
    except ImportError:
        return
    EventsWorker.drain_all()


def read_text(events, read):
    told = read_all(events) if read else {"noted": Plain().value(notes)}
    return json.dumps(told, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def read_all(events):
    flows = {flow["id"]: flow for flow in pages("/flows/filter")}
    flow_runs = {run["id"]: run for run in pages("/flow_runs/filter")}
    task_runs = {run["id"]: run for run in pages("/task_runs/filter")}
    names = generated_names(flow_runs.values(), task_runs.values())
    plain = Plain(names)
    called = labels_of_runs(flows, flow_runs, task_runs, plain)
    told = {
        "flows": in_order([told_entity(flow, plain, "flow") for flow in flows.values()]),
        "flow_runs": in_order([tell_flow_run(run, flows, called, plain) for run in flow_runs.values()]),
        "task_runs": in_order([tell_task_run(run, called, plain) for run in task_runs.values()]),
        "logs": tell_logs(called, plain),
        "artifacts": tell_artifacts(called, plain),
        "variables": in_order([told_entity(variable, plain) for variable in pages("/variables/filter")]),
        "counts": {
            "flows": ask("/flows/count", {}),
            "flow_runs": ask("/flow_runs/count", {}),
            "task_runs": ask("/task_runs/count", {}),
            "artifacts": ask("/artifacts/count", {"artifacts": {"key": {"exists_": True}}}),
            "variables": ask("/variables/count", {}),
        },
        "events": count_events(),
        "noted": plain.value(notes),
    }
    if deployments := pages("/deployments/filter"):
        told["deployments"] = in_order([tell_deployment(deployment, flows, plain) for deployment in deployments])
    if events:
        told["events in full"] = tell_events(called, plain)
    return told


def generated_names(flow_runs, task_runs):
    names = {run["name"]: "<name>" for run in flow_runs if GENERATED_NAME.match(run["name"])}
    for run in task_runs:
        if GENERATED_NAME.match(run["name"]) and run["task_key"] not in run["name"]:
            # The 2.x client lets the server name the task run that stands for a subflow.
            names[run["name"]] = "<name>"
        key = str(run["dynamic_key"])[:3]
        if len(str(run["dynamic_key"])) > 8 and run["name"].endswith(f"-{key}"):
            names[run["name"]] = run["name"][: -len(key)] + "<key>"
    return names


def labels_of_runs(flows, flow_runs, task_runs, plain):
    """What ids are called in the report."""
    called = {run["id"]: f"flow run {flows[run['flow_id']]['name']}/{plain.text(run['name'])}" for run in flow_runs.values() if run["flow_id"] in flows}
    for run in task_runs.values():
        parent = called.get(run["flow_run_id"], "no flow run")
        called[run["id"]] = f"task run {plain.text(run['name'])} of {parent}"
    return called


def told_entity(entity, plain, kind=None):
    """Without the fields that every entity has."""
    passed_over = {"id", "created", "updated"} | OWN_FIELDS.get(kind, set())
    return {name: plain.value(value, name) for name, value in entity.items() if name not in passed_over}


def tell_flow_run(run, flows, called, plain):
    told = told_entity(run, plain, "flow run")
    told["state_id"] = run["state_id"] == (run["state"] or {}).get("id")
    told["job_variables"] = told["job_variables"] or {}
    told["flow_id"] = flows[run["flow_id"]]["name"] if run["flow_id"] in flows else "?"
    told["parent_task_run_id"] = called.get(run["parent_task_run_id"])
    told["states"] = tell_states(ask(f"/flow_run_states/?flow_run_id={run['id']}"), called, plain)
    told["state"] = plain_state(run["state"], called, plain)
    return told


def tell_deployment(deployment, flows, plain):
    told = told_entity(deployment, plain)
    told["flow_id"] = flows[deployment["flow_id"]]["name"]
    told["schedules"] = in_order([told_entity(schedule, plain) for schedule in deployment["schedules"]])
    # Where the checkout lies says nothing.
    told["entrypoint"] = told["entrypoint"] and told["entrypoint"].split("/")[-1]
    # When somebody asked last is chance.
    told["last_polled"] = told["last_polled"] is not None
    return told


def tell_task_run(run, called, plain):
    told = told_entity(run, plain, "task run")
    told["state_id"] = run["state_id"] == (run["state"] or {}).get("id")
    told["flow_run_id"] = called.get(run["flow_run_id"])
    told["flow_run_name"] = plain.value(run.get("flow_run_name"))
    # Prefect's server leaves the time of a background task's first state there.
    told["next_scheduled_start_time"] = told["next_scheduled_start_time"] if run["state_type"] == "SCHEDULED" else None
    told["task_inputs"] = {name: tell_inputs(entries, called, plain) for name, entries in run["task_inputs"].items()}
    told["states"] = tell_states(ask(f"/task_run_states/?task_run_id={run['id']}"), called, plain)
    told["state"] = plain_state(run["state"], called, plain)
    for state in [*told["states"], told["state"]]:
        # It is the run's; of a background task that a flow delays, only some of Prefect's states say it.
        state["state_details"].pop("flow_run_id", None)
    return told


def tell_inputs(entries, called, plain):
    return in_order([{**plain.value(entry), **({"id": called.get(entry["id"], "?")} if "id" in entry else {})} for entry in entries])


def tell_states(states, called, plain):
    return [plain_state(state, called, plain) for state in sorted(states, key=lambda state: state["timestamp"])]


def plain_state(state, called, plain):
    """Without the mark of its proposal: a state that the server put in its place may have it or not."""
    if state is None:
        return None
    told = {name: value for name, value in told_entity(state, plain, "state").items() if name != "timestamp"}
    if isinstance(told["data"], dict):
        # Of results Prefect's server makes artifacts, and takes what the 2.x client says for them.
        told["data"] = {name: value for name, value in told["data"].items() if name not in ("artifact_type", "artifact_description")}
    details = {name: value for name, value in (state["state_details"] or {}).items() if value not in (None, False) and name != "transition_id"}
    told["state_details"] = {name: called.get(value, plain.value(value)) if isinstance(value, str) else plain.value(value) for name, value in details.items()}
    return told


def tell_logs(called, plain):
    """By run; what one run logs is in order."""
    by_run = {}
    for log in pages("/logs/filter", {"sort": "TIMESTAMP_ASC"}):
        run = called.get(log["task_run_id"]) or called.get(log["flow_run_id"]) or "no run"
        message = QUOTED_GENERATED_NAME.sub("'<name>'", plain.text(log["message"])).split("Traceback (most recent call last)")[0]
        by_run.setdefault(run, []).append([log["level"], log["name"], message])
    # Several runs may be called the same, and their lines mix by chance.
    return {run: in_order(lines) for run, lines in sorted(by_run.items())}


def tell_artifacts(called, plain):
    # Prefect's server makes an artifact without key and type of every result that a flow run keeps.
    kept = [artifact for artifact in pages("/artifacts/filter") if artifact["key"] is not None or artifact["type"] not in (None, "result")]
    latest = pages("/artifacts/latest/filter")
    return {"all": in_order([tell_artifact(artifact, called, plain) for artifact in kept]), "latest": in_order([tell_artifact(artifact, called, plain) for artifact in latest])}


def tell_artifact(artifact, called, plain):
    told = told_entity(artifact, plain)
    told["flow_run_id"] = called.get(artifact["flow_run_id"])
    told["task_run_id"] = called.get(artifact["task_run_id"])
    return told


def count_events():
    response = request("/events/count-by/event", {"filter": {}})
    if response.status_code != 200:
        return f"{response.status_code} {response.text}"
    counted = sorted(response.json(), key=lambda entry: entry["value"])
    # Which block types come with a server, and as what, is its own affair.
    return {entry["value"]: entry["count"] for entry in counted if not is_own_event(entry["value"]) and not entry["value"].startswith("prefect.block-type.")}


def is_own_event(name):
    """Changes of which Prefect's server says nothing."""
    return name.startswith("ostinato.")


def tell_events(called, plain):
    page = ask("/events/filter", {"filter": {"order": "ASC"}, "limit": 50})
    found = page["events"]
    while page.get("next_page"):
        page = _http.get(page["next_page"]).json()
        found += page["events"]
    return in_order([tell_event(event, plain) for event in found if not is_own_event(event["event"])])


def tell_event(event, plain):
    told = {name: plain.value(value, name) for name, value in event.items() if name not in ("id", "occurred", "received")}
    told["follows"] = event["follows"] is not None
    for resource in (told["resource"], *told["related"]):
        if "prefect.resource.name" in resource:
            resource["prefect.resource.name"] = early_name(resource["prefect.resource.id"], resource["prefect.resource.name"])
    task_run = told["payload"].get("task_run", {})
    if "name" in task_run:
        task_run["name"] = early_name("prefect.task-run.", task_run["name"])
    told["related"] = in_order(told["related"])
    return told


def early_name(resource_id, name):
    """A run is mentioned by the name that it had before it was given another."""
    if resource_id.startswith("prefect.task-run."):
        return GENERATED_TASK_NAME.sub("<key>", name)
    return "<name>" if resource_id.startswith("prefect.flow-run.") and GENERATED_NAME.match(name) else name


def wait(what, ready):
    """Until it answers something true; answers that."""
    deadline = time.monotonic() + 60
    while not (value := ready()):
        if time.monotonic() > deadline:
            raise TimeoutError(what)
        time.sleep(0.2)
    return value
