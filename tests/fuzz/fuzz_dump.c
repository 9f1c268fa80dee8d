/*
 * fuzz_dump.c - hostile dumps: whatever the bytes are, a view answers.
 *
 * A dump is some hundred kilobytes, most of them constants of the program, and
 * is refused at once if its build id is another one.  So the input is not the
 * file but what is done to one: a dump of a small busy world of this very
 * program, made at the start, is patched and cut.
 *
 *	byte 0          bit 0: the rest is a file of its own
 *	                bit 1: a view of any build; bit 2: cut at the end
 *	then records    kind 1, where 3, value 1 to 8 bytes
 *
 * The kind says which part of the file is meant (head, table of segments,
 * struct world, tables, extents, anything), where is taken modulo its length,
 * and the value is as long as the kind says.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <vnetsim/net.h>
#include <vnetsim/socket.h>
#include "src/core/dump_format.h"
#include "tests/lib/tview.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

enum { WHERES = 6 };

struct base {
	struct tview_file file;
	uint8_t *copy;
	struct {
		size_t at, len;
	} part[WHERES];
};

static void
fuzz_parts(struct base *b)
{
	struct dump_head dh;
	struct dump_seg ds;
	size_t at;

	memcpy(&dh, b->file.tf_bytes, sizeof(dh));
	b->part[0].len = b->file.tf_len;
	b->part[1].len = sizeof(dh);
	b->part[2].at = sizeof(dh);
	b->part[2].len = dh.dh_nseg * sizeof(ds);
	for (uint32_t i = 0; i < dh.dh_nseg; i++) {
		at = sizeof(dh) + i * sizeof(ds);
		memcpy(&ds, b->file.tf_bytes + at, sizeof(ds));
		/* neighbours in the file: one part of each kind */
		at = ds.ds_kind == DUMP_WORLD   ? 3
		     : ds.ds_kind == DUMP_TABLE ? 4
						: 5;
		if (ds.ds_kind == DUMP_CONST)
			continue;
		if (b->part[at].len == 0)
			b->part[at].at = ds.ds_off;
		b->part[at].len = ds.ds_off + ds.ds_len - b->part[at].at;
	}
}

static vnetsim_handle
fuzz_jail(struct vnetsim *w, const char *name, const char *ifname,
    uint32_t addr, vnetsim_handle *jail)
{
	struct vnetsim_jail_params jp = {
		.name = name, .vnet = true, .persist = true
	};
	vnetsim_handle host = vnetsim_jail_find(w, "0", false), p = 0;

	if (vnetsim_jail_create(w, &jp, jail) != 0 ||
	    vnetsim_if_vnet(w, host, ifname, *jail, NULL) != 0 ||
	    vnetsim_proc_create(w, *jail, name, &p) != 0)
		abort();
	(void)vnetsim_run(w, vnetsim_now(w) + 1000000);
	if (vnetsim_if_inet(w, *jail, ifname, addr, 24, true) != 0 ||
	    vnetsim_if_up(w, *jail, ifname, true) != 0)
		abort();
	return (p);
}

/* Two jails with a connection; one of them is on its way out. */
static void
fuzz_world(struct vnetsim *w)
{
	struct vnetsim_addr any = { 0, 80 }, to = { 0x0a000001, 80 };
	vnetsim_handle a, b, pa, pb, op;
	char name[VNETSIM_IFNAMSIZ] = "epair";
	int la, fb;
	size_t n;

	if (vnetsim_if_create(w, vnetsim_jail_find(w, "0", false), name) != 0)
		abort();
	pa = fuzz_jail(w, "a", "epair0a", 0x0a000001, &a);
	pb = fuzz_jail(w, "b", "epair0b", 0x0a000002, &b);
	if (vnetsim_socket(w, pa, VNETSIM_TCP, &la) != 0 ||
	    vnetsim_bind(w, pa, la, &any) != 0 ||
	    vnetsim_listen(w, pa, la, 3) != 0 ||
	    vnetsim_socket(w, pb, VNETSIM_TCP, &fb) != 0 ||
	    vnetsim_connect(w, pb, fb, &to, 0, &op) != VE_INPROGRESS)
		abort();
	(void)vnetsim_run(w, vnetsim_now(w) + 10000000);
	if (vnetsim_send(
		w, pb, fb, NULL, 3000, NULL, VNETSIM_NONBLOCK, &n, &op) != 0 ||
	    vnetsim_jail_remove(w, b, &op) != 0)
		abort();
	for (int i = 0; i < 20; i++)
		(void)vnetsim_step(w, INT64_MAX);
}

static struct base *
fuzz_base(void)
{
	static struct base b;
	struct vnetsim_config cfg = { .size = 64u << 20 };
	struct vnetsim *w;

	if (b.copy != NULL)
		return (&b);
	w = vnetsim_create(NULL, &cfg, NULL);
	if (w == NULL)
		abort();
	fuzz_world(w);
	if (tview_dump(w, "fuzz", &b.file) != 0)
		abort();
	vnetsim_destroy(w);
	b.copy = malloc(b.file.tf_len);
	if (b.copy == NULL)
		abort();
	memcpy(b.copy, b.file.tf_bytes, b.file.tf_len);
	fuzz_parts(&b);
	return (&b);
}

static void
fuzz_look(const uint8_t *bytes, size_t len, unsigned flags)
{
	struct vnetsim_view *v;
	char why[160];

	if (vnetsim_view_open(bytes, len, flags, &v, why, sizeof(why)) != 0) {
		if (strlen(why) < 5)
			abort();
		return;
	}
	free(tview_text(v, 16));
	vnetsim_view_close(v);
}

/* One record.  Return: its length, 0: none left. */
static size_t
fuzz_patch(struct base *b, const uint8_t *p, size_t len, bool undo)
{
	size_t where, n, k;

	if (len < 5)
		return (0);
	k = p[0] % WHERES;
	n = (size_t)1 << (p[0] / WHERES & 3);
	if (len < 4 + n || b->part[k].len < n)
		return (0);
	where = (size_t)p[1] | (size_t)p[2] << 8 | (size_t)p[3] << 16;
	where = b->part[k].at + where % (b->part[k].len - n + 1);
	memcpy(b->copy + where, undo ? b->file.tf_bytes + where : p + 4, n);
	return (4 + n);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct base *b = fuzz_base();
	size_t at, n, cut = b->file.tf_len;
	unsigned flags;

	if (len < 4)
		return (0);
	flags = (bytes[0] & 2) != 0 ? VNETSIM_VIEW_ANYBUILD : 0;
	if ((bytes[0] & 1) != 0) {
		fuzz_look(bytes + 1, len - 1, flags);
		return (0);
	}
	if ((bytes[0] & 4) != 0)
		cut = ((size_t)bytes[1] << 16 | (size_t)bytes[2] << 8 |
			  bytes[3]) %
		      cut;
	for (at = 4; (n = fuzz_patch(b, bytes + at, len - at, false)) != 0;)
		at += n;
	/* nothing was done to it */
	if (at == 4 && cut == b->file.tf_len)
		return (0);
	fuzz_look(b->copy, cut, flags);
	for (at = 4; (n = fuzz_patch(b, bytes + at, len - at, true)) != 0;)
		at += n;
	return (0);
}
