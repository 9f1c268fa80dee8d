/*
 * test_kmod_limits.c - how many, how large, how wrong: each limit of loadable
 * modules at the limit and one past it, and what a bad object is told.
 */
#include "src/core/field_var.h"
#include "src/teardown/td_var.h"
#include "tests/test_kmod.h"

KM(ka, .vm_level = 0);

/* ---- many modules without a function ---- */

#define MANY 80
static struct vnet_module many_desc[MANY];
static struct vnetsim_kmod many_kmod[MANY];
static char many_name[MANY][8];

static struct vnet_module *
many(unsigned i)
{
	struct vnet_module *m = &many_desc[i];

	snprintf(many_name[i], sizeof(many_name[i]), "m%u", i);
	*m = (struct vnet_module){ .vm_name = many_name[i],
		.vm_id = VNET_MOD_LOADED,
		.vm_abi = VNETSIM_KERN_ABI,
		.vm_sub = SI_SUB_PROTO_END,
		.vm_order = SI_ORDER_ANY };
	many_kmod[i] = (struct vnetsim_kmod){ VNETSIM_KMOD_MAGIC,
		VNETSIM_KERN_ABI, sizeof(void *), sizeof(struct vnet_module),
		many_name[i], "1", m };
	return (m);
}

static void
ids(void **state)
{
	const unsigned max = VNET_MOD_MAX - VNET_MOD_FIRST;
	struct vnetsim_kldinfo info;
	struct st s;
	uint64_t hash;

	(void)state;
	km_open(&s, 0);
	hash = km_hash(&s);
	for (unsigned i = 0; i < max; i++) {
		(void)many(i);
		assert_int_equal(km_load(&s, &many_kmod[i]), 0);
	}
	(void)many(max);
	assert_int_equal(km_load(&s, &many_kmod[max]), VE_NOSPC);
	assert_false(km_info(&s, many_name[max], &info));
	assert_int_equal(km_unload(&s, "m3"), 0);
	/* the id of the one that is gone */
	assert_int_equal(km_load(&s, &many_kmod[max]), 0);
	assert_true(km_info(&s, many_name[max], &info));
	assert_int_equal(info.id, VNET_MOD_FIRST + 3 + 1);
	for (unsigned i = 0; i <= max; i++)
		assert_int_equal(
		    km_unload(&s, many_name[i]), i == 3 ? VE_NOENT : 0);
	assert_int_equal(km_hash(&s), hash);
	km_close(&s, 0);
}

/* Different modules in a world's life. */
static void
known(void **state)
{
	struct st s;

	(void)state;
	km_open(&s, 0);
	for (unsigned i = 0; i <= VNETSIM_KMOD_MAX; i++) {
		(void)many(i);
		if (i == VNETSIM_KMOD_MAX) {
			assert_int_equal(km_load(&s, &many_kmod[i]), VE_NOSPC);
			assert_false(vnetsim_kmod_inuse(s.w, &many_kmod[i]));
			break;
		}
		assert_int_equal(km_load(&s, &many_kmod[i]), 0);
		assert_int_equal(km_unload(&s, many_name[i]), 0);
		assert_true(vnetsim_kmod_inuse(s.w, &many_kmod[i]));
	}
	/* one that is known can come back */
	assert_int_equal(km_load(&s, &many_kmod[0]), 0);
	km_close(&s, 0);
}

/* ---- types ---- */

static struct uma_zone zone_desc[8][UMA_LOCAL_MAX];
static const struct uma_zone *zone_list[8][UMA_LOCAL_MAX];

static void
zones(unsigned i, unsigned n)
{
	struct vnet_module *m = many(i);

	for (unsigned k = 0; k < n; k++) {
		struct uma_zone z = { "t", sizeof(struct kobj), VNET_MOD_LOADED,
			(uint8_t)k, 0, kobj_fields, nitems(kobj_fields) };

		memcpy(&zone_desc[i][k], &z, sizeof(z));
		zone_list[i][k] = &zone_desc[i][k];
	}
	m->vm_zones = zone_list[i];
	m->vm_nzones = n;
}

static void
types(void **state)
{
	unsigned used, last, i;
	struct st s;
	uint64_t hash;

	(void)state;
	km_open(&s, 0);
	hash = km_hash(&s);
	used = km_world(&s)->w_ntypes;
	for (i = 0; used + UMA_LOCAL_MAX <= MEM_NTYPES; i++) {
		assert_true(i < 6);
		zones(i, UMA_LOCAL_MAX);
		assert_int_equal(km_load(&s, &many_kmod[i]), 0);
		used += UMA_LOCAL_MAX;
	}
	last = MEM_NTYPES - used;
	assert_true(last < UMA_LOCAL_MAX);
	zones(i, last + 1);
	assert_int_equal(km_load(&s, &many_kmod[i]), VE_NOSPC);
	assert_int_equal(km_hash(&s) == hash, i == 0);
	zones(i + 1, last);
	assert_int_equal(km_load(&s, &many_kmod[i + 1]), 0);
	zones(i, 1);
	if (i > 0) {
		/* no two are neighbours: the types of one that is gone */
		assert_int_equal(km_unload(&s, many_name[0]), 0);
		assert_int_equal(km_load(&s, &many_kmod[i]), 0);
	}
	assert_int_equal(km_world(&s)->w_ntypes <= MEM_NTYPES, true);
	km_close(&s, 0);
}

/* An object that was leaked keeps id and types of its module. */
static void
retired(void **state)
{
	const unsigned max = VNET_MOD_MAX - VNET_MOD_FIRST;
	struct vnetsim_kldinfo info;
	struct vnetsim_finding f;
	struct mem_info mi;
	struct st s;
	void *p;
	int id;

	(void)state;
	for (int leaks = 0; leaks < 2; leaks++) {
		km_open(&s, 1);
		plant.leak = leaks != 0;
		plant.vnet = 2;
		assert_int_equal(km_load(&s, &ka_kmod), 0);
		assert_true(km_info(&s, "ka", &info));
		id = info.id - 1;
		p = ((struct kst *)vnet_byid(1)->v_state[id])->ks_own;
		assert_int_equal(km_unload(&s, "ka"), 0);
		for (unsigned i = 0; i < max - 1; i++) {
			(void)many(i);
			assert_int_equal(km_load(&s, &many_kmod[i]), 0);
		}
		/* the last id is that of ka, whose types lie on free lists */
		assert_true(mem_info(p, &mi));
		assert_int_equal(mi.mi_state, MEM_FREE);
		assert_string_equal(mi.mi_zone->uz_name, "kobj");
		(void)many(max);
		assert_int_equal(
		    km_load(&s, &many_kmod[max]), leaks != 0 ? VE_NOSPC : 0);
		if (leaks != 0) {
			f = km_finding(&s, "leak", "leak");
			assert_string_equal(f.module, "ka");
			/* its vnet goes with it, and then the id is free */
			assert_int_equal(st_remove(&s, "cli", 100 * ST_S), 0);
			assert_int_equal(km_load(&s, &many_kmod[max]), 0);
			f = km_finding(&s, "leak", "leak");
			assert_string_equal(f.module, "ka");
			assert_string_equal(f.object, "kobj");
		}
		assert_true(km_info(&s, many_name[max], &info));
		assert_int_equal(info.id - 1, id);
		(void)km_world(&s);
		assert_true(mem_info(p, &mi));
		assert_string_equal(mi.mi_zone->uz_name, "(unloaded)");
		km_close(&s, leaks != 0);
	}
}

/* It comes back to its own. */
static void
revived(void **state)
{
	struct st s;

	(void)state;
	km_open(&s, 0);
	plant.leak = true;
	plant.vnet = 1;
	assert_int_equal(km_load(&s, &ka_kmod), 0);
	assert_int_equal(km_unload(&s, "ka"), 0);
	plant.leak = false;
	assert_int_equal(km_load(&s, &ka_kmod), 0);
	assert_int_equal(
	    vnet_type_module(km_world(&s), kld_type_of(km_world(&s), &ka_zone)),
	    VNET_MOD_FIRST);
	assert_int_equal(km_unload(&s, "ka"), 0);
	/* still one leak, told once */
	km_close(&s, 1);
}

/* ---- tables ---- */

static struct sysctl_oid many_oid[SYSCTL_MAX];
static char oid_name[SYSCTL_MAX][16];

static void
sysctls(void **state)
{
	struct vnet_module *m;
	const char *name, *descr;
	unsigned used = 0;
	struct st s;

	(void)state;
	km_open(&s, 0);
	while (vnetsim_sysctl_next(s.w, used, &name, &descr) == 0)
		used++;
	for (unsigned i = 0; i < SYSCTL_MAX; i++) {
		struct sysctl_oid o = SYSCTL_VNET(oid_name[i], INT, RW,
		    struct kst, ks_tun, 0, 9, "one of many");

		snprintf(oid_name[i], sizeof(oid_name[i]), "net.many.%u", i);
		memcpy(&many_oid[i], &o, sizeof(o));
	}
	for (unsigned i = 0; i < 2; i++) {
		m = many(i);
		m->vm_size = sizeof(struct kst);
		m->vm_fields = kst_fields;
		m->vm_nfields = nitems(kst_fields);
		m->vm_sysctls = many_oid;
		m->vm_nsysctls = SYSCTL_MAX - used + (i == 0);
		assert_int_equal(
		    km_load(&s, &many_kmod[i]), i == 0 ? VE_NOSPC : 0);
	}
	for (used = 0; vnetsim_sysctl_next(s.w, used, &name, &descr) == 0;)
		used++;
	assert_int_equal(used, SYSCTL_MAX);
	/* the one that waits its turn has its names already */
	m = many(2);
	m->vm_sysctls = many_oid;
	m->vm_nsysctls = 1;
	m->vm_size = sizeof(struct kst);
	m->vm_fields = kst_fields;
	m->vm_nfields = nitems(kst_fields);
	assert_int_equal(km_load(&s, &many_kmod[2]), VE_EXIST);
	km_close(&s, 0);
}

static int called;

static void
nothing(const void *arg)
{
	(void)arg;
	called++;
}

static void
no_end(void)
{
}

static void
constructors(void **state)
{
	static struct vnet_sysinit si[VNET_SLOT_MAX];
	struct vnet_module *m;
	unsigned used;
	struct st s;

	(void)state;
	km_open(&s, 0);
	used = km_world(&s)->w_modules.wm_ninit;
	for (unsigned i = 0; i < VNET_SLOT_MAX; i++)
		si[i] = (struct vnet_sysinit)VNET_SYSINIT(
		    many, SI_SUB_PROTO_END, SI_ORDER_ANY, nothing, NULL);
	m = many(0);
	m->vm_sysinits = si;
	m->vm_nsysinits = VNET_SLOT_MAX - used;
	assert_int_equal(km_load(&s, &many_kmod[0]), VE_NOSPC);
	m->vm_nsysinits--;
	m->vm_sysuninits = si;
	m->vm_nsysuninits = 1;
	m->vm_uninit = no_end;
	called = 0;
	assert_int_equal(km_load(&s, &many_kmod[0]), 0);
	assert_int_equal(called, 3 * (int)m->vm_nsysinits);
	assert_int_equal(km_world(&s)->w_modules.wm_ninit, VNET_SLOT_MAX);
	(void)many(1);
	assert_int_equal(km_load(&s, &many_kmod[1]), VE_NOSPC);
	called = 0;
	assert_int_equal(st_remove(&s, "cli", 100 * ST_S), 0);
	assert_int_equal(called, (int)m->vm_nsysinits);
	called = 0;
	assert_int_equal(km_unload(&s, "m0"), 0);
	assert_int_equal(called, 2 * (int)m->vm_nsysinits);
	assert_int_equal(km_world(&s)->w_modules.wm_ninit, used);
	km_close(&s, 0);
}

/* Steps of the order: two of ka's fit, or they do not. */
static void
steps(void **state)
{
	struct vnetsim_kldinfo info;
	struct td_order *to;
	struct st s;

	(void)state;
	for (unsigned room = 1; room < 3; room++) {
		km_open(&s, 0);
		(void)km_world(&s);
		to = &td_world()->tw_order;
		while (to->to_n < TD_MAXSTEPS - room)
			assert_int_equal(
			    vnetsim_order_edit(
				s.w, VNETSIM_EDIT_REPEAT, "quiesce", NULL),
			    0);
		assert_int_equal(
		    km_load(&s, &ka_kmod), room == 1 ? VE_NOSPC : 0);
		assert_int_equal(km_info(&s, "ka", &info), room == 2);
		assert_int_equal(to->to_n, TD_MAXSTEPS - (room == 1));
		assert_int_equal(plant.inits, room == 1 ? 0 : 3);
		km_close(&s, 0);
	}
}

/* The pool of field programs. */
static void
programs(void **state)
{
	struct world_mem *wm;
	uint32_t used, need;
	struct st s;

	(void)state;
	km_open(&s, 0);
	wm = &km_world(&s)->w_mem;
	used = wm->wm_progused;
	assert_int_equal(km_load(&s, &ka_kmod), 0);
	need = wm->wm_progused - used;
	assert_int_equal(km_unload(&s, "ka"), 0);
	assert_int_equal(vnetsim_reset(s.w, NULL), 0);
	used = wm->wm_progused;
	wm->wm_progused = wm->wm_progsize - need + 16;
	assert_int_equal(km_load(&s, &ka_kmod), VE_NOSPC);
	wm->wm_progused = used;
	assert_int_equal(km_load(&s, &ka_kmod), 0);
	st_close(&s);
}

/* ---- what is wrong with it ---- */

static const struct field hole_fields[] = {
	FIELD(struct kobj, ko_epoch, LINK),
};
static const struct uma_zone hole_zone = { "hole", sizeof(struct kobj),
	VNET_MOD_LOADED, 0, 0, hole_fields, nitems(hole_fields) };
static const struct uma_zone mine_zone = { "mine", 8, VNET_MOD_tcp, 0,
	UMA_BUFFER, NULL, 0 };
static const struct uma_zone *const hole_zones[] = { &hole_zone };
static const struct uma_zone *const mine_zones[] = { &mine_zone };
static const struct vnet_contract out_contract = { "out", 8, 8, true };
static const struct sysctl_oid out_oid = { .o_name = "net.out",
	.o_type = SYSCTL_T_INT,
	.o_flags = CTLFLAG_RW | CTLFLAG_VNET,
	.o_offset = 14 };
static const struct vnet_sysinit no_func = { "x", 0, 0, NULL, NULL };
static const struct field two_fields[] = { { "two", 0, 16, FK_BYTES, 0, 0,
    NULL } };

static void
expect(const char *part)
{
	char why[200];
	struct st s;

	assert_int_equal(
	    vnetsim_kmod_check(&many_kmod[0], why, sizeof(why)), VE_NOEXEC);
	if (strstr(why, part) == NULL)
		fail_msg("\"%s\" instead of \"%s\"", why, part);
	km_open(&s, 0);
	assert_int_equal(km_load(&s, &many_kmod[0]), VE_NOEXEC);
	km_close(&s, 0);
	assert_int_equal(vnetsim_kmod_check(&many_kmod[0], why, 4), VE_NOEXEC);
	assert_int_equal(strlen(why), 3);
	assert_int_equal(vnetsim_kmod_check(&many_kmod[0], why, 0), VE_NOEXEC);
}

static void
bad_head(void **state)
{
	struct vnetsim_kmod *km = &many_kmod[0];
	char why[100] = "x", name[40];

	(void)state;
	(void)many(0);
	assert_int_equal(vnetsim_kmod_check(km, why, sizeof(why)), 0);
	assert_string_equal(why, "");
	assert_int_equal(vnetsim_kmod_check(NULL, why, sizeof(why)), VE_NOEXEC);
	km->magic = 1;
	expect("no magic number");
	(void)many(0);
	km->abi = VNETSIM_KERN_ABI + 1;
	expect("built for kernel ABI 2, this is 1");
	(void)many(0);
	km->ptrsize = 2;
	expect("pointers of 2 bytes");
	(void)many(0);
	km->descsize -= 8;
	expect("built with a descriptor of ");
	(void)many(0);
	memset(name, 'a', sizeof(name));
	name[VNETSIM_KMOD_NAMEMAX + 1] = '\0';
	km->name = many_desc[0].vm_name = name;
	expect("its name is not 1 to 27 letters");
	name[VNETSIM_KMOD_NAMEMAX] = '\0';
	assert_int_equal(vnetsim_kmod_check(km, why, sizeof(why)), 0);
	name[1] = ' ';
	expect("its name is not 1 to 27 letters");
	(void)many(0);
	km->name = "";
	expect("its name is not");
	(void)many(0);
	km->version = NULL;
	expect("no version");
	(void)many(0);
	km->name = "other";
	expect("other: its descriptor has another name");
}

static void
bad_desc(void **state)
{
	struct vnet_module *m;

	(void)state;
	m = many(0);
	m->vm_abi = 0;
	expect("vm_abi is not");
	m = many(0);
	m->vm_id = VNET_MOD_tcp;
	expect("vm_id is not VNET_MOD_LOADED");
	m = many(0);
	m->vm_nzones = 1;
	expect("a table has entries, but no address");
	m = many(0);
	m->vm_size = 8;
	expect("its state has no field table");
	m = many(0);
	m->vm_size = sizeof(struct kobj);
	m->vm_fields = hole_fields;
	m->vm_nfields = 1;
	expect("are in no field");
	m = many(0);
	m->vm_zones = hole_zones;
	m->vm_nzones = 1;
	expect("field table of hole: 8 bytes at offset ");
	m = many(0);
	m->vm_zones = mine_zones;
	m->vm_nzones = 1;
	expect("zone mine is not number 0 of LOADED");
	m->vm_nzones = UMA_LOCAL_MAX + 1;
	expect("more than 24 zones");
}

static void
bad_tables(void **state)
{
	struct vnet_module *m;

	(void)state;
	m = many(0);
	m->vm_size = 15;
	m->vm_fields = two_fields;
	m->vm_nfields = 1;
	expect("two at offset 0 is outside");
	m->vm_size = 16;
	m->vm_contracts = &out_contract;
	m->vm_ncontracts = 1;
	m->vm_sysctls = &out_oid;
	m->vm_nsysctls = 1;
	expect("sysctl net.out has no value in its state");
	m->vm_nsysctls = 0;
	m->vm_size = 8;
	m->vm_fields = kobj_fields;
	m->vm_nfields = 0;
	expect("its state has no field table");
	m = many(0);
	m->vm_contracts = &out_contract;
	m->vm_ncontracts = 1;
	expect("contract 0 is not in its state");
	m = many(0);
	m->vm_sysinits = &no_func;
	m->vm_nsysinits = 1;
	expect("a sysinit has no function");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ids),
		cmocka_unit_test(known),
		cmocka_unit_test(types),
		cmocka_unit_test(retired),
		cmocka_unit_test(revived),
		cmocka_unit_test(sysctls),
		cmocka_unit_test(constructors),
		cmocka_unit_test(steps),
		cmocka_unit_test(programs),
		cmocka_unit_test(bad_head),
		cmocka_unit_test(bad_desc),
		cmocka_unit_test(bad_tables),
	};

	return (cmocka_run_group_tests_name("kmod limits", tests, NULL, NULL)
		    ? 1
		    : 0);
}
