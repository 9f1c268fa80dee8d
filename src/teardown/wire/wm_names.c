/*
 * wm_names.c - words for the monitor's enums.
 */
#include "src/teardown/wire/wm_var.h"

static const char *
pick(const char *const *names, unsigned int n, unsigned int i)
{
	return (i < n ? names[i] : "?");
}

#define COUNT(a) ((unsigned int)(sizeof(a) / sizeof((a)[0])))

const char *
vnetsim_wire_statename(unsigned int state)
{
	static const char *const names[] = { "CLOSED", "LISTEN", "SYN_SENT",
		"SYN_RECEIVED", "ESTABLISHED", "FIN_WAIT_1", "FIN_WAIT_2",
		"CLOSE_WAIT", "CLOSING", "LAST_ACK", "TIME_WAIT" };

	return (pick(names, COUNT(names), state));
}

const char *
vnetsim_wire_howname(unsigned int how)
{
	static const char *const names[] = { "open", "FIN", "RST received",
		"RST sent" };

	return (pick(names, COUNT(names), how));
}

const char *
vnetsim_wire_outcomename(unsigned int outcome)
{
	static const char *const names[] = { "open", "finned", "reset",
		"abandoned" };

	return (pick(names, COUNT(names), outcome));
}

const char *
vnetsim_wire_fatename(unsigned int fate)
{
	static const char *const names[] = { "pending", "none", "closed",
		"stuck", "excused", "silent", "undecided" };

	return (pick(names, COUNT(names), fate));
}

const char *
vnetsim_wire_kindname(unsigned int kind)
{
	static const char *const names[] = { "stuck", "dead-sender", "header" };

	return (pick(names, COUNT(names), kind));
}
