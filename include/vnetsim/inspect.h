/*
 * inspect.h - a cursor over the inside of a world.
 *
 * Types, objects, fields and holders, by the field tables; netstat-like views
 * that need more than net.h, reports and dumps use nothing else.
 */
#ifndef VNETSIM_INSPECT_H
#define VNETSIM_INSPECT_H

#include <vnetsim/vnetsim.h>

/**
 * struct vnetsim_type - a zone type
 * @name:	"tcpcb"
 * @module:	whose
 * @size:	bytes, 0: variable
 * @live:	live objects in the world
 * @nfields:	fields
 */
struct vnetsim_type {
	const char *name, *module;
	uint32_t size;
	uint64_t live;
	uint32_t nfields;
};

/**
 * vnetsim_type() - walk the types
 * @w:	world
 * @n:	0, 1, ...
 * @t:	out
 *
 * Return:	0; VE_NOENT: no more.
 */
int vnetsim_type(struct vnetsim *w, unsigned n, struct vnetsim_type *t);

/**
 * struct vnetsim_object - a live object
 * @type:	name of its type
 * @vnet:	who is charged, VNETSIM_NOVNET: the world
 * @birth_vnet:	where it was born
 * @serial:	counted per vnet of birth
 * @birth:	"file:line"
 * @birth_time:	virtual ns
 * @size:	bytes
 * @cookie:	for vnetsim_field() and vnetsim_holder(), until the world
 *		changes
 */
struct vnetsim_object {
	const char *type;
	uint32_t vnet, birth_vnet;
	uint64_t serial;
	const char *birth;
	int64_t birth_time;
	uint32_t size;
	uint64_t cookie;
};

/**
 * vnetsim_object_next() - walk live objects
 * @w:		world
 * @vnet:	who is charged; VNETSIM_NOVNET: the world
 * @type:	NULL: all types
 * @iter:	0 at first; kept by the caller
 * @o:		out
 *
 * Return:	0; VE_NOENT: no more.
 */
int vnetsim_object_next(struct vnetsim *w, uint32_t vnet, const char *type,
    uint64_t *iter, struct vnetsim_object *o);

/**
 * vnetsim_field() - one field of an object as text
 * @w:		world
 * @o:		object
 * @n:		0, 1, ...
 * @name:	out, constant
 * @buf:	out, text of the value; never an address
 * @size:	bytes of @buf
 *
 * Return:	0; VE_NOENT: no more.
 */
int vnetsim_field(struct vnetsim *w, const struct vnetsim_object *o, unsigned n,
    const char **name, char *buf, size_t size);

/**
 * vnetsim_holder() - who holds an object
 * @w:		world
 * @o:		object
 * @n:		0, 1, ...
 * @what:	out, constant "name@file:line"
 * @by:		out: the holding object, if it lies in one; may be NULL
 *
 * Return:	0; VE_NOENT: no more.
 */
int vnetsim_holder(struct vnetsim *w, const struct vnetsim_object *o,
    unsigned n, const char **what, struct vnetsim_object *by);

#endif /* !VNETSIM_INSPECT_H */
