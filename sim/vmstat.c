/*
 * vmstat.c - vmstat -m, vmstat -z and netstat -m: memory by type.
 *
 * A type whose size is fixed is a zone of uma(9), one whose size is not is a
 * type of malloc(9).  As in FreeBSD the numbers are those of the kernel, which
 * is the world, in whatever jail the command runs.  Nobody sleeps for memory
 * here and there is one memory domain, so SLEEP and XDOMAIN are 0; a zone has
 * no limit of its own.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "sim/netcmd.h"

/** vmstat_parse() - read the options of vmstat; Return: false: a mistake */
bool
vmstat_parse(uint32_t *flags, struct getarg *ga)
{
	int c;

	*flags = 0;
	while ((c = getarg(ga, "vmstat", "mz")) > 0)
		*flags |= c == 'm' ? VMSTAT_MALLOC : VMSTAT_ZONES;
	if (c < 0 || !getarg_end(ga))
		return (false);
	if (*flags == 0)
		return (getarg_fail(ga, ga->ga_argc, "expected -m or -z"));
	return (true);
}

static void
malloc_line(struct rbuf *out, const struct vnetsim_memtype *mt)
{
	const char *sep = "";

	rbuf_add(out, "%13s %5" PRIu64 " %5" PRIu64 "K %8" PRIu64 "  ",
	    mt->name, mt->live, (mt->bytes + 1023) / 1024, mt->requests);
	for (unsigned n = 0; n < 32; n++)
		if ((mt->sizes & UINT32_C(1) << n) != 0) {
			rbuf_add(out, "%s%" PRIu64, sep, UINT64_C(16) << n);
			sep = ",";
		}
	rbuf_add(out, "\n");
}

static void
zone_line(struct rbuf *out, const struct vnetsim_memtype *mt)
{
	char name[24];

	(void)strncpy(name, mt->name, sizeof(name) - 2);
	name[sizeof(name) - 2] = '\0';
	memcpy(name + strlen(name), ":", 2);
	rbuf_add(out,
	    "%-20s %6" PRIu32 ", %6d,%8" PRIu64 ",%8" PRIu64 ",%8" PRIu64
	    ",%4" PRIu64 ",%4d,%4d\n",
	    name, mt->size, 0, mt->live, mt->free, mt->requests, mt->fails, 0,
	    0);
}

/** vmstat() - print the types of malloc, the zones; Return: 0 or VE_NOMEM */
int
vmstat(struct netcmd *nc, uint32_t flags)
{
	struct vnetsim_memtype *mt = calloc(VNETSIM_MEMTYPES, sizeof(*mt));
	size_t n;

	if (mt == NULL)
		return (VE_NOMEM);
	n = vnetsim_view_memory(nc->nc_v, mt, VNETSIM_MEMTYPES);
	if ((flags & VMSTAT_MALLOC) != 0)
		rbuf_add(nc->nc_out, "%13s %5s %6s %8s  Size(s)\n", "Type",
		    "InUse", "MemUse", "Requests");
	for (size_t i = 0; i < n && (flags & VMSTAT_MALLOC) != 0; i++)
		if (mt[i].size == 0 && (mt[i].requests != 0 || mt[i].live != 0))
			malloc_line(nc->nc_out, &mt[i]);
	if ((flags & VMSTAT_ZONES) != 0)
		rbuf_add(nc->nc_out, "%-20s %6s %6s %8s %8s %8s %4s %4s %4s\n",
		    "ITEM", "SIZE", "LIMIT", "USED", "FREE", "REQ", "FAIL",
		    "SLEEP", "XDOMAIN");
	for (size_t i = 0; i < n && (flags & VMSTAT_ZONES) != 0; i++)
		if (mt[i].size != 0)
			zone_line(nc->nc_out, &mt[i]);
	free(mt);
	return (0);
}

/* The type of that name; one that is all zero if there is none. */
static struct vnetsim_memtype
find(const struct vnetsim_memtype *mt, size_t n, const char *name)
{
	struct vnetsim_memtype none = { .name = name };

	for (size_t i = 0; i < n; i++)
		if (strcmp(mt[i].name, name) == 0)
			return (mt[i]);
	return (none);
}

/** netstat_mbufs() - netstat -m; Return: 0 or VE_NOMEM */
int
netstat_mbufs(struct netcmd *nc)
{
	struct vnetsim_memtype *mt = calloc(VNETSIM_MEMTYPES, sizeof(*mt));
	struct vnetsim_memtype m, c;
	uint64_t used, cache;
	size_t n;

	if (mt == NULL)
		return (VE_NOMEM);
	n = vnetsim_view_memory(nc->nc_v, mt, VNETSIM_MEMTYPES);
	m = find(mt, n, "mbuf");
	c = find(mt, n, "mbuf_cluster");
	free(mt);
	used = m.live * m.size + c.live * c.size;
	cache = m.free * m.size + c.free * c.size;
	rbuf_add(nc->nc_out,
	    "%" PRIu64 "/%" PRIu64 "/%" PRIu64
	    " mbufs in use (current/cache/total)\n",
	    m.live, m.free, m.live + m.free);
	rbuf_add(nc->nc_out,
	    "%" PRIu64 "/%" PRIu64 "/%" PRIu64
	    "/0 mbuf clusters in use (current/cache/total/max)\n",
	    c.live, c.free, c.live + c.free);
	rbuf_add(nc->nc_out,
	    "%" PRIu64 "K/%" PRIu64 "K/%" PRIu64
	    "K bytes allocated to network (current/cache/total)\n",
	    used / 1024, cache / 1024, (used + cache) / 1024);
	rbuf_add(nc->nc_out,
	    "%" PRIu64 "/%" PRIu64 "/0 requests for mbufs denied "
	    "(mbufs/clusters/mbuf+clusters)\n",
	    m.fails, c.fails);
	return (0);
}
