/*
 * test_net_modules.c - the list of modules, and what each must say of itself.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <vnetsim/kern/vnet.h>
#include "src/net/net_modules.h"

static const char *const names[] = {
#define X(n) #n,
	VNET_MODULE_LIST(X)
#undef X
};

static void
list_and_enum_agree(void **state)
{
	(void)state;
	for (int i = 0; i < VNET_MOD_BUILTIN; i++) {
		assert_non_null(net_modules[i]);
		assert_int_equal(net_modules[i]->vm_id, i);
		assert_string_equal(net_modules[i]->vm_name, names[i]);
		assert_int_equal(net_modules[i]->vm_abi, VNETSIM_KERN_ABI);
	}
	assert_null(net_modules[VNET_MOD_BUILTIN]);
}

/* An init is undone by somebody; state has fields; zones are the module's. */
static void
descriptors_are_whole(void **state)
{
	(void)state;
	for (int i = 1; i < VNET_MOD_BUILTIN; i++) {
		const struct vnet_module *vm = net_modules[i];

		/* pfil is nothing but what others register with it, pf is
		 * made at first use */
		assert_true(vm->vm_init != NULL || vm->vm_registry != NULL ||
			    vm->vm_shutdown != NULL);
		assert_true(vm->vm_init == NULL || vm->vm_shutdown != NULL ||
			    vm->vm_uninit != NULL);
		assert_true(vm->vm_size == 0 || vm->vm_nfields > 0);
		assert_true(vm->vm_sub != 0 && vm->vm_unsub != 0);
		for (uint32_t k = 0; k < vm->vm_nzones; k++) {
			assert_non_null(vm->vm_zones[k]);
			assert_int_equal(vm->vm_zones[k]->uz_mod, i);
			assert_int_equal(vm->vm_zones[k]->uz_local, k);
		}
		for (uint32_t k = 0; k < vm->vm_ncontracts; k++)
			assert_true(vm->vm_contracts[k].ct_offset +
					vm->vm_contracts[k].ct_size <=
				    vm->vm_size);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(list_and_enum_agree),
		cmocka_unit_test(descriptors_are_whole),
	};

	return (cmocka_run_group_tests_name("net modules", tests, NULL, NULL)
		    ? 1
		    : 0);
}
