/* Why: what a person may write into a mail of ours must not be able to run, load, leave its place or read differently from what it is. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "channel/markup.h"

struct pair {
    const char *written, *kept;
};

static void check(const struct pair *pairs, size_t count)
{
    struct arena *arena = arena_new(8 << 20);
    for (size_t i = 0; i < count; i++)
        assert_string_equal(markup_safe(arena, text_of(pairs[i].written)).data, pairs[i].kept);
    arena_free(arena);
}
#define CHECK(pairs) check(pairs, sizeof(pairs) / sizeof *(pairs))

static void what_is_allowed_stays(void **state)
{
    (void)state;
    static const struct pair pairs[] = {
        {"plain", "plain"},
        {"<p>We <b>found</b> the <em>switch</em>.</p>", "<p>We <b>found</b> the <em>switch</em>.</p>"},
        {"<UL>\n<LI>one</LI>\n<LI>two</LI></UL>", "<ul>\n<li>one</li>\n<li>two</li></ul>"},
        {"one<br>two<BR/>three<hr />", "one<br>two<br>three<hr>"},
        {"<a href=\"https://status.example.org/a?b=1&amp;c=2\">see</a>", "<a href=\"https://status.example.org/a?b=1&amp;c=2\" rel=\"noopener noreferrer\">see</a>"},
        {"<a class=x href = 'http://a.example/\"'>see</a>", "<a href=\"http://a.example/&quot;\" rel=\"noopener noreferrer\">see</a>"},
        {"<pre>\n  a\n    b  c\n</pre>", "<pre style=\"white-space:pre-wrap\">\n  a\n    b c\n</pre>"},
        {"Gr\xc3\xbc\xc3\x9f" "e &euro;5 &lt; 6 &#38; &#x1F525;", "Gr\xc3\xbc\xc3\x9f" "e \xe2\x82\xac" "5 &lt; 6 &amp; \xf0\x9f\x94\xa5"},
        {"1 < 2 and 3 > 2 <3", "1 &lt; 2 and 3 &gt; 2 &lt;3"},
        {"AT&T &unknown; &", "AT&amp;T &amp;unknown; &amp;"},
    };
    CHECK(pairs);
}

static void nothing_runs_or_loads(void **state)
{
    (void)state;
    static const struct pair pairs[] = {
        {"a<script>alert(1)</script>b", "ab"},
        {"a<SCRIPT src=//evil.example/x.js></SCRIPT >b", "ab"},
        {"a<script>x", "a"},
        {"<scr<script>ipt>alert(1)</script>", "ipt&gt;alert(1)"},
        {"<style>body{display:none}</style>x", "x"},
        {"<img src=x onerror=alert(1)>x", "x"},
        {"<svg><a href=\"https://e.example\">x</a></svg>y", "y"},
        {"<b onclick=\"alert(1)\" style=\"position:fixed\">x</b>", "<b>x</b>"},
        {"<a href=\"javascript:alert(1)\">x</a>", "x"},
        {"<a href=\" JaVaScRiPt:alert(1)\">x</a>", "x"},
        {"<a href=\"java\tscript:alert(1)\">x</a>", "x"},
        {"<a href=\"&#106;avascript:alert(1)\">x</a>", "x"},
        {"<a href=\"data:text/html,x\">x</a>", "x"},
        {"<a href=\"https://a.example/ onclick=1\">x</a>", "x"},
        {"<a href=\"https://a.example\" href=\"javascript:1\">x</a>", "<a href=\"https://a.example\" rel=\"noopener noreferrer\">x</a>"},
        {"<a href=https://a.example/\"onclick=alert(1)>x</a>", "<a href=\"https://a.example/&quot;onclick=alert(1)\" rel=\"noopener noreferrer\">x</a>"},
        {"<a href=\"https://a.example\xe2\x80\xae/gnp\">x</a>", "x"},
        {"<form action=https://e.example><input name=password><button>Sign in</button></form>", "Sign in"},
        {"<iframe src=//e.example>x</iframe><meta http-equiv=refresh content=0><base href=//e.example><link rel=stylesheet href=//e.example>y", "y"},
        {"&lt;script&gt;alert(1)&lt;/script&gt;", "&lt;script&gt;alert(1)&lt;/script&gt;"},
        {"<!--[if mso]><script>x</script><![endif]-->y", "y"},
        {"<!-- <b> --> <?php x ?><![CDATA[z]]>y", " y"},
        {"<table background=//e.example><tr><td>x</td></tr></table>", "x"},
    };
    CHECK(pairs);
}

static void it_stays_in_its_place(void **state)
{
    (void)state;
    static const struct pair pairs[] = {
        {"</div></td></table></body></html>x", "x"},
        {"<b><i>x", "<b><i>x</i></b>"},
        {"<b><i>x</b>y</i>", "<b><i>x</i></b>y"},
        {"</p></b>x", "x"},
        {"<p>one<p>two", "<p>one</p><p>two</p>"},
        {"<p>one<ul><li>a<li>b<ul><li>c</ul></ul>", "<p>one</p><ul><li>a</li><li>b<ul><li>c</li></ul></li></ul>"},
        {"<a href=https://a.example>x<a href=https://b.example>y", "<a href=\"https://a.example\" rel=\"noopener noreferrer\">x</a><a href=\"https://b.example\" rel=\"noopener noreferrer\">y</a>"},
        {"x<b", "x"},
        {"x<b title=\"", "x"}, {"x<b title=\">y</b>", "x"},
        {"e\xe2\x80\xaegnp &#8238;x &#x200b;y\x01z", "egnp x y z"},
    };
    CHECK(pairs);
}

static void what_shows_nothing_is_nothing(void **state)
{
    (void)state;
    static const struct pair pairs[] = {{"", ""}, {" \n", ""}, {"<p></p><br>", ""}, {"<script>x</script>", ""}, {"<img src=//e.example/x.png>", ""}};
    CHECK(pairs);
}

static struct text deep(struct arena *arena, const char *words)
{
    struct builder b = builder_new(arena, 4 << 20);
    for (int i = 0; i < 100; i++)
        builder_add_string(&b, "<blockquote>");
    for (int i = 0; i < 30000; i++)
        builder_add_string(&b, words);
    return builder_text(&b);
}

static void it_is_bounded_and_closed_then_too(void **state)
{
    (void)state;
    struct arena *arena = arena_new(64 << 20);
    assert_int_equal(markup_safe(arena, deep(arena, "words ")).size, 0); /* one stretch of words that does not fit is not cut within */
    struct text kept = markup_safe(arena, deep(arena, "words<br>")), end = TEXT("</blockquote>");
    assert_true(kept.size <= MARKUP_BYTES_MAX && kept.size > MARKUP_BYTES_MAX - 1024);
    size_t closed = 0;
    for (; text_ends_with(kept, end); kept = text_slice(kept, 0, kept.size - end.size))
        closed++;
    assert_int_equal(closed, MARKUP_DEPTH_MAX);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_allowed_stays),
        cmocka_unit_test(nothing_runs_or_loads),
        cmocka_unit_test(it_stays_in_its_place),
        cmocka_unit_test(what_shows_nothing_is_nothing),
        cmocka_unit_test(it_is_bounded_and_closed_then_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
