/* tls.c: see tls.h. */
#include "origin/tls.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define ADDRESSES     64 /* that a runner may spread over: 127.0.0.1 and on */
#define VALID_DAYS    30
#define SECONDS_A_DAY 86400L

static int unfit(struct err *err, const char *what)
{
    unsigned long code = ERR_get_error();
    const char *reason = code ? ERR_reason_error_string(code) : NULL;
    ERR_clear_error();
    return err_set(err, EXIT_CODE_UNFIT, "TLS: %s: %s", what,
                   reason ? reason : "out of memory");
}

static bool add_extension(X509 *certificate, int kind, const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, certificate, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, kind, value);
    bool is_done = extension && X509_add_ext(certificate, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return is_done;
}

static bool add_names(X509 *certificate, const char *address)
{
    char names[ADDRESSES * sizeof "IP:127.0.0.64," + 128];
    size_t used =
        (size_t)snprintf(names, sizeof names, "DNS:localhost,IP:%.60s", address);
    for (int i = 1; i <= ADDRESSES; i++)
        used += (size_t)snprintf(names + used, sizeof names - used, ",IP:127.0.0.%d", i);
    return add_extension(certificate, NID_subject_alt_name, names);
}

/* Signed by itself: the same file is certificate and authority. */
static bool fill(X509 *certificate, EVP_PKEY *key, const char *address)
{
    const unsigned char *common = (const unsigned char *)"concbench origin";
    X509_NAME *name = X509_get_subject_name(certificate);
    return X509_set_version(certificate, 2) == 1 && /* 2 means version 3 */
           ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1) == 1 &&
           X509_gmtime_adj(X509_getm_notBefore(certificate), -SECONDS_A_DAY) &&
           X509_gmtime_adj(X509_getm_notAfter(certificate), VALID_DAYS * SECONDS_A_DAY) &&
           X509_set_pubkey(certificate, key) == 1 &&
           X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, common, -1, -1, 0) == 1 &&
           X509_set_issuer_name(certificate, name) == 1 &&
           add_extension(certificate, NID_basic_constraints, "critical,CA:TRUE") &&
           add_extension(certificate, NID_subject_key_identifier, "hash") &&
           add_names(certificate, address) &&
           X509_sign(certificate, key, EVP_sha256()) > 0;
}

/* The origin speaks HTTP/1.1, whatever the client prefers. */
static int choose_protocol(SSL *ssl, const unsigned char **out, unsigned char *out_size,
                           const unsigned char *offered, unsigned int size, void *arg)
{
    (void)ssl;
    (void)arg;
    static const unsigned char ours[] = "\010http/1.1";
    unsigned char *chosen = NULL;
    int found =
        SSL_select_next_proto(&chosen, out_size, ours, sizeof ours - 1, offered, size);
    *out = chosen;
    return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

static bool configure(SSL_CTX *tls, EVP_PKEY *key, X509 *certificate)
{
    SSL_CTX_set_alpn_select_cb(tls, choose_protocol, NULL);
    (void)SSL_CTX_set_session_cache_mode(tls, SSL_SESS_CACHE_OFF); /* tickets instead */
    (void)SSL_CTX_set_mode(tls, SSL_MODE_ENABLE_PARTIAL_WRITE |
                                    SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    return SSL_CTX_set_min_proto_version(tls, TLS1_3_VERSION) == 1 &&
           SSL_CTX_use_certificate(tls, certificate) == 1 &&
           SSL_CTX_use_PrivateKey(tls, key) == 1;
}

int tls_new(const char *address, SSL_CTX **out_tls, struct err *err)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = X509_new();
    SSL_CTX *tls = SSL_CTX_new(TLS_server_method());
    bool is_done = key && certificate && tls && fill(certificate, key, address) &&
                   configure(tls, key, certificate);
    X509_free(certificate);
    EVP_PKEY_free(key);
    if (!is_done) {
        SSL_CTX_free(tls);
        return unfit(err, "no certificate can be made");
    }
    *out_tls = tls;
    return 0;
}

int tls_write_ca(SSL_CTX *tls, const char *path, struct err *err)
{
    FILE *file = fopen(path, "we");
    if (!file)
        return err_set(err, EXIT_CODE_UNFIT, "--ca-out %.200s: %s", path,
                       strerror(errno));
    int written = PEM_write_X509(file, SSL_CTX_get0_certificate(tls));
    if (fclose(file) || !written)
        return err_set(err, EXIT_CODE_UNFIT, "--ca-out %.200s: it cannot be written",
                       path);
    return 0;
}
