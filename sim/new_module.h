/*
 * new_module.h - the files that "vnetsim new-module" writes.
 */
#ifndef SIM_NEW_MODULE_H
#define SIM_NEW_MODULE_H

#define NEW_MODULE_FILES 5

/* A file: @NAME@ in its path and in its lines is the module's name. */
struct new_module_file {
	const char *nf_path;
	const char *const *nf_lines; /* ended by NULL */
};

extern const struct new_module_file new_module_files[NEW_MODULE_FILES];

int cmd_new_module(int argc, char **argv);

#endif /* !SIM_NEW_MODULE_H */
