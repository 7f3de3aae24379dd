"""Work pools and work queues: by the client's command line, and over REST what a worker asks and is given."""
from datetime import datetime, timedelta, timezone

from command_line import prefect, told
from readback import ask, note, report, request


def seen(name, path, body=None, method=None):
    """Status and answer, without the template of jobs, which is the server's own."""
    response = request(path, body, method)
    answer = response.json() if response.content else None
    if isinstance(answer, dict) and "base_job_template" in answer:
        answer["base_job_template"] = sorted(answer["base_job_template"])
    note(name, [response.status_code, answer])
    return answer


def pools():
    told(None, "work-pool", "create", "local", "--type", "process")
    told("again", "work-pool", "create", "local", "--type", "process")
    note("no such type", prefect("work-pool", "create", "no", "--type", "nothing")[0])
    told(None, "work-pool", "create", "Prefect-own", "--type", "process")
    told(None, "work-pool", "ls")
    note("work-pool inspect", prefect("work-pool", "inspect", "local")[0])
    told(None, "work-pool", "pause", "local")
    told(None, "work-pool", "ls")
    told(None, "work-pool", "resume", "local")
    told(None, "work-pool", "set-concurrency-limit", "local", "3")
    told(None, "work-pool", "slots", "local")
    note("work-pool ls --verbose", prefect("work-pool", "ls", "--verbose")[0])
    told(None, "work-pool", "clear-concurrency-limit", "local")
    told(None, "work-pool", "update", "local", "--description", "mine", "--concurrency-limit", "5")
    note("default template", prefect("work-pool", "get-default-base-job-template", "--type", "process")[0])
    told(None, "work-pool", "preview", "local")
    told(None, "work-pool", "inspect", "nowhere")
    told(None, "work-pool", "pause", "nowhere")
    told(None, "work-pool", "set-concurrency-limit", "nowhere", "1")
    seen("pool", "/work_pools/local")


def queues():
    told(None, "work-queue", "create", "urgent", "--pool", "local", "--priority", "1", "--limit", "2")
    told(None, "work-queue", "create", "urgent", "--pool", "local")
    told(None, "work-queue", "create", "lost", "--pool", "nowhere")
    told(None, "work-queue", "ls", "--pool", "local")
    note("work-queue inspect", prefect("work-queue", "inspect", "urgent", "--pool", "local")[0])
    told(None, "work-queue", "pause", "urgent", "--pool", "local")
    told(None, "work-queue", "ls", "--pool", "local", "--verbose")
    told(None, "work-queue", "resume", "urgent", "--pool", "local")
    told(None, "work-queue", "set-concurrency-limit", "urgent", "4", "--pool", "local")
    told(None, "work-queue", "clear-concurrency-limit", "urgent", "--pool", "local")
    told(None, "work-queue", "preview", "urgent", "--pool", "local")
    told(None, "work-queue", "slots", "urgent", "--pool", "local")
    told(None, "work-queue", "read-runs", "urgent", "--pool", "local")
    told(None, "work-queue", "create", "of-agents")
    told(None, "work-queue", "ls")
    told(None, "work-queue", "delete", "urgent", "--pool", "nowhere")
    seen("queue", "/work_pools/local/queues/urgent")
    seen("queue of agents", "/work_queues/name/of-agents")
    seen("no queue of agents", "/work_queues/name/nothing")
    seen("queues by priority", "/work_pools/local/queues/filter", {})
    seen("one moves up", "/work_pools/local/queues/default", {"priority": 1}, "PATCH")
    seen("queues, moved", "/work_pools/local/queues/filter", {})


def due_runs():
    flow = ask("/flows/", {"name": "due"})["id"]
    now = datetime.now(timezone.utc)

    def run(name, seconds, **fields):
        details = {"scheduled_time": (now + timedelta(seconds=seconds)).isoformat()}
        state = {"type": "SCHEDULED", "state_details": details}
        return ask("/flow_runs/", {"flow_id": flow, "name": name, "state": state, **fields})["id"]

    def given(name, **body):
        answer = ask("/work_pools/local/get_scheduled_flow_runs", body)
        note(name, [item["flow_run"]["name"] for item in answer])

    run("run_late", -100, work_pool_name="local", work_queue_name="default")
    run("run_later", -50, work_pool_name="local", work_queue_name="default")
    urgent = run("run_urgent", -10, work_pool_name="local", work_queue_name="urgent", job_variables={"env": {"A": "1"}})
    run("run_future", 3600, work_pool_name="local", work_queue_name="urgent")
    run("run_of_nobody", -10)
    soon = (now + timedelta(seconds=60)).isoformat()
    given("all", scheduled_before=soon)
    given("with the future")
    given("one queue", work_queue_names=["urgent"], scheduled_before=soon)
    given("two at most", limit=2, scheduled_before=soon)
    told(None, "work-pool", "set-concurrency-limit", "local", "1")
    given("one at once", scheduled_before=soon)
    note("taken", ask(f"/flow_runs/{urgent}/set_state", {"state": {"type": "PENDING"}})["status"])
    given("no slot is free", scheduled_before=soon)
    note("slots", ask("/work_pools/local")["active_slots"])
    status = ask("/work_pools/local/concurrency_status", {})
    note("who holds them", [[queue["queue_name"], queue["active_slots"], [held["name"] for held in queue["flow_runs"]]] for queue in status["queues"]])
    told("clear again", "work-pool", "clear-concurrency-limit", "local")
    told("queue pauses", "work-queue", "pause", "urgent", "--pool", "local")
    given("without the paused", scheduled_before=soon)
    note("no such pool", request("/work_pools/nowhere/get_scheduled_flow_runs", {}).json())
    note("no such queue", request("/work_pools/local/get_scheduled_flow_runs", {"work_queue_names": ["x"]}).json())
    note("run without pool", request("/flow_runs/", {"flow_id": flow, "work_pool_name": "nowhere"}).json())
    names = lambda body: sorted(found["name"] for found in ask("/flow_runs/filter", body))
    note("by pool", names({"work_pools": {"name": {"any_": ["local"]}}}))
    note("by queue", names({"work_pool_queues": {"name": {"any_": ["urgent"]}}}))
    note("by queue's name", names({"flow_runs": {"work_queue_name": {"any_": ["urgent"]}}}))


def workers():
    note("beat", request("/work_pools/local/workers/heartbeat", {"name": "w", "heartbeat_interval_seconds": 30}).status_code)
    note("no such pool beats", request("/work_pools/nowhere/workers/heartbeat", {"name": "w"}).json())
    seen("workers", "/work_pools/local/workers/filter", {})
    note("online", len(ask("/work_pools/local/workers/filter", {"workers": {"status": {"any_": ["ONLINE"]}}})))
    note("ready", ask("/work_pools/local")["status"])
    request("/work_pools/local/workers/heartbeat", {"name": "other"})
    note("forgotten", request("/work_pools/local/workers/other", method="DELETE").status_code)
    note("forgotten twice", request("/work_pools/local/workers/other", method="DELETE").json())


def ends():
    told(None, "work-queue", "delete", "urgent", "--pool", "local")
    told(None, "work-pool", "delete", "local")
    told(None, "work-pool", "delete", "local")


if __name__ == "__main__":
    pools()
    queues()
    due_runs()
    workers()
    ends()
    report()
