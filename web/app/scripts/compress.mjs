// Beside each file of `dist` that shrinks: the same as `.br` and as `.gz`, as small as can be, since it is done once.
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const shrinks = /\.(html|js|css|svg|json|webmanifest|txt)$/;
const dist = new URL("../dist/", import.meta.url);

for (const name of readdirSync(dist, { recursive: true })) {
  if (!shrinks.test(name)) continue;
  const file = new URL(name, dist);
  const bytes = readFileSync(file);
  const params = {
    [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
    [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
    [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
  };
  writeFileSync(`${file.pathname}.br`, brotliCompressSync(bytes, { params }));
  writeFileSync(`${file.pathname}.gz`, gzipSync(bytes, { level: 9 }));
}
