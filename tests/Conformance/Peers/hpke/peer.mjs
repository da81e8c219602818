// Opens and seals HPKE in Keywright's suite with @hpke/core: one JSON request on standard input, one answer on output.
import { Aes256Gcm, CipherSuite, DhkemP256HkdfSha256, HkdfSha256 } from "@hpke/core";

const fromHex = (hex) => new Uint8Array(Buffer.from(hex, "hex")).buffer;
const toHex = (bytes) => Buffer.from(bytes).toString("hex");

const suite = new CipherSuite({
  kem: new DhkemP256HkdfSha256(),
  kdf: new HkdfSha256(),
  aead: new Aes256Gcm(),
});

async function answer(request) {
  const info = fromHex(request.info);
  if (request.open) {
    const recipientKey = await suite.kem.importKey("raw", fromHex(request.privateKey), false);
    const enc = fromHex(request.encapsulated);
    return { plaintext: toHex(await suite.open({ recipientKey, enc, info }, fromHex(request.open))) };
  }

  const recipientPublicKey = await suite.kem.importKey("raw", fromHex(request.publicKey), true);
  const { ct, enc } = await suite.seal({ recipientPublicKey, info }, fromHex(request.seal));
  return { encapsulated: toHex(enc), ciphertext: toHex(ct) };
}

const pieces = [];
for await (const piece of process.stdin) {
  pieces.push(piece);
}

const requests = JSON.parse(Buffer.concat(pieces).toString());
process.stdout.write(JSON.stringify(await Promise.all(requests.map(answer))));
