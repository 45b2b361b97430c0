/* Why: what a fuzz target is. A target is a small function that gives bytes to one parser and asserts what must hold for any input; it says
 * whether the parser accepted them, because a target whose inputs are all refused has tested the refusal only. */
#ifndef MUSTER_TESTS_FUZZ_TARGET_H
#define MUSTER_TESTS_FUZZ_TARGET_H

#include "base/arena.h"
#include "base/text.h"

/* `arena` lives as long as the input. */
typedef bool fuzz_target(struct arena *arena, struct text input);

fuzz_target
    /* texts.c */
    fuzz_texts, fuzz_instant, fuzz_id, fuzz_phone_number, fuzz_reply, fuzz_authorization, fuzz_sms_text, fuzz_recurrence,
    /* files.c */
    fuzz_zone_file, fuzz_config, fuzz_sql_library,
    /* messages.c */
    fuzz_frames, fuzz_mime, fuzz_content, fuzz_markup, fuzz_form, fuzz_provider_answer, fuzz_link,
    /* tokens.c */
    fuzz_id_token,
    /* documents.c */
    fuzz_schedule, fuzz_incident_body, fuzz_resource_body,
    /* http.c */
    fuzz_http,
    /* question.c */
    fuzz_question, fuzz_policy,
    /* engine.c */
    fuzz_engine;

/* For targets with an entry of their own (fuzz.c): this input was accepted. */
void fuzz_accept(void);
/* Takes a line (without its end) off the front: how one input carries several values. */
struct text fuzz_line(struct text *rest);
/* Text that came through Muster unharmed where text must be text: UTF-8 without NUL. */
void fuzz_expect_utf8(struct text t);

#endif
