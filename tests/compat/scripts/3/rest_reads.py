"""What pages of a server ask for: counts, pages, histories, lateness, graphs, bulk changes, saved searches, settings."""
import time
from datetime import datetime, timedelta, timezone

from prefect import flow, task
from prefect.artifacts import create_markdown_artifact

from readback import Plain, ask, drain_client, in_order, note, report, request


@task(task_run_name="one_{number}")
def one(number):
    create_markdown_artifact("made", key="made")
    return number


@task(task_run_name="two_1")
def two(first, second):
    return first + second


@flow(flow_run_name="inner_1")
def inner(number):
    return one(number)


@flow(flow_run_name="graph_1")
def graph():
    first, second = one.submit(1), one.submit(2)
    both = two.submit(first, second)
    inner(both)


@flow(flow_run_name="failing_1")
def failing():
    raise ValueError("no")


def wait_for_task_runs(number):
    while ask("/task_runs/count", {"task_runs": {"state": {"type": {"any_": ["COMPLETED"]}}}}) < number:
        time.sleep(0.1)


def tell_graph(flow_run_id):
    told = ask(f"/flow_runs/{flow_run_id}/graph-v2")
    labels = {node[0]: node[1]["label"] for node in told["nodes"]}
    nodes = []
    for key, node in told["nodes"]:
        edges = {name: sorted({labels.get(edge["id"], "?") for edge in node[name]}) for name in ("parents", "children", "encapsulating")}
        nodes.append({**node, "id": labels[key], **edges, "artifacts": [artifact["key"] for artifact in node["artifacts"]]})
    return {**told, "root_node_ids": sorted(labels[key] for key in told["root_node_ids"]), "nodes": in_order(Plain().value(nodes))}


def history(path, body):
    now = datetime.now(timezone.utc)
    told = ask(path, {"history_start": (now - timedelta(hours=2)).isoformat(), "history_end": (now + timedelta(hours=1)).isoformat(), "history_interval_seconds": 3600, **body})
    states = in_order([{"state_type": state["state_type"], "state_name": state["state_name"], "count_runs": state["count_runs"], "keys": sorted(state)} for bucket in told for state in bucket["states"]])
    return [len(told), sorted(told[0]), states]


def main():
    graph()
    failing(return_state=True)
    drain_client()
    wait_for_task_runs(5)
    flow_runs = {run["name"]: run for run in ask("/flow_runs/filter", {})}
    note("graph", tell_graph(flow_runs["graph_1"]["id"]))
    note("history", history("/flow_runs/history", {}))
    note("history of a flow", history("/flow_runs/history", {"flows": {"name": {"any_": ["failing"]}}}))
    note("history of task runs", history("/task_runs/history", {"task_runs": {"name": {"like_": "one"}}}))
    note("too fine a history", request("/flow_runs/history", {"history_start": "2026-01-01T00:00:00Z", "history_end": "2026-01-02T00:00:00Z", "history_interval_seconds": 0.5}).status_code)
    pages = ask("/flow_runs/paginate", {"sort": "START_TIME_ASC", "limit": 2, "page": 2})
    note("page", [[run["name"] for run in pages["results"]], pages["count"], pages["pages"], pages["page"], pages["limit"]])
    pages = ask("/flows/paginate", {"sort": "NAME_ASC", "limit": 2, "page": 1})
    note("page of flows", [[flow["name"] for flow in pages["results"]], pages["count"], pages["pages"], pages["page"], pages["limit"]])
    pages = ask("/task_runs/paginate", {"sort": "NAME_ASC", "limit": 3, "page": 1})
    note("page of task runs", [[run["name"] for run in pages["results"]], pages["count"], pages["pages"]])
    note("lateness", isinstance(ask("/flow_runs/lateness", {}), (int, float)))
    note("count with a filter", ask("/flow_runs/count", {"flow_runs": {"state": {"type": {"any_": ["FAILED"]}}}}))
    note("count of task runs", ask("/task_runs/count", {"flow_runs": {"name": {"any_": ["graph_1"]}}}))
    note("flow by name", ask("/flows/name/graph")["name"])
    note("ui: count of task runs", [entry for entry in [ask("/ui/flow_runs/count-task-runs", {"flow_run_ids": [flow_runs["graph_1"]["id"], flow_runs["failing_1"]["id"]]})] for entry in sorted(entry.values())])
    note("ui: history", len(ask("/ui/flow_runs/history", {"sort": "START_TIME_DESC", "limit": 10})))
    flow_id = flow_runs["graph_1"]["flow_id"]
    note("ui: next runs", ask("/ui/flows/next-runs", {"flow_ids": [flow_id]}))
    counted = ask("/ui/task_runs/count", {"flow_runs": {"name": {"any_": ["graph_1"]}}})
    note("ui: task runs counted", counted)
    note("logs as a file", [request(f"/flow_runs/{flow_runs['failing_1']['id']}/logs/download").status_code, len(request(f"/flow_runs/{flow_runs['failing_1']['id']}/logs/download").text.strip().splitlines()) > 1])
    saved_searches()
    bulk(flow_runs)
    note("not found", [request(path).status_code for path in ("/nowhere", "/flow_runs/not-a-uuid", "/flow_runs/00000000-0000-0000-0000-000000000001", "/flow_runs/00000000-0000-0000-0000-000000000001/graph-v2")])
    note("wrong bodies", [request(path, body).status_code for path, body in WRONG])
    note("settings", [request("/admin/settings").status_code, isinstance(ask("/admin/settings"), dict)])
    note("default storage", ask("/admin/storage"))
    note("collections", [request("/collections/views/aggregate-worker-metadata").status_code, "prefect" in ask("/collections/views/aggregate-worker-metadata"), request("/collections/views/nope").status_code])
    note("csrf", [request("/csrf-token?client=one").status_code, request("/csrf-token?client=one").json()["detail"]])


WRONG = (
    ("/flow_runs/filter", {"limit": 201}),
    ("/flow_runs/filter", {"limit": -1}),
    ("/flow_runs/filter", {"offset": -1}),
    ("/flow_runs/filter", {"flow_runs": {"nothing": 1}}),
    ("/flow_runs/filter", {"flow_runs": {"id": {"any_": ["x"]}}}),
    ("/flow_runs/filter", {"sort": "NOTHING"}),
    ("/flow_runs/filter", {"nothing": 1}),
    ("/flow_runs/filter", []),
    ("/flow_runs/", {}),
    ("/flow_runs/", {"flow_id": "x"}),
    ("/flow_runs/", {"flow_id": "00000000-0000-0000-0000-000000000001"}),
    ("/flows/", {}),
    ("/flows/", {"name": ""}),
    ("/flows/", {"name": "a/b"}),
    ("/flows/", {"name": "ok", "nothing": 1}),
    ("/task_runs/", {"task_key": "a"}),
    ("/logs/", [{"name": "a"}]),
    ("/logs/filter", {"sort": "X"}),
    ("/artifacts/", {"key": "Bad Key"}),
    ("/variables/", {"name": "a"}),
    ("/events/filter", {"limit": 51}),
    ("/concurrency_limits/", {"tag": "a"}),
    ("/v2/concurrency_limits/", {"name": "a"}),
    ("/block_documents/", {}),
)


def saved_searches():
    created = ask("/saved_searches/", {"name": "mine", "filters": [{"object": "flow_run", "property": "state", "type": "state", "operation": "any", "value": [1.0]}]}, "PUT")
    note("saved search", Plain().value(created))
    note("saved again", ask("/saved_searches/", {"name": "mine", "filters": []}, "PUT")["filters"])
    note("saved searches", [search["name"] for search in ask("/saved_searches/filter", {})])
    note("one", ask(f"/saved_searches/{created['id']}")["name"])
    note("deleted search", [request(f"/saved_searches/{created['id']}", method="DELETE").status_code, request(f"/saved_searches/{created['id']}").status_code])


def bulk(flow_runs):
    ids = [flow_runs["failing_1"]["id"]]
    told = request("/flow_runs/bulk_set_state", {"flow_runs": {"id": {"any_": ids}}, "state": {"type": "CANCELLED"}, "force": True})
    note("bulk set", [told.status_code, [[result["status"], result["details"], result["state"]["name"], result["flow_run_id"] in ids] for result in told.json()["results"]]])
    told = request("/flow_runs/bulk_delete", {"flow_runs": {"id": {"any_": ids}}})
    note("bulk delete", [told.status_code, Plain().value(told.json())])
    note("after", request(f"/flow_runs/{ids[0]}").status_code)


if __name__ == "__main__":
    main()
    report()
