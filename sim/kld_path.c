/*
 * kld_path.c - where a module lies that has only a name.
 *
 * FreeBSD's kldload(8) looks through kern.module_path; here NAME.so is looked
 * for in
 *
 *	the directories of $VNETSIM_MODULE_PATH, separated by colons
 *	modules beside the program: a build directory
 *	lib/vnetsim/modules of the prefix that the program is installed in,
 *	found from where the program lies, so a prefix can be moved
 *
 * and the first that is there is taken, whether or not it can be loaded.  No
 * message names a directory: output is the same on every machine.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <vnetsim/errno.h>

#include "sim/kld.h"
#include "sim/self.h"

#ifndef VNETSIM_MODULE_DIR
#define VNETSIM_MODULE_DIR "../lib/vnetsim/modules"
#endif

/* DIR/NAME.so in @path, if it is there. */
static bool
kld_try(
    const char *dir, size_t len, const char *name, char path[KLD_PATH_MAX + 1])
{
	int n;

	if (len == 0 || len > KLD_PATH_MAX)
		return (false);
	n = snprintf(path, KLD_PATH_MAX + 1, "%.*s/%s.so", (int)len, dir, name);
	return (n > 0 && n <= KLD_PATH_MAX && access(path, F_OK) == 0);
}

/* A directory beside or near that of the program. */
static bool
kld_near(const char *sub, const char *name, char path[KLD_PATH_MAX + 1])
{
	char dir[KLD_PATH_MAX + 1];
	char *slash;
	size_t len;
	int n;

	if (!self_path(dir, sizeof(dir)) || (slash = strrchr(dir, '/')) == NULL)
		return (false);
	len = (size_t)(slash + 1 - dir);
	n = snprintf(dir + len, sizeof(dir) - len, "%s", sub);
	return (n > 0 && (size_t)n < sizeof(dir) - len &&
		kld_try(dir, strlen(dir), name, path));
}

/**
 * kld_locate() - the file of a module
 * @name:	without directory and ending
 * @path:	out: how dlopen takes it
 * @why:	out: a readable sentence; "" if 0
 * @size:	bytes of @why
 *
 * A path of more than KLD_PATH_MAX bytes is passed over.
 * Return:	0; VE_NOENT: it is nowhere.
 */
int
kld_locate(
    const char *name, char path[KLD_PATH_MAX + 1], char *why, size_t size)
{
	const char *dir = getenv("VNETSIM_MODULE_PATH"), *end;

	why[0] = '\0';
	for (; dir != NULL; dir = *end == ':' ? end + 1 : NULL) {
		end = dir + strcspn(dir, ":");
		if (kld_try(dir, (size_t)(end - dir), name, path))
			return (0);
	}
	if (kld_near("modules", name, path) ||
	    kld_near(VNETSIM_MODULE_DIR, name, path))
		return (0);
	(void)snprintf(why, size,
	    "no %.64s.so in VNETSIM_MODULE_PATH, beside the program or "
	    "installed with it; kldload ./FILE.so takes a file",
	    name);
	return (VE_NOENT);
}
