/* energy.c: reads powercap's package counters; see energy.h. */
#include "harness/trial/energy.h"

#include "common/cleanup.h"
#include "common/json.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* The first line of a file; 0 or -errno. */
static int read_line(const char *folder, const char *file, char *text, size_t size)
{
    char path[PATH_MAX];
    int length = snprintf(path, sizeof path, "%s/%s", folder, file);
    if (length < 0 || (size_t)length >= sizeof path)
        return -ENAMETOOLONG;
    AUTO_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd < 0 ? -1 : read(fd, text, size - 1);
    if (got < 0)
        return -errno;
    text[got] = '\0';
    text[strcspn(text, "\n")] = '\0';
    return 0;
}

static int read_number(const char *folder, const char *file, uint64_t *out)
{
    char text[32], *end = NULL;
    int status = read_line(folder, file, text, sizeof text);
    if (status)
        return status;
    *out = strtoull(text, &end, 10);
    return end == text ? -EINVAL : 0;
}

static bool has_domain(const struct energy *e, const char *name)
{
    for (size_t i = 0; i < e->count; i++) {
        if (!strcmp(e->domains[i].name, name))
            return true; /* the same package through another interface */
    }
    return false;
}

static void add_domain(const char *folder, struct energy *e)
{
    struct energy_domain domain = {.max_range_uj = 0};
    if (e->count == ENERGY_DOMAINS_MAX ||
        read_line(folder, "name", domain.name, sizeof domain.name) ||
        strncmp(domain.name, "package-", strlen("package-")) != 0 ||
        has_domain(e, domain.name))
        return; /* a core, the DRAM or the platform: parts of or around the package */
    int status = read_number(folder, "energy_uj", &domain.used_uj);
    if (status) {
        (void)snprintf(e->reason, sizeof e->reason, "%s/energy_uj cannot be read: %s",
                       domain.name, strerror(-status));
        return;
    }
    (void)read_number(folder, "max_energy_range_uj", &domain.max_range_uj);
    e->domains[e->count++] = domain;
}

void energy_read(const char *root, struct energy *out)
{
    *out = (struct energy){.reason = "no power meter on this machine (powercap)"};
    DIR *dir = opendir(root);
    if (!dir)
        return;
    const struct dirent *entry = NULL;
    while ((entry = readdir(dir))) {
        char folder[PATH_MAX];
        if (entry->d_name[0] == '.')
            continue;
        (void)snprintf(folder, sizeof folder, "%s/%s", root, entry->d_name);
        add_domain(folder, out);
    }
    (void)closedir(dir);
}

static const struct energy_domain *find(const struct energy *e, const char *name)
{
    for (size_t i = 0; i < e->count; i++) {
        if (!strcmp(e->domains[i].name, name))
            return &e->domains[i];
    }
    return NULL;
}

void energy_put(const struct energy *before, const struct energy *after, json_t *trial)
{
    uint64_t sum_uj = 0;
    const char *reason = before->count ? NULL : before->reason;
    for (size_t i = 0; i < before->count && !reason; i++) {
        const struct energy_domain *first = &before->domains[i];
        const struct energy_domain *last = find(after, first->name);
        if (!last)
            reason = "a package vanished during the trial";
        else if (last->used_uj >= first->used_uj)
            sum_uj += last->used_uj - first->used_uj;
        else if (first->max_range_uj >= first->used_uj)
            sum_uj += first->max_range_uj - first->used_uj + last->used_uj;
        else
            reason = "the counter went backwards";
    }
    json_put(trial, "energy_uj", reason ? json_null() : json_uint(sum_uj));
    json_put(trial, "energy_reason", reason ? json_string(reason) : json_null());
}
