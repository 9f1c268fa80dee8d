/*
 * test_import.h - what every capture must do to import.
 */
#ifndef TESTS_TEST_IMPORT_H
#define TESTS_TEST_IMPORT_H

#include <stdio.h>
#include <string.h>

#include "sim/capture_reader.h"
#include "sim/import.h"
#include "sim/scn.h"

/*
 * Import either side of every connection of a capture.  What comes out must be
 * a scenario without a mistake.  Return: how many were told; -1: one has a
 * mistake, which is printed.
 */
static inline int
import_all(const uint8_t *bytes, size_t len)
{
	char why[IMPORT_WHY];
	struct scn_errors *errors;
	struct scn_script *script;
	struct capture_reader *r;
	struct rbuf rb = { 0 };
	struct import im;
	int told = 0;

	if (capture_reader_mem(&r, "f", bytes, len, why) != CAPTURE_OK)
		return (0);
	(void)import_take(&im, r, why);
	for (size_t i = 0; i < 2 * im.im_n && told >= 0; i++) {
		if (!import_tellable(&im.im_flow[i / 2], why))
			continue;
		rbuf_cut(&rb, 0);
		import_write(
		    &rb, &im.im_flow[i / 2], (int)(i % 2), "f\n", i / 2 + 1);
		told++;
		if (scn_parse_text("f.scn", rbuf_str(&rb), rb.rb_len, NULL,
			&script, &errors) == SCN_OK) {
			scn_free(script);
			continue;
		}
		(void)fprintf(stderr, "%u: %s\n%s", errors->v[0].pos.line,
		    errors->v[0].message, rbuf_str(&rb));
		scn_errors_free(errors);
		told = -1;
	}
	rbuf_free(&rb);
	import_free(&im);
	capture_reader_close(r);
	return (told);
}

#endif /* !TESTS_TEST_IMPORT_H */
