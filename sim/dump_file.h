/*
 * dump_file.h - worlds on file: writing, also when all is lost, and reading.
 */
#ifndef SIM_DUMP_FILE_H
#define SIM_DUMP_FILE_H

#include <stddef.h>

#include <vnetsim/dump.h>

#define DUMP_PATH 4096 /* longest path, its end included */

int dump_write(struct vnetsim *w, const char *reason, const char *path);
int dump_read(const char *path, char **bytes, size_t *len);

#endif /* !SIM_DUMP_FILE_H */
