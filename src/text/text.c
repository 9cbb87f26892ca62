#include "text.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct text text_in(char *buffer, size_t size)
{
	return (struct text){.start = buffer, .capacity = size - 1, .descriptor = -1};
}

struct text text_to(int descriptor, char *buffer, size_t size)
{
	return (struct text){.start = buffer, .capacity = size, .descriptor = descriptor};
}

__attribute__((cold)) static void show_cut(struct text *text)
{
	text->overflowed = false;
	text->length = text->capacity - strlen("...");
	/* All but the first byte of a character in UTF-8 are like that (utf-8(7)). */
	while (text->length > 0 && (text->start[text->length] & 0xc0) == 0x80)
		text->length--;
	text_add(text, "...");
}

char *text_end(struct text *text)
{
	if (text->overflowed)
		show_cut(text);
	text->start[text->length] = '\0';
	return text->start;
}

/* Takes back the signal of a write(2) that has failed, where it is blocked: whoever waits for
 * signals would take it for one that somebody has sent. */
__attribute__((cold)) static void take_back_signal_of(int error)
{
	sigset_t caused;

	sigemptyset(&caused);
	if (error == EPIPE)
		sigaddset(&caused, SIGPIPE);
	if (error == EFBIG)
		sigaddset(&caused, SIGXFSZ);
	(void)sigtimedwait(&caused, NULL, &(struct timespec){0});
}

void text_flush(struct text *text)
{
	for (size_t done = 0; done < text->length;) {
		ssize_t written = write(text->descriptor, text->start + done, text->length - done);

		if (written > 0) {
			done += (size_t)written;
		} else if (written == 0 || errno != EINTR) {
			text->error = errno;
			take_back_signal_of(text->error);
			break;
		}
	}
	text->length = 0;
}

void text_character(struct text *text, char character)
{
	if (text->length == text->capacity && text->descriptor >= 0)
		text_flush(text);
	if (text->length == text->capacity)
		text->overflowed = true;
	/* Once something was left out, nothing more is added, even where it would fit: the
	 * text must not have a gap. */
	if (!text->overflowed)
		text->start[text->length++] = character;
}

void text_raw(struct text *text, const char *string, size_t length)
{
	for (size_t i = 0; i < length; i++)
		text_character(text, string[i]);
}

void text_add(struct text *text, const char *string)
{
	text_raw(text, string, strlen(string));
}
