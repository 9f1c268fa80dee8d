/*
 * cmd_new_module.c - "vnetsim new-module NAME [DIR]": begin a module.
 *
 * Writes a module that works, with its scenario, its tests and a workflow, for
 * its author to change.  Nothing that exists is overwritten: all names are
 * looked at before the first file is made, and each is made exclusively.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <vnetsim/module.h>

#include "sim/cmd_run.h"
#include "sim/new_module.h"

/* Macros: such a name would become something else on its way. */
static const char *const taken[] = { "bool", "true", "false", "curvnet", "kctx",
	"unix", "linux" };

static const char usage[] = "usage: vnetsim new-module NAME [DIR]\n";

/* Is there a built-in module of that name? */
static bool
name_builtin(const char *name)
{
	struct vnetsim_kldinfo ki;
	struct vnetsim *w = vnetsim_create(NULL, NULL, NULL);
	bool found = false;

	for (unsigned n = 0;
	     w != NULL && !found && vnetsim_kld_next(w, n, &ki) == 0; n++)
		found = strcmp(ki.name, name) == 0;
	vnetsim_destroy(w);
	return (found);
}

/* What is wrong with a name, or NULL. */
static const char *
name_bad(const char *name)
{
	static const char chars[] = "abcdefghijklmnopqrstuvwxyz0123456789_";
	size_t len = strlen(name);

	if (len == 0 || len > VNETSIM_KMOD_NAMEMAX ||
	    strspn(name, chars) != len || name[0] < 'a' || name[0] > 'z')
		return ("a name has 1 to 27 lower case letters, digits and "
			"'_', a letter first");
	for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++)
		if (strcmp(taken[i], name) == 0)
			return ("a macro of C or of the kernel's headers");
	return (name_builtin(name) ? "a built-in module has that name" : NULL);
}

/* @text with the name in it, appended. */
static void
put_text(struct rbuf *out, const char *text, const char *name)
{
	static const char mark[] = "@NAME@";
	const char *at;

	while ((at = strstr(text, mark)) != NULL) {
		rbuf_put(out, text, (size_t)(at - text));
		rbuf_add(out, "%s", name);
		text = at + sizeof(mark) - 1;
	}
	rbuf_add(out, "%s", text);
}

static void
put_path(struct rbuf *out, const char *dir, size_t i, const char *name)
{
	rbuf_cut(out, 0);
	rbuf_add(out, "%s/", dir);
	put_text(out, new_module_files[i].nf_path, name);
}

/* Files that are there, told; the count. */
static unsigned
files_there(const char *dir, const char *name)
{
	struct rbuf path = { 0 };
	struct stat st;
	unsigned n = 0;

	for (size_t i = 0; i < NEW_MODULE_FILES; i++) {
		put_path(&path, dir, i, name);
		if (lstat(rbuf_str(&path), &st) != 0)
			continue;
		n++;
		(void)fprintf(stderr,
		    "vnetsim new-module: %s exists; nothing was written\n",
		    rbuf_str(&path));
	}
	rbuf_free(&path);
	return (n);
}

/* One file.  Return: 0 or EXIT_IO, told. */
static int
file_write(const char *path, const struct new_module_file *nf, const char *name)
{
	struct rbuf text = { 0 };
	FILE *f = fopen(path, "wx");
	bool ok = f != NULL;

	for (size_t i = 0; nf->nf_lines[i] != NULL; i++) {
		put_text(&text, nf->nf_lines[i], name);
		rbuf_add(&text, "\n");
	}
	if (ok)
		ok = fwrite(rbuf_str(&text), 1, text.rb_len, f) == text.rb_len;
	if (f != NULL && fclose(f) != 0)
		ok = false;
	rbuf_free(&text);
	if (ok)
		return (0);
	(void)fprintf(stderr, "vnetsim: %s: %s\n", path, strerror(errno));
	return (EXIT_IO);
}

static int
files_write(const char *dir, const char *name)
{
	struct rbuf path = { 0 };
	int error;

	rbuf_add(&path, "%s/.github/workflows", dir);
	error = run_mkdir(rbuf_str(&path));
	for (size_t i = 0; error == 0 && i < NEW_MODULE_FILES; i++) {
		put_path(&path, dir, i, name);
		error = file_write(rbuf_str(&path), &new_module_files[i], name);
		if (error == 0)
			(void)printf("%s\n", rbuf_str(&path));
	}
	rbuf_free(&path);
	return (error);
}

/**
 * cmd_new_module() - write the files of a new module
 *
 * Return:	0; 64: usage, or a name that cannot be; 74: a file exists or
 *		cannot be written.
 */
int
cmd_new_module(int argc, char **argv)
{
	const char *dir, *bad;
	int error;

	if (argc < 2 || argc > 3 || argv[1][0] == '-') {
		(void)fputs(usage, stderr);
		return (EXIT_USAGE);
	}
	bad = name_bad(argv[1]);
	if (bad != NULL) {
		(void)fprintf(
		    stderr, "vnetsim new-module: '%s': %s\n", argv[1], bad);
		return (EXIT_USAGE);
	}
	dir = argc == 3 ? argv[2] : argv[1];
	if (files_there(dir, argv[1]) != 0)
		return (EXIT_IO);
	error = files_write(dir, argv[1]);
	if (error == 0)
		(void)printf("next: cmake -B build %s\n",
		    "-DVNETSIM_TREE=DIR (or -DCMAKE_PREFIX_PATH=PREFIX)");
	return (error);
}
