/*
 * view.c - bytes, pointers and strings of a live or dumped world.
 */
#include <vnetsim/inspect.h>
#include "src/core/memory_var.h"

const struct vnetsim_view *
vnetsim_view_live(struct vnetsim *w)
{
	return (&((struct world *)w)->w_view);
}

/* Bytes of a dump. */
static const uint8_t *
file_at(const struct vnetsim_view *v, uint64_t addr, uint64_t *avail)
{
	const struct dump_seg *ds;
	uint32_t low = 0, high = v->vv_nseg, mid;

	/* the first segment that begins above */
	while (low < high) {
		mid = low + (high - low) / 2;
		if (v->vv_seg[mid].ds_addr > addr)
			high = mid;
		else
			low = mid + 1;
	}
	if (low == 0)
		return (NULL);
	ds = &v->vv_seg[low - 1];
	if (addr - ds->ds_addr >= ds->ds_len)
		return (NULL);
	*avail = ds->ds_len - (addr - ds->ds_addr);
	return (v->vv_bytes + ds->ds_off + (addr - ds->ds_addr));
}

const uint8_t *
view_at(const struct vnetsim_view *v, uint64_t addr, uint64_t *avail)
{
	*avail = 0;
	if (v->vv_world == NULL)
		return (file_at(v, addr, avail));
	if (addr > UINTPTR_MAX)
		return (NULL);
	*avail = dump_span(v->vv_world, addr);
	/* NOLINTNEXTLINE(performance-no-int-to-ptr) */
	return (*avail > 0 ? (const uint8_t *)(uintptr_t)addr : NULL);
}

__noasan void
view_copy(void *to, const void *from, size_t n)
{
#if MEM_ASAN
	volatile uint8_t *t = to;
	const volatile uint8_t *f = from;

	while (n-- > 0)
		*t++ = *f++;
#else
	memcpy(to, from, n);
#endif
}

bool
view_read(const struct vnetsim_view *v, uint64_t addr, void *to, size_t n)
{
	const uint8_t *p;
	uint64_t avail;

	p = view_at(v, addr, &avail);
	if (p == NULL || avail < n) {
		memset(to, 0, n);
		return (false);
	}
	view_copy(to, p, n);
	return (true);
}

uint64_t
view_ptr(const struct vnetsim_view *v, uint64_t addr)
{
	uintptr_t p;

	(void)view_read(v, addr, &p, sizeof(p));
	return (p);
}

/* Neither the sanitizer's red zones nor poison matter here. */
static __noasan bool
printable(const volatile uint8_t *p, uint64_t max)
{
	for (; max > 0 && *p != '\0'; p++, max--)
		if (*p < ' ' || *p > '~')
			return (false);
	return (max > 0);
}

const char *
view_str(const struct vnetsim_view *v, uint64_t addr)
{
	const uint8_t *p;
	uint64_t avail;

	if (addr == 0)
		return (NULL);
	p = view_at(v, addr, &avail);
	if (p == NULL || !printable(p, imin(avail, VIEW_STR_MAX)))
		return ("?");
	return ((const char *)p);
}

void
view_name(const struct vnetsim_view *v, uint64_t addr, char *to, size_t size)
{
	(void)view_read(v, addr, to, size);
	to[size - 1] = '\0';
	for (char *c = to; *c != '\0'; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
}

const struct dump_dir *
view_begin(const struct vnetsim_view *v)
{
	struct vnetsim_view *own;

	if (v->vv_world != NULL) {
		own = (struct vnetsim_view *)v;
		dump_dir_fill(v->vv_world, &own->vv_head.dh_dir);
	}
	return (view_dir(v));
}
