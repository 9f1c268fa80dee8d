/*
 * report_junit.c - reports for continuous integration: JUnit XML.
 *
 * One testsuite, a testcase per scenario.  A failed expectation is a failure;
 * a finding, a panic, a timeout and the like are errors.  Times are virtual
 * seconds.  Characters that XML 1.0 does not allow become "?".
 */
#include <inttypes.h>
#include <string.h>

#include "sim/report.h"

static void
xml(struct rbuf *out, const char *s)
{
	const unsigned char *p;

	for (p = (const unsigned char *)s; *p != '\0'; p++) {
		if (*p == '&')
			rbuf_add(out, "&amp;");
		else if (*p == '<')
			rbuf_add(out, "&lt;");
		else if (*p == '>')
			rbuf_add(out, "&gt;");
		else if (*p == '"')
			rbuf_add(out, "&quot;");
		else if (*p == '\n' || *p == '\t')
			rbuf_add(out, "&#%u;", *p);
		else if (*p < 0x20 || *p >= 0x7f)
			rbuf_add(out, "?");
		else
			rbuf_put(out, p, 1);
	}
}

static void
seconds(struct rbuf *out, int64_t ns)
{
	rbuf_add(
	    out, "%" PRId64 ".%09" PRId64, ns / 1000000000, ns % 1000000000);
}

/**
 * report_junit_case() - one scenario as a testcase
 * @rp:		outcome
 * @out:	text is appended
 */
void
report_junit_case(const struct report *rp, struct rbuf *out)
{
	const char *slash = strrchr(rp->rp_file, '/'), *tag;
	struct rbuf text = { 0 }, dir = { 0 };

	if (slash != NULL)
		rbuf_put(&dir, rp->rp_file, (size_t)(slash - rp->rp_file));
	rbuf_add(out, "  <testcase classname=\"");
	xml(out, slash != NULL ? rbuf_str(&dir) : ".");
	rbuf_add(out, "\" name=\"");
	xml(out, slash != NULL ? slash + 1 : rp->rp_file);
	rbuf_add(out, "\" file=\"");
	xml(out, rp->rp_file);
	rbuf_add(out, "\" time=\"");
	seconds(out, rp->rp_time);
	rbuf_free(&dir);
	if (rp->rp_exit == 0) {
		rbuf_add(out, "\"/>\n");
		return;
	}
	if (rp->rp_exit == EXIT_SKIPPED) {
		rbuf_add(out, "\"><skipped message=\"");
		xml(out, rp->rp_message != NULL ? rp->rp_message : "");
		rbuf_add(out, "\"/></testcase>\n");
		return;
	}
	tag = report_is_failure(rp->rp_exit) ? "failure" : "error";
	rbuf_add(out, "\">\n    <%s type=\"%s\" message=\"", tag,
	    report_status(rp->rp_exit));
	report_text(rp, &text);
	slash = strchr(rbuf_str(&text), '\n');
	xml(out, slash != NULL ? slash + 1 + strspn(slash + 1, " ") : "");
	rbuf_add(out, "\">");
	xml(out, rbuf_str(&text));
	rbuf_add(out, "</%s>\n  </testcase>\n", tag);
	rbuf_free(&text);
}

/* The whole document. */
void
report_junit_all(
    const struct report_totals *rt, const char *cases, struct rbuf *out)
{
	unsigned all = rt->rt_passed + rt->rt_failed + rt->rt_skipped;

	rbuf_add(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
	rbuf_add(out,
	    "<testsuites name=\"vnetsim\" tests=\"%u\" failures=\"%u\" "
	    "errors=\"%u\" skipped=\"%u\" time=\"",
	    all, rt->rt_failures, rt->rt_errors, rt->rt_skipped);
	seconds(out, rt->rt_time);
	rbuf_add(out,
	    "\">\n<testsuite name=\"scenarios\" tests=\"%u\" failures=\"%u\" "
	    "errors=\"%u\" skipped=\"%u\" time=\"",
	    all, rt->rt_failures, rt->rt_errors, rt->rt_skipped);
	seconds(out, rt->rt_time);
	rbuf_add(out, "\">\n%s</testsuite>\n</testsuites>\n", cases);
}
