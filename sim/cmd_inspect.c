/*
 * cmd_inspect.c - "vnetsim inspect": worlds on file.
 *
 * The file is only read, never run: nothing in it can make this program do
 * anything but print.  Of another build it is refused, because only the
 * program that wrote it knows what lies where; --any-build shows what its own
 * field tables tell.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/cmd_run.h"
#include "sim/dump_file.h"
#include "sim/inspect.h"

/* A command line; what it points to is borrowed. */
struct look {
	const char *lk_cmd, *lk_usage;
	const char *lk_file;
	const char *lk_what, *lk_id;
	bool lk_json, lk_anybuild;
};

static int
look_usage(const struct look *lk, const char *what, const char *word)
{
	(void)fprintf(stderr, "vnetsim %s: %s%s%s%s; usage: %s\n", lk->lk_cmd,
	    what, word != NULL ? " '" : "", word != NULL ? word : "",
	    word != NULL ? "'" : "", lk->lk_usage);
	return (EXIT_USAGE);
}

/* Return: 0 or EXIT_USAGE, told. */
static int
look_parse(struct look *lk, int argc, char **argv)
{
	const char *arg;

	for (int i = 1; i < argc; i++) {
		arg = argv[i];
		if (strcmp(arg, "-M") == 0 && i + 1 < argc)
			lk->lk_file = argv[++i];
		else if (strncmp(arg, "-M", 2) == 0 && arg[2] != '\0')
			lk->lk_file = arg + 2;
		else if (strcmp(arg, "--json") == 0)
			lk->lk_json = true;
		else if (strcmp(arg, "--any-build") == 0)
			lk->lk_anybuild = true;
		else if (arg[0] == '-' && arg[1] != '\0')
			return (look_usage(lk, "unknown option", arg));
		else if (lk->lk_id != NULL)
			return (look_usage(lk, "unexpected", arg));
		else if (lk->lk_what == NULL)
			lk->lk_what = arg;
		else
			lk->lk_id = arg;
	}
	return (
	    lk->lk_file != NULL ? 0 : look_usage(lk, "no dump is named", NULL));
}

/**
 * look_dump() - open a world on file, or say why not
 * @file:	name
 * @anybuild:	of another build is fine
 * @bytes:	out: of the file, for free() after the view's end
 * @v:		out: view
 *
 * Return:	0; EXIT_NOINPUT, EXIT_DATA or 71, told.
 */
int
look_dump(
    const char *file, bool anybuild, char **bytes, struct vnetsim_view **v)
{
	char why[160];
	size_t len;
	int error;

	error = dump_read(file, bytes, &len);
	if (error != 0) {
		(void)fprintf(
		    stderr, "vnetsim: %s: %s\n", file, strerror(error));
		return (EXIT_NOINPUT);
	}
	error = vnetsim_view_open(*bytes, len,
	    anybuild ? VNETSIM_VIEW_ANYBUILD : 0, v, why, sizeof(why));
	if (error == 0)
		return (0);
	(void)fprintf(stderr, "vnetsim: %s: %s\n", file, why);
	free(*bytes);
	*bytes = NULL;
	return (error == VE_NOMEM ? 71 : EXIT_DATA);
}

/* Return: as look_dump(). */
static int
look_open(const struct look *lk, char **bytes, struct vnetsim_view **v)
{
	return (look_dump(lk->lk_file, lk->lk_anybuild, bytes, v));
}

/**
 * look_print() - print what was gathered
 * @out:	text; freed
 * @error:	exit code so far
 *
 * Return:	it, EXIT_IO if printing failed, 71 without memory.
 */
int
look_print(struct rbuf *out, int error)
{
	if (error == 0 && out->rb_nomem)
		error = 71;
	if (error == 0 &&
	    fwrite(rbuf_str(out), 1, out->rb_len, stdout) != out->rb_len)
		error = EXIT_IO;
	if (fflush(stdout) != 0)
		error = EXIT_IO;
	rbuf_free(out);
	return (error);
}

/* Why this world is on file: not part of what a live one says. */
static void
look_reason(const struct look *lk, const struct vnetsim_view *v)
{
	struct vnetsim_view_info vi;

	vnetsim_view_info(v, &vi);
	(void)fprintf(stderr, "%s: %s%s\n", lk->lk_file,
	    vi.reason != NULL && *vi.reason != '\0' ? vi.reason : "no reason",
	    vi.foreign ? " (of another build)" : "");
}

/**
 * cmd_inspect() - look into a dump
 *
 * Return:	0; 1: no such type or object; EXIT_USAGE; EXIT_DATA: no dump,
 *		or of another build; EXIT_NOINPUT; EXIT_IO.
 */
int
cmd_inspect(int argc, char **argv)
{
	struct look lk = { .lk_cmd = "inspect",
		.lk_usage = "vnetsim inspect -M FILE [--json] [--any-build] "
			    "[TYPE [SERIAL[@VNET]]]" };
	struct vnetsim_view *v = NULL;
	struct rbuf out = { 0 };
	char *bytes = NULL;
	int error;

	error = look_parse(&lk, argc, argv);
	if (error == 0)
		error = look_open(&lk, &bytes, &v);
	if (error != 0)
		return (error);
	if (lk.lk_what == NULL)
		look_reason(&lk, v);
	error = inspect(v, lk.lk_what, lk.lk_id, lk.lk_json, &out);
	if (error != 0) {
		rbuf_cut(&out, 0);
		(void)fprintf(stderr, "vnetsim inspect: %s%s%s: %s\n",
		    lk.lk_what, lk.lk_id != NULL ? " " : "",
		    lk.lk_id != NULL ? lk.lk_id : "",
		    error == VE_INVAL ? "an object is SERIAL[@VNET]"
				      : "no such type or object");
		error = 1;
	}
	vnetsim_view_close(v);
	free(bytes);
	return (look_print(&out, error));
}
