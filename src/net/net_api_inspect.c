/*
 * net_api_inspect.c - the cursor over types, objects, fields and holders.
 *
 * Everything comes from the ledger and the field tables.  A cookie is the
 * object's offset in the world, looked up in the ledger at every use, so a
 * stale one answers "no more" instead of reading what is not there.  Text of a
 * field never shows an address: pointers print as type#serial@vnet.
 */
#include <string.h>
#include <vnetsim/dump.h>
#include <vnetsim/inspect.h>
#include "src/net/net_api.h"

int
vnetsim_type(const struct vnetsim_view *v0, unsigned n, struct vnetsim_type *t)
{
	const struct world *wd = api_look((const struct vnetsim *)v0);
	const struct uma_zone *z;
	const struct vnet *v;

	memset(t, 0, sizeof(*t));
	if (n >= wd->w_ntypes)
		return (VE_NOENT);
	z = wd->w_zone[n];
	t->name = z->uz_name;
	t->module = vnet_module(z->uz_mod)->vm_name;
	t->size = z->uz_size;
	t->nfields = z->uz_nfields;
	t->live = uma_count(z, NULL);
	VNET_FOREACH (v)
		t->live += uma_count(z, v);
	return (0);
}

static uint64_t
cookie_of(const void *obj)
{
	return ((uint64_t)((const char *)obj - (const char *)curworld()));
}

static void *
cookie_obj(uint64_t cookie, struct mem_info *mi)
{
	struct world *w = curworld();
	void *obj = (char *)w + cookie;

	if (cookie == 0 || cookie >= w->w_mem.wm_size ||
	    !mem_contains(w, obj) || !mem_info(obj, mi) ||
	    mi->mi_state != MEM_LIVE)
		return (NULL);
	return (obj);
}

static void
object_fill(
    const void *obj, const struct mem_info *mi, struct vnetsim_object *o)
{
	memset(o, 0, sizeof(*o));
	o->type = mi->mi_zone->uz_name;
	o->vnet = mi->mi_owner != NULL ? mi->mi_owner->v_id : VNETSIM_NOVNET;
	o->birth_vnet =
	    mi->mi_birth == MEM_VNETID_WORLD ? VNETSIM_NOVNET : mi->mi_birth;
	o->serial = mi->mi_serial;
	o->birth = mi->mi_site;
	o->birth_time = mi->mi_time;
	o->size = (uint32_t)mi->mi_size;
	o->cookie = cookie_of(obj);
}

int
vnetsim_object_next(const struct vnetsim_view *v0, uint32_t vnet,
    const char *type, uint64_t *iter, struct vnetsim_object *o)
{
	const struct vnet *v = NULL;
	struct mem_iter it;
	struct mem_info mi;
	uint64_t skip = *iter;
	void *obj;

	(void)api_look((const struct vnetsim *)v0);
	if (vnet != VNETSIM_NOVNET && (v = vnet_byid(vnet)) == NULL)
		return (VE_NOENT);
	mem_iter_init(&it, v, MEM_ITER_ARENA | MEM_ITER_CHARGED);
	while ((obj = mem_iter_next(&it)) != NULL) {
		if (skip > 0) {
			skip--;
			continue;
		}
		(*iter)++;
		if (!mem_info(obj, &mi) ||
		    (type != NULL && strcmp(mi.mi_zone->uz_name, type) != 0))
			continue;
		object_fill(obj, &mi, o);
		return (0);
	}
	return (VE_NOENT);
}

static uint64_t
field_uint(const void *p, uint32_t size)
{
	uint64_t v = 0;
	uint8_t b;
	uint16_t h;
	uint32_t w;

	switch (size) {
	case 1:
		memcpy(&b, p, 1);
		return (b);
	case 2:
		memcpy(&h, p, 2);
		return (h);
	case 4:
		memcpy(&w, p, 4);
		return (w);
	default:
		memcpy(&v, p, imin(size, (uint32_t)8));
		return (v);
	}
}

static int64_t
field_int(const void *p, uint32_t size)
{
	uint64_t v = field_uint(p, size);

	if (size < 8 && (v >> (8 * size - 1)) != 0)
		v |= ~UINT64_C(0) << (8 * size);
	return ((int64_t)v);
}

static void
field_object(const void *obj, char *buf, size_t size)
{
	struct mem_info mi;

	if (obj == NULL)
		ksnprintf(buf, size, "-");
	else if (mem_contains(curworld(), obj) && mem_info(obj, &mi))
		ksnprintf(buf, size, "%s#%llu", mi.mi_zone->uz_name,
		    (unsigned long long)mi.mi_serial);
	else
		ksnprintf(buf, size, "(inside an object)");
}

static void
field_callout(const struct callout *c, char *buf, size_t size)
{
	static const char *const states[] = { "idle", "pending", "claimed" };

	if (c->c_state == CALLOUT_IDLE)
		ksnprintf(buf, size, "idle");
	else
		ksnprintf(buf, size, "%s %s in %lld ns", states[c->c_state],
		    c->c_name, (long long)(c->c_time - vtime()));
}

static void
field_bytes(const uint8_t *p, uint32_t n, char sep, char *buf, size_t size)
{
	size_t at = 0;

	for (uint32_t i = 0; i < n && at + 4 < size; i++) {
		if (i > 0 && sep != '\0')
			buf[at++] = sep;
		at += ksnprintf(buf + at, size - at, "%02x", p[i]);
	}
	buf[at] = '\0';
}

static void
field_number(const struct field *f, const void *p, char *buf, size_t size)
{
	uint64_t u = field_uint(p, f->f_size);

	switch (f->f_kind) {
	case FK_INT:
	case FK_TIME:
		ksnprintf(
		    buf, size, "%lld", (long long)field_int(p, f->f_size));
		return;
	case FK_HEX:
		ksnprintf(buf, size, "0x%llx", (unsigned long long)u);
		return;
	case FK_ENUM:
		if (u < f->f_nnames) {
			ksnprintf(buf, size, "%s", f->f_names[u]);
			return;
		}
		break;
	case FK_IP4:
		ksnprintf(buf, size, "%u.%u.%u.%u", (unsigned)(u >> 24),
		    (unsigned)(u >> 16) & 255, (unsigned)(u >> 8) & 255,
		    (unsigned)u & 255);
		return;
	default:
		break;
	}
	ksnprintf(buf, size, "%llu", (unsigned long long)u);
}

static void
field_text(const struct field *f, const uint8_t *obj, char *buf, size_t size)
{
	const uint8_t *p = obj + f->f_offset;
	const void *ptr;

	switch (f->f_kind) {
	case FK_STR:
		ksnprintf(buf, size, "%.*s", (int)f->f_size, (const char *)p);
		return;
	case FK_CSTR:
		memcpy(&ptr, p, sizeof(ptr));
		ksnprintf(
		    buf, size, "%s", ptr != NULL ? (const char *)ptr : "-");
		return;
	case FK_ETHER:
		field_bytes(p, f->f_size, ':', buf, size);
		return;
	case FK_BYTES:
		field_bytes(p, f->f_size, '\0', buf, size);
		return;
	case FK_PTR:
		memcpy(&ptr, p, sizeof(ptr));
		field_object(ptr, buf, size);
		return;
	case FK_REF:
		field_object(
		    ref_get((const struct ref *)(const void *)p), buf, size);
		return;
	case FK_CALLOUT:
		field_callout(
		    (const struct callout *)(const void *)p, buf, size);
		return;
	case FK_FUNC:
	case FK_LINK:
	case FK_OPAQUE:
		ksnprintf(buf, size, "(not state)");
		return;
	default:
		field_number(f, p, buf, size);
	}
}

int
vnetsim_field(const struct vnetsim_view *v0, const struct vnetsim_object *o,
    unsigned n, const char **name, char *buf, size_t size)
{
	struct mem_info mi;
	const uint8_t *obj;

	(void)api_look((const struct vnetsim *)v0);
	obj = cookie_obj(o->cookie, &mi);
	if (obj == NULL || n >= mi.mi_zone->uz_nfields)
		return (VE_NOENT);
	*name = mi.mi_zone->uz_fields[n].f_name;
	field_text(&mi.mi_zone->uz_fields[n], obj, buf, size);
	return (0);
}

int
vnetsim_holder(const struct vnetsim_view *v0, const struct vnetsim_object *o,
    unsigned n, const char **what, struct vnetsim_object *by)
{
	const struct ref *slot = NULL;
	struct mem_info mi;
	const char *who = NULL;
	const void *obj;

	(void)api_look((const struct vnetsim *)v0);
	obj = cookie_obj(o->cookie, &mi);
	if (obj == NULL)
		return (VE_NOENT);
	for (unsigned i = 0; i <= n; i++) {
		who = mem_holder(obj, &slot);
		if (who == NULL)
			return (VE_NOENT);
	}
	*what = who;
	if (by == NULL)
		return (0);
	memset(by, 0, sizeof(*by));
	obj = mem_around(slot);
	if (obj != NULL && mem_info(obj, &mi))
		object_fill(obj, &mi, by);
	return (0);
}

const struct vnetsim_view *
vnetsim_view_live(struct vnetsim *w)
{
	return ((const struct vnetsim_view *)w);
}

int
vnetsim_view_open(const void *bytes, size_t len, unsigned flags,
    struct vnetsim_view **vp, char *why, size_t whysize)
{
	(void)bytes, (void)len, (void)flags, (void)vp;
	ksnprintf(why, whysize, "dumps cannot be read yet");
	return (VE_FTYPE);
}

void
vnetsim_view_close(struct vnetsim_view *v)
{
	(void)v;
}

void
vnetsim_view_build_id(uint8_t id[VNETSIM_BUILD_ID])
{
	memset(id, 0, VNETSIM_BUILD_ID);
}

void
vnetsim_view_info(const struct vnetsim_view *v, struct vnetsim_view_info *info)
{
	(void)v;
	memset(info, 0, sizeof(*info));
	info->reason = "live";
}

int
vnetsim_object_find(const struct vnetsim_view *v, const char *type,
    uint32_t vnet, uint64_t serial, struct vnetsim_object *o)
{
	(void)v, (void)type, (void)vnet, (void)serial, (void)o;
	return (VE_NOENT);
}

int
vnetsim_vnet_next(
    const struct vnetsim_view *v, uint64_t *iter, struct vnetsim_vnet_info *vi)
{
	(void)v, (void)iter, (void)vi;
	return (VE_NOENT);
}

int
vnetsim_view_jail_next(const struct vnetsim_view *v, uint64_t *iter,
    struct vnetsim_jail_info *info)
{
	(void)v, (void)iter, (void)info;
	return (VE_NOENT);
}

int
vnetsim_callout_next(const struct vnetsim_view *v, uint32_t vnet,
    uint64_t *iter, struct vnetsim_callout_info *ci)
{
	(void)v, (void)vnet, (void)iter, (void)ci;
	return (VE_NOENT);
}

int
vnetsim_view_op_next(
    const struct vnetsim_view *v, uint64_t *iter, struct vnetsim_op_info *oi)
{
	(void)v, (void)iter, (void)oi;
	return (VE_NOENT);
}

int
vnetsim_view_finding(const struct vnetsim_view *v, unsigned n,
    struct vnetsim_finding *f, char key[VNETSIM_FINDING_KEY])
{
	(void)v, (void)n, (void)f, (void)key;
	return (VE_NOENT);
}

size_t
vnetsim_view_trace(
    const struct vnetsim_view *v, struct vnetsim_trace *recs, size_t n)
{
	(void)v, (void)recs, (void)n;
	return (0);
}

int
vnetsim_dump(struct vnetsim *w, const char *reason,
    int (*write)(void *ctx, const void *p, size_t n), void *ctx)
{
	(void)w, (void)reason, (void)write, (void)ctx;
	return (VE_NOSYS);
}

uint64_t
vnetsim_dump_size(struct vnetsim *w)
{
	(void)w;
	return (0);
}
