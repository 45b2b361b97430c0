/* Why: text/event-stream answers that any thread can feed without ever waiting for a client. What a client has not read
 * yet waits here, up to a bound; a client beyond it is disconnected, because a browser that reconnects and catches up
 * is better served than one that reads old news. */
#include "net/http_internal.h"

#include <assert.h>
#include <stdlib.h>

struct http_stream {
    struct http_server *server;
    struct http_connection *connection;
    struct MHD_Connection *mhd;
    struct http_stream *previous, *next; /* server's list, while libmicrohttpd holds it */
    pthread_mutex_t lock;
    char *data;
    size_t start, end, capacity, backlog_bytes_max;
    bool is_suspended, is_ending, is_closed;
    void (*on_closed)(void *context);
    void *context;
    atomic_int references; /* libmicrohttpd's and the owner's */
};

static void stream_release(struct http_stream *stream)
{
    if (atomic_fetch_sub(&stream->references, 1) > 1)
        return;
    pthread_mutex_destroy(&stream->lock);
    free(stream->data);
    free(stream);
}

static void wake(struct http_stream *stream)
{
    if (!stream->is_suspended)
        return;
    stream->is_suspended = false;
    MHD_resume_connection(stream->mhd);
}

/* Called by libmicrohttpd when the socket can take more. Without data the connection sleeps: returning 0 alone would
 * spin. */
static ssize_t read_backlog(void *context, uint64_t position, char *buffer, size_t size)
{
    (void)position;
    struct http_stream *stream = context;
    pthread_mutex_lock(&stream->lock);
    size_t waiting = stream->end - stream->start;
    size_t taken = waiting < size ? waiting : size;
    ssize_t result = (ssize_t)taken;
    if (taken > 0) {
        memcpy(buffer, stream->data + stream->start, taken);
        stream->start += taken;
        if (stream->start == stream->end)
            stream->start = stream->end = 0;
    } else if (stream->is_ending) {
        result = MHD_CONTENT_READER_END_OF_STREAM;
    } else {
        MHD_suspend_connection(stream->mhd);
        stream->is_suspended = true;
    }
    pthread_mutex_unlock(&stream->lock);
    return result;
}

static void closed(void *context)
{
    struct http_stream *stream = context;
    struct http_server *server = stream->server;
    pthread_mutex_lock(&server->streams_lock);
    if (stream->previous)
        stream->previous->next = stream->next;
    else
        server->streams = stream->next;
    if (stream->next)
        stream->next->previous = stream->previous;
    pthread_mutex_unlock(&server->streams_lock);
    pthread_mutex_lock(&stream->lock);
    stream->is_closed = true;
    pthread_mutex_unlock(&stream->lock);
    stream->on_closed(stream->context);
    stream_release(stream);
}

struct http_stream *http_stream_start(struct http_exchange *exchange, size_t backlog_bytes_max,
                                      void (*on_closed)(void *context), void *context)
{
    enum { CHUNK_BYTES = 4096 };
    struct http_server *server = exchange->server;
    struct http_stream *stream = calloc(1, sizeof *stream);
    assert(stream && "out of memory");
    *stream = (struct http_stream){.server = server,
                                   .connection = exchange->connection,
                                   .mhd = exchange->mhd,
                                   .backlog_bytes_max = backlog_bytes_max,
                                   .on_closed = on_closed,
                                   .context = context};
    pthread_mutex_init(&stream->lock, NULL);
    atomic_init(&stream->references, 2);
    pthread_mutex_lock(&server->streams_lock);
    stream->next = server->streams;
    if (stream->next)
        stream->next->previous = stream;
    server->streams = stream;
    stream->is_ending = server->streams_are_ending;
    pthread_mutex_unlock(&server->streams_lock);

    struct MHD_Response *response =
        MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, CHUNK_BYTES, read_backlog, stream, closed);
    assert(response && "out of memory");
    MHD_add_response_header(response, "Content-Type", "text/event-stream");
    MHD_add_response_header(response, "Cache-Control", "no-store");
    MHD_add_response_header(response, "X-Accel-Buffering", "no"); /* a proxy that collects would hold the news back */
    exchange_answer(exchange, (struct http_answer){.status = 200, .response = response, .is_stream = true});
    return stream;
}

static bool make_room(struct http_stream *stream, size_t size)
{
    size_t waiting = stream->end - stream->start;
    if (size > stream->backlog_bytes_max || waiting > stream->backlog_bytes_max - size)
        return false;
    if (stream->start > 0 && stream->end + size > stream->capacity) {
        memmove(stream->data, stream->data + stream->start, waiting);
        stream->start = 0;
        stream->end = waiting;
    }
    if (stream->end + size > stream->capacity) {
        size_t larger = stream->capacity ? stream->capacity * 2 : 1024;
        while (larger < stream->end + size)
            larger *= 2;
        stream->data = realloc(stream->data, larger);
        assert(stream->data && "out of memory");
        stream->capacity = larger;
    }
    return true;
}

void http_stream_send(struct http_stream *stream, struct text bytes)
{
    pthread_mutex_lock(&stream->lock);
    if (!stream->is_closed && !stream->is_ending && bytes.size > 0) {
        if (make_room(stream, bytes.size)) {
            memcpy(stream->data + stream->end, bytes.data, bytes.size);
            stream->end += bytes.size;
        } else {
            atomic_fetch_add(&stream->server->backlog_closed, 1);
            connection_condemn(stream->connection);
            stream->start = stream->end = 0;
            stream->is_ending = true;
        }
        wake(stream);
    }
    pthread_mutex_unlock(&stream->lock);
}

static void begin_end(struct http_stream *stream)
{
    pthread_mutex_lock(&stream->lock);
    if (!stream->is_closed) {
        stream->is_ending = true;
        wake(stream);
    }
    pthread_mutex_unlock(&stream->lock);
}

void http_stream_end(struct http_stream *stream)
{
    begin_end(stream);
    stream_release(stream);
}

void streams_end_all(struct http_server *server)
{
    pthread_mutex_lock(&server->streams_lock);
    server->streams_are_ending = true;
    for (struct http_stream *stream = server->streams; stream; stream = stream->next)
        begin_end(stream);
    pthread_mutex_unlock(&server->streams_lock);
}
