/* main.c: the table of verbs. */
#include "cli.h"

#include <errno.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

static const struct mote_cli_verb *const verbs[] = {&mote_cli_inspect, &mote_cli_compile, &mote_cli_pack,   &mote_cli_run,
                                                    &mote_cli_verify,  &mote_cli_bench,   &mote_cli_targets};
#define VERB_COUNT (sizeof verbs / sizeof verbs[0])

static int print_overview(void)
{
    printf("usage: mote VERB [MODEL] [OPTIONS]\n\n"
           "Puts trained neural networks (.tflite, int8 and int16) on tiny chips as bit-exact C.\n\nVerbs:\n");
    for (size_t i = 0; i < VERB_COUNT; i++) printf("  %-10s%s\n", verbs[i]->name, verbs[i]->summary);
    printf("  %-10s%s\n  %-10s%s\n", "help", "show this help, or that of a verb: mote help VERB", "version",
           "show the version");
    printf("\nExamples:\n"
           "  mote inspect model.tflite\n"
           "  mote compile model.tflite --target atmega1284p -o out\n"
           "  mote pack model.tflite --target atmega1284p -o model.mote --runtime firmware\n"
           "  mote run model.tflite --target atmega1284p --input samples.npy\n"
           "  mote verify model.tflite --target all\n"
           "  mote bench model.tflite --target atmega1284p,cortex-m4\n\n"
           "'mote VERB --help' shows a verb's options. The exit status is 0 when everything asked for was done, 1 when\n"
           "it failed, 2 when the command line is wrong.\n");
    return MOTE_CLI_DONE;
}

static const struct mote_cli_verb *find_verb(const char *name)
{
    for (size_t i = 0; i < VERB_COUNT; i++)
        if (strcmp(verbs[i]->name, name) == 0) return verbs[i];
    return NULL;
}

static int report_unknown_verb(const char *name)
{
    size_t distance = MOTE_CLI_SUGGEST_DISTANCE;
    const char *nearest = NULL;
    for (size_t i = 0; i < VERB_COUNT; i++) mote_cli_suggest(name, verbs[i]->name, &distance, &nearest);
    mote_cli_suggest(name, "help", &distance, &nearest);
    mote_cli_suggest(name, "version", &distance, &nearest);
    if (nearest) return mote_cli_usage_error(NULL, "unknown verb '%s'; did you mean '%s'?", name, nearest);
    return mote_cli_usage_error(NULL, "unknown verb '%s'", name);
}

static bool is_plain_word(const char *word)
{
    return *word && word[strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789%+,-./:=@_")] == 0;
}

/* Joins the command line so that a shell reads it back as it was; words that need it are in single quotes. */
static char *join_command(int argc, char **argv)
{
    size_t bytes = sizeof "mote";
    for (int i = 1; i < argc; i++) bytes += 4 * strlen(argv[i]) + 3;
    char *command = malloc(bytes), *at = command;
    if (!command) return NULL;
    at = strcpy(at, "mote") + 4;
    for (int i = 1; i < argc; i++) {
        const bool is_plain = is_plain_word(argv[i]);
        *at++ = ' ';
        if (!is_plain) *at++ = '\'';
        for (const char *c = argv[i]; *c; c++) {
            if (*c == '\'') at = strcpy(at, "'\\'") + 3;
            *at++ = *c;
        }
        if (!is_plain) *at++ = '\'';
    }
    *at = 0;
    return command;
}

static int run_verb(const struct mote_cli_verb *verb, int argc, char **argv)
{
    struct mote_cli_args args = {.verb = verb};
    char *command = join_command(argc, argv); /* before parsing, which sorts the words */
    args.command = command;
    const int status = mote_cli_parse(&args, argc - 1, argv + 1);
    const int result = status >= 0 ? status : verb->run(&args);
    free(command);
    return result;
}

static int run_help(int argc, char **argv)
{
    if (argc < 3) return print_overview();
    const struct mote_cli_verb *verb = find_verb(argv[2]);
    if (!verb) return report_unknown_verb(argv[2]);
    char help[] = "--help";
    char *words[] = {argv[0], argv[2], help, NULL};
    return run_verb(verb, 3, words);
}

static int dispatch(int argc, char **argv)
{
    if (argc < 2) return mote_cli_usage_error(NULL, "what shall be done? inspect, compile, pack, run, verify, bench or targets");
    const char *name = argv[1];
    if (strcmp(name, "help") == 0 || strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) return run_help(argc, argv);
    if (strcmp(name, "version") == 0 || strcmp(name, "--version") == 0) {
        printf("mote %s\n", MOTE_VERSION);
        return MOTE_CLI_DONE;
    }
    const struct mote_cli_verb *verb = find_verb(name);
    return verb ? run_verb(verb, argc, argv) : report_unknown_verb(name);
}

int main(int argc, char **argv)
{
    setlocale(LC_CTYPE, ""); /* whether the terminal shows UTF-8; numbers stay in the C locale */
    const int status = dispatch(argc, argv);
    if (fflush(stdout) == 0 && !ferror(stdout)) return status;
    mote_cli_error("standard output: %s", strerror(errno));
    return MOTE_CLI_FAILED;
}
