"""Only the program that started the origin may give it orders; no other on the machine may."""

import json
import os
import pathlib
import subprocess
import sys

import pytest
from origin_process import BINARY, PATIENCE_S, Origin, pipe_of

ORDERS = ["/freeze?after_ms=0&for_ms=600000", "/stats/reset"]


@pytest.fixture(params=["1-thread", "2-threads", "tls", "control"])
def origin(request, tmp_path):
    tls = request.param in ("tls", "control")
    flags = ["--control"] if request.param == "control" else ["--threads", "2" if request.param == "2-threads" else "1"]
    started = Origin(*flags, ca=tmp_path / "ca.pem" if tls else None)
    if request.param == "control":  # orders are given in the clear, at a port of their own
        started.kept.close()
        started.port = int(started.line.splitlines()[1].rsplit(":", 1)[1])
        started.tls = None
        started.kept = started.keep()
    yield started
    assert started.stop() == (0, "")


def refused(origin, target, fields, method="POST"):
    status, headers, body = origin.get(target, method, fields=fields)
    assert headers.get("Connection") is None  # the connection is not lost
    assert origin.token not in body.decode()
    return status == 403


def wrong_tokens(token):
    return [None, "", token, f"Basic {token}", "Bearer", "Bearer ", f"Bearer {token[:-1]}", f"Bearer {token}x",
            f"Bearer {token[:-1]}{'0' if token[-1] != '0' else '1'}", f"Bearer {token.upper()}", f"Bearer  {token}"]


@pytest.mark.parametrize("target", ORDERS)
def test_an_order_needs_the_token(origin, target):
    for _ in range(3):
        origin.get("/bytes/1")
    for value in wrong_tokens(origin.token):
        if value == f"Bearer {origin.token}":
            continue
        assert refused(origin, target, {} if value is None else {"Authorization": value}), value
    origin.get("/bytes/1")
    origin.get("/bytes/1")  # would hang until the end of the test if a freeze had been armed
    assert origin.stats()["requests"] == 5
    assert origin.get("/stats/reset", "POST")[0] == 200
    assert origin.stats()["requests"] == 0


def test_the_scheme_may_be_written_in_any_case(origin):
    assert origin.get("/stats/reset", "POST", fields={"authorization": f"bearer {origin.token}"})[0] == 200


FOREIGN = [{"Host": "evil.example"}, {"Host": "evil.example:80"}, {"Host": "127.0.0.1.evil.example"}, {"Host": "localhost.evil"},
           {"Host": ""}, {"Host": "[::1"}, {"Host": "1.2.3"}, {"Origin": "http://evil.example"}, {"Origin": "null"},
           {"Origin": ""}, {"Host": "localhost:1", "Origin": "http://localhost:2"},
           {"Host": "evil.example", "Origin": "http://evil.example"}]


@pytest.mark.parametrize("fields", FOREIGN, ids=range(len(FOREIGN)))
def test_a_page_of_others_is_refused_even_with_the_token(origin, fields):
    origin.get("/bytes/1")
    for target in ORDERS:
        assert refused(origin, target, {**origin.orders, **fields})
    for method in "GET", "HEAD":
        assert refused(origin, "/stats", {**origin.orders, **fields}, method)
    origin.get("/bytes/1", fields=fields)  # which is for everybody
    assert origin.stats()["requests"] == 2


OWN = [{"Host": "127.0.0.1"}, {"Host": "127.0.0.9:81"}, {"Host": "LocalHost:80"}, {"Host": "[::1]"}, {"Host": "[::1]:80"},
       {"Host": "10.0.0.1"}, {"Host": "localhost:7", "Origin": "http://localhost:7"}]


@pytest.mark.parametrize("fields", OWN, ids=range(len(OWN)))
def test_numbers_and_localhost_are_no_foreign_hosts(origin, fields):
    assert origin.get("/stats", fields=fields)[0] == 200  # reading needs no token
    assert origin.get("/stats/reset", "POST", fields={**origin.orders, **fields})[0] == 200


@pytest.mark.parametrize("field", ["Origin: http://127.0.0.1", "Authorization: Bearer x", "Host: 127.0.0.1"])
def test_a_field_that_is_given_twice_is_refused(origin, field):
    answer = origin.raw((f"POST /stats/reset HTTP/1.1\r\nHost: 127.0.0.1\r\n{field}\r\n{field}\r\n"
                         "Content-Length: 0\r\n\r\n").encode())
    assert answer.startswith(b"HTTP/1.1 400 ")


def test_without_a_token_no_order_is_taken():
    process = subprocess.Popen([BINARY], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    port = process.stdout.readline().rsplit(":", 1)[1].strip()
    script = ("import http.client, sys; c = http.client.HTTPConnection('127.0.0.1', int(sys.argv[1]))\n"
              "for t in '/freeze?for_ms=9', '/stats/reset':\n"
              "  for f in {}, {'Authorization': 'Bearer '}, {'Authorization': 'Bearer'}:\n"
              "    c.request('POST', t, headers=f); a = c.getresponse(); print(a.status, a.read().decode().strip())\n"
              "c.request('GET', '/stats'); print(c.getresponse().status)")
    done = subprocess.run([sys.executable, "-c", script, port], capture_output=True, text=True, timeout=PATIENCE_S)
    lines = done.stdout.splitlines()
    assert len(lines) == 7 and lines[6] == "200"
    assert all(line.startswith("403") and "--token-fd" in line for line in lines[:6])
    process.terminate()
    assert process.communicate(timeout=PATIENCE_S) == ("", "")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be another user for a moment")
def test_another_user_changes_nothing(origin):
    """Not by asking, and not by what can be seen of the origin."""
    origin.get("/bytes/1")
    script = ("import socket, sys\n"
              "for order in 'POST /freeze?after_ms=0&for_ms=600000', 'POST /stats/reset':\n"
              "  s = socket.create_connection(('127.0.0.1', int(sys.argv[1])))\n"
              "  s.sendall(order.encode() + b' HTTP/1.1\\r\\nHost: 127.0.0.1\\r\\nContent-Length: 0\\r\\n\\r\\n')\n"
              "  print(s.recv(100).split()[1].decode())")
    if not origin.tls:
        done = subprocess.run([sys.executable, "-c", script, str(origin.port)], capture_output=True, text=True,
                              timeout=PATIENCE_S, user=65534, group=65534, extra_groups=[])
        assert done.stdout.split() == ["403", "403"], done.stderr
    about = pathlib.Path("/proc", str(origin.process.pid))
    for name in "cmdline", "environ":
        assert origin.token.encode() not in (about / name).read_bytes()
    origin.get("/bytes/1")
    assert origin.stats()["requests"] == 2


@pytest.mark.parametrize("token", ["", "too-short", "with a blank inside it", "x" * 257, "caf\u00e9" * 5])
def test_tokens_that_are_none(token):
    fd = pipe_of(token)
    done = subprocess.run([BINARY, "--token-fd", str(fd)], pass_fds=[fd], capture_output=True, text=True,
                          timeout=PATIENCE_S)
    os.close(fd)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "--token-fd" in done.stderr and (not token or token not in done.stderr)


def test_a_token_fd_that_is_closed():
    done = subprocess.run([BINARY, "--token-fd", "99"], capture_output=True, text=True, timeout=PATIENCE_S)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)


def test_the_longest_token_and_a_line_break():
    for end in "", "\n", "\nmore":
        token = "t" * 256
        fd = pipe_of(token + end)
        process = subprocess.Popen([BINARY, "--token-fd", str(fd)], pass_fds=[fd], stdout=subprocess.PIPE, text=True)
        os.close(fd)
        url = process.stdout.readline().strip()
        script = ("import json, sys, urllib.request as r\n"
                  "q = r.Request(sys.argv[1] + '/stats/reset', method='POST', headers={'Authorization': 'Bearer ' + sys.argv[2]})\n"
                  "print(r.urlopen(q).read().decode())")
        done = subprocess.run([sys.executable, "-c", script, url, token], capture_output=True, text=True, timeout=PATIENCE_S)
        assert json.loads(done.stdout)["requests"] == 0, done.stderr
        process.terminate()
        assert process.wait(timeout=PATIENCE_S) == 0
        process.stdout.close()
