/*
 * view_open.c - is this file a dump that can be read?
 *
 * What is checked here holds for the life of the view: the directory and the
 * table of segments are inside the file, segments are ascending and disjoint
 * in addresses and in the file.  So a walk that visits each byte of memory at
 * most once also visits each byte of the file at most once, and the time of an
 * inspection is bounded by the length of the file.  What the segments hold is
 * not checked here but where it is used.
 */
#include <vnetsim/inspect.h>
#include "src/core/memory_var.h"

struct opening {
	const uint8_t *op_bytes;
	size_t op_len;
	unsigned op_flags;
	struct dump_head op_head;
	char *op_why;
	size_t op_whysize;
};

static int
refuse(struct opening *op, int error, const char *why)
{
	if (op->op_why != NULL && op->op_whysize > 0)
		ksnprintf(op->op_why, op->op_whysize, "%s", why);
	return (error);
}

static void
hex(char *to, const uint8_t *id)
{
	for (int i = 0; i < 8; i++)
		ksnprintf(to + 2 * i, 3, "%02x", id[i]);
}

static int
check_build(struct opening *op)
{
	const struct dump_head *dh = &op->op_head;
	uint8_t ours[VNETSIM_BUILD_ID];
	char why[128], a[17], b[17];

	vnetsim_view_build_id(ours);
	if (memcmp(ours, dh->dh_build_id, sizeof(ours)) == 0 ||
	    (op->op_flags & VNETSIM_VIEW_ANYBUILD) != 0)
		return (0);
	hex(a, dh->dh_build_id);
	hex(b, ours);
	ksnprintf(why, sizeof(why),
	    "made by another build: its build id begins with %s, ours with %s",
	    a, b);
	return (refuse(op, VE_NOEXEC, why));
}

static int
check_head(struct opening *op)
{
	static const char magic[] = DUMP_MAGIC;
	struct dump_head *dh = &op->op_head;
	size_t n = imin(op->op_len, sizeof(*dh));
	char why[128];

	memset(dh, 0, sizeof(*dh));
	memcpy(dh, op->op_bytes, n);
	if (n == 0)
		return (refuse(op, VE_FTYPE, "the file is empty"));
	if (memcmp(dh->dh_magic, magic, imin(n, sizeof(dh->dh_magic))) != 0)
		return (refuse(op, VE_FTYPE, "not a dump of vnetsim"));
	if (n < offsetof(struct dump_head, dh_build_id))
		return (refuse(op, VE_FTYPE, "truncated in its first bytes"));
	if (dh->dh_order != DUMP_ORDER)
		return (refuse(op, VE_NOEXEC,
		    "made on a machine with another byte order"));
	if (dh->dh_ptrsize != sizeof(void *)) {
		ksnprintf(why, sizeof(why),
		    "made by a %u-bit program, this one has %u bits",
		    dh->dh_ptrsize * 8u, (unsigned)sizeof(void *) * 8);
		return (refuse(op, VE_NOEXEC, why));
	}
	if (dh->dh_version != DUMP_VERSION) {
		ksnprintf(why, sizeof(why),
		    "format version %u, this program reads version %u",
		    dh->dh_version, DUMP_VERSION);
		return (refuse(op, VE_NOEXEC, why));
	}
	if (n < sizeof(*dh))
		return (refuse(op, VE_FTYPE, "truncated within its head"));
	if (dh->dh_headsize != sizeof(*dh))
		return (refuse(op, VE_FTYPE, "damaged: length of the head"));
	if (dh->dh_filesize != op->op_len) {
		ksnprintf(why, sizeof(why), "%s: %llu of %llu bytes",
		    dh->dh_filesize > op->op_len ? "truncated" : "damaged",
		    (unsigned long long)op->op_len,
		    (unsigned long long)dh->dh_filesize);
		return (refuse(op, VE_FTYPE, why));
	}
	return (check_build(op));
}

static int
check_segs(struct opening *op, const struct dump_seg *seg, uint32_t n)
{
	uint64_t addr = 0, off = sizeof(struct dump_head) + n * sizeof(*seg);

	for (uint32_t i = 0; i < n; i++) {
		if (seg[i].ds_addr < addr || seg[i].ds_off < off ||
		    seg[i].ds_len == 0 || seg[i].ds_off > op->op_len ||
		    seg[i].ds_len > op->op_len - seg[i].ds_off ||
		    seg[i].ds_addr > UINTPTR_MAX - seg[i].ds_len)
			return (
			    refuse(op, VE_FTYPE, "damaged: table of segments"));
		addr = seg[i].ds_addr + seg[i].ds_len;
		off = seg[i].ds_off + seg[i].ds_len;
	}
	return (0);
}

/* Strings end, numbers have a meaning, tables are in the file. */
static int
check_dir(struct opening *op, struct vnetsim_view *v)
{
	struct dump_head *dh = &v->vv_head;
	struct dump_dir *dd = &dh->dh_dir;
	char *const s[] = { dh->dh_reason, dd->dd_vname, dd->dd_door,
		dd->dd_module };
	const size_t size[] = { sizeof(dh->dh_reason), sizeof(dd->dd_vname),
		sizeof(dd->dd_door), sizeof(dd->dd_module) };
	uint64_t avail;

	for (unsigned i = 0; i < nitems(s); i++) {
		s[i][size[i] - 1] = '\0';
		for (char *c = s[i]; *c != '\0'; c++)
			if (*c < ' ' || *c > '~')
				*c = '?';
	}
	if (dd->dd_nzones > MEM_NTYPES || dd->dd_nsites > MEM_IMAGES + 1 ||
	    dd->dd_nmods > VNET_MOD_MAX || dd->dd_vnetmem > MEM_EXTENT ||
	    dd->dd_vnetstate > MEM_EXTENT ||
	    dd->dd_world > UINTPTR_MAX - WORLD_SIZE_MAX ||
	    dd->dd_size > WORLD_SIZE_MAX ||
	    dd->dd_extbase - dd->dd_world > dd->dd_size ||
	    dd->dd_nused > dd->dd_size / MEM_EXTENT)
		return (refuse(op, VE_FTYPE, "damaged: directory"));
	if (view_at(v, dd->dd_world, &avail) == NULL ||
	    avail < dd->dd_worldsize ||
	    (!v->vv_foreign && dd->dd_worldsize != sizeof(struct world)))
		return (refuse(op, VE_FTYPE, "damaged: no world in it"));
	if (dd->dd_nused > 0 &&
	    (view_at(v, dd->dd_ext, &avail) == NULL ||
		avail < (uint64_t)dd->dd_nused * sizeof(struct mem_extent)))
		return (refuse(op, VE_FTYPE, "damaged: table of extents"));
	return (0);
}

int
vnetsim_view_open(const void *bytes, size_t len, unsigned flags,
    struct vnetsim_view **vp, char *why, size_t whysize)
{
	const struct vnetsim_host *host = vnetsim_host_posix();
	struct opening op = { .op_bytes = bytes,
		.op_len = len,
		.op_flags = flags,
		.op_why = why,
		.op_whysize = whysize };
	uint8_t ours[VNETSIM_BUILD_ID];
	struct vnetsim_view *v;
	size_t size, segs, n;
	int error;

	*vp = NULL;
	if (host->images != NULL)
		(void)host->images(host->ctx, true, &n);
	error = check_head(&op);
	if (error != 0)
		return (error);
	n = op.op_head.dh_nseg;
	if (n > (len - sizeof(op.op_head)) / sizeof(struct dump_seg))
		return (refuse(&op, VE_FTYPE, "damaged: table of segments"));
	segs = n * sizeof(struct dump_seg);
	size = sizeof(*v) + segs;
	v = host->heap_alloc(host->ctx, size);
	if (v == NULL)
		return (refuse(&op, VE_NOMEM, "no memory"));
	memset(v, 0, sizeof(*v));
	v->vv_bytes = bytes;
	v->vv_len = len;
	v->vv_size = size;
	v->vv_seg = (struct dump_seg *)(void *)(v + 1);
	v->vv_nseg = (uint32_t)n;
	v->vv_head = op.op_head;
	vnetsim_view_build_id(ours);
	v->vv_foreign = memcmp(ours, v->vv_head.dh_build_id, sizeof(ours)) != 0;
	memcpy(v->vv_seg, op.op_bytes + sizeof(op.op_head), segs);
	error = check_segs(&op, v->vv_seg, v->vv_nseg);
	if (error == 0)
		error = check_dir(&op, v);
	if (error != 0)
		vnetsim_view_close(v);
	else
		*vp = v;
	return (error);
}

void
vnetsim_view_close(struct vnetsim_view *v)
{
	const struct vnetsim_host *host = vnetsim_host_posix();

	if (v != NULL && v->vv_world == NULL)
		host->heap_free(host->ctx, v, v->vv_size);
}

void
vnetsim_view_build_id(uint8_t id[VNETSIM_BUILD_ID])
{
	view_build_id(NULL, id);
}

void
vnetsim_view_info(const struct vnetsim_view *v, struct vnetsim_view_info *info)
{
	struct vnetsim_view *own = (struct vnetsim_view *)v;
	struct dump_dir where, *dd = &where;
	struct view_obj o;

	memset(info, 0, sizeof(*info));
	where = *view_begin(v);
	if (v->vv_world != NULL)
		dump_dir_where(v->vv_world, dd);
	info->file = v->vv_world == NULL;
	info->foreign = v->vv_foreign;
	info->inside = dd->dd_inside != 0;
	memcpy(info->build_id, v->vv_head.dh_build_id, sizeof(info->build_id));
	if (!info->file)
		view_build_id(v->vv_world->w_host, info->build_id);
	info->reason = info->file ? v->vv_head.dh_reason : "live";
	info->time = dd->dd_time;
	info->events = dd->dd_events;
	info->seed = dd->dd_seed;
	info->vnet = dd->dd_vnet == DUMP_NONAME ? VNETSIM_NOVNET : dd->dd_vnet;
	memcpy(info->vname, dd->dd_vname, sizeof(info->vname));
	/* they stay in the view */
	own->vv_head.dh_dir = where;
	dd = &own->vv_head.dh_dir;
	info->door = dd->dd_door[0] != '\0' ? dd->dd_door : NULL;
	info->module = dd->dd_module[0] != '\0' ? dd->dd_module : NULL;
	info->findings = dd->dd_findings;
	info->lost = dd->dd_lost;
	for (uint32_t x = 1; x < dd->dd_nused; x++)
		if (view_vnet_at(v, x, &o) != 0)
			info->vnets++;
}
