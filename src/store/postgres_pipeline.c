/* Why: see postgres.h. */
#include "store/postgres.h"

#include <assert.h>
#include <stdio.h>

/* Errors ---------------------------------------------------------------------------------------------------------- */

enum err postgres_lost(struct db *db)
{
    db->broken = true;
    return db_fail(db, ERR_UNAVAILABLE, "%s", PQerrorMessage(postgres_of(db)->handle));
}

/* By SQLSTATE (PostgreSQL manual, appendix A). */
enum err postgres_fail(struct db *db, PGresult *result)
{
    const char *state = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
    enum err err = ERR_INTERNAL;
    if (!state || PQstatus(postgres_of(db)->handle) != CONNECTION_OK)
        err = postgres_lost(db);
    else if (strcmp(state, "23505") == 0 || strcmp(state, "23503") == 0)
        err = ERR_CONFLICT;
    else if (strncmp(state, "08", 2) == 0 || strncmp(state, "53", 2) == 0 || strncmp(state, "57", 2) == 0 || strncmp(state, "58", 2) == 0 ||
             strncmp(state, "40", 2) == 0 || strcmp(state, "55P03") == 0 || strcmp(state, "25006") == 0 || strncmp(state, "XX", 2) == 0)
        err = ERR_UNAVAILABLE; /* lost, out of resources, shut down, input/output, serialization, lock not available, read-only, damaged */
    if (state && (strcmp(state, "25006") == 0 || strncmp(state, "XX", 2) == 0 || strncmp(state, "58", 2) == 0 || strncmp(state, "57P", 3) == 0))
        db->broken = true; /* e.g. a server that became a standby: another connection may reach the new primary */
    if (state)
        db_fail(db, err, "%s: %s", state, PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY));
    PQclear(result);
    return err;
}

bool postgres_succeeded(const PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);
    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

/* The pipeline ---------------------------------------------------------------------------------------------------- */

enum err postgres_begin_pipeline(struct db *db)
{
    PGconn *handle = postgres_of(db)->handle;
    return PQpipelineStatus(handle) != PQ_PIPELINE_OFF || PQenterPipelineMode(handle) ? OK : postgres_lost(db);
}

/* The result of the oldest statement under way, or of the sync; NULL: the connection is lost. */
static PGresult *take_result(PGconn *handle)
{
    PGresult *result = PQgetResult(handle);
    if (result && PQresultStatus(result) != PGRES_PIPELINE_SYNC)
        PQclear(PQgetResult(handle)); /* the NULL that ends each */
    return result;
}

static enum err fail_as(struct db *db, PGresult *result, const char *name)
{
    char message[sizeof db->message];
    enum err err = postgres_fail(db, result);
    snprintf(message, sizeof message, "%s", db->message);
    return db_fail(db, err, "earlier query=%s: %s", name, message);
}

enum err postgres_finish_pipeline(struct db *db, PGresult **ret_last, bool *ret_lost)
{
    struct postgres *postgres = postgres_of(db);
    enum err err = PQpipelineSync(postgres->handle) ? OK : postgres_lost(db);
    *ret_lost = err != OK;
    for (size_t i = 0; i < postgres->sent; i++) {
        PGresult *result = take_result(postgres->handle);
        bool answered = result && (postgres_succeeded(result) || PQresultErrorField(result, PG_DIAG_SQLSTATE));
        if (err == OK && (!result || !postgres_succeeded(result))) {
            *ret_lost = !answered;
            err = fail_as(db, result, postgres->names[i]);
        } else {
            PQclear(result);
        }
    }
    if (ret_last) {
        *ret_last = take_result(postgres->handle);
        if (err != OK) {
            PQclear(*ret_last);
            *ret_last = NULL;
        }
    }
    PQclear(take_result(postgres->handle)); /* of the sync */
    postgres->sent = 0;
    if (!PQexitPipelineMode(postgres->handle))
        db->broken = true; /* only a lost connection does not end with its sync */
    return err;
}

enum err postgres_settle(struct db *db)
{
    bool lost;
    return postgres_of(db)->sent > 0 ? postgres_finish_pipeline(db, NULL, &lost) : OK;
}

/* Numbers ----------------------------------------------------------------------------------------------------------------- */

/* Of the table's identity column. By its oid: a name would be looked up for each number. */
static enum err find_sequence(struct db *db, struct numbers *numbers)
{
    static const char sql[] = "SELECT CAST(CAST(pg_get_serial_sequence($1, (SELECT CAST(attname AS text) FROM pg_attribute "
                              "WHERE attrelid = CAST(CAST($1 AS text) AS regclass) AND attidentity <> '')) AS regclass) AS oid)";
    const char *parameters[] = {numbers->table};
    PGresult *result = PQexecParams(postgres_of(db)->handle, sql, 1, NULL, parameters, NULL, NULL, 0);
    if (PQresultStatus(result) != PGRES_TUPLES_OK)
        return postgres_fail(db, result);
    snprintf(numbers->sequence, sizeof numbers->sequence, "%s", PQgetvalue(result, 0, 0));
    PQclear(result);
    return OK;
}

/* Concurrent sessions get blocks of their own; a rollback does not give one back. */
static enum err take_block(struct db *db, struct numbers *numbers)
{
    static const char sql[] = "SELECT nextval(CAST($1 AS oid)) FROM generate_series(1, CAST($2 AS int))";
    enum err err = postgres_settle(db);
    if (err == OK && !numbers->sequence[0])
        err = find_sequence(db, numbers);
    if (err != OK)
        return err;
    int wanted = numbers->count == 0 ? NUMBERS_FIRST : 2 * numbers->count > NUMBERS_MAX ? NUMBERS_MAX : 2 * numbers->count;
    char count[16];
    snprintf(count, sizeof count, "%d", wanted);
    const char *parameters[] = {numbers->sequence, count};
    PGresult *result = PQexecParams(postgres_of(db)->handle, sql, 2, NULL, parameters, NULL, NULL, 0);
    if (PQresultStatus(result) != PGRES_TUPLES_OK)
        return postgres_fail(db, result);
    numbers->next = 0;
    for (numbers->count = 0; numbers->count < PQntuples(result); numbers->count++)
        if (!text_to_int64(text_of(PQgetvalue(result, numbers->count, 0)), &numbers->block[numbers->count]))
            err = db_fail(db, ERR_INTERNAL, "the sequence of %s answers no number", numbers->table);
    PQclear(result);
    return err;
}

enum err postgres_new_number(struct db *db, const char *table, int64_t *ret)
{
    struct numbers *numbers = postgres_of(db)->numbers, *end = numbers + TABLES_MAX;
    while (numbers < end && numbers->table[0] && strcmp(numbers->table, table) != 0)
        numbers++;
    assert(numbers < end && strlen(table) < sizeof numbers->table);
    snprintf(numbers->table, sizeof numbers->table, "%s", table);
    enum err err = numbers->next == numbers->count ? take_block(db, numbers) : OK;
    if (err == OK)
        *ret = numbers->block[numbers->next++];
    return err;
}
