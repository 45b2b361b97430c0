/* Why: see address_guard.h. Blocks: IANA's special-purpose registries. */
#include "channel/address_guard.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static const struct {
    uint32_t prefix;
    unsigned bits;
} special_v4[] = {
    {0x00000000, 8},  {0x0a000000, 8},  {0x64400000, 10}, {0x7f000000, 8},  {0xa9fe0000, 16}, {0xac100000, 12}, {0xc0000000, 24},
    {0xc0000200, 24}, {0xc0586300, 24}, {0xc0a80000, 16}, {0xc6120000, 15}, {0xc6336400, 24}, {0xcb007100, 24}, {0xe0000000, 4},
    {0xf0000000, 4},
};

static bool v4_is_public(uint32_t address)
{
    for (size_t i = 0; i < sizeof special_v4 / sizeof *special_v4; i++)
        if ((address ^ special_v4[i].prefix) >> (32 - special_v4[i].bits) == 0)
            return false;
    return true;
}

static uint32_t v4_at(const unsigned char *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static bool v6_is_public(const unsigned char *bytes)
{
    static const unsigned char zeros[12], translated[12] = {0x00, 0x64, 0xff, 0x9b};
    if (memcmp(bytes, zeros, 10) == 0 && bytes[10] == 0xff && bytes[11] == 0xff)
        return v4_is_public(v4_at(bytes + 12));
    if (memcmp(bytes, translated, sizeof translated) == 0)
        return v4_is_public(v4_at(bytes + 12));
    if (bytes[0] == 0x20 && bytes[1] == 0x02)
        return v4_is_public(v4_at(bytes + 2));
    /* Only 2000::/3 is handed out; of that not Teredo and its kin (2001:0::/23) nor documentation. */
    if ((bytes[0] & 0xe0) != 0x20)
        return false;
    if (bytes[0] == 0x20 && bytes[1] == 0x01 && (bytes[2] & 0xfe) == 0)
        return false;
    if (bytes[0] == 0x20 && bytes[1] == 0x01 && bytes[2] == 0x0d && bytes[3] == 0xb8)
        return false;
    return !(bytes[0] == 0x3f && bytes[1] == 0xff && (bytes[2] & 0xf0) == 0);
}

bool address_is_public(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET) {
        struct sockaddr_in v4;
        memcpy(&v4, address, sizeof v4);
        return v4_is_public(ntohl(v4.sin_addr.s_addr));
    }
    if (address->sa_family == AF_INET6) {
        struct sockaddr_in6 v6;
        memcpy(&v6, address, sizeof v6);
        return v6_is_public(v6.sin6_addr.s6_addr);
    }
    return false;
}
