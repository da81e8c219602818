#include "program.h"

static const kw_message_type type = {"provisioning-program", KW_SIGNED, PROGRAM_MAX};

/* v value slot · k key slot · i item · s size (an item) · n count · l list · r root · c lifecycle · A list of
   items · K kinds · I name of an input · t other text · R reason */
static const char *const patterns[OPCODES] = {
    "",   "vi", "vInn", "vA",    "vI",    "vs",  "vA",   "iiR", "ilR",  "iR",  "IIR", "kInn",
    "ks", "kr", "ktA",  "kktAs", "vktAs", "vkk", "kikR", "vik", "I",    "i",   "I",   "vR",
    "v",  "K",  "",     "kkR",   "tkR",   "k",   "Itk",  "ktk", "viic", "iic", "ti",
    "IIR", "vktA", "kitAR"};

static bool is_code(uint64_t code)
{
    static const uint8_t ranges[][2] = {{0, 11},  {16, 28}, {32, 37}, {40, 42}, {48, 50},
                                        {56, 63}, {72, 77}, {88, 91}, {96, 96}, {104, 104}};
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        if (code >= ranges[i][0] && code <= ranges[i][1]) {
            return true;
        }
    }
    return false;
}

static program_item read_item(kw_cbor *cbor)
{
    program_item item = {ITEM_CODE, {NULL, 0}, 0};
    switch (kw_cbor_next(cbor)) {
    case KW_CBOR_TEXT:
        item.type = ITEM_TEXT;
        item.text = kw_cbor_text(cbor, 0, 64);
        break;
    case KW_CBOR_NINT:
        item.type = ITEM_CONSTANT;
        item.number = kw_cbor_nint(cbor, UINT32_MAX);
        break;
    default:
        item.number = kw_cbor_uint(cbor, 0, UINT64_MAX);
        if (!is_code(item.number)) {
            kw_cbor_refuse(cbor, KW_MALFORMED);
        }
    }
    return item;
}

static void read_operand(kw_cbor *cbor, char kind, operand *to)
{
    to->count = 0;
    switch (kind) {
    case 'v':
    case 'k':
        to->number = kw_cbor_uint(cbor, 0, SLOTS - 1);
        break;
    case 'i':
    case 's':
        to->count = 1;
        to->items[0] = read_item(cbor);
        break;
    case 'n':
        to->number = kw_cbor_uint32(cbor);
        break;
    case 'l':
        to->number = kw_cbor_uint(cbor, 0, UINT64_MAX);
        if (to->number != FACT_ORDER_LOTS && to->number != FACT_ORDER_PACKAGES) {
            kw_cbor_refuse(cbor, KW_MALFORMED);
        }
        break;
    case 'r':
        to->number = kw_cbor_uint(cbor, 1, 2);
        break;
    case 'c':
        to->number = kw_cbor_uint(cbor, 0, 4);
        break;
    case 'A':
        to->count = kw_cbor_array(cbor, 0, ITEMS_MAX);
        for (size_t i = 0; i < to->count; i++) {
            to->items[i] = read_item(cbor);
        }
        break;
    case 'K':
        to->number = 0;
        for (size_t i = kw_cbor_array(cbor, 1, 9); i > 0; i--) {
            uint64_t bit = (uint64_t)1 << kw_cbor_uint(cbor, 1, 9);
            if (bit <= to->number) {
                to->number |= 1; /* not ascending: bit 0 is no kind */
            }
            to->number |= bit;
        }
        break;
    default:
        to->text = kw_cbor_text(cbor, 1, 64);
        if (kind == 'R' && kw_reason_named(to->text) == KW_OK) {
            kw_cbor_refuse(cbor, KW_MALFORMED);
        }
    }
}

void instruction_read(kw_cbor *cbor, instruction *to)
{
    size_t count = kw_cbor_array(cbor, 1, 8);
    uint64_t code = kw_cbor_uint(cbor, 0, UINT64_MAX);
    to->opcode = code >= LOAD && code < OPCODES ? (opcode)code : LOAD;
    to->pattern = patterns[to->opcode];
    size_t operands = 0;
    while (to->pattern[operands] != 0) {
        operands++;
    }
    if (code != (uint64_t)to->opcode || count != 1 + operands) {
        kw_cbor_refuse(cbor, KW_MALFORMED);
    }
    for (size_t i = 0; i < operands; i++) {
        read_operand(cbor, to->pattern[i], &to->operands[i]);
    }
}

static kw_reason read_code(kw_bytes code)
{
    instruction each;
    kw_cbor cbor;
    kw_cbor_begin(&cbor, code);
    for (size_t count = kw_cbor_array(&cbor, 1, INSTRUCTIONS_MAX); count > 0; count--) {
        instruction_read(&cbor, &each);
    }
    return kw_cbor_end(&cbor);
}

void program_command(const program *from, size_t i, kw_bytes *name, kw_bytes *code)
{
    kw_cbor cbor;
    kw_cbor_begin(&cbor, from->commands);
    do {
        *name = kw_cbor_short(&cbor);
        *code = kw_cbor_bytes(&cbor, 0, PROGRAM_MAX);
    } while (i-- > 0);
}

static bool has_name(const program *in, size_t limit, kw_bytes name)
{
    for (size_t i = 0; i < limit; i++) {
        kw_bytes other, code;
        program_command(in, i, &other, &code);
        if (kw_same(other, name)) {
            return true;
        }
    }
    return false;
}

kw_reason program_read(kw_bytes bytes, program *to)
{
    kw_cbor cbor;
    kw_reason reason = kw_message_read(&type, bytes, &to->message, &cbor);
    if (reason != KW_OK) {
        return reason;
    }
    kw_map map = kw_cbor_map(&cbor, 5);
    kw_map_version(&map);
    kw_map_key(&map, 1);
    to->family = kw_cbor_short(&cbor);
    kw_map_key(&map, 2);
    to->epoch = kw_cbor_uint32(&cbor);
    kw_map_key(&map, 3);
    to->version = kw_cbor_uint32(&cbor);
    kw_map_key(&map, 4);
    size_t count = kw_cbor_array(&cbor, 2, 32);
    to->command_count = count / 2;
    to->commands = kw_bytes_of(cbor.at, (size_t)(cbor.end - cbor.at));
    if (count % 2 != 0) {
        kw_cbor_refuse(&cbor, KW_MALFORMED);
    }
    for (size_t i = 0; i < to->command_count && cbor.reason == KW_OK; i++) {
        kw_bytes name = kw_cbor_short(&cbor);
        if (cbor.reason == KW_OK && has_name(to, i, name)) {
            kw_cbor_refuse(&cbor, KW_MALFORMED);
        }
        kw_bytes code = kw_cbor_bytes(&cbor, 0, SIZE_MAX);
        if (cbor.reason == KW_OK && (reason = read_code(code)) != KW_OK) {
            kw_cbor_refuse(&cbor, reason);
        }
    }
    return kw_cbor_end(&cbor);
}
