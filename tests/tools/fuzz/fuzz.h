/* What the fuzz targets share. A target reads bytes, calls the code with them and holds
 * what comes out to what it should be; libFuzzer invents the bytes. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ends the program, which libFuzzer takes for a finding, unless it holds. */
void check(bool holds, const char *what);

/* From now on this is what every file is found to hold; only directories are opened as
 * they are. NULL: no file can be opened. */
void serve_file(const void *content, size_t length);

/* The same for /etc/subuid and /etc/subgid alone. */
void serve_ids(const void *content, size_t length);

/* From now on there is no file in /proc. */
void hide_proc(void);

/* From now on this is the caller's effective user and group id. */
void be_user(uint32_t id);

enum { MOST_WORDS = 800 };

/* A command line whose words are the lines of the input. */
struct words {
	char *text;
	char *list[MOST_WORDS + 2];
	size_t count;
};

/* Cuts up a copy of the input, in front of which is the name nsrun. */
void split_lines(struct words *words, const uint8_t *data, size_t size);
void free_words(struct words *words);

/* A request with room for its ranges. */
struct asked {
	struct request request;
	struct map_source map_users[MOST_RANGES];
	struct map_source map_groups[MOST_RANGES];
};

void start_request(struct asked *asked);
