/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/config.h"

#include <errno.h>
#include <ini.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/log.h"

/* One reading of options into a copy of the program's struct. */
struct reading {
    const struct rdv_config *c;
    const char *path;
    struct rdv_span rest; /* of the file */
    unsigned line;
    unsigned long long seen; /* bit i: option i was given */
    uint8_t *values;
    char *why;
    size_t why_size;
    bool failed;
};

/* Keeps the first fault only: later ones may follow from it. */
__attribute__((format(printf, 2, 3))) static void fault(struct reading *r, const char *format, ...)
{
    va_list ap;
    int n = 0;

    if (r->failed)
        return;
    r->failed = true;
    if (r->line > 0)
        n = snprintf(r->why, r->why_size, "%s:%u: ", r->path, r->line);
    if (n < 0 || (size_t)n >= r->why_size)
        return;
    va_start(ap, format);
    (void)vsnprintf(r->why + n, r->why_size - (size_t)n, format, ap);
    va_end(ap);
}

/* "idle-timeout" names the option idle_timeout. */
static bool names(const char *given, const char *option)
{
    for (; *given != '\0' && *option != '\0'; given++, option++) {
        if (*option == '_' ? *given != '-' : *given != *option)
            return false;
    }
    return *given == *option;
}

static void write_name(char *out, size_t size, const char *option)
{
    (void)snprintf(out, size, "%s", option);
    for (; *out != '\0'; out++) {
        if (*out == '_')
            *out = '-';
    }
}

static void set_int(struct reading *r, const struct rdv_option *o, const char *name,
                    const char *value)
{
    char *end;
    long v;

    errno = 0;
    v = strtol(value, &end, 10);
    if (value[0] == '\0' || value[0] == ' ' || *end != '\0')
        fault(r, "%s: \"%s\" is not a whole number", name, rdv_quote(rdv_span_of(value)).text);
    else if (errno != 0 || v < o->low || v > o->high)
        fault(r, "%s: %s is not between %ld and %ld", name, rdv_quote(rdv_span_of(value)).text,
              o->low, o->high);
    else
        memcpy(r->values + o->offset, &v, sizeof(v));
}

static void set_text(struct reading *r, void *field, const char *name, const char *value)
{
    const size_t n = strlen(value);

    if (n >= RDV_CONFIG_TEXT) {
        fault(r, "%s: longer than %d bytes", name, RDV_CONFIG_TEXT - 1);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        /* ';' opens a comment in a file: a value with one could not be written back. */
        if ((unsigned char)value[i] < 0x20 || value[i] == 0x7f || value[i] == ';') {
            fault(r, "%s: \"%s\" holds a ';' or a control character", name,
                  rdv_quote(rdv_span_of(value)).text);
            return;
        }
    }
    if (n > 0 && (value[0] == ' ' || value[n - 1] == ' '))
        fault(r, "%s: begins or ends with a space", name);
    else
        memcpy(field, value, n + 1);
}

/* The first item takes the place of all that were there: flags win over the file. */
static void add_item(struct reading *r, const struct rdv_option *o, const char *name,
                     const char *value, bool first)
{
    struct rdv_config_list list;

    memcpy(&list, r->values + o->offset, sizeof(list));
    if (first)
        list = (struct rdv_config_list){ 0 };
    if (value[0] == '\0') {
        fault(r, "%s: empty", name);
    } else if (list.n == RDV_CONFIG_ITEMS) {
        fault(r, "%s: given more than %d times", name, RDV_CONFIG_ITEMS);
    } else {
        set_text(r, list.items[list.n++], name, value);
        memcpy(r->values + o->offset, &list, sizeof(list));
    }
}

static void set_flag(struct reading *r, const struct rdv_option *o, const char *name,
                     const char *value)
{
    const bool yes = strcmp(value, "yes") == 0;

    if (!yes && strcmp(value, "no") != 0)
        fault(r, "%s: \"%s\" is neither yes nor no", name, rdv_quote(rdv_span_of(value)).text);
    else
        memcpy(r->values + o->offset, &yes, sizeof(yes));
}

static const struct rdv_option *find_option(const struct rdv_config *c, const char *name)
{
    for (size_t i = 0; i < c->n; i++) {
        if (names(name, c->options[i].name))
            return &c->options[i];
    }
    return NULL;
}

static void set_option(struct reading *r, const char *name, const char *value)
{
    const struct rdv_option *o = find_option(r->c, name);
    unsigned long long bit;

    if (o == NULL) {
        fault(r, "%s: no such option", rdv_quote(rdv_span_of(name)).text);
        return;
    }
    bit = 1ULL << (o - r->c->options);
    if (o->kind == RDV_OPTION_LIST)
        add_item(r, o, name, value, (r->seen & bit) == 0);
    else if ((r->seen & bit) != 0)
        fault(r, "%s: given twice", name);
    else if (o->kind == RDV_OPTION_INT)
        set_int(r, o, name, value);
    else if (o->kind == RDV_OPTION_FLAG)
        set_flag(r, o, name, value);
    else
        set_text(r, r->values + o->offset, name, value);
    r->seen |= bit;
}

/* fgets(3) over the span, counting lines; a line that does not fit is a fault, not two lines. */
static char *next_line(char *out, int size, void *user)
{
    struct reading *r = user;
    const uint8_t *lf;
    size_t n;

    if (r->rest.n == 0)
        return NULL;
    lf = memchr(r->rest.p, '\n', r->rest.n);
    n = lf == NULL ? r->rest.n : (size_t)(lf - r->rest.p) + 1;
    r->line++;
    if (n >= (size_t)size) {
        fault(r, "longer than %d bytes", size - 1);
        n = (size_t)size - 1;
        r->rest.n = n; /* end of the reading */
    }
    if (memchr(r->rest.p, 0, n) != NULL)
        fault(r, "holds a NUL byte");
    memcpy(out, r->rest.p, n);
    out[n] = '\0';
    /* Behind blanks and a byte order mark. The INI reader says nothing of a section without pairs.
     */
    if (out[strspn(out, " \t\r\v\f\xef\xbb\xbf")] == '[')
        fault(r, "there are no sections");
    r->rest.p += n;
    r->rest.n -= n;
    return out;
}

static int on_pair(void *user, const char *section, const char *name, const char *value)
{
    (void)section; /* next_line has refused them */
    set_option(user, name, value == NULL ? "" : value);
    return 1;
}

void rdv_config_defaults(const struct rdv_config *c)
{
    RDV_INVARIANT(c->size <= RDV_CONFIG_SIZE && c->n <= RDV_CONFIG_OPTIONS);
    memset(c->values, 0, c->size);
    for (size_t i = 0; i < c->n; i++) {
        const struct rdv_option *o = &c->options[i];
        uint8_t *field = (uint8_t *)c->values + o->offset;

        if (o->kind == RDV_OPTION_INT)
            memcpy(field, &o->number, sizeof(o->number));
        else if (o->kind == RDV_OPTION_TEXT)
            memcpy(field, o->text, strlen(o->text) + 1);
    }
}

enum rdv_err rdv_config_read(const struct rdv_config *c, struct rdv_span text, const char *path,
                             char *why, size_t why_size)
{
    uint8_t values[RDV_CONFIG_SIZE];
    struct reading r = { .c = c, .path = path, .rest = text, .values = values };
    int line;

    r.why = why;
    r.why_size = why_size;
    why[0] = '\0';
    memcpy(values, c->values, c->size);
    line = ini_parse_stream(next_line, &r, on_pair, &r);
    if (line != 0 && !r.failed) {
        r.line = line > 0 ? (unsigned)line : 1;
        fault(&r, "not a line of the form name = value");
    }
    if (r.failed)
        return RDV_ERR_CONFIG;
    memcpy(c->values, values, c->size);
    return RDV_OK;
}

static enum rdv_err print_pair(struct rdv_buf *out, const char *name, const char *value)
{
    char line[300];
    const int n = snprintf(line, sizeof(line), "%s = %s\n", name, value);

    RDV_INVARIANT(n > 0 && (size_t)n < sizeof(line));
    return rdv_put_text(out, line);
}

static enum rdv_err print_list(struct rdv_buf *out, const char *name,
                               const struct rdv_config_list *list)
{
    enum rdv_err err = RDV_OK;

    for (size_t i = 0; i < list->n && err == RDV_OK; i++)
        err = print_pair(out, name, list->items[i]);
    return err;
}

static enum rdv_err print_option(const struct rdv_config *c, const struct rdv_option *o,
                                 struct rdv_buf *out)
{
    const uint8_t *field = (const uint8_t *)c->values + o->offset;
    struct rdv_config_list list;
    char name[64], text[24];
    long number;
    bool yes;

    write_name(name, sizeof(name), o->name);
    switch (o->kind) {
    case RDV_OPTION_INT:
        memcpy(&number, field, sizeof(number));
        (void)snprintf(text, sizeof(text), "%ld", number);
        return print_pair(out, name, text);
    case RDV_OPTION_FLAG:
        memcpy(&yes, field, sizeof(yes));
        return print_pair(out, name, yes ? "yes" : "no");
    case RDV_OPTION_LIST:
        memcpy(&list, field, sizeof(list));
        return print_list(out, name, &list);
    default:
        return print_pair(out, name, (const char *)field);
    }
}

enum rdv_err rdv_config_print(const struct rdv_config *c, struct rdv_buf *out)
{
    enum rdv_err err = RDV_OK;

    for (size_t i = 0; i < c->n && err == RDV_OK; i++)
        err = print_option(c, &c->options[i], out);
    return err;
}

static void print_help(const struct rdv_config *c)
{
    printf("usage: %s\n\n", c->synopsis);
    for (size_t i = 0; i < c->n; i++) {
        const struct rdv_option *o = &c->options[i];
        char name[64];

        write_name(name, sizeof(name), o->name);
        if (o->kind == RDV_OPTION_INT)
            printf("  --%-20s %s (%ld to %ld; %ld)\n", name, o->help, o->low, o->high, o->number);
        else if (o->kind == RDV_OPTION_TEXT && o->text[0] != '\0')
            printf("  --%-20s %s (%s)\n", name, o->help, o->text);
        else
            printf("  --%-20s %s\n", name, o->help);
    }
    printf("\n  -c FILE  read options from FILE, one \"name = value\" a line\n"
           "  -t       check the configuration and exit\n"
           "  -T       print the configuration in force and exit\n");
}

static enum rdv_err print_in_force(const struct rdv_config *c)
{
    struct rdv_buf out = RDV_BUF(RDV_CONFIG_FILE);
    const enum rdv_err err = rdv_config_print(c, &out);

    if (err == RDV_OK)
        (void)fwrite(rdv_buf_view(&out).p, 1, rdv_buf_len(&out), stdout);
    rdv_buf_free(&out);
    return err;
}

static enum rdv_err read_file(const struct rdv_config *c, const char *path)
{
    struct rdv_buf text = RDV_BUF(RDV_CONFIG_FILE);
    char why[400];
    enum rdv_err err;

    if ((err = rdv_file_read(&text, path)) == RDV_OK &&
        (err = rdv_config_read(c, rdv_buf_view(&text), path, why, sizeof(why))) != RDV_OK)
        log_error("%s", why);
    rdv_buf_free(&text);
    return err;
}

/* Unknown names take none: they are refused whatever follows. */
static bool takes_value(const struct rdv_config *c, const char *arg)
{
    const struct rdv_option *o = NULL;

    if (strncmp(arg, "--", 2) == 0)
        o = find_option(c, arg + 2);
    return o != NULL && o->kind != RDV_OPTION_FLAG;
}

enum rdv_err rdv_config_args(const struct rdv_config *c, enum rdv_config_then *then, int argc,
                             char **argv)
{
    char why[400] = "";
    bool check = false, print = false;
    struct reading flags = { .c = c, .values = c->values, .why = why, .why_size = sizeof(why) };
    const char *file = NULL;
    enum rdv_err err;

    *then = RDV_CONFIG_DONE;
    rdv_config_defaults(c);
    for (int i = 1; i < argc; i++) { /* the file first, wherever -c stands: flags win over it */
        if (strcmp(argv[i], "-c") == 0 && i + 1 < argc)
            file = argv[++i];
        else if (takes_value(c, argv[i]))
            i++;
    }
    if (file != NULL && (err = read_file(c, file)) != RDV_OK)
        return err;
    for (int i = 1; i < argc && !flags.failed; i++) {
        const char *a = argv[i];

        if (strcmp(a, "--help") == 0 || strcmp(a, "-h") == 0) {
            print_help(c);
            return RDV_OK;
        }
        if (strcmp(a, "-t") == 0)
            check = true;
        else if (strcmp(a, "-T") == 0)
            print = true;
        else if (strcmp(a, "-c") != 0 && strncmp(a, "--", 2) != 0)
            fault(&flags, "%s: not an option", rdv_quote(rdv_span_of(a)).text);
        else if (a[1] == '-' && !takes_value(c, a))
            set_option(&flags, a + 2, "yes");
        else if (++i == argc)
            fault(&flags, "%s: needs a value", rdv_quote(rdv_span_of(a)).text);
        else if (a[1] == '-')
            set_option(&flags, a + 2, argv[i]);
    }
    if (flags.failed) {
        log_error("%s (--help lists the options)", why);
        return RDV_ERR_USAGE;
    }
    if (print)
        return print_in_force(c);
    *then = check ? RDV_CONFIG_CHECK : RDV_CONFIG_RUN;
    return RDV_OK;
}
