/* Options with which each kind of step comes up, as root and as an ordinary user. */
#include "faults.h"

#define RANGES "--map-users 0:100000:65536 --map-groups 0:100000:65536"
#define ROOT "mkdir root root/proc && cp ../program root"

const struct option_set option_sets[] = {
    {"-m -u -i -n ../program", false, NULL, 0, 0},
    {"-a -f --mount-proc ../program", false, NULL, 0, 0},
    {"-p -f ../program", false, NULL, 0, 0},
    {"-r ../program", true, NULL, 0, 0},
    {"-r -p -f --mount-proc ../program", true, NULL, 0, 0},
    {"-c --keep-caps -u ../program", true, NULL, 0, 0},
    {"-r --setgroups deny --hostname lab --loopback ../program", true, NULL, 0, 0},
    {"--map-auto -r ../program", true, NULL, 0, 0},
    {"--map-auto -r -S 5 -G 5 -p -f ../program", true, NULL, 0, 0},
    {"-r -p -f -l :t:E::x::/bin/cat: ../program", true, NULL, 0, 0},
    {RANGES " -S 0 -G 0 ../program", false, NULL, 0, 0},
    {RANGES " --owner 1000:1000 -p -f ../program", false, NULL, 0, 0},
    {"-m --setuid 1000 --setgid 1000 --whitelist-env PATH ../program", false, NULL, 0, 0},
    {"-T --monotonic 10 --boottime 20 -f ../program", false, NULL, 0, 0},
    {"--owner 1000:1000 -T --boottime 20 --setgroups deny ../program", false, NULL, 0, 0},
    {"--init -T --boottime 20 --mount-proc ../program", false, NULL, 0, 0},
    {"--init -r --kill-child ../program", true, NULL, 0, 0},
    {"-f --kill-child ../program", false, NULL, 0, 0},
    {"-f --forward-signals ../program", false, NULL, 0, 0},
    {"-p -f --report=json ../program", false, NULL, 0, 0},
    {"-m --propagation slave --report --trace ../program", false, NULL, 0, 0},
    {"-R root -w / /program", false, ROOT, 0, 0},
    {"-R root -w proc -p -f --mount-proc --propagation unchanged /program", false, ROOT, 0, 0},
    {"-p -f --mount-proc=root --propagation shared ../program", false, ROOT, 0, 0},
    {"-p -f --pivot-root root --mount-proc /program", false, ROOT, 0, 0},
    {"-p -f --pivot-root root --mount-proc --propagation shared /program", false, ROOT, 0, 0},
    {"-r --init --pivot-root root --propagation unchanged /program", true, ROOT, 0, 0},
    {"--uts=pin ../program", false, NULL, 1, 0},
    {"--uts=pin ../program", false, ": >pin", 1, 0},
    {"--mount=pin ../program", false, NULL, 1, 0},
    {"--mount=pin --uts=other -p -f ../program", false, NULL, 2, 0},
    {"--pid=pin -f ../program", false, NULL, 1, 0},
    {"--user=pin " RANGES " ../program", false, NULL, 1, 0},
    {"--net=pin -m --init ../program", false, NULL, 1, 0},
    {"--ipc=pin -f --kill-child ../program", false, NULL, 1, 0},
    {"--uts=pin -m /no/such/program", false, NULL, 0, 127},
    {"--uts=pin -f /no/such/program", false, NULL, 0, 127},
    {"--uts=pin --init /no/such/program", false, NULL, 0, 127},
};
const size_t option_set_count = sizeof(option_sets) / sizeof(option_sets[0]);
