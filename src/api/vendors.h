/* Why: an integration can say which product sends to it; the list is short and part of the program. */
#ifndef MUSTER_API_VENDORS_H
#define MUSTER_API_VENDORS_H

#include "api/route.h"

struct vendor {
    const char *id, *name, *website_url, *description;
};

/* NULL when there is none. */
const struct vendor *vendor_find(struct text id);

#endif
