#include "json.h"

#include <ctype.h>
#include <string.h>

/* The length of the UTF-8 sequence, as RFC 3629 has them, or 0. */
static size_t sequence_length(const unsigned char *text)
{
	static const struct {
		unsigned char low, high;   /* of the first byte */
		unsigned char from, until; /* of the second: no overlong form, no surrogate */
		size_t length;
	} forms[] = {
	    {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3}, {0xe1, 0xec, 0x80, 0xbf, 3},
	    {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3}, {0xf0, 0xf0, 0x90, 0xbf, 4},
	    {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
	};

	if (*text < 0x80)
		return 1;
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (*text < forms[i].low || *text > forms[i].high)
			continue;
		if (text[1] < forms[i].from || text[1] > forms[i].until)
			return 0;
		for (size_t j = 2; j < forms[i].length; j++) {
			if (text[j] < 0x80 || text[j] > 0xbf)
				return 0;
		}
		return forms[i].length;
	}
	return 0;
}

bool is_clean(const char *text)
{
	const unsigned char *next = (const unsigned char *)text;

	while (*next) {
		size_t length = sequence_length(next);

		if (length == 0 || *next == 0x7f || (*next < ' ' && *next != '\n'))
			return false;
		next += length;
	}
	return true;
}

static const char *skip_space(const char *text)
{
	return text + strspn(text, " \t\r\n");
}

/* Each of these returns what follows, or NULL. */
static const char *skip_value(const char *text);

static const char *skip_escape(const char *text)
{
	if (*text != 'u')
		return *text && strchr("\"\\/bfnrt", *text) ? text + 1 : NULL;
	for (int i = 1; i <= 4; i++) {
		if (!isxdigit((unsigned char)text[i]))
			return NULL;
	}
	return text + 5;
}

static const char *skip_string(const char *text)
{
	if (*text++ != '"')
		return NULL;
	while (text && *text != '"') {
		if ((unsigned char)*text < ' ')
			return NULL;
		text = *text == '\\' ? skip_escape(text + 1) : text + 1;
	}
	return text ? text + 1 : NULL;
}

static const char *skip_member(const char *text)
{
	text = skip_string(skip_space(text));
	text = text ? skip_space(text) : NULL;
	return text && *text == ':' ? skip_value(text + 1) : NULL;
}

static const char *skip_list(const char *text, char end, const char *(*skip_entry)(const char *))
{
	text = skip_space(text);
	if (*text == end)
		return text + 1;
	while ((text = skip_entry(text))) {
		text = skip_space(text);
		if (*text == end)
			return text + 1;
		if (*text++ != ',')
			return NULL;
	}
	return NULL;
}

/* The only other values there are in explanations are strings. */
static const char *skip_value(const char *text)
{
	text = skip_space(text);
	if (*text == '{')
		return skip_list(text + 1, '}', skip_member);
	if (*text == '[')
		return skip_list(text + 1, ']', skip_value);
	return skip_string(text);
}

bool is_json(const char *text)
{
	const char *end = skip_value(text);

	return end && !*skip_space(end);
}
