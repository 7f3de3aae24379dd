/**
 * The program of Python that sends by Apprise. It gets its order by standard input, so that no secret is in a list of
 * processes or an environment, and prints one line of JSON.
 *
 * It starts no other program, writes no file, and connects to nothing that it may not: also where a redirect leads.
 */
export const APPRISE_PROGRAM = String.raw`
import ipaddress, json, logging, socket, sys

order = json.load(sys.stdin)
try:
    import resource
    for limit, most in (("RLIMIT_AS", 2 << 30), ("RLIMIT_CPU", 20), ("RLIMIT_FSIZE", 0)):
        resource.setrlimit(getattr(resource, limit), (most, most))
except (ImportError, ValueError, OSError):
    pass

def answer(**facts):
    print(json.dumps(facts), flush=True)
    sys.exit(0)

try:
    import apprise
except ImportError:
    answer(missing=True)

targets, private = order["targets"], order["private"]
known = {}
resolve = socket.getaddrinfo

def fits(host, port):
    if targets is None:
        return True
    name = str(host).lower().rstrip(".")
    for wild, wanted, at in targets:
        if at is not None and at != port:
            continue
        if name.endswith("." + wanted) if wild else name == wanted.strip("[]"):
            return True
    return False

class NotAllowed(OSError):
    pass

def refuse(what):
    refused.append(what)
    raise NotAllowed(what)

refused = []

def getaddrinfo(host, port, *rest, **more):
    name = host.decode() if isinstance(host, bytes) else host
    found = resolve(host, port, *rest, **more)
    for entry in found:
        if fits(name, entry[4][1]):
            known.setdefault(entry[4][0], set()).add(entry[4][1])
    if not any(entry[4][1] in known.get(entry[4][0], ()) for entry in found):
        refuse("The address is none that server.notification_targets allows")
    return found

def look(event, args):
    if event in ("socket.connect", "socket.sendto"):
        address = args[1]
        if not isinstance(address, tuple):
            refuse("A socket of this machine is no service")
        host, port = address[0], address[1]
        if not (fits(host, port) or port in known.get(host, ())):
            refuse("The address is none that server.notification_targets allows")
        if not private:
            try:
                is_public = ipaddress.ip_address(host.split("%")[0]).is_global
            except ValueError:
                is_public = False
            if not is_public:
                refuse("The address is one of a private network, which its block does not allow")
    elif event in ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork"):
        refuse("It would start another program")

class Kept(logging.Handler):
    texts = []
    def emit(self, record):
        if len(self.texts) < 20:
            self.texts.append(record.getMessage()[:500])

log = logging.getLogger("apprise")
log.addHandler(Kept(logging.WARNING))
log.propagate = False

asset = apprise.AppriseAsset(app_id="Ostinato", app_desc="Ostinato", plugin_paths=[])
services = apprise.Apprise(asset=asset)
is_known = services.add(order["url"])
if not is_known or len(services) == 0:
    answer(unknown=True, said=Kept.texts)
socket.getaddrinfo = getaddrinfo
sys.addaudithook(look)
sent, names = 0, []
for service in services:
    names.append(str(service.service_name or "?"))
    try:
        if service.notify(body=order["body"], title=order["title"], notify_type=order["type"]):
            sent += 1
    except Exception as error:
        Kept.texts.append(type(error).__name__ + ": " + str(error)[:500])
answer(sent=sent, names=names, said=Kept.texts, refused=refused[:5])
`;
