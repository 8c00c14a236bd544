/* Tests of common/json: strict loading, and getters whose errors name the place. */
#include "common/json.h"
#include "single_quotes.h"

#include <limits.h>
#include <malloc.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static json_t *load(const char *text)
{
    struct err err = {0};
    json_t *json = NULL;
    assert_int_equal(json_load_text("t", text, strlen(text), &json, &err), 0);
    assert_non_null(json);
    return json;
}

/* Loading fails and the error starts with `start`. */
static void assert_not_loaded(const char *text, size_t size, const char *start)
{
    struct err err = {0};
    json_t *json = NULL;
    assert_int_equal(json_load_text("t", text, size, &json, &err), -EXIT_CODE_USAGE);
    assert_null(json);
    if (strncmp(err.text, start, strlen(start)) != 0)
        fail_msg("'%s' does not start with '%s'", err.text, start);
}

#define ASSERT_NOT_LOADED(text, start) assert_not_loaded(text, sizeof(text) - 1, start)

static void test_load_refuses_what_is_not_json(void **state)
{
    (void)state;
    ASSERT_NOT_LOADED("", "t:1:0: ");
    ASSERT_NOT_LOADED("{", "t:1:1: ");
    ASSERT_NOT_LOADED("{}\n{}", "t:2:1: ");
    ASSERT_NOT_LOADED("{\"a\": 1,}", "t:1:9: ");
    ASSERT_NOT_LOADED("{\"a\": tru}", "t:1:9: ");
    ASSERT_NOT_LOADED("{\"a\": NaN}", "t:1:9: ");
    ASSERT_NOT_LOADED("{\"a\": Infinity}", "t:1:14: ");
    ASSERT_NOT_LOADED("{\"a\": 1e999}", "t:1:");
    ASSERT_NOT_LOADED("{\"a\": 99999999999999999999}", "t:1:");
    ASSERT_NOT_LOADED("{\"a\": \"b\0c\"}", "t:1:");
}

static void test_load_refuses_a_top_that_is_no_object(void **state)
{
    (void)state;
    ASSERT_NOT_LOADED("[]", "t: the top is not an object");
    ASSERT_NOT_LOADED("[{}]", "t: the top is not an object");
}

static void test_load_refuses_duplicate_keys(void **state)
{
    (void)state;
    ASSERT_NOT_LOADED("{\"a\": 1, \"a\": 1}", "t:1:12: duplicate object key");
    ASSERT_NOT_LOADED("{\"o\": {\"a\": 1, \"a\": 2}}", "t:1:");
}

static void test_load_refuses_invalid_utf8(void **state)
{
    (void)state;
    ASSERT_NOT_LOADED("{\"a\": \"\xff\"}", "t:1:");
    ASSERT_NOT_LOADED("{\"a\": \"\xc0\xaf\"}", "t:1:");
    ASSERT_NOT_LOADED("{\"a\": \"\xed\xa0\x80\"}", "t:1:");
    json_decref(load("{\"a\": \"gr\xc3\xb6\xc3\x9f\x65\"}"));
}

/* {"a":[[[...]]]} with so many levels in all, the object included */
static char *nested(size_t levels)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    (void)fprintf(out, "{\"a\":");
    for (size_t i = 1; i < levels; i++)
        (void)fputc('[', out);
    for (size_t i = 1; i < levels; i++)
        (void)fputc(']', out);
    (void)fputc('}', out);
    assert_int_equal(fclose(out), 0);
    return text;
}

static void test_load_limits_the_depth(void **state)
{
    (void)state;
    char *text = nested(JSON_DEPTH_LIMIT);
    json_decref(load(text));
    free(text);
    const size_t too_deep[] = {JSON_DEPTH_LIMIT + 1, 100000};
    for (size_t i = 0; i < 2; i++) {
        text = nested(too_deep[i]);
        assert_not_loaded(text, strlen(text), "t: nested deeper than 64 levels");
        free(text);
    }
}

static void test_brackets_in_strings_are_not_depth(void **state)
{
    (void)state;
    char text[300] = "{\"a\": \"\\\"";
    memset(text + 9, '[', 200);
    memcpy(text + 209, "\"}", 3);
    json_decref(load(text));
}

static void test_load_path_names_a_missing_file(void **state)
{
    (void)state;
    struct err err = {0};
    json_t *json = NULL;
    assert_int_equal(json_load_path("no/such.json", 100, &json, &err), -EXIT_CODE_USAGE);
    assert_string_equal(err.text, "no/such.json: No such file or directory");
}

static void test_uint(void **state)
{
    (void)state;
    json_t *o =
        load("{\"n\": 5, \"big\": 9223372036854775807, \"neg\": -1, \"real\": 5.0,"
             "\"text\": \"5\", \"null\": null}");
    uint64_t value = 77;
    struct err err = {0};
    assert_int_equal(json_get_uint(o, "", "absent", 1, 9, &value, &err), 0);
    assert_int_equal(value, 77);
    assert_int_equal(json_get_uint(o, "", "n", 5, 5, &value, &err), 0);
    assert_int_equal(value, 5);
    assert_int_equal(json_need_uint(o, "", "big", 0, UINT64_MAX, &value, &err), 0);
    assert_true(value == INT64_MAX);
    const char *const wrong[] = {"neg", "real", "text", "null", "big"};
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        err = (struct err){0};
        value = 77;
        assert_int_equal(json_get_uint(o, "load", wrong[i], 0, 9, &value, &err), -2);
        assert_int_equal(value, 77);
        assert_non_null(strstr(err.text, ": expected a whole number from 0 to 9"));
        assert_int_equal(strncmp(err.text, "load.", 5), 0);
    }
    err = (struct err){0};
    assert_int_equal(json_get_uint(o, "a.b[2]", "n", 6, 9, &value, &err), -2);
    assert_string_equal(err.text, "a.b[2].n: expected a whole number from 6 to 9");
    json_decref(o);
}

static void test_real_and_bool(void **state)
{
    (void)state;
    json_t *o = load("{\"r\": 0.5, \"i\": 3, \"t\": true, \"f\": false, \"s\": \"x\"}");
    double real = -1;
    bool flag = true;
    struct err err = {0};
    assert_int_equal(json_get_real(o, "", "absent", &real, &err), 0);
    assert_true(real == -1);
    assert_int_equal(json_get_real(o, "", "r", &real, &err), 0);
    assert_true(real == 0.5);
    assert_int_equal(json_get_real(o, "", "i", &real, &err), 0);
    assert_true(real == 3);
    assert_int_equal(json_get_bool(o, "", "absent", &flag, &err), 0);
    assert_true(flag);
    assert_int_equal(json_get_bool(o, "", "f", &flag, &err), 0);
    assert_false(flag);
    assert_int_equal(err.code, EXIT_CODE_OK);
    assert_int_equal(json_get_real(o, "at", "s", &real, &err), -2);
    assert_string_equal(err.text, "at.s: expected a number");
    err = (struct err){0};
    assert_int_equal(json_get_bool(o, "", "i", &flag, &err), -2);
    assert_string_equal(err.text, "i: expected true or false");
    json_decref(o);
}

static void test_string(void **state)
{
    (void)state;
    json_t *o = load("{\"s\": \"abc\", \"empty\": \"\", \"n\": 1}");
    const char *text = "default";
    struct err err = {0};
    assert_int_equal(json_get_string(o, "", "absent", 0, 9, &text, &err), 0);
    assert_string_equal(text, "default");
    assert_int_equal(json_need_string(o, "", "s", 3, 3, &text, &err), 0);
    assert_string_equal(text, "abc");
    assert_int_equal(json_get_string(o, "", "empty", 0, 0, &text, &err), 0);
    assert_string_equal(text, "");
    assert_int_equal(json_get_string(o, "", "s", 4, 9, &text, &err), -2);
    assert_string_equal(err.text, "s: expected a string of 4 to 9 bytes");
    assert_int_equal(json_get_string(o, "", "s", 0, 2, &text, NULL), -2);
    assert_int_equal(json_get_string(o, "", "n", 0, 2, &text, NULL), -2);
    json_decref(o);
}

static void test_string_with_a_zero_byte_is_refused(void **state)
{
    (void)state;
    json_t *o = json_object();
    json_put(o, "s", json_stringn("a\0b", 3));
    const char *text = NULL;
    assert_int_equal(json_get_string(o, "", "s", 0, 9, &text, NULL), -2);
    assert_null(text);
    json_decref(o);
}

static void test_object_and_array(void **state)
{
    (void)state;
    json_t *o = load("{\"o\": {}, \"a\": [1, 2, 3], \"n\": 1}");
    json_t *value = o;
    struct err err = {0};
    assert_int_equal(json_get_object(o, "", "absent", &value, &err), 0);
    assert_null(value);
    assert_int_equal(json_need_object(o, "", "o", &value, &err), 0);
    assert_true(json_is_object(value));
    assert_int_equal(json_need_array(o, "", "a", 3, &value, &err), 0);
    assert_int_equal(json_array_size(value), 3);
    assert_int_equal(json_get_array(o, "x", "a", 2, &value, &err), -2);
    assert_string_equal(err.text, "x.a: expected an array of at most 2 items");
    err = (struct err){0};
    assert_int_equal(json_get_object(o, "x", "a", &value, &err), -2);
    assert_string_equal(err.text, "x.a: expected an object");
    assert_int_equal(json_get_array(o, "", "n", 2, &value, NULL), -2);
    json_decref(o);
}

static void test_need_names_what_is_missing(void **state)
{
    (void)state;
    json_t *o = load("{}");
    uint64_t number = 0;
    const char *text = NULL;
    json_t *value = NULL;
    struct err err[4] = {0};
    assert_int_equal(json_need_uint(o, "a", "u", 0, 9, &number, &err[0]), -2);
    assert_int_equal(json_need_string(o, "a", "s", 0, 9, &text, &err[1]), -2);
    assert_int_equal(json_need_object(o, "a", "o", &value, &err[2]), -2);
    assert_int_equal(json_need_array(o, "", "r", 9, &value, &err[3]), -2);
    assert_string_equal(err[0].text, "a.u: missing");
    assert_string_equal(err[1].text, "a.s: missing");
    assert_string_equal(err[2].text, "a.o: missing");
    assert_string_equal(err[3].text, "r: missing");
    json_decref(o);
}

static void test_only_keys(void **state)
{
    (void)state;
    json_t *o = load("{\"a\": 1, \"b\": 2}");
    struct err err = {0};
    const char *const both[] = {"b", "a", "c", NULL};
    const char *const one[] = {"a", NULL};
    assert_int_equal(json_only_keys(o, "x", both, &err), 0);
    assert_int_equal(json_only_keys(o, "x", one, &err), -2);
    assert_string_equal(err.text, "x.b: unknown key");
    json_decref(o);
}

static void test_hostile_keys_stay_harmless_in_errors(void **state)
{
    (void)state;
    json_t *o = json_object();
    json_put(o, "\033[2J\nroot", json_null());
    const char *const none[] = {NULL};
    struct err err = {0};
    assert_int_equal(json_only_keys(o, "", none, &err), -2);
    assert_string_equal(err.text, "?[2J root: unknown key");
    json_decref(o);
}

static void test_safe_names(void **state)
{
    (void)state;
    const char *const safe[] = {"a", "slow-origin", "A_1.b", "0"};
    const char *const unsafe[] = {"",    ".",   "..",  ".a",      "-a",
                                  "a/b", "a b", "a\n", "\xc3\xb6"};
    for (size_t i = 0; i < COUNT_OF(safe); i++)
        assert_true(json_name_is_safe(safe[i]));
    for (size_t i = 0; i < COUNT_OF(unsafe); i++)
        assert_false(json_name_is_safe(unsafe[i]));
    char name[66];
    memset(name, 'x', 65);
    name[65] = '\0';
    assert_false(json_name_is_safe(name));
    name[64] = '\0';
    assert_true(json_name_is_safe(name));
}

static void test_numbers_that_json_has_not_become_null(void **state)
{
    (void)state;
    json_t *a = json_array();
    json_push(a, json_real_or_null(1.5));
    json_push(a, json_real_or_null((double)NAN));
    json_push(a, json_real_or_null((double)INFINITY));
    json_push(a, json_real_or_null(-(double)INFINITY));
    char *text = json_dumps(a, JSON_COMPACT);
    assert_string_equal(text, "[1.5,null,null,null]");
    free(text);
    json_decref(a);
}

/* A document of count items, each written as item. */
static char *many(const char *item, size_t count)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    (void)fputs("{\"x\":[0", out);
    for (size_t i = 0; i < count; i++)
        (void)fprintf(out, ",%s", item);
    (void)fputs("]}", out);
    (void)fclose(out);
    return text;
}

/* What is weighed before and after parsing is no less than what malloc gave (0 under a
 * sanitizer), and of the same order. */
static void test_nothing_is_heavier_than_its_weight(void **state)
{
    (void)state;
    static const char *const items[] = {"1",   "\"abcdefgh\"", "[]",      "{}",
                                        "[1]", "{\"a\":1}",    "[[],{}]", "\"\""};
    for (size_t i = 0; i < COUNT_OF(items); i++) {
        char *text = many(items[i], 20000);
        const size_t before = mallinfo2().uordblks;
        json_t *json = load(text);
        const size_t taken = mallinfo2().uordblks - before;
        const size_t weight = json_weigh_text(text, strlen(text));
        if (weight < taken || json_weigh(json) + strlen(text) < taken)
            fail_msg("%s: weights %zu and %zu, taken %zu", items[i], weight,
                     json_weigh(json), taken);
        assert_true(taken == 0 || weight < 4 * taken);
        json_decref(json);
        free(text);
    }
}

static void test_find_takes_the_first(void **state)
{
    (void)state;
    json_t *array = json_quoted("[{'name': 'a'}, 7, {'name': 'b'}, {'name': 'b'}]");
    assert_ptr_equal(json_find(array, "name", "b"), json_array_get(array, 2));
    assert_null(json_find(array, "name", "c"));
    assert_null(json_find(NULL, "name", "a"));
    json_decref(array);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_load_refuses_what_is_not_json),
        cmocka_unit_test(test_load_refuses_a_top_that_is_no_object),
        cmocka_unit_test(test_load_refuses_duplicate_keys),
        cmocka_unit_test(test_load_refuses_invalid_utf8),
        cmocka_unit_test(test_load_limits_the_depth),
        cmocka_unit_test(test_brackets_in_strings_are_not_depth),
        cmocka_unit_test(test_load_path_names_a_missing_file),
        cmocka_unit_test(test_uint),
        cmocka_unit_test(test_real_and_bool),
        cmocka_unit_test(test_string),
        cmocka_unit_test(test_string_with_a_zero_byte_is_refused),
        cmocka_unit_test(test_object_and_array),
        cmocka_unit_test(test_need_names_what_is_missing),
        cmocka_unit_test(test_only_keys),
        cmocka_unit_test(test_find_takes_the_first),
        cmocka_unit_test(test_hostile_keys_stay_harmless_in_errors),
        cmocka_unit_test(test_safe_names),
        cmocka_unit_test(test_nothing_is_heavier_than_its_weight),
        cmocka_unit_test(test_numbers_that_json_has_not_become_null),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
