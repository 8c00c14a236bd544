/* await: what a request waits for. The task says what; the model decides how to wait. */
#ifndef RUNTIME_AWAIT_H
#define RUNTIME_AWAIT_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum await_kind {
    AWAIT_NOTHING,
    AWAIT_TRANSFER,  /* easy has been carried out */
    AWAIT_TRANSFERS, /* all of together have: at once where the model can */
    AWAIT_TIME,      /* clock_ns() is due_ns or later */
    AWAIT_SOCKET,    /* fd is ready for events, POLLIN or POLLOUT */
    AWAIT_TURN,      /* all others that are ready have had their turn */
    AWAIT_CALL,      /* call(arg), which blocks, has returned */
    AWAIT_CHANNEL    /* channel has done operation */
};

struct channel;
struct channel_op;

/* One of several transfers that are awaited together. */
struct transfer {
    CURL *easy;                 /* borrowed; its CURLOPT_PRIVATE is this struct */
    CURLcode code;              /* set when it is over */
    struct transfers *together; /* borrowed: it is one of these */
};

struct transfers {
    struct transfer *list; /* borrowed */
    size_t count;
    size_t left; /* for the model: transfers still under way, */
    void *user;  /* and what waits for them */
};

struct await {
    enum await_kind kind;
    union {
        CURL *easy;                 /* borrowed */
        struct transfers *together; /* borrowed */
        uint64_t due_ns;
        struct {
            int fd; /* borrowed */
            short events;
            /* The last wait for this fd number was for this same open file. A loop
             * that still watches it need not be told again. */
            bool is_kept;
        };
        struct {
            void (*call)(void *arg);
            void *arg;
        };
        struct {
            struct channel *channel; /* borrowed */
            struct channel_op *op;   /* borrowed */
        };
    };
};

#endif
