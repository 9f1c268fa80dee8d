/*
 * view_field.c - fields as text.
 *
 * Text never shows an address: a pointer prints as type#serial@vnet, "in" in
 * front if it points into the object.  An array of references, pointers,
 * callouts, times or strings prints its elements with a space in between, an
 * array of plain numbers as bytes, because its table does not tell how wide
 * they are.
 */
#include <stdarg.h>
#include <vnetsim/inspect.h>
#include <vnetsim/kern/callout.h>
#include "src/core/kprintf.h"
#include "src/core/memory_var.h"

/* What is printed, and where it goes. */
struct out {
	const struct vnetsim_view *ou_v;
	char *ou_buf;
	size_t ou_size, ou_len;
};

static void emit(struct out *ou, const char *fmt, ...) __printflike(2, 3);

static bool
full(const struct out *ou)
{
	return (ou->ou_len + 1 >= ou->ou_size);
}

static void
emit(struct out *ou, const char *fmt, ...)
{
	size_t room = ou->ou_size - ou->ou_len, n;
	va_list ap;

	va_start(ap, fmt);
	n = kvsnprintf(ou->ou_buf + ou->ou_len, room, fmt, ap);
	va_end(ap);
	ou->ou_len += n < room ? n : room - 1;
}

static void
emit_object(struct out *ou, uint64_t addr)
{
	const struct vnetsim_view *v = ou->ou_v;
	const struct dump_dir *dd = view_dir(v);
	struct vnetsim_object o;

	if (addr == 0) {
		emit(ou, "-");
		return;
	}
	if (addr - dd->dd_world >= dd->dd_size) {
		emit(ou, "(constant)");
		return;
	}
	view_object_at(v, addr, &o);
	if (o.type == NULL) {
		emit(ou, addr - dd->dd_world < dd->dd_worldsize ? "(world)"
								: "(stale)");
		return;
	}
	if ((o.cookie & ((UINT64_C(1) << VIEW_COOKIE_MOD) - 1)) !=
	    addr - dd->dd_world)
		emit(ou, "in ");
	emit(ou, "%s#%llu@", o.type, (unsigned long long)o.serial);
	if (o.birth_vnet == VNETSIM_NOVNET)
		emit(ou, "-");
	else
		emit(ou, "%u", o.birth_vnet);
}

static void
emit_ref(struct out *ou, uint64_t addr)
{
	struct ref r;

	(void)view_read(ou->ou_v, addr, &r, sizeof(r));
	if (r.r_obj != 0 && r.r_prev == REF_CUT && r.r_next == REF_CUT)
		emit(ou, "(cut)");
	else
		emit_object(ou, r.r_obj == 0 ? 0
					     : view_dir(ou->ou_v)->dd_world +
						   ((uint64_t)r.r_obj << 3));
}

static void
emit_callout(struct out *ou, uint64_t addr)
{
	static const char *const states[] = { "idle", "pending", "claimed" };
	struct callout c;
	const char *name;

	(void)view_read(ou->ou_v, addr, &c, sizeof(c));
	if (c.c_state == CALLOUT_IDLE || c.c_state >= nitems(states)) {
		emit(ou, "%s", c.c_state == CALLOUT_IDLE ? "idle" : "?");
		return;
	}
	name = view_str(ou->ou_v, view_addr(c.c_name));
	emit(ou, "%s %s in %lld ns", states[c.c_state],
	    name != NULL ? name : "?",
	    (long long)((uint64_t)c.c_time -
			(uint64_t)view_dir(ou->ou_v)->dd_time));
}

/* Letters up to the first zero; what is not printable becomes a dot. */
static void
emit_chars(struct out *ou, uint64_t addr, uint32_t n)
{
	uint8_t c;

	for (; n > 0 && !full(ou); n--, addr++) {
		(void)view_read(ou->ou_v, addr, &c, 1);
		if (c == '\0')
			break;
		emit(ou, "%c", c >= ' ' && c <= '~' ? c : '.');
	}
}

static void
emit_bytes(struct out *ou, uint64_t addr, uint32_t n, const char *sep)
{
	uint8_t b;

	for (uint32_t i = 0; i < n && ou->ou_len + 4 < ou->ou_size; i++) {
		(void)view_read(ou->ou_v, addr + i, &b, 1);
		emit(ou, "%s%02x", i > 0 ? sep : "", b);
	}
}

static void
emit_time(struct out *ou, uint64_t addr)
{
	int64_t t;

	(void)view_read(ou->ou_v, addr, &t, sizeof(t));
	emit(ou, "%lld", (long long)t);
}

static void
emit_cstr(struct out *ou, uint64_t addr)
{
	const char *s = view_str(ou->ou_v, view_ptr(ou->ou_v, addr));

	emit(ou, "%s", s != NULL ? s : "-");
}

static void
emit_ptr(struct out *ou, uint64_t addr)
{
	emit_object(ou, view_ptr(ou->ou_v, addr));
}

/* A field of @size bytes as elements of @unit bytes. */
static void
emit_each(struct out *ou, uint64_t addr, uint32_t size, uint32_t unit,
    void (*one)(struct out *ou, uint64_t addr))
{
	for (uint32_t at = 0; at + unit <= size && !full(ou); at += unit) {
		if (at > 0)
			emit(ou, " ");
		one(ou, addr + at);
	}
}

static bool
read_uint(const struct vnetsim_view *v, uint64_t addr, uint32_t size,
    uint64_t *u, int64_t *i)
{
	uint8_t b;
	uint16_t h;
	uint32_t w;

	switch (size) {
	case 1:
		(void)view_read(v, addr, &b, 1);
		*u = b;
		*i = b < 128 ? b : (int64_t)b - 256;
		return (true);
	case 2:
		(void)view_read(v, addr, &h, 2);
		*u = h;
		*i = (int16_t)h;
		return (true);
	case 4:
		(void)view_read(v, addr, &w, 4);
		*u = w;
		*i = (int32_t)w;
		return (true);
	case 8:
		(void)view_read(v, addr, u, 8);
		*i = (int64_t)*u;
		return (true);
	default:
		return (false);
	}
}

static void
emit_number(struct out *ou, const struct field *f, uint64_t addr)
{
	const struct vnetsim_view *v = ou->ou_v;
	uint64_t u = 0;
	int64_t i = 0;

	if (!read_uint(v, addr, f->f_size, &u, &i)) {
		emit_bytes(ou, addr, f->f_size, "");
		return;
	}
	switch (f->f_kind) {
	case FK_INT:
		emit(ou, "%lld", (long long)i);
		return;
	case FK_HEX:
		emit(ou, "0x%llx", (unsigned long long)u);
		return;
	case FK_IP4:
		emit(ou, "%u.%u.%u.%u", (unsigned)(u >> 24) & 255,
		    (unsigned)(u >> 16) & 255, (unsigned)(u >> 8) & 255,
		    (unsigned)u & 255);
		return;
	case FK_ENUM:
		if (u < f->f_nnames) {
			emit_cstr(
			    ou, view_addr(f->f_names) + u * sizeof(char *));
			return;
		}
		break;
	default:
		break;
	}
	emit(ou, "%llu", (unsigned long long)u);
}

static void
emit_field(struct out *ou, const struct field *f, uint64_t addr)
{
	switch (f->f_kind) {
	case FK_STR:
		emit_chars(ou, addr, f->f_size);
		return;
	case FK_CSTR:
		emit_each(ou, addr, f->f_size, sizeof(void *), emit_cstr);
		return;
	case FK_ETHER:
		emit_bytes(ou, addr, f->f_size, ":");
		return;
	case FK_BYTES:
		emit_bytes(ou, addr, f->f_size, "");
		return;
	case FK_PTR:
		emit_each(ou, addr, f->f_size, sizeof(void *), emit_ptr);
		return;
	case FK_REF:
		emit_each(ou, addr, f->f_size, sizeof(struct ref), emit_ref);
		return;
	case FK_CALLOUT:
		emit_each(
		    ou, addr, f->f_size, sizeof(struct callout), emit_callout);
		return;
	case FK_TIME:
		emit_each(ou, addr, f->f_size, sizeof(int64_t), emit_time);
		return;
	case FK_FUNC:
	case FK_LINK:
	case FK_OPAQUE:
		emit(ou, "(not state)");
		return;
	default:
		emit_number(ou, f, addr);
	}
}

bool
view_fields(
    const struct vnetsim_view *v, uint64_t cookie, struct view_fields *vf)
{
	uint32_t mod = (uint32_t)(cookie >> VIEW_COOKIE_MOD);
	struct view_obj o, vnet;
	struct vnet_module m;
	uint64_t begin;

	vf->vf_addr = view_dir(v)->dd_world +
		      (cookie & ((UINT64_C(1) << VIEW_COOKIE_MOD) - 1));
	if (mod == 0) {
		if (!view_obj(v, vf->vf_addr, &o))
			return (false);
		vf->vf_size = o.vo_bytes;
		vf->vf_table = view_addr(o.vo_zone.uz_fields);
		vf->vf_n = o.vo_zone.uz_nfields;
		return (true);
	}
	/* it may be gone: ask for it again, by where it lies */
	if (!view_around(v, vf->vf_addr, &o) ||
	    view_vnet_at(v, HDR_OWNER(o.vo_hdr.h_id), &vnet) == 0 ||
	    view_state_around(v, vnet.vo_addr, vf->vf_addr, &begin) !=
		(int)mod - 1 ||
	    begin != vf->vf_addr || !view_module(v, mod - 1, &m))
		return (false);
	vf->vf_size = m.vm_size;
	vf->vf_table = view_addr(m.vm_fields);
	vf->vf_n = m.vm_nfields;
	return (true);
}

bool
view_field(const struct vnetsim_view *v, const struct view_fields *vf,
    uint32_t n, struct field *f)
{
	return (n < vf->vf_n &&
		view_read(
		    v, vf->vf_table + (uint64_t)n * sizeof(*f), f, sizeof(*f)));
}

int
vnetsim_field(const struct vnetsim_view *v, const struct vnetsim_object *o,
    unsigned n, const char **name, char *buf, size_t size)
{
	struct out ou = { v, buf, size, 0 };
	struct view_fields vf;
	struct field f;

	(void)view_begin(v);
	buf[0] = '\0';
	if (!view_fields(v, o->cookie, &vf) || !view_field(v, &vf, n, &f))
		return (VE_NOENT);
	*name = view_str(v, view_addr(f.f_name));
	if (*name == NULL)
		*name = "?";
	if ((uint64_t)f.f_offset + f.f_size > vf.vf_size)
		emit(&ou, "?");
	else
		emit_field(&ou, &f, vf.vf_addr + f.f_offset);
	return (0);
}
