/* Why: what SQLite and PostgreSQL spell differently, in one place: the macros of sql/README.md. Internal to store/. */
#ifndef MUSTER_STORE_SQL_MACRO_H
#define MUSTER_STORE_SQL_MACRO_H

#include "store/sql.h"

enum { SQL_MACRO_ARGUMENTS_MAX = 2 };

/* TEXT_NONE when there is no such macro with so many arguments. */
struct text sql_macro(struct arena *arena, enum sql_dialect dialect, struct text name, const struct text *arguments, size_t count);
/* Splits "(a, f(b, c))" that starts at `i` into its arguments; returns the place behind it, or 0. */
size_t sql_take_arguments(struct text sql, size_t i, struct text arguments[SQL_MACRO_ARGUMENTS_MAX], size_t *ret_count);
/* End of the quoted text that starts at `i`; a doubled quote is part of it. */
size_t sql_skip_quoted(struct text sql, size_t i);

#endif
