/* hosts_words.c: see hosts_words.h. The sentences are sentences.c's. */
#include "analysis/words/hosts_words.h"

#include "analysis/words/phrase.h"
#include "analysis/words/sentences.h"
#include "common/json.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#define NAMED_MAX 4 /* hosts, or answers, told one by one */

static json_t *picks_of(const json_t *host)
{
    return json_object_get(host, "picks");
}

static bool has_picked(const json_t *host, const char *model)
{
    json_auto_t *name = json_text(model);
    return json_array_has(picks_of(host), name);
}

/* "a, b and c", or "9 of 20 hosts" when these are too many to be named. */
static json_t *hosts_phrase(const json_t *labels, size_t all)
{
    size_t i = 0, count = json_array_size(labels);
    json_t *names = json_array(), *label = NULL, *slots = json_object();
    if (count <= NAMED_MAX) {
        json_decref(slots);
        json_array_foreach (labels, i, label)
            phrase_add(names, phrase_text("%s", json_string_value(label)));
        return phrase_list(names, ", ", " and ");
    }
    json_decref(names);
    phrase_slot(slots, "count", phrase_text("%zu", count));
    phrase_slot(slots, "all", phrase_text("%zu", all));
    return sentence_fill("hosts some", slots);
}

/* "both hosts", "all 5 hosts", "4 of 5 hosts", or the only one's name */
static json_t *share_phrase(const json_t *labels, size_t all)
{
    const size_t count = json_array_size(labels);
    if (count == 1)
        return hosts_phrase(labels, all);
    json_t *slots = json_object();
    phrase_slot(slots, "count", phrase_text("%zu", count));
    phrase_slot(slots, "all", phrase_text("%zu", all));
    return sentence_fill(count < all  ? "hosts some"
                         : count == 2 ? "hosts both"
                                      : "hosts all",
                         slots);
}

static json_t *models_phrase(const json_t *models)
{
    json_t *names = json_array(), *model = NULL;
    size_t i = 0;
    json_array_foreach (models, i, model)
        phrase_add(names, phrase_piece("model", json_string_value(model)));
    return phrase_list(names, ", ", " and ");
}

/* The labels of the hosts that pick these models; of those that pick any for NULL. */
static json_t *labels_of(const json_t *hosts, const json_t *picks)
{
    size_t i = 0;
    json_t *labels = json_array(), *host = NULL;
    json_array_foreach (hosts, i, host) {
        const json_t *own = picks_of(host);
        if (picks ? json_equal(own, picks) : json_array_size(own) > 0)
            json_push(labels, json_incref(json_object_get(host, "label")));
    }
    return labels;
}

/* The models that all hosts pick that pick any, in the order of the first of them. */
static json_t *common_picks(const json_t *hosts)
{
    size_t i = 0, j = 0;
    json_t *common = json_array(), *first = NULL, *host = NULL, *model = NULL;
    json_array_foreach (hosts, i, host)
        first = first || json_array_size(picks_of(host)) == 0 ? first : picks_of(host);
    json_array_foreach (first, i, model) {
        bool is_common = true;
        json_array_foreach (hosts, j, host)
            is_common = is_common && (json_array_size(picks_of(host)) == 0 ||
                                      has_picked(host, json_string_value(model)));
        if (is_common)
            json_push(common, json_incref(model));
    }
    return common;
}

/* "coroutines on a and b, threads on c" under groups or, when these are too many, how many
 * there are. */
static void put_groups(json_t *differ, const json_t *hosts)
{
    size_t i = 0;
    json_t *groups = json_array(), *host = NULL;
    json_auto_t *seen = json_array();
    json_array_foreach (hosts, i, host) {
        json_t *picks = picks_of(host);
        if (json_array_size(picks) == 0 || json_array_has(seen, picks))
            continue;
        json_auto_t *labels = labels_of(hosts, picks);
        json_t *slots = json_object();
        phrase_slot(slots, "models", models_phrase(picks));
        phrase_slot(slots, "hosts", hosts_phrase(labels, json_array_size(hosts)));
        phrase_add(groups, sentence_fill("hosts same", slots));
        json_push(seen, json_incref(picks));
    }
    const size_t count = json_array_size(groups);
    phrase_slot(differ, "count", phrase_text("%zu", count));
    phrase_slot(differ, "all", phrase_text("%zu", json_array_size(hosts)));
    json_t *all = phrase_list(groups, ", ", ", ");
    if (count <= NAMED_MAX)
        phrase_slot(differ, "groups", all);
    else
        json_decref(all);
}

static json_t *answer_phrase(const json_t *hosts, const json_t *common)
{
    json_auto_t *naming = labels_of(hosts, NULL);
    json_t *slots = json_object();
    if (json_array_size(naming) == 0)
        return sentence_fill("hosts none", slots);
    if (json_array_size(common) == 0) {
        put_groups(slots, hosts);
        return sentence_fill("hosts differ", slots);
    }
    phrase_slot(slots, "models", models_phrase(common));
    phrase_slot(slots, "hosts", share_phrase(naming, json_array_size(hosts)));
    return sentence_fill("hosts same", slots);
}

/* The host on which another model comes closest; NULL: none comes close. */
static json_t *close_phrase(const json_t *hosts)
{
    size_t i = 0;
    json_t *host = NULL;
    const json_t *closest = NULL;
    double least = HUGE_VAL;
    json_array_foreach (hosts, i, host) {
        const double gap = json_number_of(json_object_get(host, "close"), "gap");
        closest = gap < least ? host : closest;
        least = gap < least ? gap : least;
    }
    if (!closest)
        return NULL;
    json_t *slots = json_object();
    const json_t *close = json_object_get(closest, "close");
    phrase_slot(slots, "model", phrase_piece("model", json_text_of(close, "model")));
    phrase_slot(slots, "gap", phrase_text("%.0f", fmax(1, ceil(least * 100))));
    phrase_slot(slots, "hosts", phrase_text("%s", json_text_of(closest, "label")));
    return sentence_fill("hosts close", slots);
}

static void add_note(json_t *notes, const char *name, const json_t *labels, size_t all)
{
    json_t *slots = json_object();
    if (json_array_size(labels) > 0)
        phrase_slot(slots, "hosts", hosts_phrase(labels, all));
    phrase_add(notes, sentence_fill(name, slots)); /* NULL without hosts */
}

/* Who names none, and how far the rest can be trusted; NULL: nothing. */
static json_t *notes_phrase(const json_t *hosts)
{
    size_t i = 0, all = json_array_size(hosts), naming = 0;
    json_t *notes = json_array(), *host = NULL;
    json_auto_t *unnamed = json_array(), *looks = json_array();
    json_array_foreach (hosts, i, host) {
        const bool has_picks = json_array_size(picks_of(host)) > 0;
        const bool is_look = !strcmp(json_text_of(host, "level"), "look");
        naming += has_picks;
        if (!has_picks || is_look)
            json_push(has_picks ? looks : unnamed,
                      json_incref(json_object_get(host, "label")));
    }
    if (naming > 0)
        add_note(notes, "hosts unnamed", unnamed, all);
    add_note(notes,
             json_array_size(looks) == naming && naming ? "hosts look all" : "hosts look",
             looks, all);
    if (json_array_size(notes) > 0)
        return phrase_list(notes, "; ", "; ");
    json_decref(notes);
    return NULL;
}

json_t *hosts_words(const json_t *hosts, bool *out_changes)
{
    json_auto_t *common = common_picks(hosts), *naming = labels_of(hosts, NULL);
    json_t *slots = json_object();
    *out_changes = json_array_size(naming) > 0 && json_array_size(common) == 0;
    phrase_slot(slots, "answer", answer_phrase(hosts, common));
    phrase_slot(slots, "close", close_phrase(hosts));
    phrase_slot(slots, "notes", notes_phrase(hosts));
    return phrase_capital(sentence_fill("hosts", slots));
}
