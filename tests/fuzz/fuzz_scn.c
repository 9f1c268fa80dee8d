/*
 * fuzz_scn.c - any bytes as a scenario.
 *
 * The parser must answer with a script or with errors, and what it answers
 * must be printable; sanitizers look for the rest.  Includes read the input
 * itself under another name, so that cycles and depth are reached too.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sim/scn.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
	const uint8_t *data;
	size_t size;
};

static const char *
read_input(void *arg, const char *path, char *buf, size_t *len)
{
	const struct input *in = arg;

	if (strlen(path) > 64)
		return ("name too long");
	*len = in->size / 2;
	memcpy(buf, in->data + in->size / 2, *len);
	return (NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	struct scn_params params = {
		.read = read_input, .read_arg = &in, .mem_max = 4 << 20
	};
	struct scn_script *script;
	struct scn_errors *errors;
	enum scn_result r;
	char buf[256];
	size_t i;

	if (size > 65536)
		return (0);
	r = scn_parse_text(
	    "fuzz", (const char *)data, size, &params, &script, &errors);
	if ((r == SCN_OK) != (script != NULL) ||
	    (r == SCN_BAD) != (errors != NULL))
		abort();
	for (i = 0; errors != NULL && i < errors->n; i++)
		scn_error_format(&errors->v[i], buf, sizeof(buf));
	for (i = 0; script != NULL && i < script->nstmts; i++)
		scn_stmt_format(&script->stmts[i], buf, sizeof(buf));
	if (errors != NULL && errors->n == 0)
		abort();
	scn_free(script);
	scn_errors_free(errors);
	return (0);
}
