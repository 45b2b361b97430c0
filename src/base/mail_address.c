/* Why: see mail_address.h. */
#include "base/mail_address.h"

bool mail_address_is_valid(struct text address)
{
    size_t at = text_find_byte(address, '@', 0);
    if (at == 0 || at + 1 >= address.size || address.size > 254 || text_find_byte(address, '@', at + 1) < address.size)
        return false;
    for (size_t i = 0; i < address.size; i++) {
        unsigned char c = (unsigned char)address.data[i];
        if (c <= ' ' || c >= 0x7f || strchr("<>()[],;:\\\"", c))
            return false;
    }
    return address.data[0] != '-'; /* some mail servers take it for an option */
}
