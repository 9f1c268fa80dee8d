/*
 * cmd_help.c - "vnetsim help [COMMAND]".
 */
#include <stdio.h>
#include <string.h>

#include "sim/cmd_run.h"

static const struct {
	const char *name;
	const char *brief;
	const char *text;
} pages[] = {
	{ "run", "run scenarios",
	    "usage: vnetsim run [option ...] FILE|DIR...\n"
	    "\n"
	    "Directories are searched for *.scn.  Exit status: 0 all is well,\n"
	    "1 an expectation failed, 2 a finding, 3 a panic, 4 not\n"
	    "deterministic, 5 budget used up, 64 usage, 65 errors in a\n"
	    "scenario, 66 no such file, 74 output failed, 124 timeout.\n"
	    "\n"
	    "how vnets end\n"
	    "  --order NAME        top-down, freebsd-13, freebsd-9,\n"
	    "                      interfaces-first\n"
	    "  --force             freebsd-*: wait for no reference\n"
	    "  --close POLICY      graceful[:T], abort[:T], crash\n"
	    "  --skip STEP         leave a step out; --repeat STEP: twice\n"
	    "  --swap A,B          swap two; --move A,B: A before B\n"
	    "  --shuffle           free pass in shuffled order\n"
	    "  --ties reverse      the other way round, what an order leaves "
	    "open\n"
	    "  --kill JAIL@EVENT   end that jail after so many events\n"
	    "what runs\n"
	    "  --set NAME=VALUE    a variable; --seed N\n"
	    "  --until T|event:N   end the script there\n"
	    "  --events N          budget of events (50000000)\n"
	    "  --fail-alloc N|all[,sticky]   that allocation fails\n"
	    "  --again             twice, and compare\n"
	    "  --filter GLOB       only matching paths; --list: do not run\n"
	    "  -j N                so many processes; 0: in this one\n"
	    "  --timeout SECONDS   wall time for one scenario\n"
	    "  --shard I/N         only this part of the scenarios, by name\n"
	    "what counts\n"
	    "  --baseline FILE     findings that are known are no failure\n"
	    "  --baseline-write FILE   a skeleton of such a file\n"
	    "  --today YYYY-MM-DD  the day by which its entries expire\n"
	    "debugging one scenario\n"
	    "  --gdb               in gdb or lldb, stopped at --break-at\n"
	    "  --break-at T|event:N|step:NAME   stop there (event:1)\n"
	    "what is written\n"
	    "  --pcap DIR          captures; --pcap-format pcapng|pcap\n"
	    "  --junit FILE, --json FILE|-   reports\n"
	    "  --tap               TAP 13 on standard output\n"
	    "  --no-annotations    none although GITHUB_ACTIONS=true\n"
	    "  --trace[=FILE]      trace records\n"
	    "  --out DIR           what failures keep (vnetsim-out)\n"
	    "  --dump-dir DIR      worlds on file: of panics and of dump\n"
	    "  -v                  show what commands print\n" },
	{ "explore", "end each vnet before and after every event",
	    "usage: vnetsim explore [option ...] FILE|DIR...\n"
	    "\n"
	    "Level E1: each jail is ended before the first and after every\n"
	    "event of the scenario; claims are not judged, findings are.\n"
	    "\n"
	    "  --level E1          the only one yet\n"
	    "  --order, --force, --close, --skip, --swap, --move, --repeat,\n"
	    "  --ties, --set, --seed, --shuffle, --events, --filter,\n"
	    "  --shard, --baseline, --baseline-write, --today,\n"
	    "  --no-annotations    as for run\n"
	    "  -j N                so many processes\n"
	    "  --time S            stop after S seconds of wall time\n"
	    "  --timeout S         wall time for one batch of schedules\n"
	    "  --json[=FILE]       result as JSON; --tap: as TAP 13\n" },
	{ "order", "list the steps of a teardown",
	    "usage: vnetsim order [NAME] [--force] [--ties reverse]\n"
	    "           [--skip STEP] [--swap A,B] [--move A,B] [--repeat "
	    "STEP]\n"
	    "           [--json|--dot] [--diff OTHER]\n"
	    "\n"
	    "With --diff: what OTHER has otherwise; - only in NAME, + only in\n"
	    "OTHER, < moved from here, > to here, ~ at another slot.  Exit\n"
	    "status 1 if they differ.\n" },
	{ "inspect", "look into a world on file",
	    "usage: vnetsim inspect -M FILE [--json] [--any-build]\n"
	    "           [TYPE [SERIAL[@VNET]] | callouts|ops|findings|trace]\n"
	    "\n"
	    "FILE was written by a panic, a fatal signal, or the statement\n"
	    "dump of a scenario.  Without TYPE: where the world stood, its\n"
	    "vnets, its types; with TYPE its objects; with SERIAL (12, 12@2,\n"
	    "12@-: of the world; or TYPE#12@2) everything about one.\n"
	    "A dump of another build is refused; with --any-build what its\n"
	    "field tables tell is shown.\n"
	    "Exit status: 1 no such object, 65 no dump, 66 no such file.\n" },
	{ "jls", "the jails of a world on file",
	    "usage: vnetsim jls -M FILE [-dhNnqsv] [-j JAIL] [--json] [PARAM "
	    "...]\n" },
	{ "netstat", "sockets and statistics of a world on file",
	    "usage: vnetsim netstat -M FILE [-j JAIL] [-an|-L|-s|-m] [-p "
	    "PROTO]\n" },
	{ "sockstat", "who has which socket in a world on file",
	    "usage: vnetsim sockstat -M FILE [-j JAIL] [-4clLqsw] [-P "
	    "PROTOS]\n"
	    "           [-p PORTS]\n" },
	{ "vmstat", "memory of a world on file, by type",
	    "usage: vnetsim vmstat -M FILE -m|-z\n" },
	{ "decode", "a capture as text, one line a frame",
	    "usage: vnetsim decode [-n] FILE|-\n" },
	{ "check-pcap", "the wire monitor on a capture",
	    "usage: vnetsim check-pcap [--json] FILE|-\n"
	    "           [--baseline FILE] [--baseline-write FILE]\n"
	    "           [--today YYYY-MM-DD]\n" },
	{ "import", "a captured TCP connection as a scenario",
	    "usage: vnetsim import [--flow N] [--near ADDR[:PORT]]\n"
	    "           [-o OUT.scn] FILE|-\n"
	    "       vnetsim import --list FILE|-\n"
	    "\n"
	    "The near side, which is who closes first unless --near says,\n"
	    "becomes a jail; the far side is played back by link send.\n"
	    "Exit status: 65 no capture, or no connection in it that can be\n"
	    "told, 66 no such file.\n" },
	{ "new-module", "the files of a module to begin with",
	    "usage: vnetsim new-module NAME [DIR]\n"
	    "\n"
	    "Writes NAME.c, NAME.scn, CMakeLists.txt, README.md and a "
	    "workflow\n"
	    "into DIR (NAME); refuses to overwrite any of them.  NAME: up to "
	    "27\n"
	    "lower case letters, digits and '_'.  See docs/PROTOTYPING.md.\n" },
	{ "version", "what this program is", "usage: vnetsim version\n" },
	{ "help", "this text", "usage: vnetsim help [COMMAND]\n" },
};
#define NPAGES (sizeof(pages) / sizeof(pages[0]))

/* The command that a word comes closest to, or NULL. */
const char *
cmd_near(const char *word)
{
	static const char *const names[] = { "run", "explore", "order",
		"inspect", "jls", "netstat", "sockstat", "vmstat", "decode",
		"check-pcap", "import", "new-module", "version", "help" };

	return (scn_didyoumean(word, names, sizeof(names) / sizeof(names[0])));
}

int
cmd_help(int argc, char **argv)
{
	const char *near;

	if (argc < 2) {
		(void)printf("usage: vnetsim COMMAND [argument ...]\n\n");
		for (size_t i = 0; i < NPAGES; i++)
			(void)printf(
			    "  %-11s %s\n", pages[i].name, pages[i].brief);
		return (fflush(stdout) == 0 ? 0 : EXIT_IO);
	}
	for (size_t i = 0; i < NPAGES; i++)
		if (strcmp(pages[i].name, argv[1]) == 0) {
			(void)fputs(pages[i].text, stdout);
			return (fflush(stdout) == 0 ? 0 : EXIT_IO);
		}
	near = cmd_near(argv[1]);
	(void)fprintf(stderr, "vnetsim help: no command '%s'%s%s%s\n", argv[1],
	    near != NULL ? "; did you mean " : "", near != NULL ? near : "",
	    near != NULL ? "?" : "; 'vnetsim help' lists them");
	return (EXIT_USAGE);
}
