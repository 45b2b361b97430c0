/* Why: arguments, configuration, start and stop order; nothing else. */
#include <stdio.h>

int main(void)
{
    puts("muster " MUSTER_VERSION);
    return 0;
}
