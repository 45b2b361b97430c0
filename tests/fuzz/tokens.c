/* Why: an ID token and the keys it is checked with come over the network, and what passes signs somebody in. Claims are signed here by a key of ours, so that the
 * rules about them are reached; everything else is a forgery. */
#include <assert.h>
#include <cjose/cjose.h>
#include <stdlib.h>
#include <string.h>

#include "channel/id_token.h"
#include "target.h"

static const struct id_token_wanted wanted = {
    .issuer = {"https://id.example", 18}, .audience = {"us", 2}, .nonce = {"n1", 2}, .now = {INT64_C(1770000000) * SECOND_US}};

static enum err verify(struct arena *arena, struct text token, const json_t *keys, json_t **ret_claims)
{
    const char *reason = NULL;
    enum err err = id_token_verify(arena, token, keys, &wanted, ret_claims, &reason);
    assert(err == OK || (err == ERR_FORBIDDEN && reason && !*ret_claims));
    return err;
}

static json_t *set_of(struct arena *arena, const cjose_jwk_t *key)
{
    cjose_err error;
    char *document = cjose_jwk_to_json(key, false, &error);
    json_t *set = json_object_in(arena), *list = json_array_in(arena);
    json_append(list, json_read(arena, text_copy(arena, text_of(document)), problem_new(arena)));
    json_put(set, "keys", list);
    free(document);
    return set;
}

static struct text sign(struct arena *arena, const cjose_jwk_t *key, struct text claims)
{
    cjose_err error;
    const char *token = NULL;
    cjose_header_t *header = cjose_header_new(&error);
    bool set = cjose_header_set(header, CJOSE_HDR_ALG, CJOSE_HDR_ALG_ES256, &error);
    cjose_jws_t *jws = set ? cjose_jws_sign(key, header, (const uint8_t *)claims.data, claims.size, &error) : NULL;
    assert(jws && cjose_jws_export(jws, &token, &error));
    struct text copy = text_copy(arena, text_of(token));
    cjose_jws_release(jws);
    cjose_header_release(header);
    return copy;
}

static double seconds_at(const json_t *claims, const char *name)
{
    const json_t *value = json_at(claims, name);
    return json_is_integer(value) ? (double)json_integer_value(value) : json_real_value(value);
}

/* Whatever was signed: what is taken says all that it must. */
static bool signed_claims(struct arena *arena, struct text input)
{
    static cjose_jwk_t *ours, *theirs;
    cjose_err error;
    if (!ours) {
        ours = cjose_jwk_create_EC_random(CJOSE_JWK_EC_P_256, &error);
        theirs = cjose_jwk_create_EC_random(CJOSE_JWK_EC_P_256, &error);
    }
    assert(ours && theirs);
    struct text token = sign(arena, ours, input);
    json_t *claims = NULL;
    assert(verify(arena, token, set_of(arena, theirs), &claims) != OK);
    if (verify(arena, token, set_of(arena, ours), &claims) != OK)
        return false;
    struct text subject = json_text_at(claims, "sub");
    assert(subject.size > 0 && subject.size <= SUBJECT_BYTES_MAX);
    assert(text_equal(json_text_at(claims, "iss"), wanted.issuer) && text_equal(json_text_at(claims, "nonce"), wanted.nonce));
    assert(!json_at(claims, "azp") || text_equal(json_text_at(claims, "azp"), wanted.audience));
    assert(json_is_number(json_at(claims, "exp")) && seconds_at(claims, "exp") >= 1770000000.0 - ID_TOKEN_LEEWAY_S);
    assert(json_is_number(json_at(claims, "iat")) && seconds_at(claims, "iat") < 1770000001.0 + ID_TOKEN_LEEWAY_S);
    return true;
}

/* A token in the first line, the keys behind it; or claims. */
bool fuzz_id_token(struct arena *arena, struct text input)
{
    if (input.size > 0 && input.data[0] == '{')
        return signed_claims(arena, input);
    struct text rest = input, token = fuzz_line(&rest);
    json_t *claims = NULL, *keys = json_read(arena, rest, problem_new(arena));
    assert(verify(arena, token, keys, &claims) != OK || text_equal(json_text_at(claims, "iss"), wanted.issuer));
    return claims != NULL;
}
