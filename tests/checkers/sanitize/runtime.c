/* What a build with sanitizers has in addition: settings that no environment can take
 * away (--clear-env, sudo). */
const char *__asan_default_options(void);
const char *__ubsan_default_options(void);

/*
 * No program of the tests ends with this status, so that a finding is told from a failure.
 *
 * nsrun has no heap, so there is nothing to leak. LeakSanitizer looks for leaks with a
 * process that attaches to the one that ends (ptrace(2)), which it cannot from a new PID or
 * user namespace. The unit tests, whose main() this is not linked with, do look for leaks.
 */
const char *__asan_default_options(void)
{
	return "exitcode=66:detect_leaks=0:detect_stack_use_after_return=1:strict_string_checks=1";
}

const char *__ubsan_default_options(void)
{
	return "exitcode=66:print_stacktrace=1";
}
