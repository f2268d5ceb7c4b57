/* terminal.c: numbers, tables, bars and colours for people. */
#include "cli.h"

#include <langinfo.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

const char *mote_cli_style(FILE *stream, enum mote_cli_style style)
{
    static const char *const codes[] = {"\x1b[0m", "\x1b[1m", "\x1b[2m", "\x1b[31m", "\x1b[32m", "\x1b[33m"};
    const char *no_color = getenv("NO_COLOR"); /* no-color.org: set and not empty */
    return isatty(fileno(stream)) && !(no_color && *no_color) ? codes[style] : "";
}

int mote_cli_columns(void)
{
    struct winsize size;
    if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 100;
    return size.ws_col < 60 ? 60 : size.ws_col > 160 ? 160 : size.ws_col;
}

void mote_cli_print_safe(FILE *stream, const char *text)
{
    for (; *text; text++) fputc((unsigned char)*text < 0x20 || *text == 0x7f ? '?' : *text, stream);
}

void mote_cli_print_name(const char *name)
{
    enum { MOST = 64 };
    char cut[MOST + 1];
    size_t length = strlen(name);
    const bool is_long = length > MOST;
    if (is_long) length = MOST;
    while (is_long && length > 0 && ((unsigned char)name[length] & 0xc0) == 0x80) length--; /* not inside a character */
    memcpy(cut, name, length);
    cut[length] = 0;
    mote_cli_print_safe(stdout, cut);
    if (is_long) fputs("...", stdout);
}

struct mote_cli_text mote_cli_number(int64_t value)
{
    struct mote_cli_text digits, result;
    const int length = snprintf(digits.text, sizeof digits.text, "%lld", (long long)value);
    size_t used = 0;
    for (int i = 0; i < length; i++) {
        if (i > (value < 0) && (length - i) % 3 == 0) result.text[used++] = ',';
        result.text[used++] = digits.text[i];
    }
    result.text[used] = 0;
    return result;
}

struct mote_cli_text mote_cli_real(double value)
{
    if (value >= 1000 && value < 9e18) return mote_cli_number((int64_t)(value + 0.5));
    struct mote_cli_text result;
    snprintf(result.text, sizeof result.text, "%.4g", value);
    return result;
}

struct mote_cli_text mote_cli_stem(const char *path)
{
    struct mote_cli_text result;
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path, *dot = strrchr(name, '.');
    snprintf(result.text, sizeof result.text, "%.*s", dot && dot > name ? (int)(dot - name) : (int)strlen(name), name);
    return result;
}

struct mote_cli_text mote_cli_shape(const struct mote_tensor_info *tensor)
{
    struct mote_cli_text result = {""};
    size_t used = 0;
    for (int32_t i = 0; i < tensor->rank && i < 6; i++) {
        const int n = snprintf(result.text + used, sizeof result.text - used, "%s%d", i ? "x" : "", (int)tensor->dims[i]);
        used += (size_t)n; /* at most 12 characters for each of 6 axes */
    }
    snprintf(result.text + used, sizeof result.text - used, "%s%s", tensor->rank ? " " : "", tensor->dtype);
    return result;
}

bool mote_cli_has_limit(uint64_t bytes)
{
    return bytes != 0 && bytes < UINT32_MAX;
}

void mote_cli_print_bar(const char *what, uint64_t used, uint64_t limit)
{
    enum { WIDTH = 32 };
    if (!mote_cli_has_limit(limit)) return;
    const double share = (double)used / (double)limit;
    const int filled = share >= 1 ? WIDTH : (int)(share * WIDTH + 0.5);
    const bool is_utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
    const enum mote_cli_style colour = share > 1 ? MOTE_CLI_RED : share > 0.9 ? MOTE_CLI_YELLOW : MOTE_CLI_GREEN;
    printf("  %-5s %11s of %11s bytes  [%s", what, mote_cli_number((int64_t)used).text,
           mote_cli_number((int64_t)limit).text, mote_cli_style(stdout, colour));
    for (int i = 0; i < WIDTH; i++) fputs(i < filled ? is_utf8 ? "\u2588" : "#" : " ", stdout);
    printf("%s] %5.1f %%\n", mote_cli_style(stdout, MOTE_CLI_NORMAL), 100 * share);
}

/* ---- Tables ---- */

void mote_cli_table_column(struct mote_cli_table *table, const char *heading, bool right_aligned)
{
    table->headings[table->column_count] = heading;
    table->right_aligned[table->column_count++] = right_aligned;
}

void mote_cli_table_cell(struct mote_cli_table *table, const char *format, ...)
{
    if (table->failed) return;
    if (table->cell_count == table->cell_capacity) {
        const size_t capacity = table->cell_capacity ? 2 * table->cell_capacity : 64;
        char **grown = realloc(table->cells, capacity * sizeof *grown);
        if (!grown) {
            table->failed = true;
            return;
        }
        table->cells = grown;
        table->cell_capacity = capacity;
    }
    char text[512];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    char *cell = strdup(text);
    table->failed = !cell;
    if (cell) table->cells[table->cell_count++] = cell;
}

/* Columns that UTF-8 text takes, if each character takes one. */
static int display_width(const char *text)
{
    int width = 0;
    for (; *text; text++) width += ((unsigned char)*text & 0xc0) != 0x80;
    return width;
}

static void print_cell(const struct mote_cli_table *table, int column, const char *text, int width)
{
    const int padding = width > display_width(text) ? width - display_width(text) : 0;
    if (column) fputs("  ", stdout);
    if (table->right_aligned[column]) printf("%*s", padding, "");
    mote_cli_print_safe(stdout, text);
    if (!table->right_aligned[column]) printf("%*s", padding, "");
}

/* Empty cells at the end of a row are left out: no trailing spaces. */
static void print_row(const struct mote_cli_table *table, const char *const *cells, const int *widths)
{
    int count = table->column_count;
    while (count > 0 && !*cells[count - 1]) count--;
    for (int i = 0; i < count; i++) print_cell(table, i, cells[i], i + 1 < count || table->right_aligned[i] ? widths[i] : 0);
}

static void print_rows(const struct mote_cli_table *table)
{
    const size_t columns = (size_t)table->column_count;
    int widths[MOTE_CLI_MAX_COLUMNS] = {0};
    for (size_t i = 0; i < columns; i++) widths[i] = table->headings[i] ? display_width(table->headings[i]) : 0;
    for (size_t i = 0; i < table->cell_count; i++) {
        const int width = display_width(table->cells[i]);
        if (width > widths[i % columns]) widths[i % columns] = width;
    }
    if (table->headings[0]) {
        fputs(mote_cli_style(stdout, MOTE_CLI_BOLD), stdout);
        print_row(table, table->headings, widths);
        printf("%s\n", mote_cli_style(stdout, MOTE_CLI_NORMAL));
    }
    for (size_t i = 0; i + columns <= table->cell_count; i += columns) {
        const bool dimmed = table->dim && strcmp(table->cells[i], table->dim) == 0;
        if (dimmed) fputs(mote_cli_style(stdout, MOTE_CLI_DIM), stdout);
        print_row(table, (const char *const *)table->cells + i, widths);
        printf("%s\n", dimmed ? mote_cli_style(stdout, MOTE_CLI_NORMAL) : "");
    }
}

bool mote_cli_table_print(struct mote_cli_table *table)
{
    const bool ok = !table->failed;
    if (ok) print_rows(table);
    for (size_t i = 0; i < table->cell_count; i++) free(table->cells[i]);
    free(table->cells);
    *table = (struct mote_cli_table){0};
    return ok || mote_cli_error("out of memory");
}
