"""What is decided from a state once forms and proofs are good: vectors/README.md, Judgements. Names stand for digests."""

from cbor import Refused, need

WINDOW = 64
FLASH_SIZE = 256 * 1024
MOST_DECLINED = 3
LIFECYCLES = ["blank", "provisioned", "personalised", "fielded", "retired"]


def judge_judgement(judge, state, input):
    return JUDGES[judge](state, input) or {}


def take(state, sent):
    """programming.md §6.4, steps 2 to 6."""
    station, order, chip = state["station"], state["order"], state["chip"]
    need(not station["revoked"], "revoked-station")
    if state["used"]:
        need(state["used"] == sent["take"], "used-turn")
        return {"verdict": "repeat"}
    need(sent["turn"] >= station["next"], "used-turn")
    need(sent["turn"] < station["next"] + WINDOW, "turn-out-of-window")
    need(order and order["factory"] == station["factory"], "unknown-order")
    need(chip, "unknown-chip")
    need(chip["order"] == sent["order"], "unknown-order")
    need(not state["device"], "identity-taken")
    need(state["bootloader"], "no-bootloader")
    need(state["identities"], "no-identity-left")
    return {"verdict": "program"}


def speaker(state, sent):
    """delivery.md §6.1, steps 3 to 5."""
    need(state["key"], "unknown-key")
    need(not (state["identity"] and sent["protection"] == "mac"), "downgrade")


def entry_at(record, number):
    return next((entry for entry in record["entries"] if entry["number"] == number), None)


def standing(record, done):
    """What a Done does to its number, delivery.md §6.2: `close` it, or `nothing`, or `unknown`; another Done is a
    fork, and so is one for a Grant that was never given, in a record that is not due for a Resume."""
    entry = entry_at(record, done["number"])
    if entry is None:
        return "unknown"
    if entry["state"] == "void":
        return "nothing"
    if entry["answer"] != done["grant"]:
        need(record["resume-due"], "fork")
        return "unknown"
    if entry["state"] == "open":
        return "close"
    need(entry["done"] == done["done"], "fork")
    return "nothing"


def claim(record, sent):
    """delivery.md §6.2."""
    need(not record["held"], "fork")
    entry = entry_at(record, sent["number"])
    if entry and entry["claim"] == sent["claim"] and entry["state"] != "void":
        need(entry["state"] in ("open", "refused"), "second-delivery")
        return {"verdict": "repeat"}
    need(entry is None or entry["claim"] == sent["claim"], "fork")
    effect = standing(record, sent["done"]) if sent["done"] else "nothing"
    need(not record["resume-due"], "resume-due")
    need(entry is None and sent["number"] == record["next"], "resync")
    if effect == "close":
        need(sent["prev"] == sent["done"]["done"], "fork")
        return {"verdict": "answer-and-close"}
    before = entry_at(record, sent["number"] - 1)
    need(sent["prev"] == record["prev"] and not (before and before["state"] == "open"), "fork")
    return {"verdict": "answer"}


def done(record, sent):
    """The same of a Done that comes alone."""
    need(not record["held"], "fork")
    effect = standing(record, sent)
    if effect != "nothing":
        need(not record["resume-due"], "resume-due")
        need(effect == "close", "resync")
    return {"verdict": effect}


def condition(state, wanted):
    """delivery.md §6.3, in its order."""
    product = set(state["conditions"])
    fitting = [module for module in state["archive"] if fits(module, state, wanted)]
    asked = [module for module in fitting if wanted["manifest"] in (None, module["manifest"])]
    need(asked, "unknown-software")
    chosen = max(asked, key=lambda module: (bool(module["devices"]), module["sequence"]))
    named = chosen["manifest"]
    standing_now = {program["program"]: program for program in wanted["installed"]}
    own = [standing_now.get(name) for name in chosen["programs"]]
    need(state["covered"] or "contract" not in product, "not-under-contract")
    has_it = all(program and program["manifest"] == named for program in own)
    need(wanted["manifest"] or not has_it, "older-version")
    need("once" not in product or named not in state["delivered"], "second-delivery")
    sequences = {name: program["sequence"] for name, program in standing_now.items()}
    for required in chosen["requires"]:
        need(sequences.get(required["program"], -1) >= required["sequence"], "predecessor-missing")
    if "predecessors" in product:
        older = [module for module in fitting if is_between(module, chosen, sequences)]
        need(all(module["manifest"] in state["delivered"] for module in older), "predecessor-missing")
    need("enabled" not in product or named in state["enabled"], "not-enabled")
    need(state["declined"].get(named, 0) < MOST_DECLINED, "not-enabled")
    newer = all(not program or program["sequence"] < chosen["sequence"] for program in own)
    need("version-order" not in product or newer, "older-version")
    return {"granted": named}


def fits(module, state, wanted):
    """For the product, and for this type and device or for all."""
    return (module["product"] == wanted["product"]
            and (not module["device-types"] or state["device-type"] in module["device-types"])
            and (not module["devices"] or wanted["device"] in module["devices"]))


def is_between(module, chosen, sequences):
    """Whether it is older than the chosen one and above what the device has, for a program of both."""
    return any(sequences.get(name, -1) < module["sequence"] < chosen["sequence"]
               for name in set(module["programs"]) & set(chosen["programs"]))


def receipt(state, sent):
    """provisioning.md §8.2, §8.3."""
    listed = state["list"]
    need(sent["chip"] in listed["chips"], "unknown-chip")
    need(sent["signed-by"] == sent["chip"] == sent["keys-of"], "foreign-receipt")
    need(sent["order"] == "order-1", "foreign-receipt")
    need(listed["family"] == state["family"], "wrong-family")
    need(listed["lot"] in state["lots"], "wrong-lot")
    need(sent["package"] in state["packages"], "foreign-package")
    need(LIFECYCLES[sent["lifecycle"]] == "provisioned" and not sent["debug"], "wrong-lifecycle")
    need(sent["chip"] in state["counted"] or len(state["counted"]) < state["quota"], "over-quota")


def account(state, said):
    """provisioning.md 8.5, of one chip that somebody tells of."""
    need(said["order"] == "order-1", "foreign-receipt")
    proven, standing = state["receipt"] or state["counted"], said["standing"]
    if not proven and not state["listed"]:
        return {"verdict": "left out, contradicted"}
    lies = {None: proven, "failed": proven, "provisioned": not proven, "scrapped": state["counted"], "open": False}
    where = "scrapped" if standing == "scrapped" else "provisioned" if proven else \
        "failed" if standing == "failed" else "open"
    return {"verdict": where + (", contradicted" if lies[standing] else "")}


def export_key(state, asked):
    """keydownload.md §4."""
    need(asked["unit"] in state["units"], "unknown-unit")
    key = next((key for key in state["keys"] if key["ref1"] == asked["ref1"]), None)
    need(key, "unknown-application-key")
    need(state["authorised"], "not-authorised")
    need(key["exported"] < key["ceiling"], "ceiling-reached")


def module(state, manifest):
    """module.md §4, steps 2 to 8."""
    owner, sequence = manifest["owner"], manifest["sequence"]
    need(owner in state["anchors"], "foreign-module")
    need(manifest["signed-by"] == owner, "bad-signature")
    need(manifest["product"] == state["product"], "foreign-module")
    need(not manifest["device-types"] or state["device-type"] in manifest["device-types"], "foreign-module")
    need(not manifest["devices"] or state["device"] in manifest["devices"], "foreign-module")
    sequences = {one["program"]: one["sequence"] for one in state["installed"] if one["owner"] == owner}
    for required in manifest["requires"]:
        need(sequences.get(required["program"], -1) >= required["sequence"], "predecessor-missing")
    minimum = {one["program"]: one["sequence"] for one in state["minimum"] if one["owner"] == owner}
    need(all(sequence >= minimum.get(program["name"], 0) for program in manifest["programs"]), "rollback")
    need(sum(program["size"] for program in manifest["programs"]) <= FLASH_SIZE, "store-full")


def chip(state, asked):
    """chip.md §7 to §9: whether the chip runs a command, and how far it gets with good inputs."""
    need(asked["command"] in COMMANDS, "unknown-command")
    age = LIFECYCLES.index(state["lifecycle"])
    usable = state["store"] in (state["shown"], state["issued"]) and (age < PERSONALISED or state["store"] >= 1)
    need(usable or asked["command"] in WITHOUT_STORE, "stale-backup")
    COMMANDS[asked["command"]](state, age)


PROVISIONED, PERSONALISED, FIELDED = 1, 2, 3
WITHOUT_STORE = ("identify",)


def programmed(age):
    need(age >= PERSONALISED, "wrong-lifecycle")


def in_step(state, age):
    """delivery.md §9.1, of a flash in which nothing closed the last number."""
    programmed(age)
    need(state["delivery"] == 0, "resume-due")


def identify(state, age):
    """Every chip says what it is."""


def challenge(state, age):
    need(PROVISIONED <= age <= FIELDED, "wrong-lifecycle")
    need(age < PERSONALISED or state["store"] == state["shown"], "proof-due")


def emit_done(state, age):
    in_step(state, age)
    raise Refused("unknown-entry")


def refused(state, age):
    in_step(state, age)
    raise Refused("no-claim-open")


def dump(state, age):
    programmed(age)
    raise Refused("unknown-program")


def program(state, age):
    """For another device ID than one that the chip has."""
    need(age < PERSONALISED, "identity-taken")
    need(age == PROVISIONED, "wrong-lifecycle")


def provision(state, age):
    need(age == 0, "already-provisioned")


def emit_receipt(state, age):
    need(age >= PROVISIONED, "wrong-lifecycle")


COMMANDS = {"identify": identify, "challenge": challenge, "claim": in_step, "done": emit_done, "refused": refused,
            "dump": dump, "program": program, "provisioning": provision, "receipt": emit_receipt}
JUDGES = {"take": take, "speaker": speaker, "claim": claim, "done": done, "condition": condition, "receipt": receipt,
          "account": account,          "export-key": export_key, "module": module, "chip": chip}
