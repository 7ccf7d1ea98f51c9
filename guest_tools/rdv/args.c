/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest_tools/rdv/args.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "guest_tools/rdv/json.h"
#include "guest_tools/rdv/methods.h"

#define TIMEOUT_MOST 86400 /* seconds */

/* Groups of options. */
#define EVERY 1U
#define CARD 2U
#define PUT 4U
#define GET 8U
#define OUTPUT 16U
#define KEYGEN 32U
#define SEAL 64U
#define OPEN 128U
#define PROFILE 256U
#define VERIFY 512U
#define JUDGE 1024U
#define LINES 2048U
#define LOG 4096U
#define WATCH 8192U

static const struct tool_command commands[] = {
#define COMMAND(name, groups, operands, help) \
    { #name, EVERY | (groups), operands, help, tool_##name },
#include "guest_tools/rdv/commands.def"
#undef COMMAND
};

#define N_COMMANDS (sizeof(commands) / sizeof(commands[0]))

static const struct option_line {
    unsigned group;
    const char *name; /* with '_' where people write '-' */
    char letter;
    const char *argument; /* NULL: a flag */
    const char *help;
    size_t offset; /* in struct tool_options */
} lines[] = {
#define FLAG(group, field, letter, help) \
    { group, #field, letter, NULL, help, offsetof(struct tool_options, field) },
#define VALUE(group, field, letter, argument, help) \
    { group, #field, letter, argument, help, offsetof(struct tool_options, field) },
#include "guest_tools/rdv/options.def"
#undef FLAG
#undef VALUE
};

#define N_LINES (sizeof(lines) / sizeof(lines[0]))
#define NAME_MAX_OPTION 32
#define LONG_ONLY 1000 /* above all letters: the number of an option for getopt */
#define VERSION 999

const struct tool_command *tool_commands(size_t *n)
{
    *n = N_COMMANDS;
    return commands;
}

const struct tool_command *tool_command_named(const char *name)
{
    for (size_t i = 0; i < N_COMMANDS; i++) {
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    }
    return NULL;
}

/* --- options ---------------------------------------------------------------------------------- */

/* The same options in the form of getopt_long(3). */
struct getopt_form {
    struct option list[N_LINES + 2];
    char names[N_LINES][NAME_MAX_OPTION];
    char letters[2 * N_LINES + 2];
};

static void write_name(char *out, const char *name)
{
    size_t n = 0;

    for (; name[n] != '\0' && n + 1 < NAME_MAX_OPTION; n++)
        out[n] = (char)(name[n] == '_' ? '-' : name[n]);
    out[n] = '\0';
}

/* '+' ends the options at the first operand. */
static void make_form(struct getopt_form *form, unsigned groups, const char *mode)
{
    size_t n = 0, n_letters = strlen(mode);

    memset(form, 0, sizeof(*form));
    memcpy(form->letters, mode, n_letters);
    for (size_t i = 0; i < N_LINES; i++) {
        const int has_argument = lines[i].argument == NULL ? no_argument : required_argument;

        if ((lines[i].group & groups) == 0)
            continue;
        write_name(form->names[i], lines[i].name);
        form->list[n++] = (struct option){ form->names[i], has_argument, NULL, LONG_ONLY + (int)i };
        if (lines[i].letter == 0)
            continue;
        form->letters[n_letters++] = lines[i].letter;
        if (has_argument == required_argument)
            form->letters[n_letters++] = ':';
    }
    if ((groups & ~EVERY) == 0)
        form->list[n] = (struct option){ "version", no_argument, NULL, VERSION };
}

static const struct option_line *line_of(int found)
{
    if (found >= LONG_ONLY)
        return &lines[found - LONG_ONLY];
    for (size_t i = 0; i < N_LINES; i++) {
        if (lines[i].letter == found)
            return &lines[i];
    }
    return NULL;
}

/* Returns: RDV_ERR_USAGE. getopt has told the fault itself, in its usual words. */
static enum rdv_err read_options(struct tool *t, bool *version, unsigned groups, const char *mode,
                                 int argc, char **argv)
{
    struct getopt_form form;
    int found;

    make_form(&form, groups, mode);
    while ((found = getopt_long(argc, argv, form.letters, form.list, NULL)) != -1) {
        const struct option_line *line = line_of(found);

        if (found == VERSION)
            *version = true;
        else if (line == NULL)
            return RDV_ERR_USAGE;
        else if (line->argument == NULL)
            *(bool *)((char *)&t->options + line->offset) = true;
        else
            *(const char **)((char *)&t->options + line->offset) = optarg;
    }
    return RDV_OK;
}

static enum rdv_err take_timeout(struct tool *t)
{
    char *end = NULL;
    double seconds = 0;

    if (t->options.timeout == NULL)
        return RDV_OK;
    seconds = strtod(t->options.timeout, &end);
    if (end == t->options.timeout || *end != '\0' || !(seconds >= 0.001 && seconds <= TIMEOUT_MOST))
        return tool_why(t, RDV_ERR_USAGE, "--timeout: a number of seconds up to %d", TIMEOUT_MOST);
    t->timeout_ms = (int)(seconds * 1000);
    return RDV_OK;
}

/* --- the command line ------------------------------------------------------------------------- */

enum rdv_err tool_args(struct tool *t, const struct tool_command **command, int argc, char **argv)
{
    bool version = false;
    enum rdv_err err;

    *command = NULL;
    if ((err = read_options(t, &version, EVERY, "+", argc, argv)) != RDV_OK)
        return tool_why(t, err, "rdv help tells what there is");
    if (version) {
        if (t->options.json)
            tool_json_texts((const char *[]){ "version", RDV_VERSION, NULL });
        else
            printf("rdv %s\n", RDV_VERSION);
        return RDV_OK;
    }
    if (t->options.help) {
        tool_tell_help(t, NULL);
        return RDV_OK;
    }
    if (optind == argc)
        return tool_why(t, RDV_ERR_USAGE, "which command? rdv help lists them");
    if ((*command = tool_command_named(argv[optind])) == NULL)
        return tool_why(t, RDV_ERR_USAGE, "no command \"%.40s\": rdv help lists them",
                        argv[optind]);
    t->command = (*command)->name;
    argc -= optind;
    argv += optind;
    optind = 0; /* a new reading, says getopt(3) */
    if ((err = read_options(t, &version, (*command)->groups, "", argc, argv)) != RDV_OK)
        return tool_why(t, err, "rdv help %s tells what there is", t->command);
    t->argc = argc - optind;
    t->argv = argv + optind;
    return take_timeout(t);
}

/* --- help ------------------------------------------------------------------------------------- */

static void write_option(FILE *out, const struct option_line *line)
{
    char name[NAME_MAX_OPTION], text[64];

    write_name(name, line->name);
    (void)snprintf(text, sizeof(text), "--%s%s%s", name, line->argument == NULL ? "" : " ",
                   line->argument == NULL ? "" : line->argument);
    if (line->letter == 0)
        fprintf(out, "      %-22s %s\n", text, line->help);
    else
        fprintf(out, "  -%c, %-22s %s\n", line->letter, text, line->help);
}

static void write_options(FILE *out, unsigned groups)
{
    for (size_t i = 0; i < N_LINES; i++) {
        if ((lines[i].group & groups) != 0)
            write_option(out, &lines[i]);
    }
}

static void write_option_json(const struct option_line *line)
{
    char name[NAME_MAX_OPTION + 2] = "--";
    const char *argument = line->argument == NULL ? "" : line->argument;

    write_name(name + 2, line->name);
    tool_json_texts(
            (const char *[]){ "option", name, "argument", argument, "help", line->help, NULL });
}

static void write_options_json(unsigned groups)
{
    for (size_t i = 0; i < N_LINES; i++) {
        if ((lines[i].group & groups) != 0)
            write_option_json(&lines[i]);
    }
}

static void write_command_json(const struct tool_command *c)
{
    tool_json_texts(
            (const char *[]){ "command", c->name, "operands", c->operands, "help", c->help, NULL });
}

static void write_all_json(void)
{
    for (size_t i = 0; i < N_COMMANDS; i++)
        write_command_json(&commands[i]);
    write_options_json(EVERY);
}

static void write_all(FILE *out)
{
    fprintf(out, "usage: rdv COMMAND [OPTION ...] [OPERAND ...]\n\n");
    for (size_t i = 0; i < N_COMMANDS; i++)
        fprintf(out, "  %-9s %s\n", commands[i].name, commands[i].help);
    fprintf(out, "\nOptions of all commands:\n");
    write_options(out, EVERY);
    fprintf(out, "\nWHERE is shellS://SEN@HOST:PORT/ or @NAME of a profile; without it the default "
                 "profile is\nmeant. rdv help COMMAND and rdv(1) tell more.\n");
}

void tool_tell_help(const struct tool *t, const struct tool_command *command)
{
    if (command == NULL && t->options.json) {
        write_all_json();
    } else if (command == NULL) {
        write_all(stdout);
    } else if (t->options.json) {
        write_command_json(command);
        tool_methods_help_json(command->name);
        write_options_json(command->groups);
    } else {
        printf("usage: rdv %s [OPTION ...] %s\n\n%s\n\n", command->name, command->operands,
               command->help);
        tool_methods_help(stdout, command->name);
        write_options(stdout, command->groups);
    }
}

TOOL_COMMAND(help)
{
    const char *name = tool_next(t);
    const struct tool_command *command = NULL;
    enum rdv_err err;

    if ((err = tool_no_more(t)) != RDV_OK)
        return err;
    if (name != NULL && (command = tool_command_named(name)) == NULL)
        return tool_why(t, RDV_ERR_USAGE, "no command \"%.40s\"", name);
    tool_tell_help(t, command);
    return RDV_OK;
}
