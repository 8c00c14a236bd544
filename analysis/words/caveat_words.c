/* caveat_words.c: see caveat_words.h. */
#include "analysis/words/caveat_words.h"

#include "analysis/words/phrase.h"
#include "analysis/words/quantity.h"
#include "analysis/words/ratio_words.h"
#include "analysis/words/sentences.h"
#include "common/blocks.h"
#include "common/json.h"

/* "threads against coroutines in requests/s (needs about 40 blocks)" */
static json_t *open_comparison(const json_t *row)
{
    json_t *slots = json_object();
    phrase_slot(slots, "model", phrase_piece("model", json_text_of(row, "model")));
    phrase_slot(slots, "against", phrase_piece("model", json_text_of(row, "against")));
    phrase_slot(slots, "metric", quantity_metric("name", json_text_of(row, "metric")));
    if (json_number_of(row, "blocks_needed") <= BLOCKS_MAX)
        phrase_slot(slots, "blocks", quantity_number(row, "blocks_needed"));
    return sentence_fill("open comparison", slots);
}

static json_t *comparisons(const json_t *caveat, json_t *(*say)(const json_t *row))
{
    json_t *all = json_array(), *row = NULL;
    size_t i = 0;
    json_array_foreach(json_object_get(caveat, "comparisons"), i, row)
        phrase_add(all, say(row));
    return phrase_list(all, ", ", ", ");
}

json_t *caveat_words(const json_t *caveat, bool is_open)
{
    const double more = json_number_of(caveat, "more");
    const char *model = json_text_or_null(caveat, "model");
    json_t *slots = json_object();
    phrase_slot(slots, "loop", phrase_text(is_open ? "open loop" : "closed loop"));
    phrase_slot(slots, "concurrency", quantity_number(caveat, "concurrency"));
    if (model)
        phrase_slot(slots, "model", phrase_piece("model", model));
    if (more > 0)
        phrase_slot(slots, "more", phrase_count(more, "more comparison"));
    phrase_slot(slots, "comparisons",
                comparisons(caveat, model ? ratio_words_of_itself : open_comparison));
    return sentence_fill(json_text_of(caveat, "class"), slots);
}
