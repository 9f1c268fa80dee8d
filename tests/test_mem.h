/*
 * test_mem.h - what the tests of memory, references, saves and hashes share.
 *
 * A world with module core and one module of its own ("mem"), which has a zone
 * of each kind; two vnets "a" and "b" at home in prison0.  Nothing runs in
 * them: a test passes their doors itself and calls the allocator.
 */
#ifndef TESTS_TEST_MEM_H
#define TESTS_TEST_MEM_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "src/core/world.h"

/* A typed object with one of everything. */
struct thing {
	uint64_t th_key;
	int64_t th_when;
	struct thing *th_peer;
	struct ref th_hold[2];
	uint32_t th_hits; /* statistics */
	uint8_t th_kind;
	bool th_up;
	char th_name[10];
	const char *th_text;
	struct callout th_timer;
};

static const struct field thing_fields[] = {
	FIELD(struct thing, th_key, UINT),
	FIELD(struct thing, th_when, TIME),
	FIELD(struct thing, th_peer, PTR),
	FIELD(struct thing, th_hold, REF),
	FIELD_STAT(struct thing, th_hits, UINT),
	FIELD(struct thing, th_kind, UINT),
	FIELD(struct thing, th_up, BOOL),
	FIELD(struct thing, th_name, STR),
	FIELD(struct thing, th_text, CSTR),
	FIELD(struct thing, th_timer, CALLOUT),
};

struct small {
	uint64_t sm_a[3];
};

static const struct field small_fields[] = {
	FIELD(struct small, sm_a, UINT),
};

struct packet {
	uint64_t pk_id;
	struct ref pk_ref;
	uint8_t pk_data[104];
};

static const struct field packet_fields[] = {
	FIELD(struct packet, pk_id, UINT),
	FIELD(struct packet, pk_ref, REF),
	FIELD(struct packet, pk_data, BYTES),
};

/* State of the module in each vnet. */
struct vnet_mem_test {
	uint64_t ms_count;
	struct thing *ms_first;
	struct ref ms_ref;
};

static const struct field state_fields[] = {
	FIELD(struct vnet_mem_test, ms_count, UINT),
	FIELD(struct vnet_mem_test, ms_first, PTR),
	FIELD(struct vnet_mem_test, ms_ref, REF),
};

static UMA_ZONE(thing_zone, tcp, 0, struct thing, 0, thing_fields);
static UMA_ZONE(small_zone, tcp, 1, struct small, 0, small_fields);
static UMA_ZONE(packet_zone, tcp, 2, struct packet, UMA_WORLD, packet_fields);
static UMA_ZONE_BYTES(bytes_zone, tcp, 3, "bytes", 2048, UMA_WORLD);
static MALLOC_TYPE(table_zone, tcp, 4, "table", 0);
static const struct uma_zone *const mem_zones[] = { &thing_zone, &small_zone,
	&packet_zone, &bytes_zone, &table_zone };

static const struct vnet_module mem_module = {
	.vm_name = "mem",
	.vm_id = VNET_MOD_tcp,
	.vm_abi = VNETSIM_KERN_ABI,
	.vm_size = sizeof(struct vnet_mem_test),
	.vm_sub = SI_SUB_PROTO_DOMAIN,
	.vm_order = SI_ORDER_ANY,
	.vm_unsub = SI_SUB_PROTO_DOMAIN,
	.vm_unorder = SI_ORDER_ANY,
	.vm_fields = state_fields,
	.vm_nfields = nitems(state_fields),
	.vm_zones = mem_zones,
	.vm_nzones = nitems(mem_zones),
};

static const struct vnet_module *const mem_modules[] = { &vnet_module_core,
	&mem_module, NULL };

static struct world *mem_w;
static struct vnet *mem_a, *mem_b;

static inline struct vnet_mem_test *
mem_state(struct vnet *v)
{
	return (v->v_state[VNET_MOD_tcp]);
}

/* A vnet; NULL if there is no memory for it. */
static inline struct vnet *
mem_vnet(const char *name)
{
	struct vnet *v;

	return (vnet_alloc(name, mem_w->w_jail.wj_prison0, &v) == 0 ? v : NULL);
}

/* Its memory goes, whatever is in it. */
static inline void
mem_kill(struct vnet *v)
{
	vnet_fini(v);
	vnet_mem_sever(v, NULL, NULL);
	vnet_free(v);
}

/* Enter a vnet, or with NULL leave them all. */
static inline void
mem_in(struct vnet *v)
{
	static struct vnet_frame frame;
	static bool entered;

	if (entered)
		vnet_leave(&frame);
	entered = v != NULL;
	if (entered)
		assert_true(vnet_enter(&frame, v, DOOR_USER, VNET_MOD_tcp));
}

static inline void
mem_begin(struct world_config *cfg)
{
	int error;

	cfg->wc_modules = mem_modules;
	mem_w = world_create(vnetsim_host_posix(), cfg, &error);
	assert_non_null(mem_w);
	mem_a = mem_vnet("a");
	mem_b = mem_vnet("b");
	assert_non_null(mem_a);
	assert_non_null(mem_b);
}

static inline int
mem_setup(void **state)
{
	struct world_config cfg = { .wc_seed = 1, .wc_size = 64 << 20 };

	(void)state;
	mem_begin(&cfg);
	return (0);
}

static inline int
mem_teardown(void **state)
{
	(void)state;
	mem_in(NULL);
	world_destroy(mem_w);
	return (0);
}

/* How many findings of a kind, all of them together. */
static inline uint32_t
mem_findings(const char *kind)
{
	const struct finding *fi;
	uint32_t i, n;

	for (i = 0, n = 0; (fi = finding_get(mem_w, i)) != NULL; i++)
		if (kind == NULL || strcmp(fi->fi_kind, kind) == 0)
			n += fi->fi_count;
	return (n);
}

#define MEM_TEST(f) cmocka_unit_test_setup_teardown(f, mem_setup, mem_teardown)

#endif /* !TESTS_TEST_MEM_H */
