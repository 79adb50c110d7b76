// Makes src/protocol.ts of the AsyncAPI document of the server, which is read from the standard input:
//
//   informejo asyncapi | node scripts/generate.mjs > src/protocol.ts
import { text } from "node:stream/consumers";
import { compile } from "json-schema-to-typescript";
import { format } from "prettier";

const HEADER = `// Made by scripts/generate.mjs of the server's description of the live protocol (\`informejo asyncapi\`): do not edit.
`;

const document = JSON.parse(await text(process.stdin));
const messages = document.channels.live.messages;

/** What a reference in the document is called here. */
function nameOf(reference) {
  return reference.split("/").at(-1);
}

/** The type of an argument: the named ones by their names, a few plain ones as they are. */
function typeOf(schema) {
  if (schema.$ref) return nameOf(schema.$ref);
  if (schema.anyOf) return schema.anyOf.map(typeOf).join(" | ");
  if (typeof schema.type === "string") return schema.type;
  throw new Error(`a shape that this script does not know: ${JSON.stringify(schema)}`);
}

function argumentsOf(message) {
  const names = message["x-socketio"].arguments;
  return names.map((name, index) => `${name}: ${typeOf(message.payload.items[index])}`).join(", ");
}

function comment(message) {
  return `/** ${message.summary} ${message.description ?? ""} */`;
}

/** The schema with its references where the compiler looks for them, and nothing beside them: it would make new types. */
function moved(schema) {
  if (Array.isArray(schema)) return schema.map(moved);
  if (typeof schema !== "object" || schema === null) return schema;
  if (schema.$ref) return { $ref: `#/definitions/${nameOf(schema.$ref)}` };
  return Object.fromEntries(Object.entries(schema).map(([name, value]) => [name, moved(value)]));
}

async function schemas() {
  const definitions = moved(document.components.schemas);
  const names = Object.keys(definitions);
  const properties = Object.fromEntries(names.map((name) => [name, { $ref: `#/definitions/${name}` }]));
  // More members than these may come, but none that a program could count on.
  const options = { bannerComment: "", additionalProperties: false, ignoreMinAndMaxItems: true };
  const source = await compile({ type: "object", properties, definitions }, "Root", options);
  const types = source.replace(/export interface Root \{[^}]*\}\n/, "");
  for (const name of names) {
    if (!new RegExp(`export (interface|type) ${name}\\b`).test(types))
      throw new Error(`${name} has got no type`);
  }
  return types;
}

function eventsOfTheServer() {
  const lines = [];
  for (const operation of Object.values(document.operations)) {
    if (operation.action !== "send") continue;
    const message = messages[nameOf(operation.messages[0].$ref)];
    lines.push(comment(message), `${JSON.stringify(message.name)}: [${argumentsOf(message)}];`);
  }
  return `/** What the server sends: each event with its arguments. */\nexport interface ServerEvents {\n${lines.join("\n")}\n}`;
}

function requestsOfClients() {
  const lines = [];
  for (const operation of Object.values(document.operations)) {
    const message = messages[nameOf(operation.messages[0].$ref)];
    if (operation.action !== "receive" || message["x-socketio"].packet !== "EVENT") continue;
    const answer = messages[nameOf(operation.reply.messages[0].$ref)];
    lines.push(
      comment(message),
      `${JSON.stringify(message.name)}: { arguments: [${argumentsOf(message)}]; answer: ${typeOf(answer.payload.items[0])} };`,
    );
  }
  return `/** What a client asks: each request with its arguments and its answer. */\nexport interface ClientRequests {\n${lines.join("\n")}\n}`;
}

function broadcasts() {
  const sent = Object.values(messages).filter((message) => message.tags?.[0].name === "broadcast");
  const names = sent.map((message) => JSON.stringify(message.name));
  return `/** The events that are told of what is stored, with a \`Meta\` as their last argument. */
export const BROADCASTS = [${names.join(", ")}] as const;`;
}

const parts = [HEADER, await schemas(), eventsOfTheServer(), requestsOfClients(), broadcasts()];
process.stdout.write(await format(parts.join("\n\n"), { parser: "typescript", printWidth: 110 }));
