"""Somebody else's server: whom to trust, what its redirects lead to, and names it cannot have."""

import json
import os
import signal
import subprocess

import conftest
import pytest
from cli_helpers import concbench, write_scenario
from conftest import BIN, run_program

MODELS = ["sequential", "threads", "processes", "coroutines"]


@pytest.fixture(scope="module")
def tls(tmp_path_factory):
    """An origin with a certificate of its own: its URL, and that certificate."""
    ca = tmp_path_factory.mktemp("tls") / "ca.pem"
    read_end, write_end = os.pipe()
    process = subprocess.Popen([BIN / "concbench-origin", "--tls", "--ca-out", ca, "--ready-fd", str(write_end)],
                               pass_fds=[write_end])
    os.close(write_end)
    with os.fdopen(read_end) as ready:
        url = ready.readline().strip()
    yield url, ca
    process.send_signal(signal.SIGTERM)
    process.wait(timeout=300)


def run(tmp_path, *args, expect=0):
    out = tmp_path / "out"
    path = write_scenario(tmp_path, models=["sequential", "coroutines"], load={"concurrency": [2], "requests": 8})
    done = concbench("run", path, "--no-report", "--out", out, "--blocks", 1, *args, timeout=300)
    assert done.returncode == expect, done.stderr
    return json.loads((out / "latest" / "results.json").read_text()), done


def trials(results):
    return [trial for cell in results["cells"] for trial in cell["trials"]]


def warnings(results, which):
    return [warning["text"] for warning in results["warnings"] if warning["id"] == which]


def test_a_private_ca(tls, tmp_path):
    url, ca = tls
    results, _ = run(tmp_path, "--url", url + "/bytes/100", "--cacert", ca)
    assert all(trial["valid"] for trial in trials(results))
    assert results["run"]["ca_file"].endswith("ca.pem") and "insecure" not in results["run"]
    assert warnings(results, "insecure") == []
    assert concbench("validate", tmp_path / "out" / "latest" / "results.json").returncode == 0


def test_insecure_is_stored_and_warned_of(tls, tmp_path):
    results, done = run(tmp_path, "--url", tls[0] + "/bytes/100", "--insecure")
    assert all(trial["valid"] for trial in trials(results))
    assert results["run"]["insecure"] is True
    assert trials(results)[0]["document"]["knobs"]["tls_verify"] == "off"
    assert len(warnings(results, "insecure")) == 1 and "certificate" in done.stdout
    assert concbench("validate", tmp_path / "out" / "latest" / "results.json").returncode == 0


def test_a_failure_has_its_reason(tls, tmp_path):
    results, done = run(tmp_path, "--url", tls[0] + "/bytes/100", expect=4)
    for trial in trials(results):
        text = trial["invalid_reason"]["text"]
        assert text == "8 of 8 requests failed: tls 8 (SSL certificate problem: self-signed certificate)"
        assert "self-signed" in trial["stderr"]
    assert "self-signed" in done.stdout


@pytest.mark.parametrize("args", [["--insecure"], ["--cacert", "/etc/hostname"]])
@pytest.mark.parametrize("url", [[], ["--url", "http://127.0.0.1:1/"]])
def test_trust_needs_https(args, url, tmp_path):
    done = concbench("run", *args, *url, "--dry-run", cwd=tmp_path)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert args[0] in done.stderr and "https" in done.stderr


def none_of_certificates(folder, ca):
    text = ca.read_text()
    lines = text.split("\n")
    contents = {"empty": "", "garbage": "garbage\n", "cut": text[:len(text) // 2],
                "damaged": "\n".join([*lines[:2], "!!!!", *lines[2:]]),
                "short": "\n".join([lines[0], *lines[2:]]),
                "key": "-----BEGIN PRIVATE KEY-----\nMEQ=\n-----END PRIVATE KEY-----\n"}
    for name, content in contents.items():
        (folder / name).write_text(content)
    (folder / "folder").mkdir()
    return [folder / name for name in [*contents, "folder", "missing"]]


@pytest.mark.parametrize("program", ["concbench", *(f"runner-{model}" for model in MODELS)])
def test_a_ca_file_that_is_none(tls, tmp_path, program):
    url, ca = tls
    for path in none_of_certificates(tmp_path, ca):
        args = ["run", "--dry-run", "--url", url] if program == "concbench" else [url]
        done = run_program(program, *args, "--cacert", path, cwd=tmp_path)
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1), path
        assert f"--cacert {path}: " in done.stderr


@pytest.mark.parametrize("model", MODELS)
def test_a_runner_that_does_not_verify(tls, model):
    done = run_program(f"runner-{model}", "-n", 4, "--insecure", "--json", tls[0] + "/bytes/5")
    document = json.loads(done.stdout)
    assert (document["ok"], document["knobs"]["tls_verify"]) == (4, "off")
    done = run_program(f"runner-{model}", "-n", 4, "--insecure", "http://127.0.0.1:1/")
    assert done.returncode == 2 and "https" in done.stderr


@pytest.mark.parametrize("program", ["concbench", "runner-threads", "runner-coroutines", "runner-epoll"])
@pytest.mark.parametrize("url,words", [
    ("http://b\u00fccher.example:1/", "xn--"), ("http://u:s3cr3t@b\u00fccher.example/", "xn--"),
    ("http://b%C3%BCcher.example/", "xn--"), ("http://\u4e16\u754c/", "xn--"),
    ("http://127.0.0.1:1/\u00fc", "percent-encode"), ("http://127.0.0.1:0/", "1 to 65535")])
def test_urls_that_would_be_misread(tmp_path, program, url, words):
    args = ["run", "--dry-run", "--url", url] if program == "concbench" else [url]
    done = run_program(program, *args, cwd=tmp_path)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert words in done.stderr and "s3cr3t" not in done.stderr


def moved(connection):
    connection.sendall(b"HTTP/1.1 301 Moved\r\nLocation: https://example.org/?token=s3cr3t\r\nContent-Length: 0\r\n\r\n")
    return True


def test_nothing_but_redirects_is_told(faulty, tmp_path):
    results, done = run(tmp_path, "--url", faulty(moved).url)
    assert all(trial["valid"] and trial["document"]["redirects"] == 8 for trial in trials(results))
    (text,) = warnings(results, "redirects")
    assert text.startswith("all 8 answers of a trial were redirects, which are not followed: 301 to https://example.org/?")
    assert "https://example.org/?" in done.stdout.replace("\n", "")
    assert "s3cr3t" not in (tmp_path / "out" / "latest" / "results.json").read_text()
