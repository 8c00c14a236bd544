/* task_db.c: the task `db`: a worker asks a PostgreSQL server, on a connection of its
 * own.
 *
 * libpq can be used in two ways. PQexec sends a query and blocks until its answer is
 * there. Inside, that is PQsendQuery, poll on the socket, PQconsumeInput, PQgetResult. A
 * program that wants to wait in another way can call those four itself, and this task
 * does: it says which socket it waits for, and the model waits. A blocking model polls,
 * which is what PQexec does; a loop adds the socket to the others that it watches.
 *
 * What comes next after a wait is kept in `step`. A connection is made by the same steps
 * before the first request, and again in the request that finds it lost. */
#include "common/memory.h"
#include "runtime/task/task.h"

#include "common/clock.h"
#include "runtime/shared.h"
#include "runtime/task/pq.h"
#include "runtime/worker.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The rows that scripts/private-postgres makes. */
#define ROWS        10000
#define VALUE_BYTES 100
#define STRIDE      7919 /* prime: a worker reads all rows before it reads one again */

enum step {
    STEP_CONNECT, /* the connection is being made */
    STEP_PREPARE, /* the server is given the timeout and the statement */
    STEP_ASK,     /* the statement is executed */
    STEP_NONE     /* nothing is under way */
};

struct db {
    PGconn *conn; /* NULL: none yet */
    const struct settings *settings;
    struct reasons *reasons; /* borrowed: gets the reasons of failures */
    enum step step, last;    /* the current step, and the one that ends the request */
    bool is_read;
    bool is_lost;         /* conn cannot be used any more */
    enum outcome outcome; /* of the request in hand */
    uint64_t bytes;       /* of its answer */
    uint64_t row;         /* that it reads, 1 .. ROWS */
    uint64_t connections; /* made since they were last counted */
};

static void ignore_notice(void *arg, const char *message)
{
    (void)arg;
    (void)message;
}

static struct await await_socket(const struct db *db, short events)
{
    return (struct await){.kind = AWAIT_SOCKET,
                          .fd = pq.socket(db->conn),
                          .events = events,
                          .is_kept = db->step == STEP_ASK};
}

/* Notes the first line of libpq's message; the others are hints. */
static void note_reason(const struct db *db, enum outcome outcome, const char *message)
{
    if (reasons_lack(db->reasons, outcome))
        reasons_note(db->reasons, outcome, "%.*s", (int)strcspn(message, "\n"), message);
}

/* Ends the request. Its first failure is its outcome. */
static struct await over(struct db *db, enum outcome outcome, bool is_lost)
{
    if (db->outcome == OUTCOME_OK) {
        db->outcome = outcome;
        note_reason(db, outcome, db->conn ? pq.errorMessage(db->conn) : "no memory");
    }
    db->is_lost = db->is_lost || is_lost;
    db->step = STEP_NONE;
    return (struct await){.kind = AWAIT_NOTHING};
}

/* The answer to a statement that fails has an SQLSTATE. What libpq itself says about a
 * connection that has ended has none. */
static enum outcome outcome_of(const PGresult *result)
{
    static const struct {
        const char *state; /* how it begins */
        enum outcome outcome;
    } table[] = {
        {"57014", OUTCOME_TIMEOUT}, /* query_canceled, by statement_timeout */
        {"57P", OUTCOME_RESET},     /* the server, or an administrator, ends it */
        {"", OUTCOME_STATUS},
    };
    const char *state = pq.resultErrorField(result, PG_DIAG_SQLSTATE);
    size_t i = 0;
    while (state && strncmp(state, table[i].state, strlen(table[i].state)) != 0)
        i++;
    return state ? table[i].outcome : OUTCOME_RESET;
}

/* Whether the result is the one row that was asked for. */
static bool is_right(const struct db *db, const PGresult *result)
{
    char expected[VALUE_BYTES + 1];
    if (pq.ntuples(result) != 1)
        return false;
    (void)snprintf(expected, sizeof expected, "%0*" PRIu64, VALUE_BYTES, db->row);
    return !db->is_read || !strcmp(pq.getvalue(result, 0, 0), expected);
}

static void note_result(const struct db *db, enum outcome outcome, const PGresult *result)
{
    const char *message = pq.resultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    if (outcome == OUTCOME_OTHER)
        message = "the row has other contents than scripts/private-postgres gave it";
    note_reason(db, outcome, message ? message : pq.errorMessage(db->conn));
}

static void take_result(struct db *db, const PGresult *result)
{
    ExecStatusType status = pq.resultStatus(result);
    enum outcome outcome = OUTCOME_OK;
    if (db->step == STEP_ASK && status == PGRES_TUPLES_OK) {
        outcome = is_right(db, result) ? OUTCOME_OK : OUTCOME_OTHER;
        db->bytes = (uint64_t)pq.getlength(result, 0, 0);
    } else if (db->step != STEP_PREPARE || status != PGRES_COMMAND_OK) {
        outcome = outcome_of(result);
    }
    if (db->outcome == OUTCOME_OK) {
        db->outcome = outcome;
        note_result(db, outcome, result);
    }
    db->is_lost = db->is_lost || outcome == OUTCOME_RESET;
}

static int send_prepare(struct db *db)
{
    char sql[160];
    (void)snprintf(sql, sizeof sql, "SET statement_timeout = %" PRIu64 "; PREPARE ask%s",
                   db->settings->timeout_ms,
                   db->is_read ? "(int) AS SELECT value FROM concbench_rows WHERE id = $1"
                               : "(float8) AS SELECT pg_sleep($1)");
    return pq.sendQuery(db->conn, sql);
}

static int send_ask(struct db *db)
{
    char value[32];
    const char *const values[] = {value};
    if (db->is_read) {
        db->row = (db->row + STRIDE - 1) % ROWS + 1;
        (void)snprintf(value, sizeof value, "%" PRIu64, db->row);
    } else {
        (void)snprintf(value, sizeof value, "%" PRIu64 ".%03" PRIu64,
                       db->settings->db_ms / 1000, db->settings->db_ms % 1000);
    }
    return pq.sendQueryPrepared(db->conn, "ask", 1, values, NULL, NULL, 0);
}

static struct await go_on(struct db *db);

/* Begins a step: sends its statement and waits for the answer. */
static struct await enter(struct db *db, enum step step)
{
    db->step = step;
    if (!(step == STEP_PREPARE ? send_prepare(db) : send_ask(db)))
        return over(db, OUTCOME_RESET, true);
    return go_on(db);
}

static struct await connect_more(struct db *db)
{
    switch (pq.connectPoll(db->conn)) {
    case PGRES_POLLING_READING:
        return await_socket(db, POLLIN);
    case PGRES_POLLING_WRITING:
        return await_socket(db, POLLOUT);
    case PGRES_POLLING_OK:
        db->connections++;
        (void)pq.setnonblocking(db->conn, 1);
        return enter(db, STEP_PREPARE);
    default:
        return over(db, OUTCOME_CONNECT, true);
    }
}

/* Ends a step, all of whose answers are there. */
static struct await leave(struct db *db)
{
    if (pq.status(db->conn) == CONNECTION_BAD)
        return over(db, OUTCOME_RESET, true);
    if (db->outcome != OUTCOME_OK) /* a connection without its statement is useless */
        return over(db, OUTCOME_OK, db->step == STEP_PREPARE);
    return db->step == db->last ? over(db, OUTCOME_OK, false) : enter(db, STEP_ASK);
}

/* Does what PQexec does after sending, except for the waiting. */
static struct await go_on(struct db *db)
{
    int unsent = pq.flush(db->conn);
    if (unsent < 0)
        return over(db, OUTCOME_RESET, true);
    if (unsent)
        return await_socket(db, POLLIN | POLLOUT);
    while (!pq.isBusy(db->conn)) {
        PGresult *result = pq.getResult(db->conn);
        if (!result)
            return leave(db);
        take_result(db, result);
        pq.clear(result);
    }
    return await_socket(db, POLLIN);
}

/* Begins a request, with a new connection if there is none. Returns the first wait. */
static struct await start(struct db *db)
{
    db->outcome = OUTCOME_OK;
    db->bytes = 0;
    if (db->conn && !db->is_lost)
        return enter(db, STEP_ASK);
    pq.finish(db->conn);
    db->is_lost = false;
    db->step = STEP_CONNECT;
    db->conn = pq.connectStart(db->settings->db);
    if (!db->conn || pq.status(db->conn) == CONNECTION_BAD)
        return over(db, OUTCOME_CONNECT, true);
    (void)pq.setNoticeProcessor(db->conn, ignore_notice, NULL);
    return await_socket(db, POLLOUT);
}

static struct await advance(struct db *db)
{
    if (db->step == STEP_NONE)
        return (struct await){.kind = AWAIT_NOTHING};
    if (db->step == STEP_CONNECT)
        return connect_more(db);
    if (!pq.consumeInput(db->conn))
        return over(db, OUTCOME_RESET, true);
    return go_on(db);
}

static int check(const struct settings *s, struct err *err)
{
    if (!s->db)
        return err_set(err, EXIT_CODE_USAGE,
                       "task db needs --db CONNINFO; private-postgres (in scripts) makes "
                       "a server and prints it");
    int status = pq_load(err);
    if (status)
        return status;
    PQconninfoOption *parts = pq.conninfoParse(s->db, NULL);
    if (!parts) /* not shown: it may hold a password */
        return err_set(err, EXIT_CODE_USAGE,
                       "--db is not a connection string of PostgreSQL, as in "
                       "'host=/tmp/db dbname=postgres'");
    pq.conninfoFree(parts);
    return 0;
}

static void note(struct run *run)
{
    const struct settings *s = &run->settings;
    run_add_knob(run, "db_query", s->db_query, 0);
    if (!strcmp(s->db_query, "sleep"))
        run_add_knob(run, "db_ms", NULL, s->db_ms);
    run_add_knob(run, "libpq", NULL, (uint64_t)pq.libVersion());
}

static void count_connections(struct worker *worker, struct db *db)
{
    worker->recorder->connections_opened += db->connections;
    db->connections = 0;
}

/* Reports the first line of libpq's message; the others are hints. */
static int refuse(const struct db *db, struct err *err)
{
    const char *message = db->conn ? pq.errorMessage(db->conn) : "no memory";
    return err_set(err, EXIT_CODE_UNFIT, "task db: %.*s", (int)strcspn(message, "\n"),
                   message);
}

/* Connects as a request does that finds its connection lost. It blocks in every model, as
 * this comes before the first request. */
static int init(struct worker *worker, struct err *err)
{
    const struct run *run = worker->run;
    int status = fetch_library_init(err); /* as in all tasks */
    if (status)
        return status;
    struct db *db = memory_calloc(1, sizeof *db);
    worker->state = db;
    db->settings = &run->settings;
    db->reasons = &run->shared->reasons;
    db->is_read = !strcmp(run->settings.db_query, "read");
    db->row = shared_next_worker(run->shared) % ROWS;
    db->last = STEP_PREPARE;
    struct await await = start(db);
    for (; await.kind != AWAIT_NOTHING; await = advance(db))
        (void)wait_blocking.await(&wait_blocking, await);
    db->last = STEP_ASK;
    count_connections(worker, db);
    return db->outcome == OUTCOME_OK ? 0 : refuse(db, err);
}

static struct await begin(struct worker *worker)
{
    shared_enter(worker->run->shared);
    worker->start_ns = clock_ns();
    return start(worker->state);
}

static struct await more(struct worker *worker, CURLcode code)
{
    (void)code;
    return advance(worker->state);
}

static void end(struct worker *worker, CURLcode code)
{
    struct db *db = worker->state;
    (void)code;
    uint64_t end_ns = clock_ns();
    shared_leave(worker->run->shared);
    count_connections(worker, db);
    worker_record(worker, db->outcome, worker->start_ns, end_ns, db->bytes);
}

static void done(struct worker *worker)
{
    struct db *db = worker->state;
    if (db)
        pq.finish(db->conn);
    free(db);
    worker->state = NULL;
}

const struct task task_db = {.name = "db",
                             .has_own_fd = true,
                             .check = check,
                             .note = note,
                             .init = init,
                             .begin = begin,
                             .more = more,
                             .end = end,
                             .done = done};
