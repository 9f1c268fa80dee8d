/*
 * scn_run_sysctl.c - sysctl(8): reading.
 *
 * A name stands for itself, or for all that begin with it and a dot, as a node
 * of FreeBSD's tree does.  Values are decimal; a sysctl whose module is not
 * there is left out of a list.
 */
#include <inttypes.h>
#include <string.h>

#include "sim/scn_run_var.h"

/* One line.  Return: 0 or an errno. */
static int
show(struct scn_env *e, const struct scn_sysctl *sy, vnetsim_handle jail,
    const char *name, const char *descr)
{
	int64_t v = 0;
	int error;

	error = vnetsim_sysctl_get(e->e_w, jail, name, &v);
	if (error != 0)
		return (error);
	if (sy->names) {
		rbuf_add(&e->e_out, "%s\n", name);
		return (0);
	}
	if (!sy->bare)
		rbuf_add(&e->e_out, "%s: ", name);
	if (sy->descr)
		rbuf_add(&e->e_out, "%s\n", descr != NULL ? descr : "");
	else
		rbuf_add(&e->e_out, "%" PRId64 "\n", v);
	return (0);
}

/**
 * run_sysctl_show() - sysctl NAME, sysctl -a
 * @e:		environment
 * @s:		statement
 * @jail:	whose
 *
 * Return:	0; VE_NOENT: no such name.
 */
int
run_sysctl_show(
    struct scn_env *e, const struct scn_stmt *s, vnetsim_handle jail)
{
	const struct scn_sysctl *sy = &s->u.sysctl;
	size_t len = sy->name != NULL ? strlen(sy->name) : 0;
	const char *name, *descr;
	bool any = false;

	for (uint32_t n = 0; vnetsim_sysctl_next(e->e_w, n, &name, &descr) == 0;
	     n++) {
		if (len != 0 && (strncmp(name, sy->name, len) != 0 ||
				    (name[len] != '\0' && name[len] != '.')))
			continue;
		/* the node itself, if it has a value, hides what is below */
		if (show(e, sy, jail, name, descr) == 0)
			any = true;
		if (any && len != 0 && name[len] == '\0')
			break;
	}
	return (any ? 0 : VE_NOENT);
}
