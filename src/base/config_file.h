/* Why: the text form of a configuration (lines, sections, quotes) apart from what the settings mean. */
#ifndef MUSTER_BASE_CONFIG_FILE_H
#define MUSTER_BASE_CONFIG_FILE_H

#include "base/problem.h"

enum { CONFIG_FILE_BYTES_MAX = 256 * 1024 };

struct config_line {
    const char *place;   /* "muster.conf:12", for mistakes */
    bool is_section;     /* then `key` is what stands between the brackets */
    struct text key, value;
};

/* Reads a small file whole. ERR_INVALID with one mistake when it cannot be read or is too large. The caller wipes it. */
enum err config_file_read(struct arena *arena, const char *path, const char *place, struct text *ret, struct problem *problem) MUST_CHECK;

/* `# comment` lines, `key = value`, `key = "value # with anything"`, `[section]`. A ` #` ends an unquoted value. Adds a mistake for each line
 * of another form and goes on. Texts are slices of `bytes`. */
void config_file_lines(struct arena *arena, struct text bytes, const char *path, struct config_line **ret, size_t *ret_count,
                       struct problem *problem);

#endif
