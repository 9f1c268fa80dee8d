/*
 * test_kld_dlopen.c - which version of an object is mapped, and how long.
 *
 * The objects are made here by the compiler of the host: empty modules that
 * call nothing, so that they can be mapped into a program that exports nothing.
 * Without a compiler there is nothing to test (exit status 77).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <vnetsim/errno.h>

#include "sim/kld.h"

static char dir[64], path[96];

/* Link path anew: another file, as linkers do it. */
static bool
make(const char *version)
{
	char command[512];
	FILE *f;

	(void)snprintf(command, sizeof(command), "%s/m.c", dir);
	f = fopen(command, "w");
	if (f == NULL)
		return (false);
	(void)fprintf(f,
	    "#include <vnetsim/kern/kmod.h>\n"
	    "VNET_MODULE(m) = { .vm_name = \"m\", .vm_id = VNET_MOD_LOADED,\n"
	    ".vm_abi = VNETSIM_KERN_ABI };\nVNETSIM_KMOD(m, \"%s\");\n",
	    version);
	(void)fclose(f);
	(void)unlink(path);
	(void)snprintf(command, sizeof(command),
	    "cc -std=c11 -shared -fPIC -I %s/include -o %s %s/m.c 2>%s/err",
	    VNETSIM_SOURCE_DIR, path, dir, dir);
	return (system(command) == 0); /* NOLINT: of this test's own making */
}

static int
setup(void **state)
{
	(void)state;
	(void)snprintf(dir, sizeof(dir), "/tmp/vnetsim-kld.XXXXXX");
	if (mkdtemp(dir) == NULL)
		return (-1);
	(void)snprintf(path, sizeof(path), "%s/m.so", dir);
	return (0);
}

static int
teardown(void **state)
{
	static const char *const names[] = { "m.c", "m.so", "err" };
	char file[128];

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		(void)snprintf(file, sizeof(file), "%s/%s", dir, names[i]);
		(void)unlink(file);
	}
	return (rmdir(dir));
}

/* Until nothing is left to do. */
static void
settle(struct vnetsim *w)
{
	struct vnetsim_result res;

	while (vnetsim_step(w, vnetsim_now(w) + INT64_C(1000000000)))
		continue;
	while (vnetsim_op_next(w, &res)) {
		assert_int_equal(res.error, 0);
		(void)vnetsim_op_release(w, res.op);
	}
}

/* Open the file; its version must be that one. */
static const struct vnetsim_kmod *
open_version(struct kld_set *set, struct vnetsim *w, const char *version)
{
	const struct vnetsim_kmod *km = NULL;
	char why[KLD_WHY];

	if (kld_open(set, w, path, &km, why, sizeof(why)) != 0)
		fail_msg("%s", why);
	assert_string_equal(why, "");
	assert_string_equal(km->version, version);
	return (km);
}

static void
a_newer_file_takes_the_place_of_an_unused_one(void **state)
{
	struct vnetsim *w = vnetsim_create(NULL, NULL, NULL);
	const struct vnetsim_kmod *first, *second;
	struct kld_set set = { NULL };
	vnetsim_handle op = 0;

	(void)state;
	assert_non_null(w);
	assert_true(make("1"));
	first = open_version(&set, w, "1");
	/* The same file is the same object. */
	assert_ptr_equal(open_version(&set, w, "1"), first);
	assert_int_equal(kld_count(&set), 1);
	assert_false(vnetsim_kmod_inuse(w, first));

	/* Nobody knows the first one: it goes. */
	assert_true(make("2"));
	second = open_version(&set, w, "2");
	assert_int_equal(kld_count(&set), 1);

	/* A world knows the second one, also when it is unloaded. */
	assert_int_equal(vnetsim_kldload(w, second, &op), 0);
	settle(w);
	assert_int_equal(vnetsim_kldunload(w, "m", &op), 0);
	settle(w);
	assert_true(vnetsim_kmod_inuse(w, second));
	assert_true(make("3"));
	(void)open_version(&set, w, "3");
	assert_int_equal(kld_count(&set), 2);
	assert_string_equal(second->version, "2");

	/* A new world knows none of them. */
	assert_int_equal(vnetsim_reset(w, NULL), 0);
	assert_true(make("4"));
	(void)open_version(&set, w, "4");
	assert_int_equal(kld_count(&set), 1);
	vnetsim_destroy(w);
	kld_forget(&set);
	assert_int_equal(kld_count(&set), 0);
}

static void
what_cannot_be_opened_leaves_no_trace(void **state)
{
	struct vnetsim *w = vnetsim_create(NULL, NULL, NULL);
	const struct vnetsim_kmod *km = NULL;
	struct kld_set set = { NULL };
	char why[KLD_WHY];
	FILE *f;

	(void)state;
	assert_non_null(w);
	(void)unlink(path);
	assert_int_equal(
	    kld_open(&set, w, path, &km, why, sizeof(why)), VE_NOENT);
	assert_non_null(strstr(why, "m.so: "));
	f = fopen(path, "w");
	assert_non_null(f);
	(void)fputs("\177ELF and no more", f);
	(void)fclose(f);
	assert_int_equal(
	    kld_open(&set, w, path, &km, why, sizeof(why)), VE_NOEXEC);
	assert_string_equal(
	    why, "m.so: the ELF object is cut short or damaged");
	/* A reason that does not fit is cut. */
	assert_int_equal(kld_open(&set, w, path, &km, why, 8), VE_NOEXEC);
	assert_string_equal(why, "m.so: t");
	assert_null(km);
	assert_int_equal(kld_count(&set), 0);
	vnetsim_destroy(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_newer_file_takes_the_place_of_an_unused_one),
		cmocka_unit_test(what_cannot_be_opened_leaves_no_trace),
	};

	if (system("cc --version >/dev/null 2>&1") != 0) /* NOLINT: fixed */
		return (77);
	return (
	    cmocka_run_group_tests_name("kld_dlopen", tests, setup, teardown)
		? 1
		: 0);
}
