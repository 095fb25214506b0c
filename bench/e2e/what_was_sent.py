"""Whether a peer sends upstream what it has to: whoever rewrites must have put the filter into every search and changed nothing else."""
import json
import socket

import workloads as bodies

PATIENCE = 60


def exchange(port, data):
    """Sends one request on a connection of its own; status and body of the answer."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as sock:
        sock.sendall(data)
        got = b""
        while b"\r\n\r\n" not in got:
            got += receive(sock)
        head, body = got.split(b"\r\n\r\n", 1)
        lines = head.decode("latin-1").lower().split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines[1:])
        if headers.get("transfer-encoding") == "chunked":
            whole = b""
            while True:
                while b"\r\n" not in body:
                    body += receive(sock)
                size, body = body.split(b"\r\n", 1)
                while len(body) < int(size, 16) + 2:
                    body += receive(sock)
                whole, body = whole + body[:int(size, 16)], body[int(size, 16) + 2:]
                if int(size, 16) == 0:
                    return int(lines[0].split()[1]), whole
        while len(body) < int(headers["content-length"]):
            body += receive(sock)
        return int(lines[0].split()[1]), body


def receive(sock):
    piece = sock.recv(1 << 18)
    if not piece:
        raise OSError("the connection was closed in the middle of an answer")
    return piece


def last_request(ground):
    """Head and body of what the upstream was sent last."""
    _, whole = exchange(ground.upstream_port, b"GET /__last HTTP/1.1\r\nHost: u\r\n\r\n")
    head, _, body = whole.partition(b"\r\n\r\n")
    return head, body


def problem_of(ground, running, load):
    """Sends one request through the peer; what is wrong with what came out on either side, or None."""
    try:
        status, answer = exchange(running.port, load.head(running.tokens[0]) + load.body)
    except (OSError, ValueError, KeyError) as failure:
        return f"no answer: {failure}"
    if status != 200:
        return f"status {status}: {answer[:300].decode(errors='replace')}"
    if answer_of(answer) != ground.answers[load.answer]:
        return f"the answer was changed: {answer[:300].decode(errors='replace')}"
    _, body = last_request(ground)
    if running.peer.kind != "rewrites":
        return None if body == load.body else f"the body was changed ({len(load.body)} bytes became {len(body)})"
    return body_problem(load, body, exact=not running.peer.has_tokens)


def answer_of(body):
    try:
        return json.loads(body)
    except ValueError:
        return None


def body_problem(load, body, exact):
    """`exact`: nothing but the wrap that all peers share; otherwise Weir's own form, which has more in it."""
    sent, got = load.body.splitlines() or [b""], body.splitlines() or [b""]
    lines = load.media_type == "application/x-ndjson"
    if not lines:
        sent, got = [load.body], [body]
    if len(sent) != len(got):
        return f"{len(sent)} lines became {len(got)}"
    for number, (before, after) in enumerate(zip(sent, got)):
        if lines and number % 2 == 0:
            continue
        try:
            one, other = json.loads(before), json.loads(after)
        except ValueError:
            return f"line {number} is not JSON any more"
        query = one.pop("query")
        wrapped = other.pop("query", None)
        if exact and wrapped != {"bool": {"filter": [bodies.FILTER], "must": [query]}}:
            return f"the query of line {number} is not the filtered one: {str(wrapped)[:200]}"
        if exact and one != other:
            return f"line {number} was changed beside its query"
        if not exact and not is_filtered(wrapped, query):
            return f"line {number} has no filter, or not around the client's query: {str(wrapped)[:300]}"
        if not exact and any(other.get(key) != value for key, value in one.items()):
            return f"line {number} was changed beside its query: {str(other)[:300]}"
    return None


def is_filtered(wrapped, query):
    """Whether some `bool` requires both the filter on `team` and, unchanged, the client's query, with nothing but `constant_score` around."""
    while isinstance(wrapped, dict) and set(wrapped) == {"constant_score"}:
        wrapped = wrapped["constant_score"]["filter"]
    clauses = wrapped.get("bool", {}).get("filter", []) if isinstance(wrapped, dict) else []
    clauses = [plain(clause) for clause in clauses]
    return query in clauses and any(has_filter(clause) for clause in clauses if clause != query)


def plain(node):
    """Without what Weir puts into a client's query so that it tells nothing by its scores or its cost: the meaning is the same."""
    if isinstance(node, list):
        return [plain(one) for one in node]
    if not isinstance(node, dict):
        return node
    if list(node) == ["dis_max"] and list(node["dis_max"]) == ["queries"] and len(node["dis_max"]["queries"]) == 1:
        return plain(node["dis_max"]["queries"][0])
    return {key: plain(value) for key, value in node.items() if key != "fuzzy_rewrite"}


def has_filter(clause):
    if clause == bodies.FILTER:
        return True
    inner = clause.get("bool", {}).get("filter", []) if isinstance(clause, dict) else []
    return any(has_filter(one) for one in inner)
