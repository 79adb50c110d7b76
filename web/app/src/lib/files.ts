import { useEffect, useRef, useState } from "react";

/** How much may be attached; null where nobody knows yet, and the server will say. */
export interface FileLimits {
  /** Bytes of a file. */
  bytes: number | null;
  /** Files in all. */
  count?: number;
  /** Bytes of all files together. */
  totalBytes?: number;
}

/** Why a file was not taken. */
export type Refused = "empty" | "tooLarge" | "tooMany" | "tooMuch";

export interface RefusedFile {
  name: string;
  size: number;
  why: Refused;
}

export interface PickedFile {
  id: number;
  file: File;
}

let last = 0;

/** Gives files ids that are unique in this page. */
export function picked(file: File): PickedFile {
  return { id: (last += 1), file };
}

const isSame = (one: File, other: File): boolean =>
  one.name === other.name && one.size === other.size && one.lastModified === other.lastModified;

/** Which of `more` can be taken in addition to `present`, and why the others cannot. The same file twice is taken once. */
export function sift(
  present: readonly File[],
  more: readonly File[],
  limits: FileLimits,
): { taken: File[]; refused: RefusedFile[] } {
  const taken: File[] = [];
  const refused: RefusedFile[] = [];
  let total = present.reduce((sum, { size }) => sum + size, 0);
  for (const file of more) {
    if ([...present, ...taken].some((other) => isSame(file, other))) continue;
    const why = reason(file, present.length + taken.length, total, limits);
    if (why) refused.push({ name: file.name, size: file.size, why });
    else {
      taken.push(file);
      total += file.size;
    }
  }
  return { taken, refused };
}

function reason(file: File, count: number, total: number, limits: FileLimits): Refused | null {
  if (file.size === 0) return "empty";
  if (limits.bytes !== null && file.size > limits.bytes) return "tooLarge";
  if (limits.count !== undefined && count >= limits.count) return "tooMany";
  if (limits.totalBytes !== undefined && total + file.size > limits.totalBytes) return "tooMuch";
  return null;
}

/** Files that somebody has chosen for a form. They live as long as the page: a browser keeps no files for later. */
export function useFiles(limits: FileLimits) {
  const [files, setFiles] = useState<readonly PickedFile[]>([]);
  const [refused, setRefused] = useState<readonly RefusedFile[]>([]);
  const add = (more: readonly File[]) => {
    const sifted = sift(
      files.map(({ file }) => file),
      more,
      limits,
    );
    setFiles([...files, ...sifted.taken.map(picked)]);
    setRefused(sifted.refused);
  };
  const remove = (id: number) => {
    setFiles(files.filter((one) => one.id !== id));
    setRefused([]);
  };
  const removeAll = () => {
    setFiles([]);
    setRefused([]);
  };
  return { files, refused, add, remove, removeAll };
}

/** What browsers call a picture out of the clipboard. */
const PASTED = /^image\.(png|jpeg|jpg|gif|webp)$/i;

/** A picture out of the clipboard, with the moment in its name: otherwise they are all called the same. */
export function named(file: File, now: Date): File {
  const kind = PASTED.exec(file.name)?.[1];
  if (!kind) return file;
  const two = (value: number) => String(value).padStart(2, "0");
  const day = `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
  const time = [now.getHours(), now.getMinutes(), now.getSeconds()].map(two).join(".");
  return new File([file], `pasted ${day} ${time}.${kind.toLowerCase()}`, {
    type: file.type,
    lastModified: now.getTime(),
  });
}

/** Takes files that are dropped anywhere on the page, or pasted. Tells whether some are being dragged over it. */
export function useDropAndPaste(isOn: boolean, take: (files: File[]) => void): boolean {
  const [isOver, setOver] = useState(false);
  const latest = useRef(take);
  useEffect(() => {
    latest.current = take;
  });
  useEffect(() => {
    if (!isOn) return undefined;
    // Every element tells of entering and leaving; the page is left when all have been.
    let depth = 0;
    const hasFiles = ({ dataTransfer }: DragEvent) => dataTransfer?.types.includes("Files") ?? false;
    const listeners = {
      dragenter(event: DragEvent) {
        if (!hasFiles(event)) return;
        event.preventDefault();
        depth += 1;
        setOver(true);
      },
      dragover(event: DragEvent) {
        if (hasFiles(event)) event.preventDefault();
      },
      dragleave(event: DragEvent) {
        if (!hasFiles(event)) return;
        depth = Math.max(0, depth - 1);
        if (depth === 0) setOver(false);
      },
      drop(event: DragEvent) {
        if (!hasFiles(event)) return;
        event.preventDefault();
        depth = 0;
        setOver(false);
        latest.current([...(event.dataTransfer?.files ?? [])]);
      },
      paste(event: ClipboardEvent) {
        const { clipboardData, target } = event;
        const files = [...(clipboardData?.files ?? [])];
        // Who copies out of a document gets its text and a picture of it, and wants the text where text is typed.
        const wantsText =
          clipboardData?.types.includes("text/plain") &&
          target instanceof HTMLElement &&
          target.matches("input, textarea");
        if (files.length === 0 || wantsText) return;
        event.preventDefault();
        const now = new Date();
        latest.current(files.map((file) => named(file, now)));
      },
    };
    for (const [name, listener] of Object.entries(listeners))
      document.addEventListener(name, listener as (event: Event) => void);
    return () => {
      for (const [name, listener] of Object.entries(listeners))
        document.removeEventListener(name, listener as (event: Event) => void);
      setOver(false);
    };
  }, [isOn]);
  return isOver;
}
