/**
 * The Python process that forks: it has imported the client and nothing of a user, and makes a process of itself for
 * each run. Passed to the interpreter as it is (`python -c`).
 *
 * It forks only while it is a single thread (a lock that another thread holds would be held for ever in the copy), and
 * says so when it is not. Orders come as lines of JSON; it answers with lines of JSON.
 */
export const FORK_PROGRAM = String.raw`
import gc, json, os, select, signal, socket, sys

def threads():
    return len(os.listdir("/proc/self/task"))

def serve():
    told = os.dup(1)
    os.dup2(2, 1)
    tell = lambda message: os.write(told, (json.dumps(message) + "\n").encode())
    try:
        import prefect, prefect.flows, prefect.flow_runs, prefect.task_engine, prefect.flow_engine
    except ImportError:
        import prefect, prefect.flows, prefect.client.orchestration
    if threads() != 1:
        tell({"refused": "the client runs %d threads when it is imported" % threads()})
        return None
    gc.collect()
    gc.freeze()
    awake, wake = os.pipe()
    for end in (awake, wake):
        os.set_blocking(end, False)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    tell({"ready": os.getpid()})
    rest = b""
    while True:
        readable, _, _ = select.select([0, awake], [], [])
        if awake in readable:
            os.read(awake, 4096)
            while True:
                try:
                    pid, status = os.waitpid(-1, os.WNOHANG)
                except ChildProcessError:
                    break
                if pid == 0:
                    break
                tell({"ended": pid, "code": os.waitstatus_to_exitcode(status)})
        if 0 not in readable:
            continue
        data = os.read(0, 65536)
        if not data:
            return None
        *lines, rest = (rest + data).split(b"\n")
        for line in lines:
            order = json.loads(line)
            if threads() != 1:
                tell({"id": order["id"], "refused": "it runs several threads"})
                continue
            pid = os.fork()
            if pid == 0:
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                for end in (told, awake, wake):
                    os.close(end)
                return order
            tell({"id": order["id"], "pid": pid})

def become(order):
    os.setsid()
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    for stream in (1, 2):
        channel = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        channel.connect(order["socket"])
        channel.sendall(("%s %d\n" % (order["id"], stream)).encode())
        os.dup2(channel.fileno(), stream)
        channel.close()
    os.environ.clear()
    os.environ.update(order["environment"])
    os.chdir(order["folder"])
    sys.path[0] = os.getcwd()
    sys.argv = [order["module"]]

order = serve()
if order is not None:
    become(order)
    import runpy
    runpy.run_module(order["module"], run_name="__main__", alter_sys=True)
`;
