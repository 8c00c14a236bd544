/* pq: libpq, loaded on demand. A runner with another task loads neither it nor its TLS
 * and Kerberos libraries, so they do not change what is measured (docs/adr/0019). */
#ifndef RUNTIME_PQ_H
#define RUNTIME_PQ_H

#include "common/err.h"

#include <libpq-fe.h>

/* The functions of libpq that are used, by their own names without PQ. */
struct pq {
    __typeof__(PQclear) *clear;
    __typeof__(PQconninfoFree) *conninfoFree;
    __typeof__(PQconninfoParse) *conninfoParse;
    __typeof__(PQconnectPoll) *connectPoll;
    __typeof__(PQconnectStart) *connectStart;
    __typeof__(PQconsumeInput) *consumeInput;
    __typeof__(PQerrorMessage) *errorMessage;
    __typeof__(PQfinish) *finish;
    __typeof__(PQflush) *flush;
    __typeof__(PQgetlength) *getlength;
    __typeof__(PQgetResult) *getResult;
    __typeof__(PQgetvalue) *getvalue;
    __typeof__(PQisBusy) *isBusy;
    __typeof__(PQlibVersion) *libVersion;
    __typeof__(PQntuples) *ntuples;
    __typeof__(PQresultErrorField) *resultErrorField;
    __typeof__(PQresultStatus) *resultStatus;
    __typeof__(PQsendQuery) *sendQuery;
    __typeof__(PQsendQueryPrepared) *sendQueryPrepared;
    __typeof__(PQsetNoticeProcessor) *setNoticeProcessor;
    __typeof__(PQsetnonblocking) *setnonblocking;
    __typeof__(PQsocket) *socket;
    __typeof__(PQstatus) *status;
};

/* Valid after pq_load, which must be called before there are threads. */
extern struct pq pq;

/* EXIT_CODE_UNFIT where libpq.so.5 is missing, or lacks one of the functions. */
int pq_load(struct err *err);

#endif
