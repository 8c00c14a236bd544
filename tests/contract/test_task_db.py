"""Task db, in every model that runs it, against a PostgreSQL server of its own."""

import json
import os
import subprocess

import pytest
from conftest import BIN, MODELS, WITHOUT_LIBCURL, document_of, run_program, wait_until
from postgres_server import make_postgres, private_server, why_no_task_db  # noqa: F401 (a fixture)

WITHOUT_DB = [*WITHOUT_LIBCURL, "multi-poll"]
WITH_DB = [model for model in MODELS if model not in WITHOUT_DB]
EVERY_MODEL = pytest.mark.parametrize("model", WITH_DB)
NEVER_MS = 3600000


@pytest.fixture(autouse=True)
def needs_libpq():
    reason = why_no_task_db()
    if reason:
        pytest.skip(reason)


def concurrency_of(model, wanted):
    return 1 if model == "sequential" else wanted


def db_document(model, server, query, *args, dbname="postgres", **options):
    return document_of(f"runner-{model}", "--task", "db", "--db", f"{server.conninfo} dbname={dbname}",
                       "--db-query", query, *args, **options)


@EVERY_MODEL
def test_who_waits_for_a_server_waits_together(model, postgres):
    """Twenty queries of 200 ms: 4 s one after the other."""
    c = concurrency_of(model, 20)
    n = 20 if c > 1 else 3
    document = db_document(model, postgres, "sleep", "--db-ms", 200, "-n", n, "-c", c)
    assert (document["task"], document["ok"], document["failed"]) == ("db", n, {})
    assert document["latency_min_ns"] >= 200e6
    assert document["connections_opened"] == c
    knobs = document["knobs"]
    assert (knobs["db_query"], knobs["db_ms"]) == ("sleep", 200) and knobs["libpq"] >= 90000
    if c == 1:
        assert document["measured_ns"] >= n * 200e6
    else:
        assert document["peak_in_flight"] > 1
    if model in ("coroutines", "callbacks", "stackless", "executor"):  # all begin before one is served
        assert document["peak_in_flight"] == c


@EVERY_MODEL
@pytest.mark.usefixtures("detect_leaks")
def test_all_rows_are_right(model, postgres):
    c = concurrency_of(model, 8)
    n = 40 if model.endswith("-per-request") else 2000
    document = db_document(model, postgres, "read", "-n", n, "-c", c)
    assert (document["ok"], document["failed"]) == (n, {})
    assert document["bytes_received"] == n * 100
    assert document["connections_opened"] == (n if model == "process-per-request" else c)


def test_every_row_is_read(postgres):
    """10,000 requests of one worker read each row once; the table counts how often it was read."""
    def reads():
        postgres.ask("SELECT pg_stat_force_next_flush()")
        return int(postgres.ask("SELECT idx_tup_fetch FROM pg_stat_user_tables WHERE relname = 'concbench_rows'")[0][0])
    before = reads()
    document = db_document("sequential", postgres, "read", "-n", 10000)
    assert document["ok"] == 10000
    wait_until(lambda: reads() == before + 10000, "the server counts other reads")


@EVERY_MODEL
def test_a_query_that_takes_too_long(model, postgres):
    c = concurrency_of(model, 3)
    document = db_document(model, postgres, "sleep", "--db-ms", NEVER_MS, "--timeout-ms", 50, "-n", 6, "-c", c)
    assert (document["ok"], document["failed"]) == (0, {"timeout": 6})


@EVERY_MODEL
def test_a_lost_connection_is_one_failed_request(model, postgres):
    """Its next request connects again. The server is asked who sleeps, so no time is waited for."""
    c = concurrency_of(model, 3)
    command = [BIN / f"runner-{model}", "--json", "--task", "db", "--db", postgres.conninfo, "--db-ms", str(NEVER_MS),
               "--timeout-ms", str(NEVER_MS), "-n", str(2 * c), "-c", str(c)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            wait_until(lambda: len(postgres.sleepers()) == c, "they do not sleep")
            first = postgres.sleepers()
            postgres.ask(f"SELECT pg_terminate_backend(pid) FROM unnest(array[{','.join(first)}]) pid")
            wait_until(lambda: len(postgres.sleepers() - first) == c, "they do not connect again")
            second = postgres.sleepers() - first
            postgres.ask(f"SELECT pg_cancel_backend(pid) FROM unnest(array[{','.join(second)}]) pid")
            document = json.loads(process.communicate(timeout=300)[0])
        finally:
            process.kill()
    assert document["failed"] == {"reset": c, "timeout": c}
    assert document["connections_opened"] == 2 * c


@pytest.mark.parametrize("model", ["sequential", "threads", "coroutines", "executor"])
def test_a_server_that_goes_away(model):
    c = concurrency_of(model, 3)
    with private_server() as server:
        command = [BIN / f"runner-{model}", "--json", "--task", "db", "--db", server.conninfo, "--db-ms", str(NEVER_MS),
                   "--timeout-ms", str(NEVER_MS), "-n", str(2 * c), "-c", str(c)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            try:
                wait_until(lambda: len(server.sleepers()) == c, "they do not sleep")
                server.stop()
                document = json.loads(process.communicate(timeout=300)[0])
            finally:
                process.kill()
    assert document["failed"] == {"reset": c, "connect": c}


@pytest.fixture(name="spoiled", scope="module")
def make_spoiled(postgres):
    """A database whose rows are a view: the odd ones are wrong, to ask for the even ones fails."""
    postgres.ask("CREATE DATABASE spoiled")
    postgres.ask("CREATE VIEW concbench_rows AS SELECT n AS id, (1 / (n % 2))::text AS value "
                 "FROM generate_series(1, 10000) n", dbname="spoiled")
    return "spoiled"


@EVERY_MODEL
def test_wrong_answers_and_failing_queries(model, postgres, spoiled):
    """The rows of one worker are odd and even in turn; a process per request has only the first."""
    document = db_document(model, postgres, "read", "-n", 10, dbname=spoiled)
    assert document["ok"] == 0
    if model != "process-per-request":
        assert document["failed"] == {"other": 5, "status": 5}
        assert document["connections_opened"] == 1
    else:
        assert sum(document["failed"].values()) == 10


def test_five_hundred_connections(postgres):
    document = db_document("coroutines", postgres, "read", "-n", 1000, "-c", 500)
    assert (document["ok"], document["connections_opened"]) == (1000, 500)


def refused(model, *args):
    done = run_program(f"runner-{model}", "--task", "db", *args)
    assert (done.stdout, done.stderr.count("\n")) == ("", 1), done.stderr
    return done.returncode, done.stderr


@EVERY_MODEL
def test_what_cannot_be_is_said_before_the_first_request(model, postgres, tmp_path):
    c = ["-n", 4, "-c", concurrency_of(model, 2)]
    code, text = refused(model, *c)
    assert code == 2 and "--db" in text
    code, text = refused(model, "--db", "host=there secret", *c)
    assert code == 2 and "secret" not in text
    code, text = refused(model, "--db", f"host={tmp_path}", *c)
    assert code == 3 and str(tmp_path) in text
    code, text = refused(model, "--db", f"{postgres.conninfo} dbname=template1", "--db-query", "read", *c)
    assert code == 3 and "concbench_rows" in text


@pytest.mark.parametrize("model", WITHOUT_DB)
def test_models_without_it_say_so(model):
    code, text = refused(model, "--db", "host=/tmp")
    assert code == 2 and "'db'" in text


def test_other_tasks_do_not_load_the_library(postgres):
    def loaded(*args):
        done = run_program("runner-sequential", "-n", 1, *args, env=dict(os.environ, LD_DEBUG="files"))
        assert done.returncode == 0
        return "libpq.so" in done.stderr
    assert not loaded("--task", "sleep", "--sleep-ms", 1)
    assert loaded("--task", "db", "--db", postgres.conninfo, "--db-ms", 1)
