/* The completion scripts, without what depends on the table of options. */
#ifndef NSRUN_SCRIPTS_H
#define NSRUN_SCRIPTS_H

/* Each is a list of parts that ends with NULL. "@{names}" stands for the piece of that
 * name: see completion.c. */
extern const char *const bash_script[];
extern const char *const zsh_script[];
extern const char *const fish_script[];

#endif
