/* Why: formats without a fixed vocabulary say "crit", "P1" or "recovered". One table each, ASCII case ignored; what is
 * not in it is never guessed from a part of a word. */
#ifndef MUSTER_INBOUND_WORDS_H
#define MUSTER_INBOUND_WORDS_H

#include "inbound/event.h"

/* critical crit fatal emergency emerg alert page disaster highest p1 sev0 sev1 1 | error err major high p2 sev2 2 |
 * warning warn minor medium average p3 sev3 3 | info information informational notice low lowest ok none debug p4 p5
 * sev4 sev5 4 5. Else SEVERITY_UNKNOWN. */
enum severity words_severity(struct text word);
/* resolve resolved ok okay recovered recovery closed close cleared clear up normal success healthy | acknowledge
 * acknowledged ack. Anything else triggers: an unknown word must rather page than be lost. */
enum event_action words_action(struct text word);

#endif
