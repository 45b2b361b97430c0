/* Why: see config_file.h. */
#include "base/config_file.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum err config_file_read(struct arena *arena, const char *path, const char *place, struct text *ret, struct problem *problem)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        problem_add(problem, place, "cannot be read: %s", strerror(errno));
        return ERR_INVALID;
    }
    char *data = arena_alloc(arena, CONFIG_FILE_BYTES_MAX + 2);
    size_t size = 0;
    ssize_t got = 1;
    while (got > 0 && size <= CONFIG_FILE_BYTES_MAX) {
        got = read(fd, data + size, CONFIG_FILE_BYTES_MAX + 1 - size);
        size += got > 0 ? (size_t)got : 0;
    }
    int reason = errno;
    close(fd);
    if (got < 0)
        problem_add(problem, place, "cannot be read: %s", strerror(reason));
    else if (size > CONFIG_FILE_BYTES_MAX)
        problem_add(problem, place, "is larger than %d bytes", CONFIG_FILE_BYTES_MAX);
    else if (!text_is_utf8((struct text){data, size}))
        problem_add(problem, place, "is not UTF-8 text");
    else {
        *ret = (struct text){data, size};
        return OK;
    }
    explicit_bzero(data, size);
    return ERR_INVALID;
}

static bool take_value(struct text raw, struct text *ret)
{
    if (raw.size > 0 && raw.data[0] == '"') {
        size_t end = text_find_byte(raw, '"', 1);
        struct text rest = text_trim(text_slice(raw, end + 1, raw.size));
        if (end == raw.size || (rest.size > 0 && rest.data[0] != '#'))
            return false;
        *ret = text_slice(raw, 1, end);
        return true;
    }
    size_t comment = text_starts_with(raw, TEXT("#")) ? 0 : text_find(raw, TEXT(" #"));
    *ret = text_trim(text_slice(raw, 0, comment));
    return true;
}

static bool take_line(struct text line, struct config_line *ret, const char **ret_mistake)
{
    if (line.data[0] == '[') {
        size_t end = text_find_byte(line, ']', 0);
        *ret_mistake = "a section is [provider NAME]";
        ret->is_section = true;
        ret->key = text_trim(text_slice(line, 1, end));
        return end + 1 == line.size;
    }
    size_t equals = text_find_byte(line, '=', 0);
    ret->key = text_trim(text_slice(line, 0, equals));
    *ret_mistake = "is neither `key = value` nor [section] nor # comment";
    if (equals == line.size || ret->key.size == 0)
        return false;
    *ret_mistake = "has a quoted value that does not end with its quote";
    return take_value(text_trim(text_slice(line, equals + 1, line.size)), &ret->value);
}

void config_file_lines(struct arena *arena, struct text bytes, const char *path, struct config_line **ret, size_t *ret_count,
                       struct problem *problem)
{
    struct config_line *lines = NULL;
    size_t count = 0, capacity = 0;
    struct text rest = bytes, line;
    for (int number = 1; text_next(&rest, '\n', &line); number++) {
        line = text_trim(line);
        if (line.size == 0 || line.data[0] == '#')
            continue;
        struct config_line parsed = {.place = arena_printf(arena, "%s:%d", path, number)};
        const char *mistake = "";
        if (!take_line(line, &parsed, &mistake)) {
            problem_add(problem, parsed.place, "%s", mistake);
            continue;
        }
        lines = arena_grow(arena, lines, count, &capacity, sizeof *lines);
        lines[count++] = parsed;
    }
    *ret = lines;
    *ret_count = count;
}
