import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { idempotencyKey } from "@/api/client";
import { ProblemError } from "@/api/problem";
import { ticketQuery } from "@/api/queries";
import type { Attachment } from "@/api/schema";
import { attached } from "@/live/cache";
import { useMe, useSession } from "@/session/session";
import { type FileLimits, picked, type RefusedFile, sift } from "./files";
import { Store } from "./store";
import { upload } from "./upload";

/** A file on its way to a ticket. */
export interface TicketUpload {
  id: number;
  file: File;
  key: string;
  state: "waiting" | "sending" | "failed";
  /** How much of it has gone out, from 0 to 1. */
  progress: number;
  /** Why it has failed. */
  error: ProblemError | null;
}

interface Present {
  uploads: readonly TicketUpload[];
  refused: readonly RefusedFile[];
  /** How many have arrived, and which one was the last. */
  arrived: number;
  lastArrived: string;
}

const NOTHING: Present = { uploads: [], refused: [], arrived: 0, lastArrived: "" };

/** Sends files to one ticket, one after the other, also while its page is not shown. */
class TicketUploads {
  readonly present = new Store(NOTHING);
  readonly #path: string;
  readonly #done: (file: Attachment) => void;
  #sending: AbortController | null = null;

  constructor(ticket: string, done: (file: Attachment) => void) {
    this.#path = `/api/tickets/${encodeURIComponent(ticket)}/attachments`;
    this.#done = done;
    window.addEventListener("online", () => {
      for (const one of this.present.get().uploads) if (one.error?.isAway) this.retry(one.id);
    });
  }

  add(files: readonly File[], limits: FileLimits): void {
    const { uploads } = this.present.get();
    const { taken, refused } = sift(
      uploads.map(({ file }) => file),
      files,
      limits,
    );
    const more = taken.map((file): TicketUpload => {
      const key = idempotencyKey();
      return { ...picked(file), key, state: "waiting", progress: 0, error: null };
    });
    this.#set({ uploads: [...uploads, ...more], refused });
    void this.#sendAll();
  }

  /** Under the same key: if it has arrived after all, it is not there twice. */
  retry(id: number): void {
    this.#change(id, { state: "waiting", progress: 0, error: null });
    void this.#sendAll();
  }

  giveUp(id: number): void {
    const { uploads } = this.present.get();
    const isSending = uploads.some((one) => one.id === id && one.state === "sending");
    this.#set({ uploads: uploads.filter((one) => one.id !== id), refused: [] });
    if (isSending) this.#sending?.abort();
  }

  #change(id: number, change: Partial<TicketUpload>): void {
    const { uploads } = this.present.get();
    this.#set({ uploads: uploads.map((one) => (one.id === id ? { ...one, ...change } : one)) });
  }

  #set(change: Partial<Present>): void {
    this.present.set({ ...this.present.get(), ...change });
  }

  async #sendAll(): Promise<void> {
    if (this.#sending) return;
    const next = this.present.get().uploads.find(({ state }) => state === "waiting");
    if (!next) return;
    const sending = new AbortController();
    this.#sending = sending;
    this.#change(next.id, { state: "sending" });
    const form = new FormData();
    form.append("file", next.file, next.file.name);
    try {
      const file = await upload<Attachment>(this.#path, form, {
        key: next.key,
        signal: sending.signal,
        onProgress: ({ sent, total }) => this.#change(next.id, { progress: total > 0 ? sent / total : 0 }),
      });
      this.#done(file);
      const { uploads, arrived } = this.present.get();
      this.#set({
        uploads: uploads.filter(({ id }) => id !== next.id),
        arrived: arrived + 1,
        lastArrived: file.fileName,
      });
    } catch (error) {
      // What was given up is no longer among them, and this changes nothing.
      this.#change(next.id, { state: "failed", error: ProblemError.of(error) });
    } finally {
      this.#sending = null;
    }
    await this.#sendAll();
  }
}

const known = new Map<string, TicketUploads>();

/** The files that an account sends to a ticket. */
function uploadsOf(queries: QueryClient, account: string, ticket: string): TicketUploads {
  const name = `${account} ${ticket}`;
  const uploads =
    known.get(name) ??
    new TicketUploads(ticket, (file) => {
      const { queryKey } = ticketQuery(ticket);
      queries.setQueryData(queryKey, (whole) => (whole ? attached(whole, file as never) : whole));
    });
  known.set(name, uploads);
  return uploads;
}

/** Begins to send files to a ticket that was just made; its page shows how far they have got. */
export function sendFiles(
  queries: QueryClient,
  account: string,
  ticket: string,
  files: readonly File[],
): void {
  uploadsOf(queries, account, ticket).add(files, { bytes: null });
}

/**
 * The files that are on their way to a ticket, and what can be done with them. They go on while other pages are shown;
 * each that has arrived is put among the ticket's files.
 */
export function useTicketUploads(ticket: string) {
  const queries = useQueryClient();
  const me = useMe();
  const limits: FileLimits = { bytes: useSession().uploads?.fileBytes ?? null };
  const uploads = uploadsOf(queries, me.id, ticket);
  const present = useSyncExternalStore(uploads.present.subscribe, uploads.present.get);
  return {
    ...present,
    limits,
    add: (files: readonly File[]) => uploads.add(files, limits),
    retry: (id: number) => uploads.retry(id),
    giveUp: (id: number) => uploads.giveUp(id),
  };
}
