/*
 * scn_run_rctl.c - rctl(8): limits are set, listed and compared with usage.
 */
#include <inttypes.h>
#include <string.h>

#include "sim/scn_run_var.h"

/* One line for each limit; all jails, or one. */
static int
rctl_list(struct scn_env *e, vnetsim_handle only)
{
	struct vnetsim_jail_info ji;
	vnetsim_handle h = 0;
	uint64_t limit;

	while ((h = vnetsim_jail_next(e->e_w, h)) != 0)
		if ((only == 0 || h == only) &&
		    vnetsim_rctl_get(e->e_w, h, NULL, &limit) == 0 &&
		    limit != 0 && vnetsim_jail_info(e->e_w, h, &ji) == 0)
			rbuf_add(&e->e_out,
			    "jail:%s:memoryuse:deny=%" PRIu64 "\n", ji.name,
			    limit);
	return (0);
}

/**
 * run_rctl() - carry out rctl
 * @e:	environment
 * @s:	the command
 *
 * Return:	0; VE_SRCH: no such jail, or -r without a limit (as FreeBSD);
 *		VE_INVAL: the jail shares its parent's stack.
 */
int
run_rctl(struct scn_env *e, const struct scn_stmt *s)
{
	const struct scn_rctl *r = &s->u.rctl;
	char buf[2 * SCN_JAIL_MAX + 2];
	uint64_t used, limit;
	vnetsim_handle jail;
	int error;

	if (r->jail == NULL)
		return (rctl_list(e, 0));
	jail = vnetsim_jail_find(
	    e->e_w, run_full(s, r->jail, buf, sizeof(buf)), true);
	error = vnetsim_rctl_get(e->e_w, jail, &used, &limit);
	if (error != 0)
		return (error);
	switch (r->verb) {
	case SCN_RCTL_LIST:
		return (rctl_list(e, jail));
	case SCN_RCTL_USAGE:
		rbuf_add(&e->e_out, "memoryuse=%" PRIu64 "\n", used);
		return (0);
	case SCN_RCTL_REMOVE:
		if (limit == 0)
			return (VE_SRCH);
		break;
	case SCN_RCTL_ADD:
		break;
	}
	return (RUN_CALL(e, "rctl", vnetsim_rctl_set(e->e_w, jail, r->bytes)));
}
