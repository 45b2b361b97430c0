/* Why: where the program begins; everything it can do is a command (cli/commands.c). */
#include "cli/command.h"

int main(int argc, char **argv)
{
    return command_main(argc, argv);
}
