/*
 * test_dump.c - files that are no dump, another's dump, or a broken one.
 *
 * Whatever the bytes are, opening answers with a sentence or gives a view that
 * can be read to its end.  The file lies in a block of exactly its length, so
 * that AddressSanitizer sees every byte too much.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "src/core/dump_format.h"
#include "src/core/poison.h"
#include "src/core/world.h"
#include "tests/lib/tstack.h"
#include "tests/lib/tview.h"

/* Sanitizers take ten times as long. */
enum { FLIPS = MEM_ASAN ? 2000 : 10000, LENGTHS = 1000 };

static struct tview_file good; /* of a busy world */

static int
make(void **state)
{
	struct vnetsim_config cfg = { .size = 64u << 20 };
	vnetsim_handle op;
	struct st s = { 0 };
	int a, b, l;

	(void)state;
	assert_true(st_open(&s, &cfg));
	st_setup(&s);
	l = st_listen(&s, s.phub, 80, 5);
	for (int i = 0; i < 2; i++)
		assert_int_equal(
		    st_connect(&s, s.pcli, ST_HUB, 80, s.phub, l, &a, &b), 0);
	(void)st_send(&s, s.pcli, a, 5000);
	assert_int_equal(vnetsim_jail_remove(s.w, s.cli, &op), 0);
	for (int i = 0; i < 20; i++)
		(void)vnetsim_step(s.w, INT64_MAX);
	assert_int_equal(tview_dump(s.w, "test", &good), 0);
	good.tf_bytes = realloc(good.tf_bytes, good.tf_len);
	assert_non_null(good.tf_bytes);
	st_close(&s);
	return (0);
}

static int
unmake(void **state)
{
	(void)state;
	tview_free(&good);
	return (0);
}

/* Open it; if it opens, read all of it. */
static int
look(const uint8_t *bytes, size_t len, unsigned flags, char *why)
{
	struct vnetsim_view *v;
	int error;

	why[0] = '\0';
	error = vnetsim_view_open(bytes, len, flags, &v, why, 160);
	if (error == 0) {
		free(tview_text(v, 16));
		vnetsim_view_close(v);
	} else {
		assert_null(v);
		assert_true(strlen(why) > 5 && strlen(why) < 159);
		assert_true(error == VE_FTYPE || error == VE_NOEXEC);
	}
	return (error);
}

/* The same with a copy of the first @len bytes. */
static int
look_short(size_t len, char *why)
{
	uint8_t *copy = malloc(len > 0 ? len : 1);
	int error;

	assert_non_null(copy);
	memcpy(copy, good.tf_bytes, len);
	error = look(copy, len, 0, why);
	free(copy);
	return (error);
}

static void
whole(void **state)
{
	char why[160];

	(void)state;
	assert_int_equal(look(good.tf_bytes, good.tf_len, 0, why), 0);
}

static void
refused(size_t off, const void *bytes, size_t n, int error, const char *text)
{
	uint8_t was[64];
	char why[160];

	memcpy(was, good.tf_bytes + off, n);
	memcpy(good.tf_bytes + off, bytes, n);
	assert_int_equal(look(good.tf_bytes, good.tf_len, 0, why), error);
	if (strstr(why, text) == NULL)
		fail_msg("\"%s\" is not in \"%s\"", text, why);
	memcpy(good.tf_bytes + off, was, n);
}

#define HEAD(m) offsetof(struct dump_head, m)

static void
foreign(void **state)
{
	static const uint8_t swapped[] = {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
		1,
		2,
		3,
		4
#else
		4,
		3,
		2,
		1
#endif
	};
	const uint8_t other_ptr = sizeof(void *) == 8 ? 4 : 8;
	const uint32_t version = DUMP_VERSION + 1;
	uint8_t id[20];

	(void)state;
	refused(0, "PK\3\4", 4, VE_FTYPE, "not a dump");
	refused(HEAD(dh_order), swapped, 4, VE_NOEXEC, "byte order");
	refused(HEAD(dh_ptrsize), &other_ptr, 1, VE_NOEXEC,
	    sizeof(void *) == 8 ? "32-bit" : "64-bit");
	refused(HEAD(dh_version), &version, 4, VE_NOEXEC, "version 2");
	memcpy(id, good.tf_bytes + HEAD(dh_build_id), sizeof(id));
	id[3] ^= 1;
	refused(HEAD(dh_build_id), id, sizeof(id), VE_NOEXEC, "another build");
}

/* Of another build, on request: field tables and ledger only. */
static void
another_build(void **state)
{
	struct vnetsim_view *own, *v;
	struct vnetsim_view_info info;
	struct vnetsim_callout_info ci;
	struct vnetsim_op_info oi;
	struct vnetsim_finding f;
	struct vnetsim_trace tr;
	struct vnetsim_type t;
	struct vnetsim_object o, p;
	char key[VNETSIM_FINDING_KEY], why[160], a[200], b[200];
	uint8_t *copy = malloc(good.tf_len);
	const char *na, *nb;
	uint64_t it = 0, ip = 0, none = 0;
	unsigned fields = 0;

	(void)state;
	assert_non_null(copy);
	memcpy(copy, good.tf_bytes, good.tf_len);
	copy[HEAD(dh_build_id)] ^= 1;
	assert_int_equal(vnetsim_view_open(good.tf_bytes, good.tf_len, 0, &own,
			     why, sizeof(why)),
	    0);
	assert_int_equal(vnetsim_view_open(copy, good.tf_len,
			     VNETSIM_VIEW_ANYBUILD, &v, why, sizeof(why)),
	    0);
	vnetsim_view_info(v, &info);
	assert_true(info.foreign && info.file);
	assert_int_equal(vnetsim_type(v, 0, &t), 0);
	assert_string_equal(t.name, "mbuf");
	while (vnetsim_object_next(own, 1, NULL, &it, &o) == 0) {
		assert_int_equal(vnetsim_object_next(v, 1, NULL, &ip, &p), 0);
		assert_string_equal(o.type, p.type);
		assert_string_equal(o.birth, p.birth);
		for (unsigned n = 0;
		     vnetsim_field(own, &o, n, &na, a, sizeof(a)) == 0; n++) {
			assert_int_equal(
			    vnetsim_field(v, &p, n, &nb, b, sizeof(b)), 0);
			assert_string_equal(na, nb);
			assert_string_equal(a, b);
			fields++;
		}
	}
	assert_true(fields > 500);
	assert_int_equal(vnetsim_view_finding(v, 0, &f, key), VE_NOENT);
	assert_int_equal(vnetsim_callout_next(v, 1, &none, &ci), VE_NOENT);
	assert_int_equal(vnetsim_view_op_next(v, &none, &oi), VE_NOENT);
	assert_int_equal(vnetsim_view_trace(v, &tr, 1), 0);
	vnetsim_view_close(v);
	vnetsim_view_close(own);
	free(copy);
}

/* Every length is told from the whole. */
static void
truncated(void **state)
{
	struct dump_head dh;
	struct dump_seg ds;
	uint32_t seed = 1;
	char why[160];
	size_t len;

	(void)state;
	memcpy(&dh, good.tf_bytes, sizeof(dh));
	for (len = 0; len <= sizeof(dh) + 2 * sizeof(ds); len++)
		assert_int_equal(look_short(len, why), VE_FTYPE);
	for (uint32_t i = 0; i < dh.dh_nseg; i++) {
		memcpy(&ds, good.tf_bytes + sizeof(dh) + i * sizeof(ds),
		    sizeof(ds));
		for (size_t d = 0; d < 3; d++) {
			len = sizeof(dh) + i * sizeof(ds) + d;
			assert_int_equal(look_short(len, why), VE_FTYPE);
			len = ds.ds_off + d - 1;
			assert_int_equal(look_short(len, why), VE_FTYPE);
			assert_non_null(strstr(why, "truncated"));
		}
	}
	for (int i = 0; i < LENGTHS; i++) {
		seed = seed * 1664525u + 1013904223u;
		len = seed % good.tf_len;
		assert_int_equal(look_short(len, why), VE_FTYPE);
		assert_non_null(strstr(why, "truncated"));
	}
}

/* The same with a head that knows the shorter length. */
static void
truncated_by_a_forger(void **state)
{
	uint64_t was = good.tf_len, len;
	uint32_t seed = 7;
	char why[160];

	(void)state;
	for (int i = 0; i < LENGTHS; i++) {
		seed = seed * 1664525u + 1013904223u;
		len = sizeof(struct dump_head) +
		      seed % (was - sizeof(struct dump_head));
		memcpy(good.tf_bytes + HEAD(dh_filesize), &len, sizeof(len));
		assert_int_equal(look_short(len, why), VE_FTYPE);
	}
	memcpy(good.tf_bytes + HEAD(dh_filesize), &was, sizeof(was));
}

/* Where flips hurt most: head, segments, struct world, extents. */
static size_t
flip_at(const struct dump_head *dh, uint64_t r, int i)
{
	struct dump_seg ds;

	if (i % 4 == 0)
		return (r % good.tf_len);
	if (i % 4 == 1)
		return (r % (sizeof(*dh) + dh->dh_nseg * sizeof(ds)));
	do {
		r = r * UINT64_C(6364136223846793005) + 1442695040888963407u;
		memcpy(&ds,
		    good.tf_bytes + sizeof(*dh) +
			(size_t)(r >> 33) % dh->dh_nseg * sizeof(ds),
		    sizeof(ds));
	} while (ds.ds_kind == DUMP_CONST);
	return (ds.ds_off + (size_t)(r >> 20) % ds.ds_len);
}

/* A few bits each time; most of the files still open. */
static void
bit_flips(void **state)
{
	uint64_t r = 88172645463325252u;
	struct dump_head dh;
	unsigned opened = 0;
	size_t at[4];
	uint8_t was[4];
	char why[160];

	(void)state;
	memcpy(&dh, good.tf_bytes, sizeof(dh));
	for (int i = 0; i < FLIPS; i++) {
		int n = 1 + i % 4;

		for (int k = 0; k < n; k++) {
			r ^= r << 13;
			r ^= r >> 7;
			r ^= r << 17;
			at[k] = flip_at(&dh, r, i);
			was[k] = good.tf_bytes[at[k]];
			good.tf_bytes[at[k]] ^= (uint8_t)(1u << (r >> 61));
		}
		opened += look(good.tf_bytes, good.tf_len,
			      i % 8 == 7 ? VNETSIM_VIEW_ANYBUILD : 0, why) == 0;
		while (n-- > 0)
			good.tf_bytes[at[n]] = was[n];
	}
	print_message("%u of %d damaged dumps could be read\n", opened, FLIPS);
	assert_true(opened > FLIPS / 4);
	assert_int_equal(look(good.tf_bytes, good.tf_len, 0, why), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole),
		cmocka_unit_test(foreign),
		cmocka_unit_test(another_build),
		cmocka_unit_test(truncated),
		cmocka_unit_test(truncated_by_a_forger),
		cmocka_unit_test(bit_flips),
	};

	return (
	    cmocka_run_group_tests_name("dump", tests, make, unmake) ? 1 : 0);
}
