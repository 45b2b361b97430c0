/* Why: the rows that config.c reads by and `muster config` prints. A new setting is a field of struct config and a row here. */
#ifndef MUSTER_BASE_CONFIG_TABLE_H
#define MUSTER_BASE_CONFIG_TABLE_H

#include "base/config.h"

enum setting_kind { KIND_TEXT, KIND_NUMBER, KIND_YES_NO, KIND_CHOICE, KIND_LISTEN, KIND_URL, KIND_TYPE, KIND_CHANNELS, KIND_SECRET_FILE };

#define OF_SMTP (1u << PROVIDER_SMTP)
#define OF_TWILIO (1u << PROVIDER_TWILIO)
#define OF_WEBHOOK (1u << PROVIDER_WEBHOOK)
#define OF_PRACTICE (1u << PROVIDER_PRACTICE)
#define OF_OIDC (1u << PROVIDER_OIDC)
#define OF_SENDING (OF_SMTP | OF_TWILIO | OF_WEBHOOK | OF_PRACTICE)
#define OF_ALL (OF_SENDING | OF_OIDC)

struct setting {
    const char *name;
    enum setting_kind kind;
    size_t offset;
    const char *fallback; /* as it would stand in the file; "": none */
    int64_t min, max;     /* of a number */
    const char *choices;  /* "a b c" */
    unsigned types;       /* of providers that have it; 0: a setting of the installation */
    unsigned required;    /* of types that cannot do without it */
    const char *meaning;
};

enum { SETTINGS = 29, PROVIDER_SETTINGS = 14, PROVIDER_TYPES = 5 };
extern const struct setting settings[SETTINGS];
extern const struct setting provider_settings[PROVIDER_SETTINGS];
extern const char *const provider_type_names[PROVIDER_TYPES];

#endif
