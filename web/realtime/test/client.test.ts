// What the client remembers over connections: S-012, S-021, S-022, S-133, S-134, S-141.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Gap, type Lost, share, socketUrl, tabStorage } from "../src/index.js";
import { client, FakeSocket, meta, settled, World } from "./world.js";

/** What a list of this name asks for. */
const list = (name: string) => ({ list: name, filters: { status: ["OPEN"] }, ids: [] });

test("S-134: it resumes from the last position that the application has been told", async () => {
  const { world, socket, realtime } = client();
  const told: [string, number][] = [];
  realtime.on("ticket:created", (ticket, { position }) => told.push([ticket.id, position]));
  realtime.on("ticket:updated", (ticket, { position }) => told.push([ticket.id, position]));
  realtime.start();
  await socket.welcome({ position: 10 });
  assert.deepEqual(socket.handshakes[0], {}, "there is nothing to resume");
  socket.tell("ticket:created", { id: "a" }, meta(12));
  socket.tell("ticket:updated", { id: "a" }, meta(15));
  socket.lose();
  await world.pass(1_200);
  await socket.welcome({ position: 20, replaying: true });
  assert.equal(socket.handshakes[1]?.position, 15);
  assert.equal(realtime.position, 15, "not before it has been told");
  socket.tell("ticket:updated", { id: "a" }, { ...meta(18), replayed: true });
  socket.lose();
  await world.pass(1_200);
  await socket.welcome({ position: 20, replaying: true });
  assert.equal(socket.handshakes[2]?.position, 18, "cut in the middle of it");
  socket.tell("caught-up", { position: 20, replayed: 1 });
  assert.equal(realtime.position, 20);
  socket.tell("bookmark", { position: 40 });
  socket.tell("bookmark", { position: 30 });
  assert.equal(realtime.position, 40);
  assert.deepEqual(told, [
    ["a", 12],
    ["a", 15],
    ["a", 18],
  ]);
});

test("what came before is dropped", async () => {
  const { socket, realtime } = client();
  const told: number[] = [];
  realtime.on("ticket:updated", (_, { position }) => told.push(position));
  realtime.start();
  await socket.welcome({ position: 10 });
  for (const position of [10, 11, 11, 12, 9, 12, 13])
    socket.tell("ticket:updated", { id: "a" }, meta(position));
  assert.deepEqual(told, [11, 12, 13]);
  assert.equal(realtime.duplicates, 4);
});

test("changes of lists are counted by list, since one event may change several", async () => {
  const { world, socket, realtime } = client();
  const told: string[] = [];
  realtime.on("list:changed", ({ list }, { position }) => told.push(`${list} ${position}`));
  realtime.start();
  await socket.welcome();
  socket.tell("ticket:updated", { id: "a" }, meta(11));
  socket.tell("list:changed", { list: "mine" }, meta(11));
  socket.lose();
  await world.pass(1_200);
  await socket.welcome({ replaying: true });
  assert.equal(socket.handshakes[1]?.position, 11);
  // The server begins with the lists of that very position.
  socket.tell("list:changed", { list: "mine" }, meta(11));
  socket.tell("list:changed", { list: "all" }, meta(11));
  assert.deepEqual(told, ["mine 11", "all 11"]);
});

test("a listener that throws harms nobody else", async () => {
  const errors: unknown[] = [];
  const { socket, realtime } = client({ onListenerError: (error) => errors.push(error) });
  let told = 0;
  realtime.on("ticket:updated", () => {
    throw new Error("a bug");
  });
  const stop = realtime.on("ticket:updated", () => (told += 1));
  realtime.start();
  await socket.welcome();
  socket.tell("ticket:updated", { id: "a" }, meta(11));
  stop();
  socket.tell("ticket:updated", { id: "a" }, meta(12));
  assert.equal(told, 1);
  assert.equal(errors.length, 2);
  assert.equal(realtime.position, 12);
});

test("what is not known is passed over", async () => {
  const { socket, realtime } = client();
  realtime.start();
  await socket.welcome();
  socket.tell("dance", { position: 99 });
  assert.equal(realtime.position, 10);
});

test("a resync is the application's: positions and versions begin anew, also further back", async () => {
  const { socket, realtime } = client();
  const resyncs: unknown[] = [];
  realtime.on("resync", (resync) => resyncs.push(resync));
  realtime.start();
  await socket.welcome({ position: 500 });
  socket.tell("resync", { position: 30, reason: "unknown-position" });
  assert.equal(realtime.position, 30);
  assert.deepEqual(resyncs, [{ position: 30, reason: "unknown-position" }]);
  const told: number[] = [];
  realtime.on("ticket:updated", (_, { position }) => told.push(position));
  socket.tell("ticket:updated", { id: "a" }, meta(31));
  assert.deepEqual(told, [31]);
});

test("a hole in a ticket's versions is reported, in its room only", async () => {
  const { world, socket, realtime } = client();
  const gaps: Gap[] = [];
  realtime.onGap((gap) => gaps.push(gap));
  realtime.start();
  await socket.welcome();
  await realtime.joinTicket("a");
  socket.tell("ticket:updated", { id: "a" }, meta(11, 3));
  socket.tell("comment:added", { ticketId: "a" }, meta(12, 4));
  socket.tell("ticket:updated", { id: "b" }, meta(13, 3));
  socket.tell("ticket:updated", { id: "b" }, meta(14, 9));
  assert.deepEqual(gaps, []);
  socket.lose();
  await world.pass(1_200);
  await socket.welcome({ replaying: true });
  socket.tell("attachment:added", { ticketId: "a" }, meta(20, 6));
  assert.deepEqual(gaps, [{ ticket: "a", expected: 5, received: 6, position: 20 }]);
  socket.tell("ticket:deleted", { id: "a" }, meta(21, 9));
  assert.equal(gaps.length, 1, "what was deleted meanwhile is told of as that only");
});

test("S-133: rooms and lists are asked for again in the next handshake", async () => {
  const { world, socket, realtime } = client();
  const counts: string[] = [];
  realtime.on("list:counts", ({ list }) => counts.push(list));
  realtime.start();
  const early = realtime.joinTicket("a");
  await socket.welcome();
  assert.deepEqual(await early, { ok: true, position: 10 });
  assert.deepEqual(socket.handshakes[0]?.tickets, ["a"]);
  socket.answer = (name) =>
    name === "list:watch" ? { ok: true, position: 10, counts: {} } : { ok: true, position: 11 };
  assert.deepEqual(await realtime.joinTicket("b"), { ok: true, position: 11 });
  await realtime.watchList(list("mine"));
  await realtime.joinTicket("c");
  realtime.leaveTicket("c");
  realtime.setPresence("away");
  void realtime.setViewing("b", "editing");
  await settled();
  socket.sent.length = 0;
  socket.lose();
  assert.deepEqual(realtime.joined, []);
  await world.pass(1_200);
  await socket.welcome();
  assert.deepEqual(socket.handshakes[1]?.tickets, ["a", "b"]);
  assert.deepEqual(socket.handshakes[1]?.lists, [list("mine")]);
  assert.deepEqual(realtime.joined, ["a", "b"]);
  assert.deepEqual(counts, ["mine"]);
  // What the server forgets with a connection is said again.
  assert.deepEqual(socket.sent, [
    ["viewing", { ticket: "b", state: "editing" }],
    ["presence", { state: "away" }],
  ]);
});

test("a ticket is left when nobody wants it any more", async () => {
  const { socket, realtime } = client();
  realtime.start();
  await socket.welcome();
  await realtime.joinTicket("a");
  await realtime.joinTicket("a");
  realtime.leaveTicket("a");
  assert.deepEqual(realtime.joined, ["a"]);
  realtime.leaveTicket("a");
  realtime.leaveTicket("a");
  assert.deepEqual(socket.sent, [
    ["join-ticket", "a"],
    ["leave-ticket", "a"],
  ]);
});

test("more tickets than fit into a handshake are asked for after it", async () => {
  const { socket, realtime } = client();
  const joins = Array.from({ length: 103 }, (_, index) => realtime.joinTicket(`t${index}`));
  realtime.start();
  await socket.welcome();
  await Promise.all(joins);
  assert.equal(socket.handshakes[0]?.tickets?.length, 100);
  assert.deepEqual(
    socket.sent.map((args) => args[1]),
    ["t100", "t101", "t102"],
  );
});

test("what the server refuses for good is given up and said, and what it refuses for now is asked for again", async () => {
  const { world, socket, realtime } = client();
  const lost: Lost[] = [];
  realtime.onLost((loss) => lost.push(loss));
  realtime.start();
  await socket.welcome();
  socket.answer = () => ({ ok: false, error: "not found" });
  assert.deepEqual(await realtime.joinTicket("a"), { ok: false, error: "not found" });
  assert.deepEqual(await realtime.watchList(list("mine")), { ok: false, error: "not found" });
  assert.deepEqual(lost, [
    { ticket: "a", error: "not found" },
    { list: "mine", error: "not found" },
  ]);

  socket.answer = () => ({ ok: false, error: "limited", limit: "joins-per-socket", retryAfterMs: 3_000 });
  const join = realtime.joinTicket("b");
  await world.pass(2_999);
  socket.answer = () => ({ ok: false, error: "unavailable" });
  const before = socket.sent.length;
  await world.pass(1);
  assert.equal(socket.sent.length, before + 1);
  socket.answer = () => ({ ok: true, position: 12 });
  await world.pass(2_000);
  assert.deepEqual(await join, { ok: true, position: 12 });

  // In a handshake's answer too.
  socket.lose();
  await world.pass(1_200);
  await socket.welcome({ tickets: [{ ticket: "b", ok: false, error: "not found" }] });
  assert.deepEqual(lost.at(-1), { ticket: "b", error: "not found" });
});

test("a request without a connection is answered all the same", async () => {
  const { socket, realtime } = client();
  assert.deepEqual(await realtime.request("presence:list"), { ok: false, error: "offline" });
  realtime.start();
  await socket.welcome();
  socket.answer = () => undefined;
  const asked = realtime.request("presence:list");
  socket.lose();
  assert.deepEqual(await asked, { ok: false, error: "timeout" });
  const join = realtime.joinTicket("a");
  realtime.close();
  assert.deepEqual(await join, { ok: false, error: "closed" });
});

test("a tab that is loaded again resumes, and a broken storage does no harm", async () => {
  const values = new Map<string, string>();
  const storage = {
    getItem: (key: string) => values.get(key) ?? null,
    setItem: (key: string, value: string) => void values.set(key, value),
    removeItem: (key: string) => void values.delete(key),
  };
  const kept = tabStorage(() => storage);
  const first = client({ storage: kept });
  first.realtime.start();
  await first.socket.welcome({ position: 10 });
  first.socket.tell("ticket:updated", { id: "a" }, meta(17));
  const second = client({ storage: kept });
  second.realtime.start();
  await second.socket.welcome();
  assert.equal(second.socket.handshakes[0]?.position, 17);
  second.realtime.forget();
  assert.equal(values.size, 0, "somebody else begins anew");
  assert.equal(second.socket.attempts.length, 2);

  for (const value of ["", "-1", "1.5", "x", "99999999999999999999", "null"]) {
    values.set("informejo.realtime.position", value);
    assert.equal(kept.load(), null, value);
  }
  const broken = () => {
    throw new Error("full");
  };
  const full = { getItem: broken, setItem: broken, removeItem: broken };
  // A browser that forbids storage throws where it is named; elsewhere there is none.
  for (const useless of [tabStorage(() => full), tabStorage(broken), tabStorage()]) {
    assert.equal(useless.load(), null);
    useless.save(3);
    useless.save(null);
  }
});

test("a log that was put back to an earlier state is followed from there on", async () => {
  const { world, socket, realtime } = client();
  const told: string[] = [];
  realtime.on("ticket:updated", ({ id }, { position }) => told.push(`${id} ${position}`));
  realtime.on("list:changed", ({ list }, { position }) => told.push(`${list} ${position}`));
  const gaps: Gap[] = [];
  realtime.onGap((gap) => gaps.push(gap));
  realtime.start();
  await socket.welcome();
  await realtime.joinTicket("a");
  await realtime.watchList(list("mine"));
  socket.tell("ticket:updated", { id: "a" }, meta(500, 30));
  socket.tell("list:changed", { list: "mine" }, meta(500));
  socket.lose();
  await world.pass(1_200);
  await socket.welcome({ position: 400 });
  assert.equal(socket.handshakes[1]?.position, 500);
  assert.equal(realtime.position, 500, "a welcome alone says nothing of what was missed");
  socket.tell("resync", { position: 400, reason: "unknown-position" });
  socket.tell("ticket:updated", { id: "a" }, meta(401, 22));
  socket.tell("list:changed", { list: "mine" }, meta(401));
  socket.lose();
  await world.pass(1_200);
  await socket.welcome({ position: 401 });
  assert.equal(socket.handshakes[2]?.position, 401);
  assert.deepEqual(told, ["a 500", "mine 500", "a 401", "mine 401"]);
  assert.deepEqual(gaps, []);
});

test("what is no longer wanted when the handshake is answered is given back, and what was replaced is asked for", async () => {
  const { socket, realtime } = client();
  const lost: Lost[] = [];
  realtime.onLost((loss) => lost.push(loss));
  realtime.start();
  const left = [realtime.joinTicket("a"), realtime.watchList(list("gone"))];
  const early = realtime.watchList(list("mine"));
  await socket.accept();
  realtime.leaveTicket("a");
  realtime.unwatchList("gone");
  const mine = { ...list("mine"), filters: { assignee: "me" } };
  const late = realtime.watchList(mine);
  const counts = { total: 7, byStatus: {}, byPriority: {} };
  socket.answer = () => ({ ok: true, position: 11, counts });
  const [granted, refused] = [
    { list: "gone", ok: true, position: 10, counts },
    { list: "mine", ok: false, error: "not found" },
  ];
  socket.tell("welcome", {
    position: 10,
    replaying: false,
    tickets: [{ ticket: "a", ok: true }],
    lists: [granted, refused],
  });
  for (const answer of await Promise.all(left)) assert.deepEqual(answer, { ok: false, error: "left" });
  // The refusal was one of the list that it was before.
  for (const answer of [await early, await late])
    assert.deepEqual(answer, { ok: true, position: 11, counts });
  assert.deepEqual(lost, []);
  assert.deepEqual(socket.sent, [
    ["leave-ticket", "a"],
    ["list:unwatch", { list: "gone" }],
    ["list:watch", mine],
  ]);
});

test("whoever leaves and comes back is told what became of the second wish", async () => {
  const { socket, realtime } = client();
  realtime.start();
  await socket.welcome();
  const answers = [
    { ok: true, position: 11 },
    { ok: true, position: 12 },
  ];
  socket.answer = (name) => (name === "join-ticket" ? answers.shift() : { ok: true });
  const first = realtime.joinTicket("a");
  realtime.leaveTicket("a");
  const second = realtime.joinTicket("a");
  assert.deepEqual(await first, { ok: false, error: "left" });
  assert.deepEqual(await second, { ok: true, position: 12 });
});

test("somebody else in the same tab is not let in by what the one before them had asked for", async () => {
  let token = "ada's";
  const { socket, realtime } = client({ token: () => token });
  realtime.start();
  const join = realtime.joinTicket("a");
  await socket.accept();
  token = "bob's";
  realtime.forget();
  assert.deepEqual(await join, { ok: false, error: "left" });
  assert.ok(!socket.connected, "an attempt under way is given up");
  await socket.welcome();
  assert.deepEqual(socket.handshakes[1], { token: "bob's" });
  assert.equal(realtime.status().state, "connected");
});

test("S-141: a tab has one client, which outlives the pages that hold it", async () => {
  const world = new World();
  const sockets: FakeSocket[] = [];
  const open = (_: string, given: object) => {
    sockets.push(new FakeSocket(world, given as never));
    return sockets.at(-1) as never;
  };
  const options = { url: "http://desk", environment: world, open };
  const page = share(options);
  page.release();
  page.release();
  await world.pass(4_000);
  const next = share(options);
  const other = share(options);
  assert.equal(next.client, page.client);
  await world.pass(10_000);
  next.release();
  await world.pass(10_000);
  assert.equal(sockets.length, 1);
  assert.notEqual(other.client.status().reason, "closed");
  other.release();
  await world.pass(5_000);
  assert.equal(other.client.status().reason, "closed");
  assert.notEqual(share(options).client, page.client);
});

test("S-021, S-022: the address is told when the page is shown: the socket's, the application's, the page's", () => {
  const all = { socketUrl: "https://live.desk/", appUrl: "https://desk", origin: "http://localhost:3003" };
  assert.equal(socketUrl(all), "https://live.desk");
  assert.equal(socketUrl({ ...all, socketUrl: "" }), "https://desk");
  assert.equal(socketUrl({ origin: all.origin }), "http://localhost:3003");
  assert.throws(() => socketUrl({}));
});

test("S-012: it connects when it is started, over websocket first and polling where that fails", () => {
  const { socket, realtime } = client();
  const options = socket.options as unknown as Record<string, unknown>;
  assert.deepEqual(options["transports"], ["websocket", "polling"]);
  assert.equal(options["tryAllTransports"], true);
  assert.equal(options["reconnection"], false);
  assert.equal(socket.attempts.length, 0);
  realtime.start();
  assert.equal(socket.attempts.length, 1);
});
