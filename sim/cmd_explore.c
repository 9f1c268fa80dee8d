#include "sim/cmd_run.h"
int
cmd_explore(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return (EXIT_USAGE);
}
