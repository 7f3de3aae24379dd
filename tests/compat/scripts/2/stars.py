"""The program of a well-known introduction with the 2.x client, unchanged but for the address that it asks."""
import http.server
import json
import threading
from pathlib import Path

from readback import note, report

asked = []


class Stars(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        asked.append(self.path)
        # The first answer is no JSON: the task is tried again.
        body = b"rate limit exceeded" if len(asked) == 1 else json.dumps({"stargazers_count": 12345}).encode()
        self.send_response(403 if len(asked) == 1 else 200)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


if __name__ == "__main__":
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Stars)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    program = (Path(__file__).parent.parent / "programs" / "github_stars.py").read_text()
    path = Path("github_stars.py")
    path.write_text(program.replace("https://api.github.com", f"http://127.0.0.1:{server.server_port}"))
    exec(compile(path.read_text(), str(path.resolve()), "exec"), {"__name__": "__main__", "__file__": str(path.resolve())})
    note("asked", asked)
    server.shutdown()
    report()
