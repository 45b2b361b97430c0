/* Why: see json_writer.h. Whether a comma is due is read off the last byte: nothing else needs to be remembered. */
#include "base/json_writer.h"

#include <assert.h>

#include "base/json.h"
#include "base/json_escape.h"

struct json_writer json_writer_new(struct arena *arena)
{
    return (struct json_writer){.b = builder_new(arena, JSON_WRITTEN_BYTES_MAX)};
}

static void place(struct json_writer *w, const char *key)
{
    char last = w->b.size > 0 ? w->b.data[w->b.size - 1] : '{';
    size_t size = key ? strlen(key) : 0;
    char *room = builder_room(&w->b, size + 4), *at = room;
    if (!room) {
        w->b.overflowed = true;
        return;
    }
    if (last != '{' && last != '[')
        *at++ = ',';
    if (key) {
        *at++ = '"';
        memcpy(at, key, size);
        at += size;
        *at++ = '"';
        *at++ = ':';
    }
    w->b.size += (size_t)(at - room);
}

static void begin(struct json_writer *w, const char *key, char bracket)
{
    place(w, key);
    builder_add_byte(&w->b, bracket);
    w->depth++;
}

static void end(struct json_writer *w, char bracket)
{
    assert(w->depth > 0);
    w->depth--;
    builder_add_byte(&w->b, bracket);
}

void json_begin_object(struct json_writer *w, const char *key)
{
    begin(w, key, '{');
}

void json_end_object(struct json_writer *w)
{
    end(w, '}');
}

void json_begin_array(struct json_writer *w, const char *key)
{
    begin(w, key, '[');
}

void json_end_array(struct json_writer *w)
{
    end(w, ']');
}

void json_add_text(struct json_writer *w, const char *key, struct text value)
{
    place(w, key);
    json_escape_write(&w->b, value);
}

void json_add_string(struct json_writer *w, const char *key, const char *value)
{
    json_add_text(w, key, text_of(value));
}

void json_add_int(struct json_writer *w, const char *key, int64_t value)
{
    place(w, key);
    builder_add_int(&w->b, value);
}

void json_add_bool(struct json_writer *w, const char *key, bool value)
{
    place(w, key);
    builder_add_string(&w->b, value ? "true" : "false");
}

void json_add_instant(struct json_writer *w, const char *key, instant value)
{
    json_add_text(w, key, instant_is_set(value) ? instant_format(w->b.arena, value) : TEXT_NONE);
}

void json_add_raw(struct json_writer *w, const char *key, struct text document)
{
    place(w, key);
    builder_add(&w->b, document.data ? document : TEXT("null"));
}

struct text json_written(struct json_writer *w)
{
    assert(w->depth == 0 && !w->b.overflowed);
    return builder_text(&w->b);
}
