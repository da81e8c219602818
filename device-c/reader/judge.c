#include "judge.h"

static const json *need(vector *v, const json *of, const char *name)
{
    const json *value = json_member(of, name);
    if (value == NULL) {
        fault(v, "no such member", name);
    }
    return value;
}

bool flag(vector *v, const json *of, const char *name)
{
    const json *value = need(v, of, name);
    return value != NULL && value->type == JSON_BOOL && value->number == 1;
}

uint64_t count_of(vector *v, const json *of, const char *name)
{
    const json *value = need(v, of, name);
    return value != NULL && value->type == JSON_NUMBER ? value->number : 0;
}

const json *list_of(vector *v, const json *of, const char *name)
{
    const json *value = need(v, of, name);
    return value != NULL && value->type == JSON_LIST ? value->first : NULL;
}

bool is_nothing(const json *name)
{
    return name == NULL || name->type == JSON_NULL;
}

bool same_name(const json *a, const json *b)
{
    if (is_nothing(a) || is_nothing(b)) {
        return is_nothing(a) && is_nothing(b);
    }
    return a->type == b->type && a->number == b->number && kw_same(a->text, b->text);
}

bool list_has(const json *list, const json *name)
{
    for (const json *each = list; each != NULL; each = each->next) {
        if (same_name(each, name)) {
            return true;
        }
    }
    return false;
}

kw_reason verdict(vector *v, const char *name)
{
    same_text(v, fields(v, "expect"), "verdict", kw_bytes_of_text(name));
    return KW_OK;
}

kw_reason read_judgement(vector *v)
{
    static const struct {
        const char *name;
        judgement *judge;
    } judges[] = {{"take", judge_take},
                  {"speaker", judge_speaker},
                  {"claim", judge_claim},
                  {"done", judge_done},
                  {"condition", judge_condition},
                  {"receipt", judge_receipt},
                  {"account", judge_account},
                  {"export-key", judge_export_key},
                  {"module", judge_module},
                  {"chip", judge_chip}};
    const json *judge = json_member(v->root, "judge");
    for (size_t i = 0; i < sizeof judges / sizeof judges[0]; i++) {
        if (json_is_text(judge, judges[i].name)) {
            return judges[i].judge(v, fields(v, "state"), fields(v, "input"));
        }
    }
    fault(v, "no such judge", "");
    return KW_OK;
}
