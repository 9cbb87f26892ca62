#include "text.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <time.h>
#include <unistd.h>

#include "names.h"

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

/* How many bytes are a character in UTF-8 that is no control character (utf-8(7)), or 0. */
static size_t character_length(const char *string)
{
	/* Below 0xa0 are the control characters of eight bits. */
	static const uint32_t least[] = {0, 0, 0xa0, 0x800, 0x10000};
	unsigned char first = (unsigned char)*string;
	size_t length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
	uint32_t code = first & 0x7fU >> length;

	if (first < 0xc2 || first > 0xf4)
		return first >= ' ' && first < 0x7f;
	for (size_t i = 1; i < length; i++) {
		if (((unsigned char)string[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | ((unsigned char)string[i] & 0x3f);
	}
	if (code < least[length] || (code >= 0xd800 && code < 0xe000) || code > 0x10ffff)
		return 0;
	return length;
}

/* Adds a number in a base up to 16, with at least so many digits. */
static void add_digits(struct text *text, unsigned long long number, unsigned base, size_t least)
{
	static const char all[] = "0123456789abcdef";
	char digits[24];
	size_t length = 0;

	for (; number > 0 || length < least; number /= base)
		digits[length++] = all[number % base];
	while (length > 0)
		text_character(text, digits[--length]);
}

static void add_number(struct text *text, long long number)
{
	if (number < 0)
		text_character(text, '-');
	/* Negating the unsigned value is defined for the smallest number too. */
	add_digits(text, number < 0 ? -(unsigned long long)number : (unsigned long long)number, 10,
		   1);
}

/* Adds a string as the format %s, %q or %j does. A control character on a terminal could hide or
 * forge what the line says, and JSON takes nothing but UTF-8. */
static void add_string(struct text *text, const char *string, char notation)
{
	static const char letters[] = "abtnvfr"; /* \a is 7, \r is 13 */
	bool quoted = string && notation != 's';

	if (quoted)
		text_character(text, '"');
	for (string = string ? string : "NULL"; *string; string++) {
		unsigned char character = (unsigned char)*string;
		size_t length = character_length(string);

		if (length == 0 || (quoted && (character == '"' || character == '\\')))
			text_character(text, '\\');
		if (length > 0) {
			text_raw(text, string, length);
			string += length - 1;
		} else if (notation == 'j') {
			text_character(text, 'u');
			add_digits(text, character, 16, 4);
		} else if (character >= '\a' && character <= '\r') {
			text_character(text, letters[character - '\a']);
		} else {
			add_digits(text, character, 8, 3);
		}
	}
	if (quoted)
		text_character(text, '"');
}

__attribute__((cold)) static void add_signal_name(struct text *text, int number)
{
	for (const struct named_signal *signal = named_signals; signal->name; signal++) {
		if (signal->number == number) {
			text_print(text, "SIG%s", signal->name);
			return;
		}
	}
	text_print(text, "%d", number);
}

__attribute__((cold)) static void add_mount_flags(struct text *text, unsigned long flags)
{
	static const struct {
		unsigned long flag;
		const char *name;
	} names[] = {
	    {MS_BIND, "MS_BIND"},     {MS_REC, "MS_REC"},       {MS_NOSUID, "MS_NOSUID"},
	    {MS_NODEV, "MS_NODEV"},   {MS_NOEXEC, "MS_NOEXEC"}, {MS_PRIVATE, "MS_PRIVATE"},
	    {MS_SHARED, "MS_SHARED"}, {MS_SLAVE, "MS_SLAVE"},
	};
	const char *separator = "";

	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!(flags & names[i].flag))
			continue;
		text_print(text, "%s%s", separator, names[i].name);
		separator = "|";
		flags &= ~names[i].flag;
	}
	if (flags || !*separator)
		text_print(text, "%s%l", separator, (long long)flags);
}

__attribute__((cold)) static void add_namespace_flags(struct text *text, unsigned long flags)
{
	const char *separator = "";

	for (unsigned i = 0; i < NAMESPACE_TYPES; i++) {
		if (!has_namespace(flags, i))
			continue;
		text_print(text, "%s%s", separator, namespace_types[i].bit_name);
		separator = "|";
	}
	if (!*separator)
		text_character(text, '0');
}

void text_format(struct text *text, const char *format, va_list arguments)
{
	const char *string;

	for (; *format; format++) {
		switch (*format == '%' ? *++format : '\0') {
		case 's':
		case 'q':
		case 'j':
			add_string(text, va_arg(arguments, const char *), *format);
			break;
		case 'r':
			string = va_arg(arguments, const char *);
			text_raw(text, string, va_arg(arguments, size_t));
			break;
		case 'd':
			add_number(text, va_arg(arguments, int));
			break;
		case 'u':
			add_digits(text, va_arg(arguments, unsigned), 10, 1);
			break;
		case 'o':
			text_character(text, '0');
			add_digits(text, va_arg(arguments, unsigned), 8, 1);
			break;
		case 'l':
			add_number(text, va_arg(arguments, long long));
			break;
		case 'N':
			add_namespace_flags(text, va_arg(arguments, unsigned long));
			break;
		case 'M':
			add_mount_flags(text, va_arg(arguments, unsigned long));
			break;
		case 'm':
			text_add(text, strerror(errno));
			break;
		case 'G':
			add_signal_name(text, va_arg(arguments, int));
			break;
		default: /* What is no conversion stands for itself, as the second of %% does. */
			text_character(text, *format);
		}
	}
}

void text_print(struct text *text, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	text_format(text, format, arguments);
	va_end(arguments);
}

char *print_into(char *buffer, size_t size, const char *format, ...)
{
	struct text text = text_in(buffer, size);
	va_list arguments;

	va_start(arguments, format);
	text_format(&text, format, arguments);
	va_end(arguments);
	return text_end(&text);
}

void text_column(struct text *text, const char *string, size_t width)
{
	text_print(text, "%s", string);
	for (size_t column = strlen(string); column < width; column++)
		text_character(text, ' ');
}
