/* certificates.c: see certificates.h. */
#include "common/certificates.h"

#include "common/cleanup.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define FILE_MAX_BYTES (16 << 20)
#define HEAD_BYTES     6 /* of an ASN.1 sequence: tag and size */

/* Names that OpenSSL takes between BEGIN and END. */
static const char *const names[] = {"CERTIFICATE-----", "TRUSTED CERTIFICATE-----",
                                    "X509 CERTIFICATE-----"};

static int value_of(char c)
{
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c ? strchr(digits, c) : NULL;
    return at ? (int)(at - digits) : -1;
}

/* Decodes up to the '-' of the END line and puts the first bytes into out_head. Returns
 * the number of bytes, or -1 for other characters. */
static long decode(const char *text, unsigned char out_head[HEAD_BYTES])
{
    uint32_t bits = 0;
    long count = 0, digits = 0;
    for (; *text && *text != '-'; text++) {
        if (strchr(" \t\r\n=", *text))
            continue;
        int value = value_of(*text);
        if (value < 0)
            return -1;
        bits = bits << 6 | (uint32_t)value;
        if (++digits % 4 == 1)
            continue; /* not a whole byte yet */
        unsigned char byte = (unsigned char)(bits >> (6 - 2 * ((digits + 3) % 4)));
        if (count < HEAD_BYTES)
            out_head[count] = byte;
        count++;
    }
    return *text ? count : -1;
}

/* Whether head begins a sequence (0x30) whose size is that of all the data. In a trusted
 * certificate, more data may follow. */
static bool is_sequence(const unsigned char head[HEAD_BYTES], long count)
{
    if (count < HEAD_BYTES || head[0] != 0x30)
        return false;
    long size = head[1], used = 2;
    if (head[1] & 0x80) {
        long bytes = head[1] & 0x7F;
        if (bytes < 1 || bytes > 4)
            return false;
        size = 0;
        for (; used < 2 + bytes; used++)
            size = size << 8 | head[used];
    }
    return size > 0 && used + size <= count;
}

static bool is_certificate(const char *body)
{
    unsigned char head[HEAD_BYTES] = {0};
    long count = decode(body, head);
    const char *end = strchr(body, '-');
    return end && !strncmp(end, "-----END ", 9) && is_sequence(head, count);
}

/* The number of certificates, or -1 when one of them is malformed. */
static int count_certificates(const char *text)
{
    static const char begin[] = "-----BEGIN ";
    int count = 0;
    for (const char *at = text; (at = strstr(at, begin));) {
        at += sizeof begin - 1;
        for (size_t i = 0; i < COUNT_OF(names); i++) {
            if (strncmp(at, names[i], strlen(names[i])) != 0)
                continue;
            if (!is_certificate(at + strlen(names[i])))
                return -1;
            count++;
        }
    }
    return count;
}

static int refuse(const char *flag, const char *path, const char *why, struct err *err)
{
    return err_set(err, EXIT_CODE_USAGE,
                   "%s %.200s: %s; expected certificates in PEM, as in a ca.pem", flag,
                   path, why);
}

int certificates_check(const char *flag, const char *path, struct err *err)
{
    struct stat facts;
    if (!path)
        return 0;
    AUTO_FILE FILE *file = fopen(path, "re");
    if (!file || fstat(fileno(file), &facts))
        return refuse(flag, path, strerror(errno), err);
    if (!S_ISREG(facts.st_mode))
        return refuse(flag, path, S_ISDIR(facts.st_mode) ? "a directory" : "not a file",
                      err);
    if (facts.st_size == 0 || facts.st_size > FILE_MAX_BYTES)
        return refuse(flag, path, facts.st_size ? "above 16 MiB" : "empty", err);
    size_t size = (size_t)facts.st_size;
    AUTO_FREE char *text = malloc(size + 1);
    if (!text)
        return err_set(err, EXIT_CODE_INTERNAL, "out of memory");
    text[fread(text, 1, size, file)] = '\0';
    int count = count_certificates(text);
    if (count < 0)
        return refuse(flag, path, "a certificate in it is damaged", err);
    return count ? 0 : refuse(flag, path, "no certificate is in it", err);
}
