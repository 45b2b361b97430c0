/* Why: a webhook's target is typed by a user, and we sit inside the network: without this anybody who may add a webhook could
 * reach what only the inside reaches (metadata services, admin ports). Checked on the address we connect to, not on the name, so
 * there is no second resolution that could answer differently. Pure. */
#ifndef MUSTER_CHANNEL_ADDRESS_GUARD_H
#define MUSTER_CHANNEL_ADDRESS_GUARD_H

#include <stdbool.h>
#include <sys/socket.h>

/* True for addresses of the public internet: not loopback, private, link-local, carrier NAT, unique local, multicast,
 * documentation, reserved, nor an IPv6 form (mapped, compatible, translated, 6to4, Teredo) that leads to one of those. */
bool address_is_public(const struct sockaddr *address);

#endif
