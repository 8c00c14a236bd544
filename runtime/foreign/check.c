/* check.c: what a runner.json and a URL have to be; see foreign.h. */
#include "runtime/foreign/foreign.h"

#include "common/json.h"
#include "common/options.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define ABOUT_MAX  200 /* as of what --describe says */
#define WORD_MAX   64
#define WORDS_MAX  24 /* with what the program is told: below FOREIGN_WORDS_MAX */
#define OPTION_MAX 4000
#define NEED_MAX   (UINT64_C(1) << 40)
#define IS_NO_URL  "not an http or https URL"
#define IS_NO_PORT "the URL's port is not a number from 1 to 65535"

/* A list of words, none of them empty. */
static int check_words(const json_t *runner, const char *key, bool is_needed,
                       size_t longest, struct err *err)
{
    json_t *list = NULL, *word = NULL;
    size_t i = 0;
    int status = is_needed ? json_need_array(runner, "", key, WORDS_MAX, &list, err)
                           : json_get_array(runner, "", key, WORDS_MAX, &list, err);
    if (!status && list && json_array_size(list) == 0)
        status = err_set(err, EXIT_CODE_USAGE, "%s: expected a word at least", key);
    json_array_foreach (list, i, word) {
        const size_t length = json_string_length(word);
        if (!status && (length == 0 || length > longest ||
                        strlen(json_string_value(word)) != length))
            status =
                err_set(err, EXIT_CODE_USAGE,
                        "%s[%zu]: expected a string of 1 to %zu bytes", key, i, longest);
    }
    return status;
}

static int check_needs(const json_t *runner, struct err *err)
{
    static const char *const known[] = {"descriptors", "threads",  "mappings", "kib",
                                        "kib_bare",    "start_us", NULL};
    json_t *needs = NULL;
    uint64_t ignored = 0;
    int status = json_get_object(runner, "", "needs", &needs, err);
    if (!status && needs)
        status = json_only_keys(needs, "needs", known, err);
    for (size_t i = 0; known[i] && !status && needs; i++)
        status = json_get_uint(needs, "needs", known[i], 0, NEED_MAX, &ignored, err);
    return status;
}

static int check_keys(const json_t *runner, struct err *err)
{
    static const char *const known[] = {"about",     "family",      "tasks", "units",
                                        "is_single", "needs",       "takes", "program",
                                        "probe",     "has_libcurl", NULL};
    const char *text = NULL;
    bool is_ignored = false;
    int status = json_only_keys(runner, "", known, err);
    if (!status)
        status = json_need_string(runner, "", "about", 1, ABOUT_MAX, &text, err);
    if (!status)
        status = json_need_string(runner, "", "family", 1, WORD_MAX, &text, err);
    if (!status)
        status = json_need_string(runner, "", "units", 1, WORD_MAX, &text, err);
    if (!status && strcmp(text, "worker") != 0 && strcmp(text, "request") != 0)
        status = err_set(err, EXIT_CODE_USAGE, "units: expected worker or request");
    if (!status)
        status = check_words(runner, "tasks", true, WORD_MAX, err);
    if (!status)
        status = check_words(runner, "program", true, OPTION_MAX, err);
    if (!status)
        status = check_words(runner, "takes", false, WORD_MAX, err);
    if (!status)
        status = check_words(runner, "probe", false, OPTION_MAX, err);
    if (!status)
        status = json_get_bool(runner, "", "is_single", &is_ignored, err);
    if (!status)
        status = json_get_bool(runner, "", "has_libcurl", &is_ignored, err);
    return status ? status : check_needs(runner, err);
}

int foreign_check_runner(const json_t *runner, const char *path, struct err *err)
{
    const int status = check_keys(runner, err);
    if (status)
        err_prefix(err, "%.300s", path);
    return status;
}

/* What is behind http:// or https://; "" where neither is there. */
static const char *behind_scheme(const char *url)
{
    return !strncasecmp(url, "http://", 7)    ? url + 7
           : !strncasecmp(url, "https://", 8) ? url + 8
                                              : "";
}

const char *foreign_find_host(const char *url, size_t *out_length)
{
    const char *rest = behind_scheme(url);
    const size_t authority = strcspn(rest, "/?#");
    const char *at =
        memrchr(rest, '@', authority); /* behind a user's name and password */
    const char *host = at ? at + 1 : rest;
    const size_t left = authority - (size_t)(host - rest);
    const bool is_v6 = host[0] == '[';
    const char *end = memchr(host, is_v6 ? ']' : ':', left);
    *out_length = is_v6 ? (end ? (size_t)(end - host) + 1 : 0)
                  : end ? (size_t)(end - host)
                        : left;
    return host;
}

/* text: what follows the host. */
static int check_port(const char *text, struct err *err)
{
    char digits[8] = "";
    uint64_t port = 0;
    const size_t length = *text == ':' ? strcspn(text + 1, "/?#") : 0;
    if (*text != ':')
        return *text && !strchr("/?#", *text) ? err_set(err, EXIT_CODE_USAGE, IS_NO_URL)
                                              : 0;
    if (length < sizeof digits)
        memcpy(digits, text + 1, length);
    return options_parse_uint(digits, &port) || port < 1 || port > 65535
               ? err_set(err, EXIT_CODE_USAGE, IS_NO_PORT)
               : 0;
}

int foreign_check_url(const struct settings *s, struct err *err)
{
    size_t length = 0;
    const char *host = foreign_find_host(s->url, &length);
    for (const char *c = s->url; *c; c++) {
        if (*c <= ' ' || *c >= 0x7f)
            return err_set(err, EXIT_CODE_USAGE,
                           "the URL has a character beyond printable ASCII");
    }
    if (length == 0)
        return err_set(err, EXIT_CODE_USAGE, IS_NO_URL);
    if (check_port(host + length, err))
        return -1;
    if (s->is_insecure && !strncasecmp(s->url, "http:", 5))
        return err_set(
            err, EXIT_CODE_USAGE,
            "--insecure needs an https URL: there is no certificate to verify");
    if (s->addresses > 1 && (length != strlen(FOREIGN_FIRST_ADDRESS) ||
                             strncmp(host, FOREIGN_FIRST_ADDRESS, length) != 0))
        return err_set(err, EXIT_CODE_USAGE,
                       "--addresses needs a URL whose host is " FOREIGN_FIRST_ADDRESS);
    return 0;
}
