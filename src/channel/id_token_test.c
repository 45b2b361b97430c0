/* Why: whoever gets a token past this check is signed in as somebody else. Every rule has a token that breaks it and nothing else; tokens are really signed, by keys
 * made here. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <cjose/cjose.h>
#include <stdlib.h>
#include <string.h>

#include "channel/id_token.h"

#define NOW 1770000000
#define ISSUER "https://id.example"
/* Every claim that is looked at, but for the audience. */
#define REST "\"iss\":\"" ISSUER "\",\"sub\":\"ana\",\"nonce\":\"n1\",\"exp\":1770000300,\"iat\":1769999990"
#define GOOD "{\"aud\":\"us\"," REST "}"

static struct keys {
    cjose_jwk_t *rsa, *other_rsa, *weak_rsa, *ec, *secret;
} keys;

static int make_keys(void **state)
{
    (void)state;
    cjose_err error;
    keys = (struct keys){
        .rsa = cjose_jwk_create_RSA_random(2048, NULL, 0, &error),
        .other_rsa = cjose_jwk_create_RSA_random(2048, NULL, 0, &error),
        .weak_rsa = cjose_jwk_create_RSA_random(1024, NULL, 0, &error),
        .ec = cjose_jwk_create_EC_random(CJOSE_JWK_EC_P_256, &error),
        .secret = cjose_jwk_create_oct_random(256, &error),
    };
    return keys.rsa && keys.other_rsa && keys.weak_rsa && keys.ec && keys.secret ? 0 : -1;
}

static int release_keys(void **state)
{
    (void)state;
    cjose_jwk_t *all[] = {keys.rsa, keys.other_rsa, keys.weak_rsa, keys.ec, keys.secret};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        cjose_jwk_release(all[i]);
    return 0;
}

/* `members`: further ones of the key, as JSON behind a comma, or "". */
static void add_key(struct arena *arena, json_t *set, const cjose_jwk_t *key, const char *members)
{
    cjose_err error;
    char *document = cjose_jwk_to_json(key, false, &error);
    assert_non_null(document);
    const char *whole = arena_printf(arena, "%.*s%s}", (int)strlen(document) - 1, document, members);
    free(document);
    json_t *json = json_read(arena, text_of(whole), problem_new(arena));
    assert_non_null(json);
    json_append(json_at(set, "keys"), json);
}

static json_t *empty_set(struct arena *arena)
{
    json_t *set = json_object_in(arena);
    json_put(set, "keys", json_array_in(arena));
    return set;
}

/* What the provider of these tests publishes. */
static json_t *published(struct arena *arena)
{
    json_t *set = empty_set(arena);
    add_key(arena, set, keys.rsa, ",\"kid\":\"r\",\"use\":\"sig\",\"alg\":\"RS256\"");
    add_key(arena, set, keys.ec, ",\"kid\":\"e\"");
    add_key(arena, set, keys.weak_rsa, ",\"kid\":\"weak\"");
    return set;
}

static struct text sign(struct arena *arena, const cjose_jwk_t *key, const char *algorithm, const char *kid, const char *claims)
{
    cjose_err error;
    const char *token;
    cjose_header_t *header = cjose_header_new(&error);
    assert_true(cjose_header_set(header, CJOSE_HDR_ALG, algorithm, &error));
    assert_true(!kid || cjose_header_set(header, CJOSE_HDR_KID, kid, &error));
    cjose_jws_t *jws = cjose_jws_sign(key, header, (const uint8_t *)claims, strlen(claims), &error);
    assert_non_null(jws);
    assert_true(cjose_jws_export(jws, &token, &error));
    struct text copy = text_copy(arena, text_of(token));
    cjose_jws_release(jws);
    cjose_header_release(header);
    return copy;
}

static enum err verify(struct arena *arena, struct text token, const json_t *set, const char **ret_reason)
{
    struct id_token_wanted wanted = {.issuer = TEXT(ISSUER), .audience = TEXT("us"), .nonce = TEXT("n1"), .now = {NOW * SECOND_US}};
    json_t *claims = NULL;
    enum err err = id_token_verify(arena, token, set, &wanted, &claims, ret_reason);
    assert_int_equal(err == OK, claims != NULL);
    if (err == OK)
        assert_true(text_is(json_text_at(claims, "sub"), "ana"));
    return err;
}

static void expect_refused(struct arena *arena, struct text token, const json_t *set, const char *reason)
{
    const char *got = "nothing";
    assert_int_equal(verify(arena, token, set, &got), ERR_FORBIDDEN);
    assert_string_equal(got, reason);
}

static void expect_taken(struct arena *arena, struct text token, const json_t *set)
{
    const char *reason = "";
    if (verify(arena, token, set, &reason) != OK)
        fail_msg("refused: %s", reason);
}

static void what_is_right_is_taken(void **state)
{
    (void)state;
    struct arena *arena = arena_new(1 << 24);
    json_t *set = published(arena);
    static const char *const right[] = {
        GOOD,
        "{\"aud\":[\"us\"]," REST "}",
        "{\"aud\":[\"them\",\"us\"],\"azp\":\"us\"," REST "}",
        "{\"aud\":\"us\",\"azp\":\"us\"," REST "}",
        "{\"aud\":\"us\",\"nbf\":1770000060," REST "}",
        "{\"aud\":\"us\",\"iss\":\"" ISSUER "\",\"sub\":\"ana\",\"nonce\":\"n1\",\"exp\":1769999940.9,\"iat\":1770000060}", /* the leeway, to the second */
    };
    for (size_t i = 0; i < sizeof right / sizeof *right; i++) {
        expect_taken(arena, sign(arena, keys.rsa, "RS256", "r", right[i]), set);
        expect_taken(arena, sign(arena, keys.ec, "ES256", "e", right[i]), set);
    }
    expect_taken(arena, sign(arena, keys.ec, "ES256", NULL, GOOD), set); /* no name, no choice */
    arena_free(arena);
}

static void each_claim_counts(void **state)
{
    (void)state;
    static const char *const issuer = "it was made by another issuer", *const audience = "it is for somebody else", *const party = "it was issued to somebody else",
                            *const nonce = "it belongs to another sign-in", *const expired = "it has expired", *const early = "it was issued in the future",
                            *const not_yet = "it does not count yet", *const nobody = "it names nobody";
    const struct {
        const char *claims, *reason;
    } cases[] = {
        {"{\"aud\":\"us\",\"iss\":\"https://id.example/\",\"sub\":\"ana\",\"nonce\":\"n1\",\"exp\":1770000300,\"iat\":1769999990}", issuer},
        {"{\"aud\":\"us\",\"sub\":\"ana\",\"nonce\":\"n1\",\"exp\":1770000300,\"iat\":1769999990}", issuer},
        {"{\"aud\":\"us\",\"iss\":7,\"sub\":\"ana\",\"nonce\":\"n1\",\"exp\":1770000300,\"iat\":1769999990}", issuer},
        {"{\"aud\":\"them\"," REST "}", audience},
        {"{" REST "}", audience},
        {"{\"aud\":[]," REST "}", audience},
        {"{\"aud\":[\"them\"]," REST "}", audience},
        {"{\"aud\":{\"us\":\"us\"}," REST "}", audience},
        {"{\"aud\":[\"us\",\"them\"]," REST "}", audience}, /* several, and none says that it is ours */
        {"{\"aud\":[\"us\",\"them\"],\"azp\":\"them\"," REST "}", audience},
        {"{\"aud\":\"us\",\"azp\":\"them\"," REST "}", party},
        {"{\"aud\":[\"us\"],\"azp\":[\"us\"]," REST "}", party},
        {"{\"aud\":\"us\",\"iss\":\"" ISSUER "\",\"sub\":\"ana\",\"nonce\":\"n2\",\"exp\":1770000300,\"iat\":1769999990}", nonce},
        {"{\"aud\":\"us\",\"iss\":\"" ISSUER "\",\"sub\":\"ana\",\"exp\":1770000300,\"iat\":1769999990}", nonce},
        {"{\"aud\":\"us\",\"iss\":\"" ISSUER "\",\"sub\":\"ana\",\"nonce\":\"n1\",\"exp\":1769999939,\"iat\":1769999000}", expired},
        {"{\"aud\":\"us\",\"iss\":\"" ISSUER "\",\"sub\":\"ana\",\"nonce\":\"n1\",\"iat\":1769999990}", expired},
        {"{\"aud\":\"us\",\"iss\":\"" ISSUER "\",\"sub\":\"ana\",\"nonce\":\"n1\",\"exp\":\"1770000300\",\"iat\":1769999990}", expired},
        {"{\"aud\":\"us\",\"iss\":\"" ISSUER "\",\"sub\":\"ana\",\"nonce\":\"n1\",\"exp\":1e300,\"iat\":1769999990}", expired},
        {"{\"aud\":\"us\",\"iss\":\"" ISSUER "\",\"sub\":\"ana\",\"nonce\":\"n1\",\"exp\":1e12,\"iat\":1769999990}", expired},
        {"{\"aud\":\"us\",\"iss\":\"" ISSUER "\",\"sub\":\"ana\",\"nonce\":\"n1\",\"exp\":1770000300,\"iat\":1770000061}", early},
        {"{\"aud\":\"us\",\"iss\":\"" ISSUER "\",\"sub\":\"ana\",\"nonce\":\"n1\",\"exp\":1770000300}", early},
        {"{\"aud\":\"us\",\"nbf\":1770000061," REST "}", not_yet},
        {"{\"aud\":\"us\",\"nbf\":null," REST "}", not_yet},
        {"{\"aud\":\"us\",\"iss\":\"" ISSUER "\",\"nonce\":\"n1\",\"exp\":1770000300,\"iat\":1769999990}", nobody},
        {"{\"aud\":\"us\",\"iss\":\"" ISSUER "\",\"sub\":\"\",\"nonce\":\"n1\",\"exp\":1770000300,\"iat\":1769999990}", nobody},
        {"[]", "it is not a signed token"},
        {"hello", "it is not a signed token"},
        {"{\"aud\":\"us\",\"aud\":\"us\"," REST "}", "it is not a signed token"}, /* whose claim counts? */
    };
    struct arena *arena = arena_new(1 << 24);
    json_t *set = published(arena);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect_refused(arena, sign(arena, keys.rsa, "RS256", "r", cases[i].claims), set, cases[i].reason);
    char *subject = arena_alloc(arena, SUBJECT_BYTES_MAX + 2);
    memset(subject, 'x', SUBJECT_BYTES_MAX + 1);
    subject[SUBJECT_BYTES_MAX + 1] = '\0';
    const char *long_one = arena_printf(arena, "{\"aud\":\"us\",\"iss\":\"" ISSUER "\",\"sub\":\"%s\",\"nonce\":\"n1\",\"exp\":1770000300,\"iat\":1769999990}", subject);
    expect_refused(arena, sign(arena, keys.rsa, "RS256", "r", long_one), set, nobody);
    arena_free(arena);
}

static void without_a_nonce_nothing_fits(void **state)
{
    (void)state;
    struct arena *arena = arena_new(1 << 24);
    const char *empty = "{\"aud\":\"us\",\"iss\":\"" ISSUER "\",\"sub\":\"ana\",\"nonce\":\"\",\"exp\":1770000300,\"iat\":1769999990}";
    struct id_token_wanted wanted = {.issuer = TEXT(ISSUER), .audience = TEXT("us"), .nonce = TEXT(""), .now = {NOW * SECOND_US}};
    json_t *claims = NULL;
    const char *reason = "";
    assert_int_equal(id_token_verify(arena, sign(arena, keys.rsa, "RS256", "r", empty), published(arena), &wanted, &claims, &reason), ERR_FORBIDDEN);
    assert_string_equal(reason, "it belongs to another sign-in");
    arena_free(arena);
}

static struct text url_base64(struct arena *arena, const char *words)
{
    struct text plain = text_base64(arena, words, strlen(words));
    char *out = arena_alloc(arena, plain.size + 1);
    size_t size = 0;
    for (; size < plain.size && plain.data[size] != '='; size++)
        out[size] = plain.data[size] == '+' ? '-' : plain.data[size] == '/' ? '_' : plain.data[size];
    return (struct text){out, size};
}

/* A header of our choice before claims and a signature that are right for another one. */
static struct text with_header(struct arena *arena, const char *header)
{
    struct text token = sign(arena, keys.rsa, "RS256", "r", GOOD);
    size_t dot = text_find_byte(token, '.', 0);
    return text_printf(arena, "%.*s%.*s", TEXT_ARG(url_base64(arena, header)), TEXT_ARG(text_slice(token, dot, token.size)));
}

static void the_token_does_not_choose_how_it_is_checked(void **state)
{
    (void)state;
    static const char *const algorithm = "it is signed with neither RS256 nor ES256", *const no_key = "the provider has no such key, or several";
    struct arena *arena = arena_new(1 << 24);
    json_t *set = published(arena);
    static const char *const headers[] = {
        "{\"alg\":\"none\"}", "{\"alg\":\"None\",\"kid\":\"r\"}", "{\"alg\":\"\"}", "{}", "{\"alg\":7}", "{\"alg\":\"rs256\",\"kid\":\"r\"}", "{\"alg\":\"RS512\",\"kid\":\"r\"}",
        "{\"alg\":\"PS256\",\"kid\":\"r\"}", "{\"alg\":\"HS256\",\"kid\":\"r\"}", "{\"alg\":[\"RS256\"]}",
    };
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
        expect_refused(arena, with_header(arena, headers[i]), set, algorithm);
    struct text none = text_printf(arena, "%.*s.%.*s.", TEXT_ARG(url_base64(arena, "{\"alg\":\"none\"}")), TEXT_ARG(url_base64(arena, GOOD)));
    expect_refused(arena, none, set, algorithm);
    expect_refused(arena, with_header(arena, "{\"alg\":\"RS256\",\"kid\":\"r\",\"crit\":[\"x\"]}"), set, "its header demands what we do not know");
    expect_refused(arena, with_header(arena, "{\"alg\":\"ES256\",\"kid\":\"r\"}"), set, no_key); /* an RSA key by name */
    expect_refused(arena, with_header(arena, "{\"alg\":\"RS256\",\"kid\":\"e\"}"), set, no_key);
    expect_refused(arena, sign(arena, keys.secret, "HS256", "r", GOOD), set, algorithm);
    arena_free(arena);
}

static void only_the_providers_keys_count(void **state)
{
    (void)state;
    static const char *const no_key = "the provider has no such key, or several", *const wrong = "its signature is wrong";
    struct arena *arena = arena_new(1 << 24);
    json_t *set = published(arena);
    expect_refused(arena, sign(arena, keys.rsa, "RS256", "unknown", GOOD), set, no_key);
    expect_refused(arena, sign(arena, keys.rsa, "RS256", NULL, GOOD), set, no_key); /* two could be meant */
    expect_refused(arena, sign(arena, keys.other_rsa, "RS256", "r", GOOD), set, wrong);
    expect_refused(arena, sign(arena, keys.weak_rsa, "RS256", "weak", GOOD), set, wrong);
    expect_refused(arena, sign(arena, keys.rsa, "RS256", "r", GOOD), empty_set(arena), no_key);
    expect_refused(arena, sign(arena, keys.rsa, "RS256", "r", GOOD), json_object_in(arena), no_key);
    static const char *const unfit[] = {",\"kid\":\"r\",\"use\":\"enc\"", ",\"kid\":\"r\",\"alg\":\"RS512\"", ",\"kid\":\"r\",\"use\":7", ""};
    for (size_t i = 0; i < sizeof unfit / sizeof *unfit; i++) {
        json_t *one = empty_set(arena);
        add_key(arena, one, keys.rsa, unfit[i]);
        expect_refused(arena, sign(arena, keys.rsa, "RS256", "r", GOOD), one, no_key);
    }
    json_t *twice = empty_set(arena);
    add_key(arena, twice, keys.rsa, ",\"kid\":\"r\"");
    add_key(arena, twice, keys.other_rsa, ",\"kid\":\"r\"");
    expect_refused(arena, sign(arena, keys.rsa, "RS256", "r", GOOD), twice, no_key);
    arena_free(arena);
}

static void a_key_beyond_the_bound_is_not_looked_at(void **state)
{
    (void)state;
    struct arena *arena = arena_new(1 << 24);
    json_t *set = empty_set(arena);
    for (int i = 0; i < ID_TOKEN_KEYS_MAX; i++)
        add_key(arena, set, keys.ec, ",\"kid\":\"x\"");
    add_key(arena, set, keys.rsa, ",\"kid\":\"r\"");
    expect_refused(arena, sign(arena, keys.rsa, "RS256", "r", GOOD), set, "the provider has no such key, or several");
    arena_free(arena);
}

static void what_is_no_token_is_refused(void **state)
{
    (void)state;
    static const char *const reason = "it is not a signed token";
    struct arena *arena = arena_new(1 << 24);
    json_t *set = published(arena);
    struct text good = sign(arena, keys.rsa, "RS256", "r", GOOD);
    static const char *const nonsense[] = {"", ".", "..", "...", "a.b", "a.b.c", "e30.e30", "e30.e30.", "e30..x", "!!.!!.!!", "{}.{}.{}", "bnVsbA.bnVsbA.x"};
    for (size_t i = 0; i < sizeof nonsense / sizeof *nonsense; i++) {
        const char *got = "nothing";
        assert_int_equal(verify(arena, text_of(nonsense[i]), set, &got), ERR_FORBIDDEN);
        assert_string_not_equal(got, "nothing");
    }
    expect_refused(arena, text_printf(arena, "%.*s.x", TEXT_ARG(good)), set, reason);
    expect_refused(arena, with_header(arena, "RS256"), set, reason);
    expect_refused(arena, with_header(arena, "[\"RS256\"]"), set, reason);
    char *long_one = arena_alloc(arena, ID_TOKEN_BYTES_MAX + 2);
    memset(long_one, 'A', ID_TOKEN_BYTES_MAX + 1);
    memcpy(long_one, good.data, good.size);
    expect_refused(arena, (struct text){long_one, ID_TOKEN_BYTES_MAX + 1}, set, reason);
    arena_free(arena);
}

/* The library would end the process. */
static void padding_in_the_middle_is_refused(void **state)
{
    (void)state;
    struct arena *arena = arena_new(1 << 24);
    json_t *set = published(arena);
    struct text good = sign(arena, keys.rsa, "RS256", "r", GOOD);
    static const char *const signatures[] = {"AAAA=AAA", "A", "AAAAA", "AA=A", "AA==", "AAA+"};
    for (size_t i = 0; i < sizeof signatures / sizeof *signatures; i++) {
        size_t last = good.size;
        while (good.data[last - 1] != '.')
            last--;
        expect_refused(arena, text_printf(arena, "%.*s%s", TEXT_ARG(text_slice(good, 0, last)), signatures[i]), set, "it is not a signed token");
    }
    json_t *key = json_read(arena, TEXT("{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"r\",\"n\":\"uuuu\",\"e\":\"AQAAA=AA\"}]}"), problem_new(arena));
    expect_refused(arena, good, key, "its signature is wrong");
    arena_free(arena);
}

/* No byte of a token can be another one: neither header nor claims nor signature. */
static void no_byte_can_be_changed(void **state)
{
    (void)state;
    struct arena *arena = arena_new(1 << 26);
    json_t *set = published(arena);
    struct text good = sign(arena, keys.ec, "ES256", "e", GOOD);
    for (size_t i = 0; i + 1 < good.size; i++) { /* the last character carries bits that mean nothing */
        char *changed = arena_copy(arena, good.data, good.size);
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        const char *reason = "";
        assert_int_equal(verify(arena, (struct text){changed, good.size}, set, &reason), ERR_FORBIDDEN);
    }
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_right_is_taken),
        cmocka_unit_test(each_claim_counts),
        cmocka_unit_test(without_a_nonce_nothing_fits),
        cmocka_unit_test(the_token_does_not_choose_how_it_is_checked),
        cmocka_unit_test(only_the_providers_keys_count),
        cmocka_unit_test(a_key_beyond_the_bound_is_not_looked_at),
        cmocka_unit_test(what_is_no_token_is_refused),
        cmocka_unit_test(padding_in_the_middle_is_refused),
        cmocka_unit_test(no_byte_can_be_changed),
    };
    return cmocka_run_group_tests(tests, make_keys, release_keys);
}
