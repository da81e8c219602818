/* vectors/program. */
#include "program.h"
#include "vector.h"

kw_reason read_program(vector *v)
{
    program message;
    uint8_t digest[32];
    kw_reason reason = program_read(bytes_at(v, "message"), &message);
    if (reason == KW_OK) {
        reason = kw_message_verify_signature(&message.message, fixed_at(v, "key", KW_PUBLIC_KEY_SIZE));
    }
    reason = reason == KW_OK ? program_check(&message) : reason;
    if (reason != KW_OK) {
        return reason;
    }
    const json *says = fields(v, "says"), *commands = json_member(says, "commands");
    kw_message_digest(&message.message, digest);
    same_bytes(v, v->root, "digest", kw_bytes_of(digest, sizeof digest));
    same_text(v, says, "family", message.family);
    same_number(v, says, "epoch", message.epoch);
    same_number(v, says, "version", message.version);
    same_count(v, commands, message.command_count);
    size_t i = 0;
    for (const json *each = v->fault[0] != 0 ? NULL : commands->first; each != NULL; each = each->next) {
        kw_bytes name, code;
        program_command(&message, i++, &name, &code);
        same_text(v, each, "name", name);
        same_bytes(v, each, "code", code);
    }
    return KW_OK;
}
