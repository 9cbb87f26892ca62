## make lint       run the linters
.PHONY: lint

C_FILES = $(wildcard src/*.c src/*/*.c src/*/*.h include/*.h)
lint: nsrun
	tests/tools/lint/test_rooms.sh
	tests/tools/lint/rooms.sh
	clang-format --dry-run --Werror $(C_FILES)
	for cc in gcc clang; do $(MAKE) -s CC=$$cc LIBC=glibc LINK=dynamic WERROR=-Werror \
		BUILD=build/lint-$$cc build/lint-$$cc/nsrun || exit; done
	tests/tools/lint/test_calls.sh
	tests/tools/lint/calls.sh build/lint-gcc/src
	cppcheck --quiet --error-exitcode=1 --std=c11 --enable=warning,performance,portability \
		--suppress=missingIncludeSystem $(ALL_CPPFLAGS) src
	clang-tidy --quiet $(filter %.c,$(C_FILES)) -- $(ALL_CPPFLAGS) -std=c11
	shellcheck --shell=bash src/show/nsrun.bash
	for shell in bash zsh fish; do $$shell -n src/show/nsrun.$$shell || exit; done
	find tests .ci/run -name '*.sh' -o -name run | xargs shellcheck --external-sources --severity=warning
	tests/manual/check_options.sh
