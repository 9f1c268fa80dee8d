/*
 * scn_run_dump.c - dump, inspect and jls: what sees the whole world.
 *
 * Nothing here changes the world, so no call is counted, and a scenario with
 * such a statement runs on as one without it.
 */
#include <stdio.h>
#include <string.h>

#include "sim/dump_file.h"
#include "sim/inspect.h"
#include "sim/netcmd.h"
#include "sim/scn_run_var.h"

/* Without a place (explore, --again's second look) nothing is written. */
static int
dump(struct scn_env *e, const struct scn_stmt *s)
{
	char path[DUMP_PATH];
	int n, error;

	if (e->e_dump == NULL)
		return (0);
	n = snprintf(path, sizeof(path), "%s%s", e->e_dump, s->u.name);
	error = n < 0 || (size_t)n >= sizeof(path)
		    ? -1
		    : dump_write(e->e_w, "dump", path);
	if (error == 0) {
		rbuf_add(&e->e_out, "world saved as %s\n", s->u.name);
		return (0);
	}
	(void)fprintf(stderr, "vnetsim: %s: %s\n", path,
	    error > 0 ? strerror(error) : "the path is too long");
	return (VE_IO);
}

static int
run_jls(struct scn_env *e, const struct scn_stmt *s)
{
	struct netcmd nc = {
		.nc_v = vnetsim_view_live(e->e_w),
		.nc_below = s->jail,
		.nc_out = &e->e_out,
	};

	if (run_jail(e, s->jail) == 0)
		return (VE_NOENT);
	return (jls(&nc, &s->u.jls));
}

/**
 * run_world() - dump, inspect, jls
 * @e:	environment
 * @s:	statement
 *
 * Return:	0; VE_NOENT: no such type, object or jail; VE_INVAL: no number
 *		of an object; VE_IO: the dump cannot be written.
 */
int
run_world(struct scn_env *e, const struct scn_stmt *s)
{
	if (s->kind == SCN_DUMP)
		return (dump(e, s));
	if (s->kind == SCN_JLS)
		return (run_jls(e, s));
	return (inspect(vnetsim_view_live(e->e_w), s->u.inspect.what,
	    s->u.inspect.id, false, &e->e_out));
}
