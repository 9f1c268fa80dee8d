/*
 * inspect.c - the inside of a world, live or on file, in words.
 *
 *	inspect			where it stands, its vnets, its types
 *	inspect TYPE		objects of a type, one line each
 *	inspect TYPE SERIAL[@VNET]
 *	inspect TYPE#SERIAL@VNET
 *				everything about one
 *	inspect callouts|ops|findings|trace
 *
 * The scenario's statements and the commands that read a dump print through
 * here, so what they say is the same.  A type has the name of its zone;
 * "struct " may stand in front of it.
 */
#include "sim/inspect.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
inspect_where(const struct vnetsim_view *v, struct iout *io)
{
	struct vnetsim_view_info vi;

	vnetsim_view_info(v, &vi);
	iout_list(io, "world");
	iout_name(io, "time");
	iout_time(io, vi.time);
	iout_name(io, "events");
	iout_number(io, vi.events);
	iout_name(io, "seed");
	iout_number(io, vi.seed);
	iout_name(io, "inside");
	iout_text(io, vi.inside ? "an event" : NULL);
	iout_name(io, "vnet");
	iout_vnet(io, vi.vnet);
	iout_name(io, "jail");
	iout_text(io, vi.vname[0] != '\0' ? vi.vname : NULL);
	iout_name(io, "door");
	iout_text(io, vi.door);
	iout_name(io, "module");
	iout_text(io, vi.module);
	iout_name(io, "findings");
	iout_number(io, (uint64_t)vi.findings + vi.lost);
	iout_list_end(io);
}

static void
inspect_vnets(const struct vnetsim_view *v, struct iout *io)
{
	static const struct iout_col cols[] = { { "vnet", 6 }, { "name", -20 },
		{ "phase", -9 }, { "inited", 6 }, { "objects", 8 },
		{ "bytes", 9 }, { "callouts", 8 }, { "step", 0 } };
	struct vnetsim_vnet_info vi;
	uint64_t iter = 0;

	iout_cols(io, "vnets", cols, sizeof(cols) / sizeof(cols[0]));
	while (vnetsim_vnet_next(v, &iter, &vi) == 0) {
		iout_number(io, vi.id);
		iout_text(io, vi.name);
		iout_text(io, vi.phase);
		iout_number(io, vi.inited);
		iout_number(io, vi.objects);
		iout_number(io, vi.bytes);
		iout_number(io, vi.callouts);
		iout_text(io, vi.step);
	}
	iout_table_end(io);
}

static void
inspect_types(const struct vnetsim_view *v, struct iout *io)
{
	static const struct iout_col cols[] = { { "type", -24 },
		{ "module", -10 }, { "size", 6 }, { "fields", 6 },
		{ "live", 0 } };
	struct vnetsim_type t;

	iout_cols(io, "types", cols, sizeof(cols) / sizeof(cols[0]));
	for (unsigned n = 0; vnetsim_type(v, n, &t) == 0; n++) {
		iout_text(io, t.name);
		iout_text(io, t.module);
		if (t.size == 0)
			iout_text(io, NULL);
		else
			iout_number(io, t.size);
		iout_number(io, t.nfields);
		iout_number(io, t.live);
	}
	iout_table_end(io);
}

static void
inspect_row(struct iout *io, const struct vnetsim_object *o)
{
	iout_object(io, o);
	iout_vnet(io, o->vnet);
	iout_number(io, o->size);
	iout_time(io, o->birth_time);
	iout_text(io, o->birth);
}

/* Objects of a type in one vnet; with @serial only those of that number. */
static unsigned
inspect_in(const struct vnetsim_view *v, uint32_t vnet, const char *type,
    const uint64_t *serial, struct iout *io)
{
	struct vnetsim_object o;
	uint64_t iter = 0;
	unsigned n = 0;

	while (vnetsim_object_next(v, vnet, type, &iter, &o) == 0) {
		if (serial == NULL)
			inspect_row(io, &o);
		else if (o.serial == *serial)
			inspect_object(v, &o, io);
		else
			continue;
		n++;
	}
	return (n);
}

/* The same in all vnets and the world. */
static unsigned
inspect_all(const struct vnetsim_view *v, const char *type,
    const uint64_t *serial, struct iout *io)
{
	struct vnetsim_vnet_info vi;
	uint64_t iter = 0;
	unsigned n = 0;

	while (vnetsim_vnet_next(v, &iter, &vi) == 0)
		n += inspect_in(v, vi.id, type, serial, io);
	return (n + inspect_in(v, VNETSIM_NOVNET, type, serial, io));
}

/* The whole name of a type. */
static bool
inspect_typename(
    const struct vnetsim_view *v, const char *name, char *buf, size_t size)
{
	struct vnetsim_type t;

	if (strncmp(name, "struct ", 7) == 0)
		name += 7;
	for (unsigned n = 0; vnetsim_type(v, n, &t) == 0; n++) {
		if (strcmp(t.name, name) != 0)
			continue;
		(void)snprintf(buf, size, "%s", t.name);
		return (true);
	}
	return (false);
}

static int
inspect_type(const struct vnetsim_view *v, const char *type, struct iout *io)
{
	static const struct iout_col cols[] = { { "object", -28 },
		{ "vnet", 6 }, { "size", 6 }, { "birth_time", 16 },
		{ "birth", 0 } };

	iout_cols(io, "objects", cols, sizeof(cols) / sizeof(cols[0]));
	(void)inspect_all(v, type, NULL, io);
	iout_table_end(io);
	return (0);
}

/* "12", "12@2", "12@-" */
static bool
inspect_id(const char *id, uint64_t *serial, bool *anywhere, uint32_t *vnet)
{
	unsigned long long n;
	char *end;

	*vnet = VNETSIM_NOVNET;
	*anywhere = true;
	if (*id < '0' || *id > '9')
		return (false);
	errno = 0;
	*serial = strtoull(id, &end, 10);
	if (errno != 0 || *end == '\0')
		return (errno == 0);
	*anywhere = false;
	if (*end++ != '@')
		return (false);
	if (strcmp(end, "-") == 0)
		return (true);
	if (*end < '0' || *end > '9')
		return (false);
	n = strtoull(end, &end, 10);
	if (errno != 0 || *end != '\0' || n >= VNETSIM_NOVNET)
		return (false);
	*vnet = (uint32_t)n;
	return (true);
}

static int
inspect_one(const struct vnetsim_view *v, const char *type, const char *id,
    struct iout *io)
{
	struct vnetsim_object o;
	uint64_t serial;
	uint32_t vnet;
	bool anywhere, found = false;

	if (!inspect_id(id, &serial, &anywhere, &vnet))
		return (VE_INVAL);
	iout_array(io, "objects");
	if (anywhere)
		found = inspect_all(v, type, &serial, io) > 0;
	else if (vnetsim_object_find(v, type, vnet, serial, &o) == 0) {
		inspect_object(v, &o, io);
		found = true;
	}
	iout_array_end(io);
	return (found ? 0 : VE_NOENT);
}

/* Types and objects: "tcpcb", "tcpcb" "12@2", "tcpcb#12@2". */
static int
inspect_named(const struct vnetsim_view *v, const char *what, const char *id,
    struct iout *io)
{
	char type[64], name[64];
	const char *hash = id == NULL ? strchr(what, '#') : NULL;

	(void)snprintf(name, sizeof(name), "%.*s",
	    (int)(hash != NULL ? (size_t)(hash - what) : strlen(what)), what);
	if (hash != NULL)
		id = hash + 1;
	if (!inspect_typename(v, name, type, sizeof(type)))
		return (VE_NOENT);
	return (id == NULL ? inspect_type(v, type, io)
			   : inspect_one(v, type, id, io));
}

/**
 * inspect() - look into a world
 * @v:		view
 * @what:	NULL: where it stands; a list ("callouts"), a type, an object
 * @id:		"serial[@vnet]" of an object of that type, or NULL
 * @json:	as JSON
 * @out:	text is appended, also if nothing is found
 *
 * Return:	0; VE_NOENT: no such type or object; VE_INVAL: @id is none.
 */
int
inspect(const struct vnetsim_view *v, const char *what, const char *id,
    bool json, struct rbuf *out)
{
	struct iout io;
	int error = 0;

	iout_begin(&io, out, json);
	if (what == NULL) {
		inspect_where(v, &io);
		inspect_vnets(v, &io);
		inspect_types(v, &io);
	} else if (id != NULL || !inspect_list(v, what, &io))
		error = inspect_named(v, what, id, &io);
	iout_end(&io);
	return (error);
}
