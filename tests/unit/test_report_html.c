/* test_report_html: nothing that comes from data can become markup. */
#include "common/sha256.h"
#include "report/base64.h"
#include "report/html.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static char *written(void (*write)(struct html *html))
{
    struct html html;
    char *text = NULL;
    size_t size = 0;
    html_init(&html);
    write(&html);
    html_finish(&html, &text, &size);
    assert_int_equal(size, strlen(text));
    return text;
}

static void write_text(struct html *html)
{
    html_raw(html, "<p>");
    html_text(html, "<script>alert('1' & \"2\")</script>");
    html_text(html, NULL);
    html_textf(html, " %s %d", "<b>", 3);
    html_raw(html, "</p>");
}

static void test_text_is_escaped(void **state)
{
    (void)state;
    char *text = written(write_text);
    assert_string_equal(text, "<p>&lt;script&gt;alert(&#39;1&#39; &amp; &quot;2&quot;)"
                              "&lt;/script&gt; &lt;b&gt; 3</p>");
    free(text);
}

static void write_attribute(struct html *html)
{
    html_raw(html, "<i");
    html_attr(html, "title", "\" onload=\"x");
    html_raw(html, ">");
    html_element(html, "td class=\"a\"", "<");
}

static void test_attributes_are_escaped(void **state)
{
    (void)state;
    char *text = written(write_attribute);
    assert_string_equal(text,
                        "<i title=\"&quot; onload=&quot;x\"><td class=\"a\">&lt;</td>");
    free(text);
}

static void test_base64(void **state)
{
    (void)state;
    char out[16];
    static const struct {
        const char *bytes, *text;
    } table[] = {
        {"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foob", "Zm9vYg=="}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        base64_encode((const unsigned char *)table[i].bytes, strlen(table[i].bytes), out,
                      sizeof out);
        assert_string_equal(out, table[i].text);
    }
    base64_encode((const unsigned char *)"foob", 4, out, 8);
    assert_string_equal(out, "");
}

/* The examples of FIPS 180-4, and sizes about a block's end. */
static void test_sha256(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t repeat;
        const char *digest;
    } table[] = {
        {"", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
        {"a", 55, "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318"},
        {"a", 64, "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        char bytes[128] = "";
        char hex[2 * SHA256_BYTES + 1];
        unsigned char digest[SHA256_BYTES];
        size_t length = strlen(table[i].text);
        for (size_t k = 0; k < table[i].repeat; k++)
            memcpy(bytes + k * length, table[i].text, length);
        sha256(bytes, length * table[i].repeat, digest);
        for (size_t k = 0; k < sizeof digest; k++)
            (void)snprintf(hex + 2 * k, 3, "%02x", digest[k]);
        assert_string_equal(hex, table[i].digest);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text_is_escaped),
        cmocka_unit_test(test_attributes_are_escaped),
        cmocka_unit_test(test_base64),
        cmocka_unit_test(test_sha256),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
