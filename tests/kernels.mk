## make check-kernels
##                 boot other kernels under qemu, and run the tests there (KERNELS='6.1', SHORT=1)
.PHONY: check-kernels
KERNEL_TESTS = tests/kernels/features.sh tests/kernels/refusals.sh $(if $(SHORT),$(call test_programs,namespaces),\
	tests/manual/run_labs.sh tests/manual/run_examples.sh $(call longest_first,$(UNIT_TESTS) $(PROGRAM_TESTS)))
check-kernels: programs
	@KERNELS='$(KERNELS)' tests/kernels/check.sh $(KERNEL_TESTS)
