/* Why: see service_rules.h. */
#include "engine/service_rules.h"

void service_urgency_rule(struct query *q, int column, struct arena *arena, struct urgency_rule *ret)
{
    struct text texts[9];
    for (int i = 0; i < 9; i++)
        texts[i] = text_copy(arena, query_text(q, column + i));
    *ret = (struct urgency_rule){.constant = texts[1], .during = texts[2], .outside = texts[3],
                                 .rises_with_support_hours = texts[8].size > 2};
    if (!text_is(texts[0], "use_support_hours"))
        return;
    if (hours_read(arena, texts[4], texts[5], texts[6], texts[7], &ret->hours) == OK)
        ret->by_support_hours = true;
    else
        ret->constant = TEXT("high");
}
