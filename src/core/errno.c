/*
 * errno.c - names and sentences of FreeBSD's error numbers.
 *
 * The list stands in <vnetsim/errno.h>; everything here is made from it.
 * Names are compared in full: EWOULDBLOCK is the one alias.
 */
#include <stddef.h>
#include <string.h>
#include <vnetsim/errno.h>
#include <vnetsim/kern/kdefs.h>

static const struct {
	int value;
	const char *name;
	const char *text;
} errors[] = { { 0, "0", "No error: 0" },
#define X(n, v, t) { v, "E" #n, t },
	VNETSIM_ERRNO_LIST(X)
#undef X
};

const char *
vnetsim_errname(int error)
{
	size_t i;

	for (i = 0; i < nitems(errors); i++)
		if (errors[i].value == error)
			return (errors[i].name);
	return ("E?");
}

const char *
vnetsim_strerror(int error)
{
	size_t i;

	for (i = 0; i < nitems(errors); i++)
		if (errors[i].value == error)
			return (errors[i].text);
	return ("Unknown error");
}

int
vnetsim_errno_parse(const char *name)
{
	size_t i;

	if (strcmp(name, "EWOULDBLOCK") == 0)
		return (VE_WOULDBLOCK);
	for (i = 1; i < nitems(errors); i++)
		if (strcmp(errors[i].name, name) == 0)
			return (errors[i].value);
	return (-1);
}
