// A second opinion about evidence packs, written by the pages of the format alone (audit/FORMAT.md and
// eventlog/FORMAT.md), in another language and with another library for Ed25519.
//
//   node check-evidence.mjs FILE KEY      prints "holds" or the first thing that does not hold; exit code 0 or 1

import { createHash, createPublicKey, verify } from "node:crypto";
import { readFileSync } from "node:fs";

const MEMBERS = ["FORMAT.md", "LOG-FORMAT.md", "events.jsonl", "evidence.note", "head.note", "history.html", "key.vkey"];

class Fault extends Error {}
const must = (holds, fault) => {
  if (!holds) throw new Fault(fault);
};
const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash("sha256")).digest();

function members(file) {
  must(file.length > 22 && file.readUInt32LE(file.length - 22) === 0x06054b50, "it is no zip");
  let at = file.readUInt32LE(file.length - 22 + 16);
  must(file.readUInt16LE(file.length - 22 + 10) === MEMBERS.length, "it has other files than a pack");
  const contents = {};
  for (const name of MEMBERS) {
    must(file.readUInt32LE(at) === 0x02014b50, "its directory is none");
    const [method, size, stored] = [file.readUInt16LE(at + 10), file.readUInt32LE(at + 24), file.readUInt32LE(at + 20)];
    const [nameLength, extra, comment] = [28, 30, 32].map((offset) => file.readUInt16LE(at + offset));
    must(file.toString("utf8", at + 46, at + 46 + nameLength) === name, "it has other files than a pack");
    must(method === 0 && size === stored, "a file in it is compressed");
    const local = file.readUInt32LE(at + 42);
    const start = local + 30 + file.readUInt16LE(local + 26) + file.readUInt16LE(local + 28);
    must(start + size <= file.length, "a file in it is not whole");
    contents[name] = file.subarray(start, start + size);
    at += 46 + nameLength + extra + comment;
  }
  return contents;
}

function parseKey(text) {
  const [name, id, ...rest] = text.trim().split("+");
  const bytes = Buffer.from(rest.join("+"), "base64");
  must(bytes.length === 33 && bytes[0] === 1, "the key is none");
  must(sha256(name, "\n", bytes).subarray(0, 4).toString("hex") === id, "the key's id does not fit");
  // An Ed25519 key in DER is these bytes and the key.
  const der = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), bytes.subarray(1)]);
  return { name, id, key: createPublicKey({ key: der, format: "der", type: "spki" }) };
}

function open(bytes, key, where) {
  const note = bytes.toString("utf8");
  const end = note.lastIndexOf("\n\n");
  must(end >= 0 && note.endsWith("\n"), `${where}: it is no note`);
  const text = note.slice(0, end + 1);
  let signed = false;
  for (const line of note.slice(end + 2, -1).split("\n")) {
    const [dash, name, signature] = line.split(" ");
    must(dash === "\u2014", `${where}: it is no note`);
    const blob = Buffer.from(signature, "base64");
    if (name !== key.name || blob.subarray(0, 4).toString("hex") !== key.id) continue;
    must(verify(null, Buffer.from(text), key.key, blob.subarray(4)), `${where}: the signature does not fit`);
    signed = true;
  }
  must(signed, `${where}: the note is not signed by this key`);
  return text.slice(0, -1).split("\n");
}

const int = (bytes, value) => {
  const buffer = Buffer.alloc(bytes);
  if (bytes === 8) buffer.writeBigInt64BE(BigInt(value));
  else buffer.writeInt32BE(value);
  return buffer;
};
const text = (value) => [int(4, Buffer.byteLength(value)), Buffer.from(value)];
const uuid = (value) => Buffer.from(value.replaceAll("-", ""), "hex");

function link(previous, event) {
  return sha256(
    "informejo/log/v1", previous, int(8, event.position), ...text(event.category), uuid(event.stream), int(8, event.version),
    uuid(event.eventId), ...text(event.type), int(4, event.schemaVersion), ...text(event.payload), ...text(event.metadata),
    int(8, Date.parse(event.recordedAt)), uuid(event.commandId), int(4, event.commandIndex),
  );
}

// RFC 9162, section 2.1.3.2. Numbers are below 2^53, so division is exact.
function included(index, size, data, proof, root) {
  let [node, last, hash] = [index, size - 1, sha256(Buffer.from([0]), data)];
  const up = () => ([node, last] = [Math.floor(node / 2), Math.floor(last / 2)]);
  for (const beside of proof) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      hash = sha256(Buffer.from([1]), beside, hash);
      while (node % 2 === 0 && node !== 0) up();
    } else {
      hash = sha256(Buffer.from([1]), hash, beside);
    }
    up();
  }
  return last === 0 && hash.equals(root);
}

function check(file, key) {
  const contents = members(file);
  const said = open(contents["evidence.note"], key, "evidence.note");
  must(said[0] === "informejo/evidence/v1" && said[1] === key.name, "evidence.note: it is about another log");
  const [, category, stream] = said[2].split(" ");
  const count = Number(said[3].split(" ")[1]);
  const [, headPosition, headHash] = said[4].split(" ");
  const others = MEMBERS.filter((name) => name !== "evidence.note");
  must(said.length === 6 + others.length, "evidence.note: it is about other files");
  others.forEach((name, at) => {
    const digest = `file ${name} ${contents[name].length} ${sha256(contents[name]).toString("hex")}`;
    must(said[6 + at] === digest, `${name} is not what evidence.note says it is`);
  });
  const head = open(contents["head.note"], key, "head.note");
  must(head[0] === key.name, "head.note: the head is of another log");
  must(head[1] === headPosition && head[3] === `chain ${headHash}`, "head.note is not the head that evidence.note names");
  const [size, root] = [Number(head[1]), Buffer.from(head[2], "base64")];

  const lines = contents["events.jsonl"].toString("utf8").split("\n");
  must(lines.pop() === "", `events.jsonl: line ${lines.length + 1} is not an event`);
  let last = { position: 0, hash: "00".repeat(32) };
  lines.forEach((line, at) => {
    const { event, previousHash, proof } = JSON.parse(line);
    const where = (fault) => `position ${event.position}: ${fault}`;
    must(event.category === category && event.stream === stream, where("the event is not of this stream"));
    must(event.version === at + 1, where(`the version is ${event.version} instead of ${at + 1}`));
    must(event.position > last.position && event.position <= size,
      where("the position is not after the last event's and up to the head's"));
    must(event.position !== last.position + 1 || previousHash === last.hash,
      where("the previous hash is not that of the event before"));
    must(link(Buffer.from(previousHash, "hex"), event).toString("hex") === event.hash, where("the hash does not fit"));
    const hashes = proof.map((hash) => Buffer.from(hash, "hex"));
    const proved = included(event.position - 1, size, Buffer.from(event.hash, "hex"), hashes, root);
    must(proved && (event.position !== size || event.hash === headHash), where("the proof does not lead to the head"));
    last = event;
  });
  must(lines.length === count, `there are ${lines.length} events, but evidence.note says ${count}`);
}

try {
  check(readFileSync(process.argv[2]), parseKey(process.argv[3]));
  console.log("holds");
} catch (error) {
  if (!(error instanceof Fault)) throw error;
  console.log(error.message);
  process.exitCode = 1;
}
