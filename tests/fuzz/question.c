/* Why: paths, query strings and array parameters against all the routes that read, with the sample organisation behind them; and escalation
 * policies, whose targets are looked up there. Whatever is asked, the answer is one of those the API knows, never a failure of Muster. */
#include <assert.h>
#include <stdlib.h>

#include "api/ask.h"
#include "api/policy_doc.h"
#include "api/resources.h"
#include "database.h"
#include "target.h"

static struct db *db;
static struct env *env;

static void open_once(void)
{
    if (db)
        return;
    enum err err = db_open(&db, fuzz_database(), DB_READER);
    assert(err == OK);
    env = fuzz_env();
}

bool fuzz_question(struct arena *arena, struct text input)
{
    open_once();
    static struct config config = {.public_url = {"http://fuzz.example.org", 23}};
    for (size_t i = 0; i < input.size; i++)
        if (input.data[i] == '\0' || input.data[i] == '\n' || input.data[i] == ' ')
            return false; /* the HTTP server lets none of these through */
    struct problem *problem = problem_new(arena);
    json_t *reply = NULL;
    enum err err = db_begin(db);
    assert(err == OK);
    err = api_ask(arena, &config, env, db, input, problem, &reply);
    db_rollback(db);
    assert(err != ERR_INTERNAL && err != ERR_UNAVAILABLE && err != ERR_AMBIGUOUS);
    assert(err != ERR_INVALID || !problem_is_empty(problem));
    if (err == OK)
        assert(text_is_utf8(json_write(arena, reply)));
    return err == OK;
}

bool fuzz_policy(struct arena *arena, struct text input)
{
    open_once();
    const json_t *document = json_read(arena, input, problem_new(arena));
    if (!json_is_object(document))
        return false;
    enum err err = db_begin(db);
    assert(err == OK);
    struct problem *problem = problem_new(arena);
    struct tx tx = {.db = db, .env = env, .now = FUZZ_START, .arena = arena};
    struct call call = {.arena = arena, .db = db, .env = env, .now = FUZZ_START, .problem = problem};
    struct change change = {.call = &call, .tx = &tx, .resource = &escalation_policy_resource, .kind = CHANGE_CREATE, .body = document};
    json_t *stored = NULL, *again = NULL;
    err = policy_doc_read(&change, NULL, &stored);
    assert(err == OK);
    bool accepted = problem_is_empty(problem);
    if (accepted) {
        /* The same document sent again on top of the stored one changes nothing but rules' ids that the client made up. */
        err = policy_doc_read(&change, stored, &again);
        assert(err == OK && problem_is_empty(problem));
        json_t *rules = json_at(stored, "rules"), *rules_again = json_at(again, "rules");
        for (size_t i = 0; i < json_array_size(rules); i++) {
            json_remove(json_array_get(rules, i), "id");
            json_remove(json_array_get(rules_again, i), "id");
        }
        assert(json_same(rules, rules_again));
    }
    db_rollback(db);
    return accepted;
}
