/*
 * cmd_run_files.c - which scenarios: arguments, directories, parsing.
 *
 * A directory is walked for *.scn; files run in the order of the bytes of
 * their paths, each once; --shard leaves out some.  All are parsed before
 * anything runs, and all errors of all files are told: 65.  An argument that
 * does not exist is 66.
 */
#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "sim/cmd_run.h"

#define WALK_DEPTH 64

static void
nomem(void)
{
	(void)fputs("vnetsim: out of memory\n", stderr);
	exit(71);
}

static void
files_add(struct run_files *rf, const char *path, size_t rel)
{
	if (rf->n == rf->cap) {
		rf->cap = rf->cap == 0 ? 64 : rf->cap * 2;
		rf->v = realloc(rf->v, rf->cap * sizeof(*rf->v));
		if (rf->v == NULL)
			nomem();
	}
	memset(&rf->v[rf->n], 0, sizeof(rf->v[0]));
	rf->v[rf->n].rf_rel = rel;
	rf->v[rf->n].rf_path = strdup(path);
	if (rf->v[rf->n++].rf_path == NULL)
		nomem();
}

static bool
is_scenario(const char *name)
{
	size_t len = strlen(name);

	return (len > 4 && strcmp(name + len - 4, ".scn") == 0);
}

/*
 * Names below a directory begin at @rel; 0: this is the one that was given.
 * Return: 0 or EXIT_NOINPUT, told.
 */
static int
files_walk(struct run_files *rf, const char *dir, unsigned depth, size_t rel)
{
	struct rbuf path = { 0 };
	struct dirent *de;
	struct stat st;
	int error = 0;
	DIR *d = opendir(dir);

	if (d == NULL) {
		(void)fprintf(
		    stderr, "vnetsim: %s: %s\n", dir, strerror(errno));
		return (EXIT_NOINPUT);
	}
	/* cppcheck-suppress readdirCalled */
	while (error == 0 && (de = readdir(d)) != NULL) {
		if (de->d_name[0] == '.')
			continue;
		rbuf_cut(&path, 0);
		rbuf_add(&path, "%s%s%s", dir,
		    dir[strlen(dir) - 1] == '/' ? "" : "/", de->d_name);
		if (depth == 0)
			rel = path.rb_len - strlen(de->d_name);
		if (lstat(rbuf_str(&path), &st) != 0)
			continue;
		if (S_ISDIR(st.st_mode) && depth < WALK_DEPTH)
			error = files_walk(rf, rbuf_str(&path), depth + 1, rel);
		else if (!S_ISDIR(st.st_mode) && is_scenario(de->d_name))
			files_add(rf, rbuf_str(&path), rel);
	}
	(void)closedir(d);
	rbuf_free(&path);
	return (error);
}

static int
by_path(const void *a, const void *b)
{
	const struct run_file *x = a, *y = b;
	int c = strcmp(x->rf_path, y->rf_path);

	return (c != 0 ? c : (x->rf_rel > y->rf_rel) - (x->rf_rel < y->rf_rel));
}

static bool
files_wanted(const struct run_opts *ro, const char *path)
{
	const char *slash = strrchr(path, '/');

	return (
	    ro->ro_filter == NULL || fnmatch(ro->ro_filter, path, 0) == 0 ||
	    fnmatch(ro->ro_filter, slash != NULL ? slash + 1 : path, 0) == 0);
}

/* Sorted, each once, filtered. */
static void
files_sort(struct run_files *rf, const struct run_opts *ro)
{
	unsigned n = 0;

	if (rf->n > 1)
		qsort(rf->v, rf->n, sizeof(rf->v[0]), by_path);
	for (unsigned i = 0; i < rf->n; i++) {
		if ((n > 0 &&
			strcmp(rf->v[n - 1].rf_path, rf->v[i].rf_path) == 0) ||
		    !files_wanted(ro, rf->v[i].rf_path))
			free(rf->v[i].rf_path);
		else
			rf->v[n++] = rf->v[i];
	}
	rf->n = n;
}

static char *
file_name(const char *path, bool whole)
{
	const char *slash = strrchr(path, '/');
	const char *base = whole || slash == NULL ? path : slash + 1;
	char *name, *p;
	size_t len;

	while (whole && (*base == '/' || *base == '.'))
		base++;
	name = strdup(*base == '\0' ? "scenario" : base);
	if (name == NULL)
		nomem();
	len = strlen(name);
	if (is_scenario(name))
		name[len - 4] = '\0';
	for (p = name; *p != '\0'; p++)
		if (*p == '/')
			*p = '.';
	if (name[0] == '.')
		name[0] = '_';
	return (name);
}

/* Names of files to keep: short where that tells them apart. */
static void
files_name(struct run_files *rf)
{
	bool *same = calloc(rf->n + 1, sizeof(*same));

	if (same == NULL)
		nomem();
	for (unsigned i = 0; i < rf->n; i++)
		rf->v[i].rf_name = file_name(rf->v[i].rf_path, false);
	for (unsigned i = 0; i < rf->n; i++)
		for (unsigned k = i + 1; k < rf->n; k++)
			if (strcmp(rf->v[i].rf_name, rf->v[k].rf_name) == 0)
				same[i] = same[k] = true;
	for (unsigned i = 0; i < rf->n; i++)
		if (same[i]) {
			free(rf->v[i].rf_name);
			rf->v[i].rf_name = file_name(rf->v[i].rf_path, true);
		}
	free(same);
}

/* Where the name of a file that was given itself begins: behind "./". */
static size_t
plain_start(const char *path)
{
	size_t n = 0;

	while (path[n] == '.' && path[n + 1] == '/')
		n += 2 + strspn(path + n + 2, "/");
	return (n);
}

/* Leave out what other shards do. */
static void
files_shard(struct run_files *rf, const struct run_opts *ro)
{
	const struct shard *sh = &ro->ro_shard;
	unsigned n = 0;

	rf->all = rf->n;
	if (sh->sh_n == 0)
		return;
	for (unsigned i = 0; i < rf->n; i++) {
		struct run_file *f = &rf->v[i];

		if (shard_of(f->rf_path + f->rf_rel, sh->sh_n) == sh->sh_i) {
			rf->v[n++] = *f;
			continue;
		}
		free(f->rf_path);
		free(f->rf_name);
	}
	rf->n = n;
}

/**
 * run_files_find() - the scenarios that the arguments mean
 * @rf:		out
 * @ro:		options
 *
 * Return:	0; EXIT_USAGE: no argument; EXIT_NOINPUT: one cannot be read, or
 *		no scenario was found.  Told on standard error.
 */
int
run_files_find(struct run_files *rf, const struct run_opts *ro)
{
	struct stat st;
	int error = 0;

	memset(rf, 0, sizeof(*rf));
	if (ro->ro_npaths == 0) {
		(void)fprintf(stderr,
		    "vnetsim %s: no scenario is named; usage: vnetsim %s "
		    "FILE|DIR...\n",
		    ro->ro_cmd, ro->ro_cmd);
		return (EXIT_USAGE);
	}
	for (int i = 0; i < ro->ro_npaths; i++) {
		if (stat(ro->ro_paths[i], &st) != 0) {
			(void)fprintf(stderr, "vnetsim: %s: %s\n",
			    ro->ro_paths[i], strerror(errno));
			error = EXIT_NOINPUT;
		} else if (S_ISDIR(st.st_mode)) {
			if (files_walk(rf, ro->ro_paths[i], 0, 0) != 0)
				error = EXIT_NOINPUT;
		} else
			files_add(
			    rf, ro->ro_paths[i], plain_start(ro->ro_paths[i]));
	}
	files_sort(rf, ro);
	files_name(rf);
	if (error == 0 && rf->n == 0) {
		(void)fprintf(stderr, "vnetsim %s: no scenario (*.scn) %s\n",
		    ro->ro_cmd, ro->ro_filter != NULL ? "matches" : "there");
		error = EXIT_NOINPUT;
	}
	files_shard(rf, ro);
	return (error);
}

static void
tell_errors(const struct scn_errors *errors)
{
	char buf[8192];

	for (size_t i = 0; errors != NULL && i < errors->n; i++) {
		(void)scn_error_format(&errors->v[i], buf, sizeof(buf));
		(void)fputs(buf, stderr);
	}
	if (errors != NULL && errors->more > 0)
		(void)fprintf(stderr, "and %zu more errors\n", errors->more);
}

/* Parse one, with settings of the head for explore unless --set says so. */
static enum scn_result
parse_one(struct run_file *f, const struct run_opts *ro, bool explore,
    struct scn_errors **errors)
{
	const char *set[RUN_SETS];
	char *made[RUN_SETS];
	struct scn_params sp = { .set = set };
	struct scn_script *first = NULL;
	enum scn_result res;
	unsigned n = 0;

	memset(made, 0, sizeof(made));
	if (explore) {
		sp.set = ro->ro_set;
		sp.nset = ro->ro_nsets;
		res = scn_parse(f->rf_path, &sp, &first, errors);
		if (res != SCN_OK || first->nexplore == 0) {
			f->rf_script = first;
			return (res);
		}
		sp.set = set;
		for (; n < first->nexplore && n + ro->ro_nsets < RUN_SETS;
		     n++) {
			struct rbuf rb = { 0 };

			rbuf_add(&rb, "%s=%s", first->explore[n].name,
			    first->explore[n].value);
			set[n] = made[n] = rb.rb_s;
		}
		scn_free(first);
	}
	sp.nset = n;
	for (unsigned i = 0; i < ro->ro_nsets; i++)
		set[sp.nset++] = ro->ro_set[i];
	res = scn_parse(f->rf_path, &sp, &f->rf_script, errors);
	for (unsigned i = 0; i < n; i++)
		free(made[i]);
	return (res);
}

/**
 * run_files_parse() - parse all scenarios, tell all errors
 * @rf:		files
 * @ro:		options: --set
 * @explore:	apply `# explore: set` of the heads
 *
 * Return:	0; EXIT_DATA; EXIT_NOINPUT.
 */
int
run_files_parse(struct run_files *rf, const struct run_opts *ro, bool explore)
{
	struct scn_errors *errors = NULL;
	enum scn_result res;
	int error = 0;

	for (unsigned i = 0; i < rf->n; i++) {
		res = parse_one(&rf->v[i], ro, explore, &errors);
		if (res == SCN_NOMEM)
			nomem();
		tell_errors(errors);
		scn_errors_free(errors);
		errors = NULL;
		if (res == SCN_BAD)
			error = EXIT_DATA;
		else if (res == SCN_NOINPUT && error == 0)
			error = EXIT_NOINPUT;
		else if (res == SCN_OK)
			rf->v[i].rf_plan = scn_plan_new(rf->v[i].rf_script);
	}
	return (error);
}

/**
 * run_files_check() - do order and steps of the command line exist?
 * @rf:		parsed files: their heads may choose an order
 * @ro:		options
 *
 * Return:	0; EXIT_USAGE, told.
 */
int
run_files_check(const struct run_files *rf, const struct run_opts *ro)
{
	struct rbuf why = { 0 };
	struct vnetsim *w;
	int error = 0, e;

	w = vnetsim_create(NULL, NULL, &e);
	if (w == NULL) {
		(void)fprintf(stderr, "vnetsim: no world can be made: %s\n",
		    vnetsim_errname(e));
		return (71);
	}
	for (unsigned i = 0; i < rf->n && error == 0; i++) {
		if (i > 0)
			(void)vnetsim_reset(w, NULL);
		error = play_setup(w, rf->v[i].rf_script, &ro->ro_play, &why);
		if (error == 0 && !gdb_step_exists(w, &ro->ro_break, &why))
			error = EXIT_USAGE;
	}
	vnetsim_destroy(w);
	if (error != 0)
		(void)fprintf(stderr,
		    "vnetsim %s: %s; 'vnetsim order' lists the steps\n",
		    ro->ro_cmd, rbuf_str(&why));
	rbuf_free(&why);
	return (error != 0 ? EXIT_USAGE : 0);
}

void
run_files_free(struct run_files *rf)
{
	for (unsigned i = 0; i < rf->n; i++) {
		free(rf->v[i].rf_path);
		free(rf->v[i].rf_name);
		scn_plan_free(rf->v[i].rf_plan);
		scn_free(rf->v[i].rf_script);
	}
	free(rf->v);
}
