/*
 * test_kmod.c - modules come and go while vnets live.
 */
#include "tests/test_kmod.h"

KM(ka, .vm_level = 0);
KM(kb, .vm_level = VNET_LEVEL(ip) + 5);

/* The name of a built-in one. */
VNET_MODULE_DECLARE(fake);
VNET_MODULE(fake) = {
	.vm_name = "tcp",
	.vm_id = VNET_MOD_LOADED,
	.vm_abi = VNETSIM_KERN_ABI,
};
static const struct vnetsim_kmod fake_kmod = { VNETSIM_KMOD_MAGIC,
	VNETSIM_KERN_ABI, sizeof(void *), sizeof(struct vnet_module), "tcp",
	"0", &vnet_module_fake };

/* A sysctl that somebody has. */
static const struct sysctl_oid thief_oids[] = { SYSCTL_VNET(
    "net.inet.ip.ttl", INT, RW, struct kst, ks_tun, 0, 9, "stolen") };
VNET_MODULE_DECLARE(thief);
VNET_MODULE(thief) = {
	.vm_name = "thief",
	.vm_id = VNET_MOD_LOADED,
	.vm_abi = VNETSIM_KERN_ABI,
	.vm_size = sizeof(struct kst),
	.vm_fields = kst_fields,
	.vm_nfields = nitems(kst_fields),
	.vm_sysctls = thief_oids,
	.vm_nsysctls = 1,
};
static VNETSIM_KMOD_NAMED(thief_kmod, thief, "0");

/* Nothing but a name. */
VNET_MODULE_DECLARE(bare);
VNET_MODULE(bare) = {
	.vm_name = "bare",
	.vm_id = VNET_MOD_LOADED,
	.vm_abi = VNETSIM_KERN_ABI,
};
static VNETSIM_KMOD_NAMED(bare_kmod, bare, "0");

/* A sysctl that is computed, from the state. */
struct prst {
	int64_t pr_n;
};
static const struct field prst_fields[] = { FIELD(struct prst, pr_n, INT) };
VNET_STATE_LOADED(pr, struct prst);

static int
pr_init(void)
{
	VNET(pr).pr_n = 40;
	return (0);
}

static int
pr_proc(const struct sysctl_oid *oid, int64_t *value, bool write)
{
	(void)oid;
	if (write)
		VNET(pr).pr_n = *value;
	*value = VNET(pr).pr_n + 2;
	return (0);
}
static const struct sysctl_oid pr_oids[] = { SYSCTL_VNET_PROC(
    "net.km.pr", RW, pr_proc, 0, 99, "computed") };
VNET_MODULE(pr) = {
	.vm_name = "pr",
	.vm_id = VNET_MOD_LOADED,
	.vm_abi = VNETSIM_KERN_ABI,
	.vm_size = sizeof(struct prst),
	.vm_init = pr_init,
	.vm_fields = prst_fields,
	.vm_nfields = 1,
	.vm_sysctls = pr_oids,
	.vm_nsysctls = 1,
};
static VNETSIM_KMOD_NAMED(pr_kmod, pr, "0");

static int64_t
tun(struct st *s, vnetsim_handle jail, const char *name)
{
	int64_t v;
	int error;

	error = vnetsim_sysctl_get(s->w, jail, name, &v);
	return (error != 0 ? -error : v);
}

static bool
has_type(struct st *s, const char *module)
{
	struct vnetsim_type t;

	for (unsigned n = 0; vnetsim_type(vnetsim_view_live(s->w), n, &t) == 0;
	     n++)
		if (strcmp(t.module, module) == 0 && t.live > 0)
			return (true);
	return (false);
}

static void
load_and_unload(void **state)
{
	struct vnetsim_kldinfo info;
	struct st s;
	uint64_t hash;

	(void)state;
	km_open(&s, 3);
	hash = km_hash(&s);
	assert_false(vnetsim_kmod_inuse(s.w, &ka_kmod));
	assert_int_equal(km_load(&s, &ka_kmod), 0);
	assert_int_equal(plant.inits, 6);
	assert_true(km_info(&s, "ka", &info));
	assert_int_equal(info.vnets, 6);
	assert_int_equal(info.refs, 1);
	assert_false(info.builtin);
	assert_string_equal(info.version, "1.0");
	assert_true(has_type(&s, "ka"));
	assert_int_not_equal(km_hash(&s), hash);
	st_run(&s, 100 * ST_MS);
	assert_true(plant.ticks >= 6 * 9);
	assert_int_equal(tun(&s, s.cli, "net.km.ka"), 7);
	assert_int_equal(vnetsim_sysctl_set(s.w, s.cli, "net.km.ka", 3), 0);
	assert_int_equal(tun(&s, s.cli, "net.km.ka"), 3);
	assert_int_equal(tun(&s, s.hub, "net.km.ka"), 7);
	assert_int_equal(km_unload(&s, "ka"), 0);
	assert_int_equal(plant.shutdowns, 6);
	assert_int_equal(plant.uninits, 6);
	assert_false(km_info(&s, "ka", &info));
	assert_false(has_type(&s, "ka"));
	assert_int_equal(tun(&s, s.cli, "net.km.ka"), -VE_NOENT);
	assert_int_equal(km_hash(&s), hash);
	assert_true(vnetsim_kmod_inuse(s.w, &ka_kmod));
	km_close(&s, 0);
}

static void
again_and_again(void **state)
{
	struct st s;
	uint64_t hash;
	uint32_t types, ext;

	(void)state;
	km_open(&s, 0);
	assert_int_equal(km_load(&s, &ka_kmod), 0);
	assert_int_equal(km_unload(&s, "ka"), 0);
	hash = km_hash(&s);
	types = km_world(&s)->w_ntypes;
	ext = km_world(&s)->w_mem.wm_nused;
	for (int i = 0; i < 200; i++) {
		assert_int_equal(km_load(&s, &ka_kmod), 0);
		assert_int_equal(km_load(&s, &kb_kmod), 0);
		assert_int_equal(km_unload(&s, i % 2 ? "ka" : "kb"), 0);
		assert_int_equal(km_unload(&s, i % 2 ? "kb" : "ka"), 0);
	}
	assert_int_equal(km_hash(&s), hash);
	assert_int_equal(km_world(&s)->w_ntypes, types + 2);
	assert_int_equal(km_world(&s)->w_mem.wm_nused, ext);
	assert_int_equal(km_world(&s)->w_kmods.wk_nknown, 2);
	km_close(&s, 0);
}

/* Traffic goes on, all the time. */
static void
under_traffic(void **state)
{
	vnetsim_handle op, ping;
	struct st s;
	size_t off = 0;
	int64_t got;
	int l, a, b;

	(void)state;
	km_open(&s, 0);
	l = st_listen(&s, s.phub, 80, 5);
	assert_int_equal(
	    st_connect(&s, s.pcli, ST_HUB, 80, s.phub, l, &a, &b), 0);
	for (int i = 0; i < 20; i++) {
		(void)st_send(&s, s.pcli, a, 20 * 251); /* whole patterns */
		(void)vnetsim_ping(s.w, s.cli, ST_HUB, 56, ST_S, &ping);
		assert_int_equal(i % 2 == 0
				     ? vnetsim_kldload(s.w, &ka_kmod, &op)
				     : vnetsim_kldunload(s.w, "ka", &op),
		    0);
		assert_int_equal(km_await(&s, op), 0);
		assert_int_equal(st_await(&s, ping, 10 * ST_S), 0);
		got = st_recv(&s, s.phub, b, 20 * 251, off);
		assert_true(got > 0);
		off += (size_t)got;
	}
	assert_int_equal(plant.inits, 30);
	assert_int_equal(plant.uninits, 30);
	km_close(&s, 0);
}

static vnetsim_handle
newjail(struct st *s, const char *name)
{
	struct vnetsim_jail_params jp = {
		.name = name, .vnet = true, .persist = true
	};
	vnetsim_handle h;

	assert_int_equal(vnetsim_jail_create(s->w, &jp, &h), 0);
	return (h);
}

/* A vnet is born after each event of a load, and of an unload. */
static void
births(void **state)
{
	struct vnetsim_kldinfo info;
	vnetsim_handle op;
	struct st s;
	unsigned n;

	(void)state;
	for (unsigned at = 0; at < 8; at++) {
		km_open(&s, 3);
		assert_int_equal(vnetsim_kldload(s.w, &ka_kmod, &op), 0);
		for (n = 0; n < at; n++)
			assert_true(vnetsim_step(s.w, INT64_MAX));
		(void)newjail(&s, "born");
		assert_int_equal(km_await(&s, op), 0);
		assert_true(km_info(&s, "ka", &info));
		assert_int_equal(info.vnets, 7);
		(void)newjail(&s, "late");
		assert_true(km_info(&s, "ka", &info));
		assert_int_equal(info.vnets, 8);
		assert_int_equal(vnetsim_kldunload(s.w, "ka", &op), 0);
		for (n = 0; n < 5 * at; n++)
			assert_true(vnetsim_step(s.w, INT64_MAX));
		(void)newjail(&s, "never");
		if (km_info(&s, "ka", &info) && info.vnets == 8)
			assert_int_equal(plant.inits, 8);
		assert_int_equal(km_await(&s, op), 0);
		assert_int_equal(plant.uninits, 8);
		assert_int_equal(plant.inits, 8);
		km_close(&s, 0);
	}
}

static void
init_fails(void **state)
{
	struct vnetsim_kldinfo info;
	struct st s;
	uint64_t hash;

	(void)state;
	for (uint32_t v = 0; v < 6; v++) {
		km_open(&s, 3);
		hash = km_hash(&s);
		plant.fail_init = true;
		plant.vnet = v;
		assert_int_equal(km_load(&s, &ka_kmod), VE_NXIO);
		assert_int_equal(plant.inits, 6 - v);
		assert_int_equal(plant.uninits, 5 - v);
		assert_false(km_info(&s, "ka", &info));
		assert_int_equal(km_hash(&s), hash);
		assert_int_equal(tun(&s, s.cli, "net.km.ka"), -VE_NOENT);
		plant.fail_init = false;
		assert_int_equal(km_load(&s, &ka_kmod), 0);
		km_close(&s, 0);
	}
}

/* A birth fails with the module's init, the world goes on. */
static void
birth_fails(void **state)
{
	struct vnetsim_jail_params jp = {
		.name = "x", .vnet = true, .persist = true
	};
	vnetsim_handle h;
	struct st s;
	uint64_t hash;

	(void)state;
	km_open(&s, 0);
	assert_int_equal(km_load(&s, &ka_kmod), 0);
	assert_int_equal(km_load(&s, &kb_kmod), 0);
	hash = km_hash(&s);
	plant.fail_init = true;
	for (int i = 0; i < 2; i++) {
		plant.who = i == 0 ? "ka" : "kb";
		assert_int_equal(vnetsim_jail_create(s.w, &jp, &h), VE_NXIO);
		assert_int_equal(km_hash(&s), hash);
	}
	plant.fail_init = false;
	km_close(&s, 0);
}

/* Each allocation of a load fails in turn: all or nothing. */
static void
no_memory(void **state)
{
	vnetsim_handle op;
	struct st s;
	uint64_t hash;
	int error = 0, fails = 0;

	(void)state;
	for (uint64_t nth = 1; nth < 100; nth++) {
		km_open(&s, 2);
		hash = km_hash(&s);
		mem_fail_set(km_world(&s), nth, false);
		error = vnetsim_kldload(s.w, &ka_kmod, &op);
		if (error == 0)
			error = km_await(&s, op);
		if (!km_world(&s)->w_mem.wm_consumed)
			nth = 100;
		else
			assert_int_equal(error, VE_NOMEM);
		mem_fail_set(km_world(&s), 0, false);
		if (error != 0) {
			fails++;
			assert_int_equal(km_hash(&s), hash);
			assert_int_equal(km_load(&s, &ka_kmod), 0);
		}
		km_close(&s, 0);
	}
	assert_int_equal(error, 0);
	assert_int_equal(fails, 1 + 5 * 4); /* op; state, objects, handler */
}

static void
errors(void **state)
{
	vnetsim_handle op, un;
	struct st s;

	(void)state;
	km_open(&s, 2);
	assert_int_equal(km_unload(&s, "ka"), VE_NOENT);
	assert_int_equal(km_unload(&s, "tcp"), VE_BUSY);
	assert_int_equal(km_load(&s, &fake_kmod), VE_EXIST);
	assert_int_equal(km_load(&s, &thief_kmod), VE_EXIST);
	assert_int_equal(vnetsim_kldload(s.w, &ka_kmod, &op), 0);
	assert_int_equal(km_load(&s, &ka_kmod), VE_EXIST);
	assert_int_equal(vnetsim_kldunload(s.w, "ka", &un), VE_BUSY);
	assert_int_equal(km_await(&s, op), 0);
	assert_int_equal(km_load(&s, &ka_kmod), VE_EXIST);
	assert_int_equal(vnetsim_kldunload(s.w, "ka", &un), 0);
	assert_int_equal(vnetsim_kldunload(s.w, "ka", &op), VE_BUSY);
	assert_int_equal(vnetsim_kldload(s.w, &ka_kmod, &op), VE_BUSY);
	assert_int_equal(km_await(&s, un), 0);
	assert_int_equal(km_unload(&s, "ka"), VE_NOENT);
	/* nobody asks for the results */
	assert_int_equal(vnetsim_kldload(s.w, &bare_kmod, NULL), 0);
	st_run(&s, ST_MS);
	assert_int_equal(vnetsim_kldunload(s.w, "bare", NULL), 0);
	st_run(&s, ST_MS);
	assert_int_equal(vnetsim_kldunload(s.w, "bare", NULL), VE_NOENT);
	km_close(&s, 0);
}

/* In the middle of a load some vnets know the name, and some do not. */
static void
half_loaded(void **state)
{
	struct vnetsim_kldinfo info;
	vnetsim_handle op;
	struct st s;

	(void)state;
	km_open(&s, 0);
	assert_int_equal(vnetsim_kldload(s.w, &pr_kmod, &op), 0);
	do
		assert_true(vnetsim_step(s.w, INT64_MAX));
	while (km_info(&s, "pr", &info) && info.vnets == 0);
	assert_int_equal(info.vnets, 1);
	assert_int_equal(tun(&s, s.cli, "net.km.pr"), 42);
	assert_int_equal(tun(&s, s.host, "net.km.pr"), -VE_NOENT);
	assert_int_equal(
	    vnetsim_sysctl_set(s.w, s.host, "net.km.pr", 1), VE_NOENT);
	assert_int_equal(km_await(&s, op), 0);
	assert_int_equal(tun(&s, s.host, "net.km.pr"), 42);
	assert_int_equal(vnetsim_sysctl_set(s.w, s.host, "net.km.pr", 1), 0);
	assert_int_equal(tun(&s, s.host, "net.km.pr"), 3);
	km_close(&s, 0);
}

/* To before the load, to the middle of it, to before the unload. */
static void
save_restore(void **state)
{
	struct vnetsim_save *before, *mid, *loaded;
	struct vnetsim_kldinfo info;
	vnetsim_handle op;
	struct st s;
	uint64_t h0, h1;
	uint32_t progs;

	(void)state;
	km_open(&s, 2);
	before = vnetsim_save(s.w);
	h0 = vnetsim_hash(s.w, true);
	assert_int_equal(vnetsim_kldload(s.w, &ka_kmod, &op), 0);
	for (int i = 0; i < 4; i++)
		assert_true(vnetsim_step(s.w, INT64_MAX));
	mid = vnetsim_save(s.w);
	assert_int_equal(km_await(&s, op), 0);
	loaded = vnetsim_save(s.w);
	h1 = vnetsim_hash(s.w, true);
	progs = km_world(&s)->w_mem.wm_progused;
	for (int i = 0; i < 50; i++) {
		assert_int_equal(km_unload(&s, "ka"), 0);
		vnetsim_restore(s.w, before);
		assert_int_equal(vnetsim_hash(s.w, true), h0);
		assert_false(km_info(&s, "ka", &info));
		assert_true(vnetsim_kmod_inuse(s.w, &ka_kmod));
		assert_int_equal(vnetsim_kldload(s.w, &ka_kmod, &op), 0);
		assert_int_equal(km_await(&s, op), 0);
		assert_int_equal(vnetsim_hash(s.w, true), h1);
		vnetsim_restore(s.w, mid);
		assert_true(km_info(&s, "ka", &info));
		assert_int_equal(info.refs, 2);
		assert_int_equal(km_await(&s, op), 0);
		assert_int_equal(vnetsim_hash(s.w, true), h1);
		vnetsim_restore(s.w, loaded);
		assert_int_equal(vnetsim_hash(s.w, true), h1);
	}
	assert_int_equal(km_world(&s)->w_mem.wm_progused, progs);
	vnetsim_save_free(s.w, before);
	vnetsim_save_free(s.w, mid);
	vnetsim_save_free(s.w, loaded);
	km_close(&s, 0);
}

static void
reset(void **state)
{
	struct vnetsim_kldinfo info;
	uint32_t progs;
	struct st s;

	(void)state;
	km_open(&s, 0);
	progs = km_world(&s)->w_mem.wm_progused;
	for (int i = 0; i < 20; i++) {
		assert_int_equal(km_load(&s, &ka_kmod), 0);
		assert_int_equal(vnetsim_reset(s.w, NULL), 0);
		assert_false(km_info(&s, "ka", &info));
		assert_false(vnetsim_kmod_inuse(s.w, &ka_kmod));
		assert_int_equal(km_world(&s)->w_mem.wm_progused, progs);
	}
	assert_int_equal(km_load(&s, &ka_kmod), 0);
	assert_true(km_info(&s, "ka", &info));
	assert_int_equal(info.vnets, 1);
	st_close(&s);
}

/* After the end of everything a module can still go. */
static void
no_vnets(void **state)
{
	struct vnetsim_kldinfo info;
	struct st s;

	(void)state;
	km_open(&s, 1);
	assert_int_equal(km_load(&s, &ka_kmod), 0);
	assert_int_equal(st_finish(&s), 0);
	assert_true(km_info(&s, "ka", &info));
	assert_int_equal(info.vnets, 0);
	assert_int_equal(km_unload(&s, "ka"), 0);
	assert_int_equal(km_load(&s, &kb_kmod), 0);
	assert_int_equal(plant.inits, 4);
	st_close(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(load_and_unload),
		cmocka_unit_test(again_and_again),
		cmocka_unit_test(under_traffic),
		cmocka_unit_test(births),
		cmocka_unit_test(init_fails),
		cmocka_unit_test(birth_fails),
		cmocka_unit_test(no_memory),
		cmocka_unit_test(errors),
		cmocka_unit_test(half_loaded),
		cmocka_unit_test(save_restore),
		cmocka_unit_test(reset),
		cmocka_unit_test(no_vnets),
	};

	return (cmocka_run_group_tests_name("kmod", tests, NULL, NULL) ? 1 : 0);
}
