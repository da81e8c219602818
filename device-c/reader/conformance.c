/*
 * Reads every vector and judges it as the specification says.
 *   conformance VECTORS REFUSALS                       one line a failure; last line "N passed, N failed, N
 * skipped" conformance VECTORS REFUSALS --mutate SEED CASES   changed vectors: any answer, but no crash
 */
#define _POSIX_C_SOURCE 200809L
#include "keywright/cose.h"
#include "proofs.h"
#include "vector.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VECTORS_MAX = 4096, NAMES_MAX = 256 * 1024, TEXT_MAX = 16 << 20 };

static const struct {
    const char *folder;
    vector_reader *read;
} readers[] = {
    {"ack", read_ack},
    {"backup", read_backup},
    {"body", read_body},
    {"cbor", read_cbor},
    {"certificate", read_certificate},
    {"chain", read_chain},
    {"checkpoint", read_checkpoint},
    {"chip-list", read_chip_list},
    {"claim", read_claim},
    {"counted-chips", read_counted_chips},
    {"digest", read_digest},
    {"done", read_done},
    {"dump", read_dump},
    {"enrolment", read_enrolment},
    {"entry", read_entry},
    {"envelope", read_envelope},
    {"grant", read_grant},
    {"images", read_images},
    {"issuer", read_issuer},
    {"journal", read_journal},
    {"judgement", read_judgement},
    {"keep", read_keep},
    {"key-block", read_key_block},
    {"module", read_module},
    {"order", read_order},
    {"package", read_package},
    {"possession", read_possession},
    {"primitives", read_primitives},
    {"program", read_program},
    {"program-command", read_program_command},
    {"program-file", read_program_file},
    {"receipt", read_receipt},
    {"refusal", read_refusal},
    {"resume", read_resume},
    {"resumed", read_resumed},
    {"resync", read_resync},
    {"start", read_start},
    {"take", read_take},
    {"tiles", read_tiles},
    {"turn", read_turn},
    {"unlock", read_unlock},
    {"unlocking", read_unlocking},
};

static vector vectors[VECTORS_MAX];
static size_t vector_count;
static char names[NAMES_MAX];
static size_t names_used;
static uint8_t text[TEXT_MAX];
static size_t text_used;

static void stop(const char *what, const char *name)
{
    fprintf(stderr, "conformance: %s: %s\n", what, name);
    exit(2);
}

static const char *keep_name(const char *first, const char *second)
{
    char *name = names + names_used;
    int size = snprintf(name, NAMES_MAX - names_used, "%s%s%s", first, first[0] == 0 ? "" : "/", second);
    if (size < 0 || (size_t)size >= NAMES_MAX - names_used) {
        stop("too many names", second);
    }
    names_used += (size_t)size + 1;
    return name;
}

static size_t read_file(const char *path, uint8_t *into, size_t room)
{
    FILE *file = fopen(path, "rb");
    size_t size = file == NULL ? room : fread(into, 1, room, file);
    if (file == NULL || size == room || ferror(file)) {
        stop("cannot read", path);
    }
    fclose(file);
    return size;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static void load_case(const char *root, const char *folder, const char *name)
{
    if (vector_count == VECTORS_MAX) {
        stop("too many vectors", folder);
    }
    vector *v = &vectors[vector_count++];
    v->folder = folder;
    v->path = keep_name(folder, name);
    size_t kept = names_used;
    size_t size = read_file(keep_name(root, v->path), text + text_used, TEXT_MAX - text_used);
    names_used = kept;
    v->root = json_read(text + text_used, size);
    text_used += size;
}

static void load(const char *root)
{
    struct dirent **folders, **files;
    int folder_count = scandir(root, &folders, is_visible, by_name);
    for (int i = 0; i < folder_count; i++) {
        const char *folder = keep_name("", folders[i]->d_name);
        int file_count = scandir(keep_name(root, folder), &files, is_visible, by_name);
        for (int k = 0; k < file_count; k++) {
            load_case(root, folder, files[k]->d_name);
            free(files[k]);
        }
        if (file_count >= 0) {
            free(files);
        }
        free(folders[i]);
    }
    if (folder_count <= 0 || vector_count == 0) {
        stop("no vectors in", root);
    }
    free(folders);
}

static vector_reader *reader_of_folder(kw_bytes folder)
{
    for (size_t i = 0; i < sizeof readers / sizeof readers[0]; i++) {
        if (kw_same(kw_bytes_of_text(readers[i].folder), folder)) {
            return readers[i].read;
        }
    }
    return NULL;
}

static vector_reader *reader_of(const vector *v)
{
    return reader_of_folder(kw_bytes_of_text(v->folder));
}

/* What the file expects, as a name: "accepted" also where it lists what comes out. */
static kw_bytes expected_name(const vector *v)
{
    const json *expect = json_member(v->root, "expect");
    const json *refused = json_member(expect, "refused");
    expect = refused != NULL ? refused : expect;
    if (expect == NULL) {
        return kw_bytes_of(NULL, 0);
    }
    return expect->type == JSON_TEXT ? expect->text : kw_bytes_of_text("accepted");
}

static bool passes(vector *v)
{
    vector_reader *read = reader_of(v);
    if (v->root == NULL || read == NULL) {
        printf("FAILED %s: %s\n", v->path, v->root == NULL ? "not JSON" : "no reader for this folder");
        return false;
    }
    scratch_reset();
    kw_reason reason = read(v);
    kw_bytes name = v->said.at != NULL ? v->said : kw_bytes_of_text(kw_reason_name(reason));
    kw_bytes expected = expected_name(v);
    if (!kw_same(name, expected)) {
        printf("FAILED %s: %.*s, expected %.*s\n", v->path, (int)name.size, (const char *)name.at,
               (int)expected.size, (const char *)expected.at);
        return false;
    }
    if (v->fault[0] != 0) {
        printf("FAILED %s: %s\n", v->path, v->fault);
        return false;
    }
    return true;
}

/* The reasons are those of the page, in its order: rows that begin with a name in backquotes. */
static bool reasons_match(const char *path)
{
    static char page[256 * 1024];
    page[read_file(path, (uint8_t *)page, sizeof page - 1)] = 0;
    unsigned next = 1;
    for (char *row = strstr(page, "\n| `"); row != NULL; row = strstr(row + 1, "\n| `")) {
        kw_bytes name = kw_bytes_of(row + 4, strcspn(row + 4, "`"));
        if (next >= KW_REASON_COUNT || !kw_same(name, kw_bytes_of_text(kw_reason_name((kw_reason)next)))) {
            printf("FAILED %s: %.*s stands here, not in keywright/reason.h\n", path, (int)name.size,
                   (const char *)name.at);
            return false;
        }
        next++;
    }
    if (next != KW_REASON_COUNT) {
        printf("FAILED %s: %s is missing\n", path, kw_reason_name((kw_reason)next));
    }
    return next == KW_REASON_COUNT;
}

static void mutate(uint64_t seed, uint64_t cases)
{
    uint64_t accepted = 0;
    for (uint64_t i = 0; i < cases; i++) {
        mutate_by(seed + i * 0x2545f4914f6cdd1du + 1);
        vector v = vectors[random_below(vector_count)];
        vector_reader *read = reader_of(&v);
        scratch_reset();
        kw_reason reason = v.root == NULL || read == NULL ? KW_MALFORMED : read(&v);
        if ((unsigned)reason >= KW_REASON_COUNT) {
            stop("no reason came out", v.path);
        }
        accepted += reason == KW_OK;
    }
    printf("%llu cases from seed %llu, %llu of them accepted\n", (unsigned long long)cases,
           (unsigned long long)seed, (unsigned long long)accepted);
}

/* An EN to several: what belongs to another recipient is not protected for this one (wire.md §6). */
static bool is_for_several(vector *v, const char *field)
{
    const json *value = json_member(v->root, field);
    kw_en en;
    scratch_reset();
    return value != NULL && value->type == JSON_TEXT
           && kw_en_read(bytes_at(v, field), SIZE_MAX - KW_TAG_SIZE, &en) == KW_OK && en.recipient_count > 1;
}

/* Flips every step-th bit of what is judged in the accepted vectors: nothing of it may be accepted. */
static bool flip(uint64_t step)
{
    static const char *const judged[] = {"certificate", "body",    "dump",      "enrolment", "file",
                                         "head",        "image",   "importKey", "issuer",    "keepInput",
                                         "keepShare",   "leaf",    "list",      "message",   "order",
                                         "package",     "program", "take",      "unlock"};
    uint64_t flips = 0, accepted = 0;
    for (size_t i = 0; i < vector_count; i++) {
        vector *v = &vectors[i];
        vector_reader *read = reader_of(v);
        if (strcmp(v->folder, "images") == 0 || strcmp(v->folder, "primitives") == 0 || !passes(v)
            || v->said.at != NULL || !kw_same(expected_name(v), kw_bytes_of_text("accepted"))) {
            continue;
        }
        for (size_t k = 0; k < sizeof judged / sizeof judged[0]; k++) {
            if (is_for_several(v, judged[k])) {
                continue;
            }
            for (uint64_t bit = flips % step;; bit += step) {
                vector changed = *v;
                flip_by(judged[k], bit);
                scratch_reset();
                kw_reason reason = read(&changed);
                if (bit >= flip_field_bits()) {
                    break;
                }
                flips++;
                if (reason == KW_OK && changed.said.at == NULL) {
                    accepted++;
                    printf("FAILED %s: accepted with bit %llu of %s flipped\n", v->path,
                           (unsigned long long)bit, judged[k]);
                }
            }
        }
        flip_by(NULL, 0);
    }
    printf("%llu bits flipped, %llu accepted\n", (unsigned long long)flips, (unsigned long long)accepted);
    return accepted == 0;
}

/* What no vector holds: the list of reasons, and log proofs. */
static size_t passed_besides(const char *refusals)
{
    bool reasons = reasons_match(refusals), proofs = false;
    for (size_t i = 0; i < vector_count; i++) {
        const json *key = json_member(vectors[i].root, "verifierKey");
        if (!proofs && strcmp(vectors[i].path, "checkpoint/good.json") == 0 && key != NULL) {
            proofs = proofs_hold(key->text);
        }
    }
    if (!proofs) {
        printf("FAILED log proofs\n");
    }
    return (reasons ? 1u : 0) + (proofs ? 1u : 0);
}

/* A case a line on stdin, with the name of its folder; a verdict a line: "ok", "unfinished" (of a dump), or a
 * refusal. */
static int judge_lines(void)
{
    while (fgets((char *)text, TEXT_MAX, stdin) != NULL) {
        json_reset();
        vector v = {.path = "stdin", .root = json_read(text, strlen((const char *)text))};
        const json *folder = json_member(v.root, "folder");
        vector_reader *read = folder == NULL ? NULL : reader_of_folder(folder->text);
        scratch_reset();
        kw_reason reason = read == NULL ? KW_UNKNOWN_COMMAND : read(&v);
        bool unfinished = kw_same(v.said, kw_bytes_of_text("unfinished"));
        printf("%s\n", unfinished ? "unfinished" : reason == KW_OK ? "ok" : kw_reason_name(reason));
        fflush(stdout);
    }
    return 0;
}

int main(int count, char **arguments)
{
    if (count == 2 && strcmp(arguments[1], "--judge") == 0) {
        return judge_lines();
    }

    bool mutates = count == 6 && strcmp(arguments[3], "--mutate") == 0;
    bool flips = count == 5 && strcmp(arguments[3], "--flip") == 0;
    if (count != 3 && !mutates && !flips) {
        stop("usage",
             "conformance VECTORS REFUSALS [--mutate SEED CASES | --flip STEP]; conformance --judge");
    }
    load(arguments[1]);
    if (mutates) {
        mutate(strtoull(arguments[4], NULL, 0), strtoull(arguments[5], NULL, 0));
        return 0;
    }
    if (flips) {
        uint64_t step = strtoull(arguments[4], NULL, 0);
        return flip(step == 0 ? 1 : step) ? 0 : 1;
    }
    size_t passed = passed_besides(arguments[2]);
    for (size_t i = 0; i < vector_count; i++) {
        passed += passes(&vectors[i]) ? 1 : 0;
    }
    size_t failed = vector_count + 2 - passed;
    printf("%zu passed, %zu failed, 0 skipped\n", passed, failed);
    return failed == 0 ? 0 : 1;
}
