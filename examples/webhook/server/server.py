#!/usr/bin/env python3
"""A mail system's side of Mail Operator's webhook contract (operator/Backends/Webhook/openapi-v1.yaml), to start from.

It keeps the slots in SQLite, in the table `slots`, for the mail server to look up. Python's standard library is all it needs.
"""
import argparse
import hashlib
import hmac
import json
import re
import sqlite3
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

# Declare what your mail server does with the table, and nothing else: the operator lets people rely on it.
CAPABILITIES = ["Protocols", "SendRight", "Networks", "Expiry", "ChosenPassword", "LastUse"]
MOST_CHOSEN, MAX_BODY = 4, 1 << 20  # chosen passwords of a mailbox; bytes
PROBLEM = "tag:mailoperator.io,2026:"
FIELDS = {"mailbox": str, "selector": str, "chosen": bool, "hash": str, "deviceName": str, "issuedAt": str, "protocols": list,
          "maySend": bool, "allowedNetworks": list, "suspended": bool, "retained": bool}
OPTIONAL = {"notAfter": str, "ended": dict}
DELETE = "DELETE FROM slots WHERE instance = ? AND device_uid = ?"
HASH = re.compile(r"\$2y\$\d\d\$[./A-Za-z0-9]{53}")
SCHEMA = """
PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
CREATE TABLE IF NOT EXISTS slots (
  instance TEXT NOT NULL, device_uid TEXT NOT NULL, -- the owner
  mailbox TEXT NOT NULL, selector TEXT NOT NULL, chosen INTEGER NOT NULL,
  slot TEXT NOT NULL, -- as it came: give it back as it is; hash, protocols and the rest are read by json_extract(slot, '$.hash')
  last_used TEXT, -- set by the mail server at a login, in UTC, like 2026-11-24T12:00:00Z
  PRIMARY KEY (mailbox, selector));
CREATE INDEX IF NOT EXISTS slots_of_owner ON slots (instance, device_uid);
"""


class Problem(Exception):
    """An answer of RFC 9457."""

    def __init__(self, status, title, detail="", kind="about:blank"):
        super().__init__(title)
        self.status, self.body = status, {"type": kind, "title": title, "status": status, "detail": detail or title}


class Store:
    """Slots by owner. Every change is one transaction, and waits for the disk."""

    def __init__(self, path):
        self.lock = threading.Lock()
        self.db = sqlite3.connect(path, check_same_thread=False)
        self.db.executescript(SCHEMA)

    def get(self, owner):
        with self.lock:
            return self._slots(owner)

    def page(self, instance, after, limit):
        with self.lock:
            uids = [row[0] for row in self.db.execute(
                "SELECT DISTINCT device_uid FROM slots WHERE instance = ? AND device_uid > ? ORDER BY device_uid LIMIT ?", (instance, after, limit))]
            return [{"deviceUid": uid, "slots": self._slots((instance, uid))} for uid in uids]

    def put(self, owner, slots, tag):
        with self.lock, self.db:  # commits at the end, and rolls back what raises
            if tag_of(self._slots(owner)) != tag:
                raise Problem(412, "The device has other slots by now")
            used = {(slot["mailbox"], slot["selector"]): slot["lastUsedAt"] for slot in self._slots(owner)}
            self.db.execute(DELETE, owner)
            for slot in slots:
                try:
                    self.db.execute("INSERT INTO slots VALUES (?, ?, ?, ?, ?, ?, ?)", (
                        *owner, *(key := (slot["mailbox"], slot["selector"])), slot["chosen"], json.dumps(slot), used.get(key)))
                except sqlite3.IntegrityError:
                    raise Problem(409, "The selector is another owner's", kind=PROBLEM + "selector-taken") from None
            for mailbox in {slot["mailbox"] for slot in slots if slot["chosen"]}:
                (count,) = self.db.execute("SELECT COUNT(*) FROM slots WHERE mailbox = ? AND chosen", (mailbox,)).fetchone()
                if count > MOST_CHOSEN:
                    raise Problem(422, f"{mailbox} has {MOST_CHOSEN} chosen passwords already", kind=PROBLEM + "too-many-chosen")

    def delete(self, owner):
        with self.lock, self.db:
            self.db.execute(DELETE, owner)

    def _slots(self, owner):
        return [json.loads(row[0]) | {"lastUsedAt": row[1]} for row in self.db.execute(
            "SELECT slot, last_used FROM slots WHERE instance = ? AND device_uid = ? ORDER BY mailbox, selector", owner)]


def tag_of(slots):
    return '"' + hashlib.sha256(json.dumps([slot | {"lastUsedAt": None} for slot in slots], sort_keys=True).encode()).hexdigest()[:32] + '"'


def checked(body, domains):
    """The slots of a body that keeps to the contract."""
    slots = body.get("slots") if isinstance(body, dict) else None
    if not isinstance(slots, list) or not all(isinstance(slot, dict) for slot in slots):
        raise Problem(422, "The body holds no list of slots")
    for slot in slots:
        for name, kind in (FIELDS | {name: OPTIONAL[name] for name in slot.keys() & OPTIONAL.keys()}).items():
            if not isinstance(slot.get(name), kind):
                raise Problem(422, f"{name} of a slot is missing or of another type")
        if unknown := slot.keys() - FIELDS.keys() - OPTIONAL.keys():
            raise Problem(422, f"A slot has {', '.join(sorted(unknown))}, which version 1 does not know")
        if not HASH.fullmatch(slot["hash"]):
            raise Problem(422, "hash is not one of bcrypt")
        if domains and slot["mailbox"].rpartition("@")[2] not in domains:  # your own look-up of mailboxes goes here
            raise Problem(404, "No such mailbox", f"{slot['mailbox']} is not in a domain of this server", PROBLEM + "mailbox-not-found")
    if len({slot["selector"] for slot in slots}) < len(slots):
        raise Problem(422, "Two slots have the same selector")
    return slots


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize, timeout = -1, 120  # head and body in one packet; seconds

    def answer(self, status, body=None, headers=(), media="application/json"):
        content = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        for name, value in [*headers, *([("Connection", "close")] if self.close_connection else [])]:
            self.send_header(name, value)
        if body is not None:
            self.send_header("Content-Type", media)
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def handle_call(self):
        try:
            is_last, self.close_connection = self.close_connection, True  # if the body is not read
            if self.server.token and not hmac.compare_digest(self.headers.get("Authorization", "").encode(), b"Bearer " + self.server.token):
                raise Problem(401, "The token is missing or wrong")
            if "Transfer-Encoding" in self.headers:
                raise Problem(411, "The body must say how long it is, by Content-Length")
            if not 0 <= (size := int(self.headers.get("Content-Length") or 0)) <= MAX_BODY:
                raise Problem(413, "The body is too large")
            body, self.close_connection = self.rfile.read(size), is_last
            self.route(self.command, urlsplit(self.path), body)
        except (Problem, ValueError, sqlite3.Error) as error:
            problem = (error if isinstance(error, Problem) else Problem(400, "What should be JSON or a number is not")
                       if isinstance(error, ValueError) else Problem(503, "The database did not do it", str(error)))
            self.answer(problem.status, problem.body, [("Retry-After", "5")] if problem.status == 503 else [], "application/problem+json")

    do_GET = do_PUT = do_DELETE = handle_call

    def route(self, method, url, body):
        store = self.server.store
        if (method, url.path) == ("GET", "/v1/capabilities"):
            return self.answer(200, {"version": 1, "capabilities": CAPABILITIES})
        match = re.fullmatch(r"/v1/instances/([^/]+)/devices(?:/([^/]+))?", url.path)
        if not match or (match[2] is None and method != "GET"):
            raise Problem(404, "There is nothing here")
        instance, uid = unquote(match[1]), unquote(match[2] or "")
        if not uid:
            query = parse_qs(url.query)
            limit = min(int(query.get("limit", ["500"])[0]), 500)
            devices = store.page(instance, query.get("continue", [""])[0], limit + 1)
            more = {"continue": devices[limit - 1]["deviceUid"]} if len(devices) > limit else {}
            return self.answer(200, {"devices": devices[:limit]} | more)
        if method == "GET":
            return self.answer(200, {"slots": (slots := store.get((instance, uid)))}, [("ETag", tag_of(slots))])
        if method == "DELETE":
            store.delete((instance, uid))
            return self.answer(204)
        if "If-Match" not in self.headers:
            raise Problem(428, "A change needs the ETag that it was made from, in If-Match")
        store.put((instance, uid), checked(json.loads(body), self.server.domains), self.headers["If-Match"])
        return self.answer(204)


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--listen", default="127.0.0.1:8080", metavar="ADDRESS:PORT")
    arguments.add_argument("--database", default="slots.sqlite")
    arguments.add_argument("--domains", nargs="*", default=[], help="whose mailboxes there are; left out: all")
    arguments.add_argument("--token-file", help="the bearer token that lets the operator in")
    arguments.add_argument("--tls", nargs=2, metavar=("CERTIFICATE", "KEY"))
    arguments.add_argument("--client-ca", help="authority whose certificates let the operator in")
    given = arguments.parse_args()
    if not given.token_file and not (given.tls and given.client_ca):
        arguments.error("nobody would be kept out: give --token-file, or --tls and --client-ca")
    address, _, port = given.listen.rpartition(":")
    ThreadingHTTPServer.request_queue_size = 128
    server = ThreadingHTTPServer((address, int(port)), Handler)
    server.store, server.domains = Store(given.database), set(given.domains)
    server.token = open(given.token_file, "rb").read().strip() if given.token_file else b""
    if given.tls:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=given.client_ca)
        context.verify_mode = ssl.CERT_REQUIRED if given.client_ca else ssl.CERT_NONE
        context.load_cert_chain(*given.tls)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    print(f"listening on port {server.server_port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
