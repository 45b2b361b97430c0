/* Why: see id_token.h. */
#include "channel/id_token.h"

#include <cjose/cjose.h>
#include <stdlib.h>

struct judging {
    struct arena *arena;
    const char *reason;
};

static enum err refuse(struct judging *judging, const char *reason)
{
    judging->reason = reason;
    return ERR_FORBIDDEN;
}

static struct text decode(struct arena *arena, struct text part)
{
    struct builder b = builder_new(arena, part.size + 4);
    for (size_t i = 0; i < part.size; i++)
        builder_add(&b, part.data[i] == '-' ? TEXT("+") : part.data[i] == '_' ? TEXT("/") : text_slice(part, i, i + 1));
    while (b.size % 4 != 0)
        builder_add(&b, TEXT("="));
    return text_base64_decode(arena, builder_text(&b));
}

static json_t *read_part(struct arena *arena, struct text part)
{
    struct text document = decode(arena, part);
    json_t *json = text_is_present(document) ? json_read(arena, document, problem_new(arena)) : NULL;
    return json_is_object(json) ? json : NULL;
}

/* Absent counts as fitting: both members are optional (RFC 7517). */
static bool is_or_absent(const json_t *key, const char *member, const char *wanted)
{
    const json_t *value = json_at(key, member);
    return !value || text_is(json_text_value(value), wanted);
}

/* The one key that may have signed: of the kind that the algorithm needs, and of the name that the token gives; without a name there must be no choice. */
static const json_t *choose_key(const json_t *keys, const char *algorithm, struct text kid)
{
    const char *kind = strcmp(algorithm, "RS256") == 0 ? "RSA" : "EC";
    const json_t *chosen = NULL;
    json_t *list = json_at(keys, "keys"), *key;
    size_t i;
    json_array_foreach(list, i, key) {
        if (i >= ID_TOKEN_KEYS_MAX)
            break;
        bool fits = text_is(json_text_at(key, "kty"), kind) && is_or_absent(key, "use", "sig") && is_or_absent(key, "alg", algorithm) &&
                    (!text_is_present(kid) || text_equal(json_text_at(key, "kid"), kid));
        if (fits && chosen)
            return NULL;
        if (fits)
            chosen = key;
    }
    return chosen;
}

/* RFC 7515, 2: without padding. The library aborts the process over a sign of padding in the middle. */
static bool is_base64url(struct text t)
{
    for (size_t i = 0; i < t.size; i++) {
        char c = t.data[i];
        if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_'))
            return false;
    }
    return t.size > 0 && t.size % 4 != 1;
}

static bool key_is_well_formed(const json_t *key)
{
    static const char *const numbers[] = {"n", "e", "x", "y"};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (json_at(key, numbers[i]) && !is_base64url(json_text_at(key, numbers[i])))
            return false;
    return true;
}

/* Only what the check needs goes to the library: no private members, no certificates. */
static cjose_jwk_t *import_key(struct arena *arena, const json_t *key)
{
    static const char *const members[] = {"kty", "n", "e", "crv", "x", "y"};
    json_t *bare = json_object_in(arena);
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        if (json_at(key, members[i]))
            json_put(bare, members[i], json_at(key, members[i]));
    struct text document = json_write(arena, bare);
    cjose_err error;
    return cjose_jwk_import(document.data, document.size, &error);
}

enum { RSA_BITS_MIN = 2048 };

static bool is_signed_by(struct arena *arena, struct text token, const json_t *key)
{
    cjose_err error;
    cjose_jwk_t *jwk = key_is_well_formed(key) ? import_key(arena, key) : NULL;
    cjose_jws_t *jws = jwk ? cjose_jws_import(token.data, token.size, &error) : NULL;
    bool weak = jwk && cjose_jwk_get_kty(jwk, &error) == CJOSE_JWK_KTY_RSA && cjose_jwk_get_keysize(jwk, &error) < RSA_BITS_MIN;
    bool right = jws && !weak && cjose_jws_verify(jws, jwk, &error);
    cjose_jws_release(jws);
    cjose_jwk_release(jwk);
    return right;
}

static enum err check_signature(struct judging *judging, struct text token, const json_t *header, const json_t *keys)
{
    struct text algorithm = json_text_at(header, "alg");
    const char *accepted = text_is(algorithm, "RS256") ? "RS256" : text_is(algorithm, "ES256") ? "ES256" : NULL;
    if (!accepted)
        return refuse(judging, "it is signed with neither RS256 nor ES256");
    if (json_at(header, "crit"))
        return refuse(judging, "its header demands what we do not know");
    const json_t *key = choose_key(keys, accepted, json_text_at(header, "kid"));
    if (!key)
        return refuse(judging, "the provider has no such key, or several");
    return is_signed_by(judging->arena, token, key) ? OK : refuse(judging, "its signature is wrong");
}

static bool is_for(const json_t *claims, struct text audience)
{
    const json_t *wanted = json_at(claims, "aud");
    if (!json_is_array(wanted))
        return text_equal(json_text_value(wanted), audience);
    bool found = false;
    size_t i;
    json_t *one;
    json_array_foreach(wanted, i, one)
        found = found || text_equal(json_text_value(one), audience);
    /* Several audiences: the one it was issued to must say so (Core 3.1.3.7, 4 and 5). */
    return found && (json_array_size(wanted) == 1 || text_equal(json_text_at(claims, "azp"), audience));
}

/* Seconds; some providers send fractions. */
static bool read_time(const json_t *claims, const char *name, int64_t *ret)
{
    const json_t *value = json_at(claims, name);
    double seconds = json_is_integer(value) ? (double)json_integer_value(value) : json_real_value(value);
    if (!json_is_number(value) || !(seconds >= 0 && seconds < 1e11))
        return false;
    *ret = (int64_t)seconds;
    return true;
}

static enum err check_claims(struct judging *judging, const json_t *claims, const struct id_token_wanted *wanted)
{
    int64_t now = wanted->now.us / SECOND_US, expires, issued, not_before = 0;
    struct text subject = json_text_at(claims, "sub");
    if (!text_equal(json_text_at(claims, "iss"), wanted->issuer))
        return refuse(judging, "it was made by another issuer");
    if (!is_for(claims, wanted->audience))
        return refuse(judging, "it is for somebody else");
    if (json_at(claims, "azp") && !text_equal(json_text_at(claims, "azp"), wanted->audience))
        return refuse(judging, "it was issued to somebody else");
    if (wanted->nonce.size == 0 || !text_equal_secret(json_text_at(claims, "nonce"), wanted->nonce))
        return refuse(judging, "it belongs to another sign-in");
    if (!read_time(claims, "exp", &expires) || now > expires + ID_TOKEN_LEEWAY_S)
        return refuse(judging, "it has expired");
    if (!read_time(claims, "iat", &issued) || issued > now + ID_TOKEN_LEEWAY_S)
        return refuse(judging, "it was issued in the future");
    if (json_at(claims, "nbf") && (!read_time(claims, "nbf", &not_before) || not_before > now + ID_TOKEN_LEEWAY_S))
        return refuse(judging, "it does not count yet");
    if (subject.size == 0 || subject.size > SUBJECT_BYTES_MAX)
        return refuse(judging, "it names nobody");
    return OK;
}

enum err id_token_verify(struct arena *arena, struct text token, const json_t *keys, const struct id_token_wanted *wanted, json_t **ret_claims,
                         const char **ret_reason)
{
    struct judging judging = {.arena = arena, .reason = "it is not a signed token"};
    struct text rest = token, header_part, claims_part, signature;
    enum err err = ERR_FORBIDDEN;
    bool three = token.size <= ID_TOKEN_BYTES_MAX && text_next(&rest, '.', &header_part) && text_next(&rest, '.', &claims_part) &&
                 text_next(&rest, '.', &signature) && rest.size == 0 && is_base64url(header_part) && is_base64url(claims_part);
    json_t *header = three ? read_part(arena, header_part) : NULL;
    json_t *claims = header ? read_part(arena, claims_part) : NULL;
    if (claims && signature.size > 0 && !is_base64url(signature))
        claims = NULL;
    if (claims)
        err = check_signature(&judging, token, header, keys);
    if (err == OK)
        err = check_claims(&judging, claims, wanted);
    if (err == OK)
        *ret_claims = claims;
    else
        *ret_reason = judging.reason;
    return err;
}
