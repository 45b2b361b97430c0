/* Why: many runs of one statement as one: each parameter is an array with an element per run (gather.h). Arrays travel in binary (array_send and the send functions of
 * the elements in the server's sources): quoting and reading the bodies of events would cost more than the rest of the row. */
#include "store/postgres.h"

#include <stdio.h>

enum { OID_INT8 = 20, OID_TEXT = 25, OID_INT8_ARRAY = 1016, OID_TEXT_ARRAY = 1009 }; /* pg_type.dat: they never change */

enum err postgres_describe_rows(struct db *db, const char *statement, size_t count, unsigned *ret_elements)
{
    enum err err = postgres_settle(db);
    if (err != OK)
        return err;
    PGresult *result = PQdescribePrepared(postgres_of(db)->handle, statement);
    if (!postgres_succeeded(result))
        return postgres_fail(db, result);
    for (size_t i = 0; i < count && err == OK; i++) {
        Oid type = PQparamtype(result, (int)i);
        ret_elements[i] = type == OID_INT8_ARRAY ? OID_INT8 : OID_TEXT;
        if (type != OID_INT8_ARRAY && type != OID_TEXT_ARRAY)
            err = db_fail(db, ERR_INTERNAL, "parameter %zu of a gathered query is neither BIGINT[] nor TEXT[]", i);
    }
    PQclear(result);
    return err;
}

static char *put32(char *at, uint32_t number)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        *at++ = (char)(number >> shift);
    return at;
}

static char *put64(char *at, uint64_t number)
{
    return put32(put32(at, (uint32_t)(number >> 32)), (uint32_t)number);
}

/* Length, then the value; NULL is a length of -1. */
static char *put_element(char *at, unsigned element, const struct value *value)
{
    char digits[24];
    struct text text = value->text;
    switch (value->kind) {
    case VALUE_UNBOUND:
    case VALUE_NULL: return put32(at, UINT32_MAX);
    case VALUE_INT:
        if (element == OID_INT8)
            return put64(put32(at, 8), (uint64_t)value->number);
        text = (struct text){digits, (size_t)snprintf(digits, sizeof digits, "%lld", (long long)value->number)};
        break;
    case VALUE_TEXT: break;
    }
    at = put32(at, (uint32_t)text.size);
    if (text.size > 0)
        memcpy(at, text.data, text.size);
    return at + text.size;
}

enum err postgres_array(struct db *db, struct arena *arena, unsigned element, const struct value *first, size_t rows, size_t stride, struct text *ret)
{
    size_t size = 20;
    for (size_t i = 0; i < rows; i++) {
        const struct value *value = &first[i * stride];
        if (value->kind == VALUE_TEXT && element == OID_INT8)
            return db_fail(db, ERR_INTERNAL, "a text for a number");
        size += 4 + (value->kind == VALUE_TEXT ? value->text.size : 20);
    }
    char *data = arena_alloc(arena, size), *at = data;
    at = put32(at, 1); /* dimensions */
    at = put32(at, 1); /* there may be NULLs */
    at = put32(at, element);
    at = put32(at, (uint32_t)rows);
    at = put32(at, 1); /* the first is number 1 */
    for (size_t i = 0; i < rows; i++)
        at = put_element(at, element, &first[i * stride]);
    *ret = (struct text){data, (size_t)(at - data)};
    return OK;
}
