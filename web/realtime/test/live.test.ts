// The client against the program itself, over real connections that are cut: S-132 to S-134, S-142.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import {
  browser,
  type Environment,
  type ListWatch,
  RealtimeClient,
  type RealtimeOptions,
  tabStorage,
} from "../src/index.js";
import { Desk, type Person, until } from "./desk.js";

let desk: Desk;
before(async () => {
  desk = await Desk.open();
});
after(() => desk?.close());

const clients: RealtimeClient[] = [];
after(() => clients.forEach((client) => client.close()));

/** A world whose console is kept. */
function quiet(): Environment & { lines: string[] } {
  const lines: string[] = [];
  const keep = (line: string) => void lines.push(line);
  return { ...browser(), log: keep, warn: keep, lines };
}

/** A client that comes back soon, so that the tests end soon. */
function open(person: Person, options: Partial<RealtimeOptions> = {}): RealtimeClient {
  const client = new RealtimeClient({
    url: desk.url,
    token: person.token,
    backoff: { firstMs: 20, maxMs: 200 },
    environment: quiet(),
    ...options,
  });
  clients.push(client);
  return client.start();
}

function connected(client: RealtimeClient): Promise<unknown> {
  return until("a connection", () => client.status().state === "connected");
}

/** The positions of all comments and tickets that the client is told of from now on. */
function positions(client: RealtimeClient): number[] {
  const told: number[] = [];
  client.on("ticket:created", (_, { position }) => told.push(position));
  client.on("comment:added", (_, { position }) => told.push(position));
  return told;
}

test("S-133, S-134, S-142: whatever is cut however often, each broadcast comes once and in order", async () => {
  const person = await desk.person();
  const client = open(desk.admin);
  const gaps: unknown[] = [];
  client.onGap((gap) => gaps.push(gap));
  client.on("resync", (resync) => gaps.push(resync));
  await connected(client);
  const told = positions(client);
  const first = await desk.ticket(person);
  assert.ok((await client.joinTicket(first.id)).ok);

  const made = [first.position];
  for (let round = 0; round < 40; round += 1) {
    if (round % 4 === 1) desk.way.cut();
    made.push(await desk.comment(person, first.id, `Comment ${round}`));
    if (round % 5 === 2) made.push((await desk.ticket(person, `Ticket ${round}`)).position);
    if (round % 4 === 3) await connected(client);
  }
  await until("everything", () => told.length >= made.length);
  const last = (await desk.ticket(person, "The last one")).position;
  await until("the last one", () => told.includes(last));
  assert.deepEqual(told, [...made, last]);
  assert.deepEqual(gaps, []);
  assert.deepEqual(client.joined, [first.id]);
});

test("S-134, S-142: a server that is killed and comes back tells what happened meanwhile", async () => {
  const person = await desk.person();
  const client = open(person);
  await connected(client);
  const told = positions(client);
  const ticket = await desk.ticket(person);
  assert.ok((await client.joinTicket(ticket.id)).ok);
  const seen = await desk.comment(person, ticket.id, "Before");
  await until("the comment", () => told.includes(seen));

  // The way stays closed until the server has been back for a comment.
  await desk.end("SIGKILL");
  await until("the loss to be seen", () => client.status().state === "reconnecting");
  const lead = desk.way.lead;
  desk.way.lead = () => {};
  await desk.start();
  const missed = await desk.comment(person, ticket.id, "Meanwhile");
  desk.way.lead = lead;
  await desk.end("SIGTERM");
  await desk.start();
  const after = await desk.comment(person, ticket.id, "After");
  await until("all of it", () => told.includes(after));
  assert.deepEqual(told, [ticket.position, seen, missed, after]);
});

test("S-135: a planned stop is explained, and the client comes back when it was told to", async () => {
  const world = quiet();
  const client = open(desk.admin, { environment: world });
  await connected(client);
  let reconnectInMs: number | null = null;
  client.on("server:stopping", (stopping) => (reconnectInMs = stopping.reconnectInMs));
  const states: string[] = [];
  client.onStatus(({ state }) => states.push(state));
  await desk.end("SIGTERM");
  await until("the loss to be seen", () => client.status().state === "reconnecting");
  assert.ok(reconnectInMs !== null && reconnectInMs >= 0, "nothing said that it stops");
  await desk.start();
  await connected(client);
  assert.equal(states.at(-1), "connected");
});

test("S-134: a tab that is loaded again is told what it missed", async () => {
  const values = new Map<string, string>();
  const storage = tabStorage(() => ({
    getItem: (key) => values.get(key) ?? null,
    setItem: (key, value) => void values.set(key, value),
    removeItem: (key) => void values.delete(key),
  }));
  const person = await desk.person();
  const first = open(person, { storage });
  await connected(first);
  const before = (await desk.ticket(person, "Before")).position;
  await until("the ticket", () => first.position === before);
  first.close();
  const missed = (await desk.ticket(person, "Missed")).position;
  const second = new RealtimeClient({ url: desk.url, token: person.token, storage, environment: quiet() });
  clients.push(second);
  const told = positions(second);
  second.start();
  await until("what was missed", () => told.includes(missed));
  assert.deepEqual(told, [missed]);
});

/** A list as it is kept by what is told of it. */
class KeptList {
  readonly ids = new Set<string>();
  /** Each change, as its position and ticket. */
  readonly told: [number, string][] = [];
  total: number | undefined;

  constructor(client: RealtimeClient, name: string) {
    client.on("list:changed", ({ list, change, id }, { position }) => {
      if (list !== name) return;
      this.told.push([position, id]);
      if (change === "left") this.ids.delete(id);
      else if (change === "entered") this.ids.add(id);
    });
    client.on("list:counts", ({ list, counts }) => {
      if (list === name) this.total = counts.total;
    });
  }

  /** Waits until it is the list that would be fetched; then nothing of it may have come twice, or out of order. */
  async becomes(fetched: string[]): Promise<void> {
    await until("the list that is fetched", () => isDeepStrictEqual([...this.ids].sort(), fetched));
    await until("its numbers", () => this.total === fetched.length);
    const positions = this.told.map(([position]) => position);
    assert.deepEqual(
      positions,
      [...new Set(positions)].sort((a, b) => a - b),
    );
  }
}

test("S-133, S-134: lists that are watched are kept over cuts and a restart, each change told once", async () => {
  const person = await desk.person();
  const client = open(person);
  const resyncs: unknown[] = [];
  client.on("resync", (resync) => resyncs.push(resync));
  await connected(client);
  const [opened, critical] = [new KeptList(client, "open"), new KeptList(client, "critical")];
  const watches: ListWatch[] = [
    { list: "open", filters: { status: ["OPEN"] } },
    { list: "critical", filters: { priority: ["CRITICAL"] } },
  ];
  for (const watch of watches) {
    const watched = await client.watchList(watch);
    assert.ok(watched.ok && watched.counts.total === 0);
  }

  const tickets: string[] = [];
  for (let round = 0; round < 24; round += 1) {
    if (round % 3 === 1) desk.way.cut();
    if (round === 12) {
      await desk.end("SIGKILL");
      await desk.start();
    }
    tickets.push((await desk.ticket(person, `Ticket ${round}`)).id);
    if (round % 2 === 1) await desk.change(tickets[round - 1]!, { status: "CLOSED" });
    if (round % 4 === 3) await desk.change(tickets[round]!, { priority: "CRITICAL" });
    if (round % 3 === 2) await connected(client);
  }
  await opened.becomes(await desk.list(person, "status=OPEN"));
  await critical.becomes(await desk.list(person, "priority=CRITICAL"));
  assert.deepEqual([opened.ids.size, critical.ids.size], [12, 6]);
  assert.deepEqual(resyncs, [], "none of it was fetched anew");
  client.unwatchList("critical");
  desk.way.cut();
  await connected(client);
  await desk.change(tickets[1]!, { priority: "CRITICAL", status: "CLOSED" });
  await opened.becomes(await desk.list(person, "status=OPEN"));
  assert.equal(critical.ids.size, 6, "what is watched no longer is not watched by a later connection either");
});

test("a position of another log is answered by a resync", async () => {
  const storage = { load: () => 999_999_999, save: () => {} };
  const client = new RealtimeClient({
    url: desk.url,
    token: desk.admin.token,
    storage,
    environment: quiet(),
  });
  clients.push(client);
  const resyncs: string[] = [];
  client.on("resync", ({ reason }) => resyncs.push(reason));
  client.start();
  await until("a resync", () => resyncs.length > 0);
  assert.deepEqual(resyncs, ["unknown-position"]);
  assert.ok(client.position !== null && client.position < 999_999_999);
  await connected(client);
});

test("where websockets do not get through, polling does", async () => {
  desk.way.websockets = false;
  const client = open(desk.admin);
  await connected(client);
  const told = positions(client);
  const { position } = await desk.ticket(desk.admin);
  await until("the ticket", () => told.includes(position));
  desk.way.websockets = true;
});

test("S-118, S-119: a session that ends ends the connection for good, and another one begins it again", async () => {
  const person = await desk.person();
  let { token } = person;
  const client = open(person, { token: () => token });
  await connected(client);
  await desk.ask("POST", "/api/auth/logout", person);
  await until("the end", () => client.status().reason === "unauthorized");
  token = (await desk.signIn(person.email)).token;
  client.retry();
  await connected(client);
});

test("a ticket of somebody else's is not entered, and that is said", async () => {
  const [one, other] = [await desk.person(), await desk.person()];
  const client = open(one);
  const lost: unknown[] = [];
  client.onLost((loss) => lost.push(loss));
  const foreign = await desk.ticket(other);
  assert.deepEqual(await client.joinTicket(foreign.id), { ok: false, error: "not found" });
  await until("the loss", () => lost.length > 0);
  assert.deepEqual(lost, [{ ticket: foreign.id, error: "not found" }]);
});
