/* warnings_table: what the checks behind warnings.c share. A check looks at results.json
 * and appends what it finds; warnings_machine.c has those about the machine and the run
 * as a whole, warnings.c those about cells, and the table. */
#ifndef ANALYSIS_WARNINGS_TABLE_H
#define ANALYSIS_WARNINGS_TABLE_H

#include <jansson.h>

struct warning {
    const char *id;
    const char *next_step;
    void (*check)(const struct warning *warning, const json_t *results, json_t *list);
};

/* Appends {id, text, where}; the text is the finding and the warning's next step. */
__attribute__((format(printf, 4, 5))) void warnings_add(const struct warning *warning,
                                                        json_t *list, const char *where,
                                                        const char *format, ...);

/* environment.group.key, or NULL. Borrowed. */
const json_t *warnings_fact(const json_t *results, const char *group, const char *key);

/* The object `run`, or NULL. Borrowed. */
const json_t *warnings_run(const json_t *results);

void warnings_check_shared_cpus(const struct warning *, const json_t *, json_t *);
void warnings_check_placement(const struct warning *, const json_t *, json_t *);
void warnings_check_few_blocks(const struct warning *, const json_t *, json_t *);
void warnings_check_budget(const struct warning *, const json_t *, json_t *);
void warnings_check_floor(const struct warning *, const json_t *, json_t *);
void warnings_check_governor(const struct warning *, const json_t *, json_t *);
void warnings_check_steal(const struct warning *, const json_t *, json_t *);
void warnings_check_load(const struct warning *, const json_t *, json_t *);
void warnings_check_debug_build(const struct warning *, const json_t *, json_t *);
void warnings_check_insecure(const struct warning *, const json_t *, json_t *);
void warnings_check_redirects(const struct warning *, const json_t *, json_t *);
void warnings_check_url(const struct warning *, const json_t *, json_t *);
void warnings_check_dirty_tree(const struct warning *, const json_t *, json_t *);

#endif
