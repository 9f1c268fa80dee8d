/*
 * gdb.c - a debugger that stops at a virtual time, an event or a step.
 *
 * A world leaves a trace record whenever it does something: an event begins, a
 * door is passed, a step of a teardown is due.  "--break-at" listens to these
 * records; the first one at or after the wanted place calls
 * vnetsim_breakpoint(), so a debugger stops inside that event, with the whole
 * way from the scheduler on its stack.  The scenario runs in this process.
 *
 * "--gdb" replaces the program by a debugger that runs it again with the same
 * arguments and has a breakpoint on that function.  Under any other tracer the
 * function raises SIGTRAP; without one it says where it is, and the run goes
 * on.
 *
 * Addresses differ from run to run, virtual times and numbers of events do
 * not: what a report names can be given to --break-at.
 */
#include "sim/gdb.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#ifdef __APPLE__
#include <sys/sysctl.h>
#include <sys/types.h>
#endif

#include <vnetsim/teardown.h>

#include "sim/scn.h"
#include "sim/self.h"

#define UNDER_GDB   "VNETSIM_UNDER_GDB"
#define EXIT_NOTOOL 69

/* Does a debugger hold this process? */
static bool
traced(void)
{
#ifdef __APPLE__
	int mib[4] = { CTL_KERN, KERN_PROC, KERN_PROC_PID, (int)getpid() };
	struct kinfo_proc kp;
	size_t size = sizeof(kp);

	memset(&kp, 0, sizeof(kp));
	return (sysctl(mib, 4, &kp, &size, NULL, 0) == 0 &&
		(kp.kp_proc.p_flag & P_TRACED) != 0);
#else
	FILE *f = fopen("/proc/self/status", "r");
	char line[256];
	bool yes = false;

	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		if (strncmp(line, "TracerPid:", 10) == 0)
			yes = strtol(line + 10, NULL, 10) != 0;
	if (f != NULL)
		(void)fclose(f);
	return (yes);
#endif
}

/**
 * vnetsim_breakpoint() - the place where debuggers stop
 * @why:	what was reached
 */
void
vnetsim_breakpoint(const char *why)
{
	(void)fprintf(stderr, "vnetsim: %s\n", why);
	if (getenv(UNDER_GDB) == NULL && traced())
		(void)raise(SIGTRAP);
}

/**
 * gdb_trace() - is this the place?  player.p_record
 * @arg:	struct gdb_break
 * @t:		record
 */
void
gdb_trace(void *arg, const struct vnetsim_trace *t)
{
	struct gdb_break *gb = arg;
	char why[256];
	bool hit;

	if (gb->gb_hit)
		return;
	if (gb->gb_step != NULL)
		hit = strcmp(t->kind, "step") == 0 && t->name != NULL &&
		      strcmp(t->name, gb->gb_step) == 0;
	else if (gb->gb_event != 0)
		hit = t->event >= gb->gb_event;
	else
		hit = t->time >= gb->gb_time;
	if (!hit)
		return;
	gb->gb_hit = true;
	(void)snprintf(why, sizeof(why),
	    "--break-at %.100s: event %" PRIu64 " at %" PRId64 " ns, %s %.80s",
	    gb->gb_what, t->event, t->time, t->kind,
	    t->name != NULL ? t->name : "-");
	vnetsim_breakpoint(why);
}

/**
 * gdb_step_exists() - is the step of --break-at one of the world's order?
 * @w:		world, its order is set
 * @gb:		where to stop
 * @why:	if not: a message with the name that comes closest
 */
bool
gdb_step_exists(struct vnetsim *w, const struct gdb_break *gb, struct rbuf *why)
{
	const char *names[256], *near;
	struct vnetsim_step st;
	unsigned n;

	if (gb->gb_step == NULL)
		return (true);
	for (n = 0; n < 256 && vnetsim_order_step(w, n, &st) == 0; n++) {
		names[n] = st.name;
		if (st.name != NULL && strcmp(st.name, gb->gb_step) == 0)
			return (true);
	}
	near = scn_didyoumean(gb->gb_step, names, n);
	rbuf_add(why, "--break-at step '%s': no such step in this order",
	    gb->gb_step);
	if (near != NULL)
		rbuf_add(why, ", did you mean %s?", near);
	return (false);
}

/* This program's file, for a debugger. */
static const char *
program(char *buf, size_t size)
{
	return (self_path(buf, size) ? buf : "vnetsim");
}

/* The words in front of the program's arguments. */
static unsigned
debugger(const char **v, bool lldb, const char *self)
{
	static const char *const gdb[] = { "gdb", "-q", "-iex",
		"set debuginfod enabled off", "-iex", "set confirm off", "-ex",
		"break vnetsim_breakpoint", "-ex", "run", "--args" };
	static const char *const ll[] = { "lldb", "-o",
		"breakpoint set -n vnetsim_breakpoint", "-o", "run", "--" };
	unsigned n = 0;

	for (size_t i = 0; !lldb && i < sizeof(gdb) / sizeof(gdb[0]); i++)
		v[n++] = gdb[i];
	for (size_t i = 0; lldb && i < sizeof(ll) / sizeof(ll[0]); i++)
		v[n++] = ll[i];
	v[n++] = self;
	return (n);
}

/* The arguments again, but not --gdb; without a place the first event is one.
 */
static void
arguments(const char **v, unsigned n, int argc, char **argv, bool hasbreak)
{
	bool only = false;

	v[n++] = argv[0];
	if (!hasbreak)
		v[n++] = "--break-at=event:1";
	for (int i = 1; i < argc; i++) {
		only |= strcmp(argv[i], "--") == 0;
		if (only || strcmp(argv[i], "--gdb") != 0)
			v[n++] = argv[i];
	}
	v[n] = NULL;
}

/**
 * gdb_exec() - become a debugger that runs this program
 * @argc, @argv: of the command, unchanged; argv[0] is its name
 * @hasbreak:	they say where to stop
 *
 * gdb, or lldb where there is none (the other way round on macOS).
 * Return:	69: neither can be started, told.
 */
int
gdb_exec(int argc, char **argv, bool hasbreak)
{
	const char **v = calloc((size_t)argc + 20, sizeof(*v));
	char self[4096];
#ifdef __APPLE__
	bool lldb = true;
#else
	bool lldb = false;
#endif

	(void)fflush(NULL);
	for (int i = 0; v != NULL && i < 2; i++, lldb = !lldb) {
		arguments(v, debugger(v, lldb, program(self, sizeof(self))),
		    argc, argv, hasbreak);
		if (setenv(UNDER_GDB, "1", 1) != 0)
			break;
		/* cppcheck-suppress constParameter */
		(void)execvp(v[0], (char *const *)(void *)v);
	}
	(void)fprintf(stderr,
	    "vnetsim run: --gdb: neither gdb nor lldb can be started: %s\n",
	    strerror(errno));
	free(v);
	return (EXIT_NOTOOL);
}
