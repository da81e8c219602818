/* Judgements (vectors/README.md): what is decided from a state when forms and proofs are good already. */
#ifndef READER_JUDGE_H
#define READER_JUDGE_H

#include "vector.h"

/* One judge: from `state` and `input`. A verdict that is no refusal is compared here. */
typedef kw_reason judgement(vector *v, const json *state, const json *input);

judgement judge_take, judge_speaker, judge_claim, judge_done, judge_condition, judge_receipt, judge_account,
    judge_export_key, judge_module, judge_chip;

/* Members of the judge's objects: a missing one is a fault of the file. */
bool flag(vector *v, const json *of, const char *name);
uint64_t count_of(vector *v, const json *of, const char *name);
const json *list_of(vector *v, const json *of, const char *name);

/* Names: equal names, equal things; null, and what is not there, is null. */
bool same_name(const json *a, const json *b);
bool is_nothing(const json *name);
bool list_has(const json *list, const json *name);

/* Accepted under this verdict. */
kw_reason verdict(vector *v, const char *name);

#endif
