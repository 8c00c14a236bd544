"""Failures have a reason, in words: in the document, on stderr, in the summary."""

import conftest
import pytest
from conftest import MODELS, WITHOUT_LIBCURL, document_of, run_program

EVERY_MODEL = pytest.mark.parametrize("model", MODELS)


def concurrency_of(model):
    return 1 if model == "sequential" else 3


@EVERY_MODEL
@pytest.mark.parametrize("fault,cls,words", [
    (conftest.stall, "timeout", "timed out"), (conftest.reset, "reset", "reset by peer"),
    (conftest.short, "short", "closed with|missing"), (conftest.garbage, "protocol", "HTTP/"),
    (conftest.unavailable, "status", "status 503")], ids=lambda v: v if isinstance(v, str) else "")
def test_each_class_has_the_text_of_its_first(faulty, model, fault, cls, words):
    timeout_ms = 400 if cls == "timeout" else 200000
    args = ["-n", 6, "-c", concurrency_of(model), "--timeout-ms", timeout_ms, faulty(fault).url]
    document = document_of(f"runner-{model}", *args)
    assert document["failed"] == {cls: 6}
    assert list(document["reasons"]) == [cls]
    assert any(word in document["reasons"][cls] for word in words.split("|"))  # libcurl 7.88's, 8.14's


@EVERY_MODEL
def test_a_run_without_failures_has_no_reasons(origin, model):
    document = document_of(f"runner-{model}", "-n", 6, "-c", concurrency_of(model), origin + "/bytes/5")
    assert document["ok"] == 6
    assert not {"reasons", "redirects", "first_redirect"} & set(document)


@EVERY_MODEL
def test_a_person_reads_it_twice_at_most(refused_url, model):
    done = run_program(f"runner-{model}", "-n", "6", "-c", str(concurrency_of(model)), refused_url + "?secret=s3cr3t")
    assert done.returncode == 0
    assert "connect              6, the first: Failed to connect" in done.stdout
    assert done.stderr.startswith(f"runner-{model}: 6 of 6 requests failed: connect: Failed to connect")
    assert done.stderr.count("\n") == 1
    assert "s3cr3t" not in done.stdout + done.stderr


def moved(connection):
    connection.sendall(b"HTTP/1.1 301 Moved\r\nLocation: https://u:pw@example.org/x?session=s3cr3t\r\n"
                       b"Content-Length: 0\r\n\r\n")
    return True


@EVERY_MODEL
def test_redirects_are_counted_and_told(faulty, model):
    args = ["-n", 6, "-c", concurrency_of(model), faulty(moved).url]
    document = document_of(f"runner-{model}", *args)
    assert (document["ok"], document["redirects"]) == (6, 6)
    assert document["first_redirect"] == "301 to https://example.org/x?"
    done = run_program(f"runner-{model}", *map(str, args))
    assert "redirects              6, not followed; the first: 301 to https://example.org/x?" in done.stdout
    assert done.stderr == ""


OK = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize("model", WITHOUT_LIBCURL)
@pytest.mark.parametrize("answer,words", [
    (OK + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello", "Content-Length: two different values"),
    (OK + b"Content-Length: 5\r\n 5\r\n\r\nhello", "Content-Length: a folded line"),
    (OK + b"Transfer-Encoding: gzip\r\n\r\n", "Transfer-Encoding: other than chunked"),
    (OK + b"Transfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n0\r\n\r\n", "chunk: no size"),
    (OK + b"A: b\r\n" * 200000, "header: more than 1 MiB"),
    (b"HTTP/1.1 101 Switching\r\n\r\n", "status 101"), (OK[:-2] + b"\n\n", "LF without CR")], ids=range(7))
def test_our_parser_says_what_it_refuses(faulty, model, answer, words):
    def send(connection):
        connection.sendall(answer)
        return True

    document = document_of(f"runner-{model}", "-n", 4, "-c", 2, faulty(send).url)
    assert document["failed"] == {"protocol": 4}
    assert words in document["reasons"]["protocol"]
