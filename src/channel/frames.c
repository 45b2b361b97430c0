/* Why: see frames.h. Nothing but length and JSON is known here; what a frame means is the business of both ends. */
#include "channel/frames.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/json_scan.h"

enum { READ_BYTES = 64 * 1024 };

static_assert((int)FRAME_BYTES_MAX <= (int)JSON_BODY_BYTES_MAX, "every frame must be readable");

void frame_header(unsigned char *header, size_t length)
{
    header[0] = (unsigned char)(length >> 24);
    header[1] = (unsigned char)(length >> 16);
    header[2] = (unsigned char)(length >> 8);
    header[3] = (unsigned char)length;
}

static size_t read_length(const unsigned char *header)
{
    return (size_t)header[0] << 24 | (size_t)header[1] << 16 | (size_t)header[2] << 8 | header[3];
}

static json_t *decode(struct arena *arena, struct text document)
{
    json_t *frame = json_read(arena, document, problem_new(arena));
    return json_is_object(frame) ? frame : NULL;
}

enum err frame_write(int fd, struct arena *scratch, const json_t *frame)
{
    struct text document = json_write(scratch, frame);
    if (document.size > FRAME_BYTES_MAX)
        return ERR_LIMIT;
    size_t size = FRAME_HEADER_BYTES + document.size, done = 0;
    unsigned char *bytes = arena_alloc(scratch, size);
    frame_header(bytes, document.size);
    memcpy(bytes + FRAME_HEADER_BYTES, document.data, document.size);
    while (done < size) {
        ssize_t n = send(fd, bytes + done, size - done, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return ERR_UNAVAILABLE;
        done += (size_t)n;
    }
    return OK;
}

static bool read_all(int fd, unsigned char *bytes, size_t size)
{
    for (size_t done = 0; done < size;) {
        ssize_t n = read(fd, bytes + done, size - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        done += (size_t)n;
    }
    return true;
}

enum err frame_read(int fd, struct arena *arena, json_t **ret)
{
    unsigned char header[FRAME_HEADER_BYTES];
    if (!read_all(fd, header, sizeof header))
        return ERR_UNAVAILABLE;
    size_t length = read_length(header);
    if (length > FRAME_BYTES_MAX)
        return ERR_UNAVAILABLE;
    unsigned char *bytes = arena_alloc(arena, length + 1);
    if (!read_all(fd, bytes, length))
        return ERR_UNAVAILABLE;
    json_t *frame = decode(arena, (struct text){(char *)bytes, length});
    if (!frame)
        return ERR_UNAVAILABLE;
    *ret = frame;
    return OK;
}

enum err frame_buffer_fill(struct frame_buffer *buffer, int fd)
{
    if (buffer->taken) {
        buffer->size -= buffer->taken;
        memmove(buffer->data, buffer->data + buffer->taken, buffer->size);
        buffer->taken = 0;
    }
    if (buffer->capacity - buffer->size < READ_BYTES) {
        size_t capacity = buffer->size + 2 * READ_BYTES;
        char *data = realloc(buffer->data, capacity);
        if (!data)
            return ERR_UNAVAILABLE;
        buffer->data = data;
        buffer->capacity = capacity;
    }
    ssize_t n = recv(fd, buffer->data + buffer->size, READ_BYTES, MSG_DONTWAIT);
    if (n < 0)
        return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ? OK : ERR_UNAVAILABLE;
    if (n == 0)
        return ERR_UNAVAILABLE;
    buffer->size += (size_t)n;
    return OK;
}

enum err frame_buffer_next(struct frame_buffer *buffer, struct arena *arena, const struct json_node **ret)
{
    size_t waiting = buffer->size - buffer->taken;
    *ret = NULL;
    if (waiting < FRAME_HEADER_BYTES)
        return OK;
    const char *start = buffer->data + buffer->taken;
    size_t length = read_length((const unsigned char *)start);
    if (length > FRAME_BYTES_MAX)
        return ERR_INVALID;
    if (waiting < FRAME_HEADER_BYTES + length)
        return OK;
    struct text document = text_copy(arena, (struct text){start + FRAME_HEADER_BYTES, length});
    buffer->taken += FRAME_HEADER_BYTES + length;
    const struct json_node *frame;
    if (json_scan(arena, document, problem_new(arena), &frame) != OK || !json_node_is(frame, JSON_OBJECT))
        return ERR_INVALID;
    *ret = frame;
    return OK;
}

void frame_buffer_free(struct frame_buffer *buffer)
{
    free(buffer->data);
    *buffer = (struct frame_buffer){0};
}
