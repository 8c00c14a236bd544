/* page_head.c: what the pages have in common at their top: head and style, and one line
 * that says where and when it was measured. */
#include "report/page/page.h"

#include "common/json.h"

#include <openssl/evp.h>
#include <openssl/sha.h>
#include <string.h>
#include <time.h>

void page_begin_head(struct html *html, const char *css)
{
    unsigned char digest[SHA256_DIGEST_LENGTH];
    unsigned char hash[64]; // 44 characters of base64, and a NUL
    SHA256((const unsigned char *)css, strlen(css), digest);
    EVP_EncodeBlock(hash, digest, sizeof digest);
    html_raw(html, "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta "
                   "http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                   "base-uri 'none'; form-action 'none'; style-src 'sha256-");
    html_text(html, (const char *)hash);
    html_raw(html,
             "'\">\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
             "content=\"width=device-width,initial-scale=1\">\n<meta "
             "name=\"color-scheme\" content=\"light dark\">\n<meta name=\"referrer\" "
             "content=\"no-referrer\">\n<title>concbench: ");
}

void page_end_head(struct html *html, const char *css)
{
    html_raw(html, "</title>\n<style>");
    html_raw_bytes(html, css); /* literals and numbers: page_css */
    html_raw(html, "</style>\n</head>\n");
}

/* Ornaments in the names of processors. */
static const char *const ornaments[] = {"(R)", "(TM)", "(tm)", " Processor", " CPU"};

void page_write_processor(struct html *html, const struct results *results)
{
    const json_t *cpu = json_object_get(results ? results->environment : NULL, "cpu");
    const char *name = json_text_of(cpu, "model");
    const size_t length = strcspn(name, "@"); /* "@ 2.60GHz" follows */
    for (size_t at = 0; at < length;) {
        size_t skipped = 0;
        for (size_t i = 0; i < COUNT_OF(ornaments) && !skipped; i++)
            if (!strncmp(name + at, ornaments[i], strlen(ornaments[i])))
                skipped = strlen(ornaments[i]);
        if (!skipped)
            html_textf(html, "%c", name[at]);
        at += skipped ? skipped : 1;
    }
    if (!*name)
        html_raw(html, "this machine");
}

static void write_fact(struct html *html, const char *prefix, const char *value)
{
    if (value && *value)
        html_textf(html, " · %s%s", prefix, value);
}

void page_write_where(struct html *html, const struct results *results)
{
    html_raw(html, "concbench");
    if (!results)
        return;
    const json_t *environment = results->environment;
    const json_t *host = json_object_get(environment, "host");
    const json_t *cpus = json_object_get(json_object_get(environment, "cpu"), "count");
    html_textf(html, " %s", json_text_of(results->run, "suite_version"));
    write_fact(html, "host ", json_text_of(host, "name"));
    if (json_is_integer(cpus))
        html_textf(html, ", %" JSON_INTEGER_FORMAT " CPU%s", json_integer_value(cpus),
                   json_integer_value(cpus) == 1 ? "" : "s");
    write_fact(html, "Linux ",
               json_text_of(json_object_get(environment, "kernel"), "release"));
}

void page_write_date(struct html *html, const char *iso)
{
    static const char *const months[] = {"January",   "February", "March",    "April",
                                         "May",       "June",     "July",     "August",
                                         "September", "October",  "November", "December"};
    struct tm tm = {0};
    if (strptime(iso, "%Y-%m-%dT%H:%M", &tm))
        html_textf(html, "%d %s %d, %02d:%02d UTC", tm.tm_mday, months[tm.tm_mon],
                   tm.tm_year + 1900, tm.tm_hour, tm.tm_min);
    else
        html_text(html, iso);
}
